"""What microRNAs were shown to silence: the validated targets of a table that a lab imported. None are shipped.

They tell of the mechanism beside a score and are no feature, so importing them changes no score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.knowledge.sources import TARGET_SOURCE, TargetRow, digest, imported_path, read_targets
from models.naming.resolver import CargoName

MOST = 20


@dataclass(frozen=True, slots=True)
class Target:
    """A gene that papers validated as a target of the cargo, how many papers, and the table that counts them."""

    target: str
    papers: int
    source: str


class Targets:
    """Validated targets by microRNA. Immutable once built."""

    def __init__(self, rows: Iterable[TargetRow] = (), version: str = "") -> None:
        """`version` is the digest of the table; empty where there is none."""
        self.version = version
        self._of: dict[str, dict[str, int]] = {}
        for row in rows:
            self._of.setdefault(row.mirna, {})[row.gene] = row.papers

    @classmethod
    def load(cls, imported: Path | None = None) -> Targets:
        """The targets of the table that a lab imported into a folder; none where it has none. Raises KnowledgeError."""
        path = imported_path(imported, TARGET_SOURCE)
        return cls(read_targets(path), digest(path)) if path else cls()

    def of(self, cargo: Iterable[CargoName]) -> tuple[Target, ...]:
        """The validated targets of the microRNAs in a cargo, those with most papers first, at most `MOST`.

        A name without arm stands for all its arms. Where several of them share a target, the larger count is given, since a
        paper may stand under each.
        """
        if not self._of:
            return ()
        papers: dict[str, int] = {}
        for name in cargo:
            if name.kind == "mirna":
                for mirna in (name.name.removeprefix("anti-"), *name.alternatives):
                    for gene, count in self._of.get(mirna, {}).items():
                        papers[gene] = max(count, papers.get(gene, 0))
        most = sorted(papers.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST]
        return tuple(Target(gene, count, TARGET_SOURCE.name) for gene, count in most)
