"""Completeness counts what a record states of what studies are to report, and is silent where nothing was recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evidence.reporting import ITEMS, REPORTING_COLUMNS, category_of, completeness, describe_completeness

CURATED = {
    "source_cell": "macrophage",
    "cell_model": "THP-1",
    "species": ["human"],
    "isolation_method": "ultracentrifugation",
    "markers": "CD63;TSG101;calnexin (-)",
    "dose": "10 µg",
    "ev_track_id": "EV210001",
}


@pytest.mark.parametrize(
    ("category", "markers"),
    [
        ("membrane", ["CD63", "anti-CD9", "CD81 +", "HLA-DR", "integrin αV", "Tspan8", "CD 147"]),
        ("cytosolic", ["TSG-101", "Alix", "Hsp70", "HSP90", "flotillin-1", "syntenin", "Annexin V", "β-actin"]),
        (
            "non_ev",
            [
                "Calnexin",
                "calnexin (negative)",
                "no GM130",
                "GM130−",
                "ApoA1",
                "albumin",
                "HSP90B1",
                "GRP94",
                "histone H3",
            ],
        ),
        ("", ["", "-", "no", "CD34", "particle size", "APOE", "banana"]),
    ],
)
def test_a_marker_is_known_however_it_is_written(category: str, markers: list[str]) -> None:
    assert {marker: category_of(marker) for marker in markers} == dict.fromkeys(markers, category)


def test_everything_stated_is_complete_and_each_column_counts_for_its_item() -> None:
    assert completeness(CURATED).stated == ITEMS
    for column, of_markers in [(name, 3 if name == "markers" else 1) for name in CURATED]:
        counted = completeness({**CURATED, column: ""})
        assert (len(counted.missing), counted.recorded) == (of_markers, True)
    joined = completeness({**CURATED, "markers": "CD9/CD63, Alix and calnexin"})
    assert joined == completeness({**CURATED, "markers": ["CD63", "TSG101", "calnexin"]})


def test_what_a_paper_does_not_report_is_recorded_and_missing() -> None:
    counted = completeness({"source_cell": "macrophage", "isolation_method": "not reported"})
    assert counted.recorded
    assert "separation method" in counted.missing


@given(
    st.dictionaries(st.sampled_from(["source_cell", "cell_model", "species", "title", "grade"]), st.text(min_size=1))
)
def test_nothing_is_said_of_a_finding_whose_reporting_nobody_recorded(cells: dict[str, str]) -> None:
    assert not completeness(cells).recorded
    assert describe_completeness(cells) == "not recorded"
    assert all(completeness({**cells, column: "x"}).recorded for column in REPORTING_COLUMNS)
