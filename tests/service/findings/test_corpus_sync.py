"""The shipped corpus is in every store, and a later release changes nothing that a lab did."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from service.db.database import Database
from service.db.tables import AuditRow, Fact, FindingRevision, FindingRow
from service.errors import FindingClashError, StoreError, UnknownFindingError
from service.findings.corpus_sync import load
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all
from tests.service.findings.rows import GOOD, row
from tests.threads import in_threads
from training.data.findings import COLUMNS, CORPUS, EFFECTS, Finding, cells_of
from training.data.tabular import TableRow, format_rows, read_table

Release = Mapping[str, Mapping[str, str]]
Ship = Callable[[Release], None]
MIR21, MIR155, LET7 = ({"cargo_name": name} for name in ("miR-21-5p", "miR-155-5p", "let-7a-5p"))
releases = itertools.count()


@pytest.fixture
def ship(findings: FindingRepository, reader: CandidateParser, tmp_path: Path) -> Ship:
    """Starts a release that ships these rows, by id."""

    def start(release: Release) -> None:
        path = tmp_path / f"{next(releases)}.tsv"
        rows = [GOOD | {"finding_id": finding_id} | dict(cells) for finding_id, cells in release.items()]
        path.write_text("".join(format_rows(rows, COLUMNS, by_commas=False)), encoding="utf-8")
        load(findings, path, lambda: reader)

    return start


def active(findings: FindingRepository) -> dict[str, tuple[str, str]]:
    """The active findings: cargo and origin by id."""
    found = iter_all(findings, Filters())
    return {one.finding_id: (one.cells["cargo_name"], one.origin) for one in found}


def test_the_store_learns_from_what_the_file_says(findings: FindingRepository, corpus: tuple[Finding, ...]) -> None:
    load(findings)
    kept = findings.for_training()
    for one, other in zip(kept, corpus, strict=True):
        assert (one.finding_id, one.paper, one.effect) == (other.finding_id, other.paper, other.effect)
        assert (one.candidate, one.content, one.citation) == (other.candidate, other.content, other.citation)
        assert [name.name for name in one.reading.cargo] == [name.name for name in other.reading.cargo]
        assert dict(one.observed) == dict(other.observed)


def test_what_is_loaded_already_is_neither_read_nor_written_again(
    findings: FindingRepository, database: Database
) -> None:
    load(findings)
    load(findings, reader=lambda: pytest.fail("the corpus was read again"))
    with database.read() as session:
        assert session.query(AuditRow).count() == session.query(Fact).count() == 1


def test_processes_that_start_together_load_it_once(
    address: str, reader: CandidateParser, database: Database, corpus: tuple[Finding, ...]
) -> None:
    stores = [Database(address) for _ in range(4)]
    assert in_threads(lambda place: load(FindingRepository(stores[place], lambda: reader)), len(stores)) == []
    for one in stores:
        one.close()
    with database.read() as session:
        assert session.query(FindingRow).count() == session.query(FindingRevision).count() == len(corpus)


SHIPPED = [dict(shipped.cells) for shipped in read_table(CORPUS, COLUMNS, ("effect",))]
# An older corpus: it lacks every third finding, and of every fifth the year and the journal.
OLDER = {
    cells["finding_id"]: cells | ({"year": "", "journal": ""} if place % 5 == 0 else {})
    for place, cells in enumerate(SHIPPED)
    if place % 3
}
CHANGED = [cells["finding_id"] for cells in SHIPPED if OLDER.get(cells["finding_id"], cells) != cells]


@pytest.fixture
def load_older(findings: FindingRepository, reader: CandidateParser, tmp_path: Path) -> None:
    """Makes the store that of an installation with the older corpus."""
    path = tmp_path / "older.tsv"
    path.write_text("".join(format_rows(OLDER.values(), COLUMNS, by_commas=False)), encoding="utf-8")
    load(findings, path, lambda: reader)


def newest_load(database: Database) -> AuditRow:
    with database.read() as session:
        return session.query(AuditRow).filter_by(action="corpus.load").order_by(AuditRow.sequence.desc()).limit(1).one()


@pytest.mark.usefixtures("load_older")
def test_an_older_corpus_becomes_this_one_and_what_the_lab_did_stays(
    findings: FindingRepository, database: Database, corpus: tuple[Finding, ...]
) -> None:
    corrected, retracted, *changed = CHANGED
    findings.correct(corrected, {"dose": "10 µg"}, "anna", "from the supplement")
    findings.retract(retracted, "anna", "an image was duplicated")
    same, contrary = [finding for finding in corpus if finding.finding_id not in OLDER][:2]
    turned = replace(contrary, effect=EFFECTS[contrary.suppressing])
    lab = [
        TableRow(line, cells_of(of_lab, findings.reader) | {"finding_id": ""})
        for line, of_lab in enumerate((same, turned))
    ]
    own = {placement.finding_id for placement in findings.add([*lab, row(9)], "anna").added}
    load(findings)
    learned = {finding.finding_id: finding for finding in findings.for_training()}
    missed = {same.finding_id, contrary.finding_id}
    assert learned.keys() == {finding.finding_id for finding in corpus} - missed - {retracted} | own
    assert len({finding.content for finding in learned.values()}) == len(learned)
    authors = {finding_id: {one.author for one in findings.history(finding_id)} for finding_id in own}
    assert set(map(frozenset, authors.values())) == {frozenset({"anna"})}
    for touched in (corrected, retracted):
        assert [one.author for one in findings.history(touched)] == ["exoscore", "anna"]
    shipped = {finding.finding_id: finding.citation for finding in corpus}
    assert all(learned[finding_id].citation == shipped[finding_id] for finding_id in changed)
    entry = newest_load(database)
    assert entry.details == {
        "added": len(corpus) - len(OLDER) - 2,
        "revised in the shipped corpus": len(changed),
        "in the shipped corpus again": 0,
        "withdrawn from the shipped corpus": 0,
        "Cells do not make such cargo, so that it was loaded": 0,
        "skipped": 2 + 2,
        "reason": "Automatic: this version ships another release of the corpus.",
    }
    load(findings)
    assert newest_load(database).sequence == entry.sequence


@pytest.mark.usefixtures("load_older")
def test_processes_that_start_together_bring_an_older_corpus_up_to_date_once(
    address: str, reader: CandidateParser, database: Database, corpus: tuple[Finding, ...]
) -> None:
    stores = [Database(address) for _ in range(4)]
    assert in_threads(lambda place: load(FindingRepository(stores[place], lambda: reader)), len(stores)) == []
    for one in stores:
        one.close()
    with database.read() as session:
        assert session.query(FindingRow).count() == len(corpus)
        assert session.query(FindingRevision).count() == len(corpus) + len(CHANGED)
        assert session.query(AuditRow).count() == 2


def test_a_later_release_adds_revises_and_withdraws(findings: FindingRepository, ship: Ship) -> None:
    ship({"A": MIR21, "B": MIR155, "C": LET7 | {"title": "One"}})
    ship({"A": MIR21, "C": LET7 | {"title": "Two"}, "D": {"paper": "lab:2"}})
    assert list(active(findings)) == ["A", "C", "D"]
    assert [(one.author, one.reason) for one in findings.history("C")] == [
        ("exoscore", ""),
        ("exoscore", "revised in the shipped corpus"),
    ]
    assert findings.show("C").cells["title"] == "Two"
    assert findings.history("B")[-1].reason == "withdrawn from the shipped corpus"
    assert [findings.show(finding_id).revision for finding_id in "ABCD"] == [1, 2, 2, 1]
    ship({"A": MIR21, "B": MIR155})
    assert findings.history("B")[-1].reason == "in the shipped corpus again"
    assert list(active(findings)) == ["A", "B"]


def test_what_the_lab_touched_stays_as_the_lab_left_it(findings: FindingRepository, ship: Ship) -> None:
    ship({"A": MIR21, "B": MIR155, "C": LET7})
    findings.correct("A", {"dose": "10 µg"}, "anna", "from the supplement")
    findings.retract("B", "anna", "image duplicated")
    findings.retract("C", "anna", "a mistake")
    findings.restore("C", "anna", "read again")
    assert all(findings.show(finding_id).touched for finding_id in "ABC")
    ship({"A": MIR21 | {"title": "Shipped"}, "B": MIR155 | {"title": "Shipped"}})
    assert [findings.show(finding_id).revision for finding_id in "ABC"] == [2, 2, 3]
    assert list(active(findings)) == ["A", "C"]


def test_a_drug_that_an_older_release_took_for_native_is_loaded_from_now_on(
    findings: FindingRepository, ship: Ship, database: Database
) -> None:
    drug = row(cargo_type="small_molecule", cargo_name="doxorubicin", effect="suppressing")
    (kept,) = findings.add([drug], "anna").added
    (mine,) = findings.add([row(2, paper="lab:2")], "anna").added
    with database.write() as session:
        old = session.query(FindingRow).filter_by(finding_id=kept.finding_id).one()
        old.cells = {**old.cells, "cargo_state": "native"}
        old.cargo_state = "native"
    with pytest.raises(StoreError, match="not valid in this version"):
        findings.for_training()
    ship({"A": MIR155})
    restated = findings.show(kept.finding_id)
    assert (restated.cells["cargo_state"], restated.cargo_state, restated.revision) == ("loaded", "loaded", 2)
    assert [entry.author for entry in findings.history(kept.finding_id)] == ["anna", "exoscore"]
    assert findings.show(mine.finding_id).revision == 1
    assert len(findings.for_training()) == 3


def test_what_a_lab_row_says_already_is_not_shipped_beside_it(findings: FindingRepository, ship: Ship) -> None:
    (mine,) = findings.add([row()], "anna").added
    findings.add([row(paper="lab:blind")], "anna", held_out=True)
    findings.add([row(paper="lab:con", effect="suppressing"), row(2, paper="lab:id", finding_id="B")], "anna")
    before = active(findings)
    ship(
        {
            "A": MIR21,
            "B": MIR155,
            "C": LET7,
            "D": MIR155 | {"paper": "lab:blind"},
            "E": {"paper": "lab:con"},
        }
    )
    assert active(findings) == before | {"C": ("let-7a-5p", "corpus")}
    assert findings.history(mine.finding_id)[-1].author == "anna"


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ({"A": MIR21, "B": MIR155}, {"A": MIR155, "B": MIR21}, {"A": "miR-155-5p", "B": "miR-21-5p"}),
        ({"A": MIR21, "B": MIR155}, {"A": MIR155}, {"A": "miR-155-5p"}),
        ({"A": MIR21}, {"Z": MIR21 | {"title": "New id"}}, {"A": "miR-21-5p"}),
        ({"A": MIR21}, {"A": MIR155, "Z": MIR21}, {"A": "miR-155-5p", "Z": "miR-21-5p"}),
        ({"A": MIR21}, {"A": MIR21 | {"effect": "suppressing"}}, {"A": "miR-21-5p"}),
    ],
)
def test_findings_may_change_places_from_one_release_to_the_next(
    findings: FindingRepository, ship: Ship, before: Release, after: Release, kept: dict[str, str]
) -> None:
    ship(before)
    ship(after)
    assert {finding_id: cargo for finding_id, (cargo, _) in active(findings).items()} == kept
    ship(before)
    assert sorted(cargo for cargo, _ in active(findings).values()) == sorted(
        one["cargo_name"] for one in before.values()
    )


CARGOS = ("miR-21-5p", "miR-155-5p", "let-7a-5p", "miR-9-5p")
some_release = st.dictionaries(
    st.sampled_from("ABCD"),
    st.sampled_from(CARGOS).flatmap(lambda cargo: st.tuples(st.just(cargo), st.sampled_from("xy"))),
).map(lambda found: {name: one for name, one in found.items() if [o[0] for o in found.values()].count(one[0]) == 1})
some_act = st.tuples(
    st.sampled_from(("add", "retract", "restore", "correct")), st.sampled_from("ABCD"), st.sampled_from(CARGOS)
)


# Each example writes to a database.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 4)
@given(history=st.lists(some_release | some_act, min_size=2, max_size=8))
def test_whatever_happened_before_a_release_keeps_the_labs_rows_and_ships_the_rest(
    findings: FindingRepository, tmp_path: Path, history: list[dict[str, tuple[str, str]] | tuple[str, str, str]]
) -> None:
    label = f"lab:{next(releases)}"

    def known(name: str) -> str:
        return f"{label.removeprefix('lab:')}-{name}"

    def ours() -> dict[str, tuple[object, ...]]:
        both = itertools.chain(iter_all(findings, Filters()), iter_all(findings, Filters(retracted=True)))
        return {
            one.finding_id: (one.origin, one.touched, one.retracted, dict(one.cells), one.revision)
            for one in both
            if one.cells["paper"] == label
        }

    for step in history:
        before = ours()
        if isinstance(step, tuple):
            act(findings, label, known(step[1]), *step)
            continue
        path = tmp_path / f"{next(releases)}.tsv"
        rows = [
            GOOD | {"finding_id": known(name), "paper": label, "cargo_name": cargo, "title": title}
            for name, (cargo, title) in step.items()
        ]
        # One row that never changes, so that no release is empty, nor the same file as another.
        rows.append(GOOD | {"finding_id": "always", "paper": "lab:always", "journal": str(next(releases))})
        path.write_text("".join(format_rows(rows, COLUMNS, by_commas=False)), encoding="utf-8")
        load(findings, path)
        after = ours()
        labs = {name: one for name, one in before.items() if one[0] == "lab" or one[1]}
        assert {name: after[name] for name in labs} == labs
        held = {one[3]["cargo_name"] for one in labs.values()}
        shipped = {
            (cargo, title) for name, (cargo, title) in step.items() if cargo not in held and known(name) not in labs
        }
        assert shipped == {
            (one[3]["cargo_name"], one[3]["title"]) for name, one in after.items() if name not in labs and not one[2]
        }
        assert len({one.content for one in findings.for_training()}) == len(findings.for_training())
        again = path.with_name(f"again-{path.name}")
        again.write_bytes(path.read_bytes() + b"\n")
        load(findings, again)
        assert ours() == after


def act(findings: FindingRepository, label: str, finding_id: str, kind: str, _: str, cargo: str) -> None:
    """What a lab may do between two releases, where it can be done."""
    try:
        if kind == "add":
            findings.add([TableRow(1, GOOD | {"paper": label, "cargo_name": cargo})], "anna")
        elif kind == "correct":
            findings.correct(finding_id, {"cargo_name": cargo}, "anna", "read again")
        elif kind == "retract":
            findings.retract(finding_id, "anna", "why")
        else:
            findings.restore(finding_id, "anna", "read again")
    except (UnknownFindingError, FindingClashError):
        return
