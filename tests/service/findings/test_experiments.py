"""A finding of a paper that is here under another name is here already, or is refused where it says the contrary."""

from __future__ import annotations

import pytest

from models.errors import TableError
from service.errors import FindingClashError
from service.findings.repository import FindingRepository
from tests.service.findings.rows import row

PMID, DOI = "35210436", "10.1038/s41419-022-04640-z"
STORED = {"paper": "", "pmid": PMID, "doi": DOI, "title": "M1 and the NF-κB pathway", "recipient_cell": "t_cell"}
# The same paper and candidate, written otherwise.
WRITTEN = [
    {"paper": "", "pmid": f"PMID: {PMID}"},
    {"paper": "", "doi": f"https://doi.org/{DOI.upper()}"},
    {"paper": f"doi:{DOI.upper()}", "recipient_cell": "t_cell"},
    {"paper": "", "title": "m1 and the NF-kB pathway."},
    {"paper": "lab:7", "doi": DOI},
    {"paper": "lab:7", "title": "M1 and the NF-κB pathway"},
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_paper_is_one_by_any_name_and_with_or_without_the_recipient(
    findings: FindingRepository, written: dict[str, str]
) -> None:
    (stored,) = findings.add([row(**STORED)], "anna").added
    again = findings.add([row(**written)], "ben")
    assert (again.added, [one.finding_id for one in again.existing]) == ((), [stored.finding_id])
    with pytest.raises(TableError, match=f"{stored.finding_id} reports promoting") as caught:
        findings.add([row(**written, effect="suppressing")], "ben")
    assert [(fault.column, fault.fault.code) for fault in caught.value.faults] == [("effect", "contradiction")]
    assert len(findings.for_training()) == 1


def test_rows_that_are_sent_together_are_one_finding_if_they_are_one_experiment(findings: FindingRepository) -> None:
    added = findings.add([row(1, paper="", pmid=PMID), row(2, paper="", pmid=PMID, recipient_cell="t_cell")], "anna")
    assert [one.line for one in added.added] == [2], "the one that states more"
    assert [(one.line, one.finding_id) for one in added.existing] == [(1, added.added[0].finding_id)]


def test_another_recipient_or_another_paper_is_another_experiment(findings: FindingRepository) -> None:
    findings.add([row(**STORED)], "anna")
    others = [row(1, **STORED | {"recipient_cell": "cancer_cell"}, effect="suppressing"), row(2, effect="suppressing")]
    assert len(findings.add(others, "ben").added) == 2


def test_a_correction_or_a_restoring_makes_no_paper_contradict_itself(findings: FindingRepository) -> None:
    (stored,) = findings.add([row(**STORED)], "anna").added
    (other,) = findings.add([row(paper="", title="Another", effect="suppressing")], "ben").added
    with pytest.raises(FindingClashError, match=stored.finding_id):
        findings.correct(other.finding_id, {"doi": DOI.upper()}, "ben", "read again")
    findings.retract(stored.finding_id, "anna", "withdrawn")
    findings.correct(other.finding_id, {"doi": DOI.upper()}, "ben", "read again")
    with pytest.raises(FindingClashError, match=other.finding_id):
        findings.restore(stored.finding_id, "anna", "read again")


def test_no_row_makes_one_paper_of_two_that_contradict_each_other(findings: FindingRepository) -> None:
    added = findings.add([row(1, paper="", pmid=PMID), row(2, paper="", doi=DOI, effect="suppressing")], "anna").added
    with pytest.raises(TableError, match=f"{added[0].finding_id} and {added[1].finding_id}"):
        findings.add([row(paper="", pmid=PMID, doi=DOI, cargo_name="miR-155-5p")], "ben")
    (own,) = findings.add([row(paper="", pmid=PMID, cargo_name="miR-155-5p")], "ben").added
    with pytest.raises(FindingClashError, match="make one paper"):
        findings.correct(own.finding_id, {"doi": DOI}, "ben", "read again")
    findings.retract(added[1].finding_id, "anna", "withdrawn")
    findings.correct(own.finding_id, {"doi": DOI}, "ben", "read again")


def test_a_name_that_was_wrong_can_be_taken_out(findings: FindingRepository) -> None:
    findings.add([row(1, paper="", pmid=PMID, doi=DOI)], "anna")
    (wrong,) = findings.add([row(paper="lab:7", doi=DOI, cargo_name="miR-155-5p")], "ben").added
    findings.correct(
        wrong.finding_id, {"doi": "", "cargo_name": "miR-21-5p", "effect": "suppressing"}, "ben", "read again"
    )


def test_a_retracted_finding_stands_in_nobodys_way_but_its_own(findings: FindingRepository) -> None:
    (stored,) = findings.add([row(**STORED)], "anna").added
    findings.retract(stored.finding_id, "anna", "withdrawn")
    (same,) = findings.add([row(**STORED)], "ben").existing
    assert (same.finding_id, same.retracted) == (stored.finding_id, True)
    assert findings.add([row(paper="", doi=DOI, effect="suppressing")], "ben").added


def test_a_paper_is_held_out_under_names_that_other_rows_join(findings: FindingRepository) -> None:
    findings.add(
        [row(paper="", pmid=PMID, cargo_name="miR-155-5p"), row(2, paper="", pmid=PMID, doi=DOI)], "anna", True
    )
    with pytest.raises(TableError, match="the same paper"):
        findings.add([row(paper="", doi=DOI, cargo_name="miR-1-3p")], "ben")


def test_a_finding_says_where_it_is_from(findings: FindingRepository) -> None:
    findings.add([row()], "anna")
    assert [finding.origin for finding in findings.for_training()] == ["lab"]
