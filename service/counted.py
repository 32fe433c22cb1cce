"""What is counted of scored candidates: how they were called, what put them outside the domain, and their categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

# One term, several, or not stated.
Value = str | tuple[str, ...] | None
# The fields whose categories are counted; of a cargo it is whether its name is known, never the name itself.
FIELDS = ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type", "engineering")
# Whether the name of a cargo is known, of co-loaded ones each.
NOT_STATED = "(not stated)"
CARRIED = (NOT_STATED, "known", "unknown")


class Counted(NamedTuple):
    """One scored candidate: its label with the reason of an undetermined one, the fields that put it `outside` the domain, the
    values of FIELDS (empty where not stated), and how each of its cargos was recognised."""

    label: str
    because: str
    outside: tuple[str, ...]
    values: tuple[Value, ...]
    hows: tuple[str, ...]


class Sums(NamedTuple):
    """Scored candidates, each of their sides summed alone: calls, fields that put some outside, the values of each field, and
    which of CARRIED their cargos are."""

    calls: Mapping[tuple[str, str], int]
    outside: Mapping[str, int]
    values: Mapping[tuple[str, Value], int]
    cargos: Mapping[str, int]

    @classmethod
    def of(cls, counted: Sequence[Counted]) -> Sums:
        """The sums of candidates."""
        if len(counted) == 1:
            (one,) = counted
            values = dict.fromkeys(zip(FIELDS, one.values, strict=True), 1)
            return cls({(one.label, one.because): 1}, dict.fromkeys(one.outside, 1), values, {carried(one.hows): 1})
        return cls(
            Counter([(one.label, one.because) for one in counted]),
            Counter([field for one in counted for field in one.outside]),
            Counter([pair for one in counted for pair in zip(FIELDS, one.values, strict=True)]),
            Counter([carried(one.hows) for one in counted]),
        )


def carried(hows: Collection[str]) -> str:
    """Which of CARRIED a cargo is, by how each of its names was recognised."""
    if not hows:
        return NOT_STATED
    return "known" if {"unknown", "ambiguous"}.isdisjoint(hows) else "unknown"
