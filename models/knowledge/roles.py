"""What independent reports say of a cargo's role in cancer: votes for suppressor and for oncogenic, by tumour.

Counts come from `models/knowledge/cargo_roles.tsv` (miRCancer, HMDD, CancerMine, LncTarD; see the README beside it) and from
the lab's own copies of those tables, where it has any. The votes of the corpus' own papers were taken out, so a finding never
speaks for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import add
from pathlib import Path

from models.knowledge.beta_prior import fit_beta
from models.knowledge.sources import ROLE_SOURCES, SHIPPED_ROLES, RoleRow, Source, digest, imported_path, read_roles

SHIPPED = "the shipped role tables"


@dataclass(frozen=True, slots=True)
class Votes:
    """How many independent reports call a cargo a suppressor, and how many oncogenic."""

    suppressing: float = 0.0
    oncogenic: float = 0.0

    @property
    def total(self) -> float:
        """Reports in all."""
        return self.suppressing + self.oncogenic

    def __add__(self, other: Votes) -> Votes:
        return Votes(self.suppressing + other.suppressing, self.oncogenic + other.oncogenic)


NO_VOTES = Votes()


class Roles:
    """Votes by kind of cargo (mirna, gene, lncrna), name and tumour. Immutable once loaded."""

    def __init__(self, rows: Iterable[RoleRow], imported: Mapping[str, str] | None = None) -> None:
        """`imported` names the tables among `rows` that are a lab's own: the key of the source, and the table's digest."""
        self.imported = dict(imported or {})
        self._votes: dict[tuple[str, str], dict[str, Votes]] = {}
        for row in rows:
            votes = Votes(float(row.suppressing), float(row.oncogenic))
            self._votes.setdefault((row.kind, row.cargo), {})[row.cancer_type] = votes

    @classmethod
    def load(cls, imported: Path | None = None) -> Roles:
        """The shipped votes, `united` with the tables that a lab imported into a folder.

        Raises KnowledgeError where one of those cannot be read.
        """
        tables = {source: path for source in ROLE_SOURCES if (path := imported_path(imported, source))}
        rows = merge_role_tables(
            read_roles(SHIPPED_ROLES), {source: read_roles(path) for source, path in tables.items()}
        )
        return cls(rows, {source.key: digest(path) for source, path in tables.items()})

    @property
    def named(self) -> str:
        """Which tables the votes are from, in words."""
        tables = ", ".join(f"{key} ({table})" for key, table in sorted(self.imported.items()))
        return f"imported role tables {tables}" if tables else SHIPPED

    def of(self, kind: str, stem: str, cancer_type: str = "") -> Votes:
        """The votes on one cargo in one tumour exactly, or over all tumours where `cancer_type` is empty."""
        return self._votes.get((kind, stem), {}).get(cancer_type, NO_VOTES)

    def by_tumour(self, kind: str, stem: str) -> dict[str, Votes]:
        """The votes on one cargo in each tumour that reports name."""
        return {tumour: votes for tumour, votes in self._votes.get((kind, stem), {}).items() if tumour}

    def knows(self, kind: str, stem: str) -> bool:
        """Whether any report speaks of this cargo."""
        return (kind, stem) in self._votes

    @cached_property
    def priors(self) -> dict[str, Votes]:
        """What a typical cargo of each kind has: the Beta prior, as votes, fitted on these tables alone."""
        kinds: dict[str, list[tuple[float, float]]] = {}
        for (kind, _), of_cargo in self._votes.items():
            votes = of_cargo.get("", NO_VOTES)
            kinds.setdefault(kind, []).append((votes.suppressing, votes.oncogenic))
        return {kind: Votes(*fit_beta(pairs)) for kind, pairs in sorted(kinds.items())}

    def stems(self, kind: str) -> tuple[str, ...]:
        """The names of one kind that reports speak of, in order."""
        return tuple(sorted(name for of_kind, name in self._votes if of_kind == kind))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex, first 16) over every vote: it names the version of the knowledge."""
        return hashlib.sha256(repr(sorted(self._votes.items())).encode()).hexdigest()[:16]


def merge_role_tables(shipped: Iterable[RoleRow], imported: Mapping[Source, Iterable[RoleRow]]) -> list[RoleRow]:
    """The shipped votes with those of imported sources in the place of the same sources' older votes.

    Row by row, that is by kind, cargo and tumour: shipped votes that are all from imported sources fall away; shipped votes
    of other sources are added to the imported ones; and where a shipped row sums imported and other sources, which cannot be
    taken apart, the larger count of the two stands on each side. So no report is ever counted twice, and importing the very
    tables that were shipped changes nothing.
    """
    replaced = {source.shipped_as for source in imported}
    merged: dict[tuple[str, str, str], RoleRow] = {}
    for row in chain.from_iterable(imported.values()):
        merged[row.key] = _combine(merged[row.key], row, add) if row.key in merged else row
    for row in shipped:
        others = set(row.sources) - replaced
        if others and row.key not in merged:
            merged[row.key] = row
        elif others:
            merged[row.key] = _combine(merged[row.key], row, add if others == set(row.sources) else max)
    return [merged[key] for key in sorted(merged)]


def _combine(row: RoleRow, other: RoleRow, operation: Callable[[int, int], int]) -> RoleRow:
    return RoleRow(*row.key, operation(row.suppressing, other.suppressing), operation(row.oncogenic, other.oncogenic))
