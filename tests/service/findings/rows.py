"""Rows of findings, as they are sent."""

from __future__ import annotations

from training.data.tabular import TableRow

GOOD = {
    "paper": "lab:1",
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "miR-21-5p",
    "effect": "promoting",
}


def row(line: int = 1, **cells: str) -> TableRow:
    """A row with a good finding, but for `cells`."""
    return TableRow(line, GOOD | cells)
