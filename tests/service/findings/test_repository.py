"""Findings are added whole or not at all, each once; they are corrected and retracted with all that they were before."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.errors import TableError
from service.db.database import Database, StoreError
from service.db.tables import AuditRow, FindingRow
from service.errors import FindingClashError, UnknownFindingError
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all, search
from service.findings.serializers import write_findings
from tests.service.findings.rows import row
from training.data.findings import COLUMNS, REQUIRED_COLUMNS, Finding, cells_of
from training.data.tabular import TableRow, parse_table

fresh = itertools.count()


def faults(call: Callable[[], object]) -> list[tuple[int, str, str]]:
    with pytest.raises(TableError) as caught:
        call()
    return [(fault.line, fault.column, fault.fault.code) for fault in caught.value.faults]


def kept(findings: FindingRepository, prefix: str = "") -> list[dict[str, str]]:
    """The active findings whose paper begins with `prefix`, as rows without what differs from one store to the next."""
    found = iter_all(findings, Filters())
    return [dict(one.cells) for one in found if one.cells["paper"].startswith(prefix)]


def contents(findings: FindingRepository) -> list[str]:
    with findings.database.read() as session:
        return [content for (content,) in session.query(FindingRow.content)]


def test_a_finding_is_kept_in_canonical_terms_and_told_as_it_stands(findings: FindingRepository) -> None:
    sent = row(cargo_name=" hsa-miR-21-5p", cancer_type="HCC", title="A  title,\nbroken", polarisation="il4;LPS")
    (placed,) = findings.add([sent], "anna").added
    one = findings.show(placed.finding_id)
    assert (one.revision, one.origin, one.touched, one.held_out, one.retracted) == (1, "lab", False, False, False)
    assert (one.cells["cargo_name"], one.cells["source_cell"]) == ("miR-21-5p", "macrophage")
    assert one.cells["cancer_type"] == "hepatocellular carcinoma"
    assert one.cells["title"] == "A title, broken"
    assert one.cells["polarisation"] == "IL-4;LPS"
    assert list(one.cells) == [name for name in COLUMNS if name in one.cells]


def test_what_is_here_already_stays_as_it_is_and_is_told_so(findings: FindingRepository) -> None:
    (first,) = findings.add([row()], "anna").added
    again = findings.add([row(1, cargo_name="hsa-mir-21-5p", title="Other words"), row(2, paper="lab:2")], "ben")
    assert [(one.line, one.finding_id) for one in again.existing] == [(1, first.finding_id)]
    assert [one.line for one in again.added] == [2]
    assert "title" not in findings.show(first.finding_id).cells
    assert len(findings.history(first.finding_id)) == 1


def test_two_rows_of_one_content_are_one_finding(findings: FindingRepository) -> None:
    added = findings.add([row(1, title="One"), row(2, title="Two")], "anna")
    assert [one.line for one in added.added] == [1]
    assert [(one.line, one.finding_id) for one in added.existing] == [(2, added.added[0].finding_id)]
    assert findings.show(added.added[0].finding_id).cells["title"] == "One"


def test_one_bad_row_among_many_adds_nothing_and_every_fault_is_told(findings: FindingRepository) -> None:
    findings.add([row(paper="lab:old")], "anna")
    bad = [
        row(1),
        row(2, source_phenotype="M9", effect="cured"),
        row(3, paper="", grade="Z"),
        row(4, paper="lab:old", effect="suppressing"),
        row(5, title="a\0b", dose="\ud800"),
    ]
    assert faults(lambda: findings.add(bad, "anna")) == [
        (2, "source_phenotype", "unknown_term"),
        (2, "effect", "unknown_term"),
        (3, "paper", "missing"),
        (3, "grade", "unknown_term"),
        (4, "effect", "contradiction"),
        (5, "title", "control_character"),
        (5, "dose", "control_character"),
    ]
    assert [one["paper"] for one in kept(findings)] == ["lab:old"]


def test_an_id_that_another_finding_has_is_refused_and_one_that_is_free_is_kept(findings: FindingRepository) -> None:
    (mine,) = findings.add([row(finding_id="mine-1")], "anna").added
    assert mine.finding_id == "mine-1"
    assert faults(lambda: findings.add([row(paper="lab:2", finding_id="mine-1")], "anna")) == [
        (1, "finding_id", "repeated")
    ]
    assert [one.finding_id for one in findings.add([row(finding_id="other")], "anna").existing] == ["mine-1"]


def test_what_a_finding_was_before_its_correction_can_be_added_under_an_id_of_its_own(
    findings: FindingRepository,
) -> None:
    (first,) = findings.add([row()], "anna").added
    findings.correct(first.finding_id, {"cargo_name": "miR-155-5p"}, "anna", "read again")
    (second,) = findings.add([row()], "anna").added
    assert second.finding_id != first.finding_id
    assert second.finding_id.startswith(first.finding_id)


POOL = [
    {"paper": f"{paper}", "cargo_name": cargo, "effect": "promoting" if (paper + turn) % 2 else "suppressing"}
    for paper in range(3)
    for turn, cargo in enumerate(("miR-21-5p", "PTENP1", "miR-155"))
]


# Each example writes to a database.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 4)
@given(st.data())
def test_any_order_and_grouping_of_additions_gives_the_same_findings(
    findings: FindingRepository, data: st.DataObject
) -> None:
    chosen = data.draw(
        st.lists(st.sampled_from(POOL), min_size=1, unique_by=lambda one: (one["paper"], one["cargo_name"]))
    )
    again = data.draw(st.permutations([*chosen, *data.draw(st.lists(st.sampled_from(chosen), max_size=3))]))
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=len(again), max_size=len(again)))
    whole, parts = f"lab:{next(fresh)}-", f"lab:{next(fresh)}-"
    findings.add([row(line, **one | {"paper": whole + one["paper"]}) for line, one in enumerate(chosen)], "anna")
    rest = [one | {"paper": parts + one["paper"]} for one in again]
    for size in sizes:
        group, rest = rest[:size], rest[size:]
        unique = {tuple(sorted(one.items())): one for one in group}
        findings.add([row(line, **one) for line, one in enumerate(unique.values())], "ben")

    def of(prefix: str) -> set[tuple[tuple[str, str], ...]]:
        return {
            tuple((name, text.removeprefix(prefix)) for name, text in one.items() if name != "finding_id")
            for one in kept(findings, prefix)
        }

    assert of(whole) == of(parts)
    assert len(kept(findings, whole)) == len(kept(findings, parts)) == len(chosen)


@pytest.mark.parametrize("by_commas", [False, True])
def test_an_export_is_read_back_as_the_same_findings(
    findings: FindingRepository, corpus: tuple[Finding, ...], reader: CandidateParser, by_commas: bool
) -> None:
    odd = [
        row(1, title='"Quoted", with, commas', markers="CD63; CD81", targets="PTEN-;STAT3+", url="http://a/b?c=d"),
        row(2, paper="lab:2 Σ", cargo_name="anti-CTLA4", cargo_type="protein", cell_model="=1+1"),
        row(3, paper="lab:3", cargo_name="circSERPINE2", cargo_type="circrna"),
        row(4, paper="lab:4", cargo_name="TPTPS siRNA + ON", cargo_type="circrna", mechanism="post-transcriptional"),
    ]
    shipped = [TableRow(10 + line, cells_of(one, reader)) for line, one in enumerate(corpus)]
    findings.add([*odd, *shipped], "anna")
    before = contents(findings)
    assert len(before) == len(odd) + len(corpus)
    rows = [stored.cells for stored in iter_all(findings, Filters())]
    exported = b"".join(write_findings(rows, "csv" if by_commas else "tsv"))
    again = findings.add(parse_table(exported, by_commas, COLUMNS, REQUIRED_COLUMNS), "ben")
    assert (len(again.added), len(again.existing)) == (0, len(before))
    bare = parse_table(exported, by_commas, COLUMNS, REQUIRED_COLUMNS)
    nameless = [TableRow(one.line, {**one.cells, "finding_id": ""}) for one in bare]
    assert not findings.add(nameless, "ben").added
    assert contents(findings) == before


def test_papers_are_held_out_whole_by_any_of_their_names(findings: FindingRepository) -> None:
    findings.add([row(paper="", doi="10.1234/Known", title="A title of some length")], "anna")
    mixed = [(1, "paper", "mixed_sides")]
    for named in ({"doi": "10.1234/known"}, {"paper": "lab:x", "title": "A TITLE of some length."}):
        one = row(**{"paper": "", "cargo_name": "miR-9-5p"} | named)
        assert faults(lambda one=one: findings.add([one], "anna", held_out=True)) == mixed
    (blind,) = findings.add([row(paper="pmid:7", pmid="7")], "anna", held_out=True).added
    assert blind.held_out
    assert faults(lambda: findings.add([row(paper="lab:z", pmid="7", cargo_name="miR-9-5p")], "anna")) == mixed
    assert faults(lambda: findings.add([row(paper="pmid:7", pmid="7")], "anna")) == mixed
    (other,) = findings.add([row(paper="lab:other", cargo_name="miR-9-5p")], "anna").added
    assert faults(lambda: findings.correct(other.finding_id, {"pmid": "7"}, "anna", "read again")) == mixed
    findings.retract(blind.finding_id, "anna", "seen by everybody")
    findings.correct(other.finding_id, {"pmid": "7"}, "anna", "read again")
    with pytest.raises(FindingClashError, match=other.finding_id):
        findings.restore(blind.finding_id, "anna", "read again")


def test_what_is_learned_from_is_active_not_held_out_and_in_the_order_of_addition(findings: FindingRepository) -> None:
    rows = [row(line, paper=f"lab:{line}") for line in (5, 3, 4, 1)]
    ids = [one.finding_id for one in findings.add(rows, "anna").added]
    (blind,) = findings.add([row(paper="lab:blind")], "anna", held_out=True).added
    findings.retract(ids[1], "anna", "image duplicated")
    assert [one.finding_id for one in findings.for_training()] == [ids[0], *ids[2:]]
    assert [one.finding_id for one in findings.held_out()] == [blind.finding_id]
    assert {type(one) for one in findings.for_training()} == {Finding}


def test_a_correction_judges_the_whole_row_and_keeps_what_was(findings: FindingRepository, database: Database) -> None:
    (placed,) = findings.add([row(pmid="1", paper="pmid:1")], "anna").added
    finding_id = placed.finding_id
    assert faults(lambda: findings.correct(finding_id, {"effect": "", "pmid": "2"}, "ben", "read again")) == [
        (1, "paper", "contradiction"),
        (1, "effect", "missing"),
    ]
    assert faults(lambda: findings.correct(finding_id, {"finding_id": "x"}, "ben", "a\0")) == [
        (1, "reason", "malformed"),
        (1, "finding_id", "fixed"),
    ]
    after = findings.correct(finding_id, {"paper": "", "pmid": "2", "year": "2020"}, "ben", "wrong paper")
    assert (after.revision, after.cells["paper"], after.cells["year"]) == (2, "pmid:2", "2020")
    assert findings.correct(finding_id, {"year": " 2020 "}, "ben", "read again").revision == 2
    first, second = findings.history(finding_id)
    assert (first.author, first.cells["pmid"], second.author, second.reason) == ("anna", "1", "ben", "wrong paper")
    with database.read() as session:
        rows = [(one.author, one.action, one.details) for one in session.query(AuditRow).order_by(AuditRow.sequence)]
    assert rows == [
        ("anna", "finding.add", {"revision": 1, "held_out": False}),
        (
            "ben",
            "finding.correct",
            {"revision": 2, "reason": "wrong paper", "columns": ["paper", "pmid", "year"]},
        ),
    ]


def test_a_finding_never_becomes_another_one_nor_its_contrary(findings: FindingRepository) -> None:
    first, second = (one.finding_id for one in findings.add([row(1), row(2, cargo_name="miR-9-5p")], "anna").added)
    with pytest.raises(FindingClashError, match=first):
        findings.correct(second, {"cargo_name": "miR-21-5p"}, "anna", "read again")
    with pytest.raises(FindingClashError, match="contradict"):
        findings.correct(second, {"cargo_name": "miR-21-5p", "effect": "suppressing"}, "anna", "read again")
    findings.retract(first, "anna", "withdrawn by its authors")
    with pytest.raises(FindingClashError, match=first):
        findings.correct(second, {"cargo_name": "miR-21-5p"}, "anna", "read again")
    findings.correct(second, {"cargo_name": "miR-21-5p", "effect": "suppressing"}, "anna", "read again")
    with pytest.raises(FindingClashError, match="contradict"):
        findings.restore(first, "anna", "read again")
    findings.correct(first, {"title": "Retracted: a title"}, "anna", "read again")
    assert len(findings.history(first)) == 3
    findings.retract(second, "anna", "misread")
    assert not findings.restore(first, "anna", "read again").retracted


def test_retracting_and_restoring_twice_is_once_and_needs_a_reason(findings: FindingRepository) -> None:
    (placed,) = findings.add([row()], "anna").added
    assert faults(lambda: findings.retract(placed.finding_id, "ben", " ")) == [(1, "reason", "missing")]
    assert [findings.retract(placed.finding_id, "ben", "why").revision for _ in range(2)] == [2, 2]
    assert [one.retracted for one in search(findings, Filters(retracted=True))[0]] == [True]
    assert findings.add([row()], "anna").existing[0].retracted
    assert [findings.restore(placed.finding_id, "ben", "read again").revision for _ in range(2)] == [3, 3]
    assert [one.retracted for one in findings.history(placed.finding_id)] == [False, True, False]


@pytest.mark.parametrize("finding_id", ["none", "", "a\0b", "\ud800", "x" * 65])
def test_a_finding_that_is_not_here_is_told_so(findings: FindingRepository, finding_id: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: findings.show(finding_id),
        lambda: findings.history(finding_id),
        lambda: findings.retract(finding_id, "anna", "why"),
        lambda: findings.correct(finding_id, {"year": "2020"}, "anna", "read again"),
    ]
    for call in calls:
        with pytest.raises(UnknownFindingError):
            call()


def test_a_paper_that_is_cited_in_two_ways_is_learned_from_as_one(findings: FindingRepository) -> None:
    findings.add(
        [row(paper="pmid:5", pmid="5", doi="10.1234/x"), row(2, paper="", doi="10.1234/X", cargo_name="let-7a")], "anna"
    )
    assert {one.paper for one in findings.for_training()} == {"doi:10.1234/X"}


def test_a_kept_finding_that_later_words_do_not_admit_is_told_by_name(findings: FindingRepository) -> None:
    (placed,) = findings.add([row()], "anna").added
    with findings.database.write() as session:
        kept_row = session.query(FindingRow).one()
        kept_row.cells = kept_row.cells | {"source_phenotype": "M9"}
    with pytest.raises(StoreError, match=rf"{placed.finding_id}: source_phenotype.*retract"):
        findings.for_training()
    findings.correct(placed.finding_id, {"source_phenotype": "M1"}, "anna", "read again")
    assert len(findings.for_training()) == 1
