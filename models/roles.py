"""What independent reports say of a cargo's role in cancer: votes for suppressor and for oncogenic, by tumour.

Counts come from `models/knowledge/cargo_roles.tsv` (miRCancer, HMDD, CancerMine, LncTarD; see the README beside it). The
votes of the corpus' own papers were taken out, so a finding never speaks for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.beta_binomial import fit_beta

KNOWLEDGE = Path(__file__).parent / "knowledge"


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

    def __init__(self, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
        """`rows` hold kind, cargo, cancer_type (empty: all tumours together), and the votes for suppressor and oncogenic."""
        self._votes: dict[tuple[str, str], dict[str, Votes]] = {}
        for kind, cargo, cancer_type, suppressing, oncogenic in rows:
            votes = Votes(float(suppressing), float(oncogenic))
            self._votes.setdefault((kind, cargo), {})[cancer_type] = votes

    @classmethod
    def load(cls, path: Path = KNOWLEDGE / "cargo_roles.tsv") -> Roles:
        """The shipped votes."""
        _, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        return cls((kind, cargo, cancer, s, o) for kind, cargo, cancer, s, o, _ in (line.split("\t") for line in lines))

    def of(self, kind: str, stem: str, cancer_type: str = "") -> Votes:
        """The votes on one cargo in one tumour exactly, or over all tumours where `cancer_type` is empty."""
        return self._votes.get((kind, stem), {}).get(cancer_type, NO_VOTES)

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
