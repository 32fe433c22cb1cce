"""The counts are those of the findings that the same filters find."""

from __future__ import annotations

from collections import Counter

import pytest

from service.errors import ParametersError
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all
from service.findings.statistics import EffectCounts, count_findings
from tests.service.findings.rows import row

ROWS = [
    row(1, paper="lab:1", cancer_type="melanoma", year="2019", title="Of vesicles"),
    row(2, paper="lab:1", cancer_type="glioma", year="2019", effect="suppressing", title="Of vesicles"),
    row(3, paper="lab:2", cargo_name="miR-21", effect="suppressing", year="2021", cancer_type="melanoma"),
    row(4, paper="lab:3", cargo_name="miR-155", source_phenotype="M1", effect="suppressing"),
    row(5, paper="pmid:4", cargo_name="miR-155", source_phenotype="M2", cargo_state="loaded"),
    row(6, paper="lab:5", doi="10.1000/5", cargo_type="whole_vesicle", cargo_name="", effect="suppressing"),
    row(7, paper="lab:6", cargo_type="whole_vesicle", cargo_name=""),
    row(8, paper="lab:7", cargo_name="miR-155", source_phenotype="TAM"),
]


@pytest.fixture
def counted(findings: FindingRepository) -> FindingRepository:
    findings.add(ROWS[:6], "anna")
    findings.add(ROWS[6:7], "anna", held_out=True)
    retracted = findings.add(ROWS[7:], "anna").added[0]
    findings.retract(retracted.finding_id, "anna", "by its authors")
    return findings


def as_counter(tallies: EffectCounts) -> Counter[tuple[tuple[str, ...], str]]:
    return Counter(
        {(one.key, effect): getattr(one, effect) for one in tallies for effect in ("suppressing", "promoting")}
    )


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(cancer_type="melanoma"),
        Filters(q="vesicles of"),
        Filters(held_out=True),
        Filters(retracted=True),
        Filters(cargo_name="miR21", effect="suppressing"),
        Filters(q="nothing of the kind"),
    ],
    ids=repr,
)
def test_every_count_is_that_of_the_findings_found(counted: FindingRepository, filters: Filters) -> None:
    found = [one.cells for one in iter_all(counted, filters)]
    told = count_findings(counted, filters)
    assert told.findings == len(found)
    own = [cells for cells in found if cells["paper"].startswith("lab:") and "doi" not in cells]
    assert told.lab_findings == len(own)
    assert told.papers == len({cells["paper"] for cells in found if cells not in own})
    strata = ("source_cell", "source_phenotype", "cargo_state")
    for tallies, names in ((told.strata, strata), (told.tumours, ("cancer_type",)), (told.years, ("year",))):
        keys = [(tuple(cells.get(name, "") for name in names), cells["effect"]) for cells in found]
        assert +as_counter(tallies) == Counter(key for key in keys if names != ("year",) or key[0][0])
    assert list(told.strata) == sorted(told.strata, key=lambda one: (-one.findings, one.key))
    assert [one.key for one in told.years] == sorted(one.key for one in told.years)


def test_a_cargo_is_reported_both_ways_by_its_stem_in_one_state_and_pairs_are_of_one_vesicle(
    counted: FindingRepository,
) -> None:
    told = count_findings(counted, Filters())
    # miR-155 suppresses natively and promotes when loaded: no two reports say the opposite of one thing.
    assert [(one.key, one.suppressing, one.promoting) for one in told.contradictory] == [(("miR-21", "native"), 2, 1)]
    assert told.conflicts == 2


def test_a_filter_that_means_nothing_is_told(counted: FindingRepository) -> None:
    with pytest.raises(ParametersError):
        count_findings(counted, Filters(effect="killing"))
