"""Conflicts are told where papers say the contrary of one vesicle, once each."""

from __future__ import annotations

import pytest

from service.findings.repository import FindingRepository
from service.findings.search import conflicts_page
from tests.service.findings.rows import row
from training.data.tabular import TableRow

CONFLICTING = [
    row(1, paper="lab:a", cancer_type="lung cancer"),
    row(2, paper="lab:b", cargo_name="miR-21", effect="suppressing", cancer_type="lung adenocarcinoma"),
    row(3, paper="lab:c", cargo_name="miR-21-3p", effect="suppressing"),
    row(4, paper="lab:d", effect="suppressing", cancer_type="melanoma"),
    row(5, paper="lab:e", effect="suppressing", source_phenotype="M1"),
    row(6, paper="lab:f", effect="suppressing", cargo_state="loaded"),
    row(7, paper="lab:g", effect="suppressing", cargo_name="anti-miR-21"),
    row(8, paper="lab:h", effect="suppressing", cargo_name=""),
    row(9, paper="lab:i", effect="promoting", cargo_name=""),
]


@pytest.mark.parametrize("order", [CONFLICTING, CONFLICTING[::-1]])
def test_conflicts_are_opposite_effects_of_one_vesicle_in_tumours_that_can_be_one(
    findings: FindingRepository, order: list[TableRow]
) -> None:
    told = [one for part in order for one in findings.add([part], "anna").conflicts]
    pairs = {(one.promoting.paper, one.suppressing.paper) for one in told}
    assert pairs == {("lab:a", "lab:b"), ("lab:a", "lab:c")}
    found, _ = conflicts_page(findings)
    assert {(one.promoting.paper, one.suppressing.paper) for one in found} == pairs
    assert {one.cargo for one in found} == {"miR-21"}
    findings.retract(found[0].suppressing.finding_id, "anna", "misread")
    assert len(conflicts_page(findings)[0]) == 1


def test_pages_of_conflicts_hold_each_once(findings: FindingRepository) -> None:
    rows = [row(line, paper=f"lab:{line}", effect=("promoting", "suppressing")[line % 2]) for line in range(6)]
    findings.add(rows, "anna")
    whole, last = conflicts_page(findings)
    assert (len(whole), last) == (9, None)
    seen = []
    after: tuple[int, int] | None = (0, 0)
    while after is not None:
        found, after = conflicts_page(findings, after, 2)
        seen += found
    assert seen == whole
