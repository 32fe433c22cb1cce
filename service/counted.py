"""What is counted of each scored candidate: how it was called, what put it outside the domain, and its categories."""

from __future__ import annotations

from typing import NamedTuple

# One term, several, or not stated.
Value = str | tuple[str, ...] | None
# The fields whose categories are counted; of a cargo it is whether its name is known, never the name itself.
FIELDS = ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type", "engineering")


class Counted(NamedTuple):
    """One scored candidate: its label with the reason of an undetermined one, the fields that put it `outside` the domain, the
    values of FIELDS (empty where not stated), and how each of its cargos was recognised."""

    label: str
    because: str
    outside: tuple[str, ...]
    values: tuple[Value, ...]
    hows: tuple[str, ...]
