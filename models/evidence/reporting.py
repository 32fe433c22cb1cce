"""How completely a finding records what MISEV2023 (doi:10.1002/jev2.12404) and EV-TRACK (doi:10.1038/nmeth.4185) ask studies
of vesicles to report. It counts what the record states, and says nothing of how good a paper is.

`markers.tsv` sorts markers by the categories of proteins that MISEV2018 lists (doi:10.1080/20013078.2018.1535750, table 3) and
MISEV2023 goes on with: 1, transmembrane or GPI-anchored; 2, cytosolic; 3 and 4, constituents of what is isolated along with
vesicles, or of other compartments of the cell (`non_ev`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from models.vocabulary.normalize import fold
from models.vocabulary.tsv import read_table

MAX_REMEMBERED = 1024
MEMBRANE, CYTOSOLIC, NON_EV = "membrane", "cytosolic", "non_ev"
# What is counted, by the column that states it; `markers` has three categories of its own.
_COLUMNS = {
    "source_cell": "source cell",
    "cell_model": "cell line or model",
    "species": "species",
    "isolation_method": "separation method",
    "dose": "dose or quantity",
    "ev_track_id": "EV-TRACK id",
}
_MARKERS = {
    MEMBRANE: "transmembrane or GPI-anchored marker",
    CYTOSOLIC: "cytosolic marker",
    NON_EV: "non-EV marker",
}
ITEMS = (*_COLUMNS.values(), *_MARKERS.values())
# The columns that nothing but the reporting of a study is recorded in.
REPORTING_COLUMNS = ("isolation_method", "markers", "dose", "ev_track_id")
# What a curator writes where the paper was read and does not say.
_NOT_REPORTED = frozenset(map(fold, ("not reported", "not stated", "not given", "none reported", "none", "no", "nr")))
_PARTS = re.compile(r"[;,/|]|\band\b")
_AROUND = re.compile(
    r"^(?:anti[- ]|no |absent |absence of )|\([^)]*\)|\s*\b(?:negative|positive|absent|present|neg|pos)\s*$|[\s+−-]+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Which of the ITEMS a finding states and which not (`missing`). Where no reporting was `recorded`, nothing follows from
    what is missing."""

    recorded: bool
    stated: tuple[str, ...]
    missing: tuple[str, ...]


def completeness(cells: Mapping[str, Any]) -> Completeness:
    """How completely a finding records what studies are to report, by its columns."""
    names = (*_COLUMNS, "markers")
    texts = (cells.get(name) or "" for name in names)
    return _completeness(tuple(";".join(text) if isinstance(text, (list, tuple)) else text for text in texts))


def describe_completeness(cells: Mapping[str, Any]) -> str:
    """The completeness of a finding in words."""
    counted = completeness(cells)
    if not counted.recorded:
        return "not recorded"
    missing = f"; not stated here: {', '.join(counted.missing)}" if counted.missing else ""
    return f"{len(counted.stated)} of {len(ITEMS)} items{missing}"


@lru_cache(MAX_REMEMBERED)
def _completeness(texts: tuple[str, ...]) -> Completeness:
    cells = dict(zip((*_COLUMNS, "markers"), texts, strict=True))
    of_markers = {category_of(part) for part in _PARTS.split(cells["markers"])}
    stated = {item for column, item in _COLUMNS.items() if cells[column] and fold(cells[column]) not in _NOT_REPORTED}
    stated |= {item for category, item in _MARKERS.items() if category in of_markers}
    return Completeness(
        any(cells[column] for column in REPORTING_COLUMNS),
        tuple(item for item in ITEMS if item in stated),
        tuple(item for item in ITEMS if item not in stated),
    )


def category_of(marker: str) -> str:
    """The category of a marker as people write it (`anti-CD63`, `Calnexin (-)`): one of markers.tsv, else empty."""
    name = marker.strip()
    while (shorter := _AROUND.sub("", name).strip()) != name:
        name = shorter
    key = fold(name)
    whole, beginnings = _categories()
    # Families are known by how they begin, the longest first, so that HSP90B1 is not HSP90B.
    return whole.get(key) or next((category for begin, category in beginnings if key.startswith(begin)), "")


@cache
def _categories() -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The category of each name, and of each beginning of names."""
    named = [
        (name, row["category"])
        for row in read_table(Path(__file__).with_name("markers.tsv"))
        for name in (row["marker"], *filter(None, row["aliases"].split("|")))
    ]
    whole = {fold(name): category for name, category in named if not name.endswith("*")}
    beginnings = [(fold(name[:-1]), category) for name, category in named if name.endswith("*")]
    return whole, sorted(beginnings, key=lambda beginning: -len(beginning[0]))
