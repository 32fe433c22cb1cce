"""The bodies of requests, drawn once and kept in a folder: the same candidates for every server, in the form that it takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.candidates import Candidates, Given
from benchmarks.load import Bodies
from benchmarks.peers.registry import BODIES
from models.estimator.features import Features

# What a peer is given of a candidate, as texts.
FIELDS = (
    "source_cell",
    "source_phenotype",
    "polarisation",
    "species",
    "cargo_type",
    "cargo_name",
    "cargo_state",
    "engineering",
    "cancer_type",
    "recipient_cell",
)
SIZES = (1, 1_000, 10_000)
# How many bodies of each size a peer gets in turn, and Exoscore where it is told the same again and again.
OF_PEERS = {1: 20_000, 1_000: 60, 10_000: 6}
REPEATED = {1: 500, 1_000: 5, 10_000: 1}
SEED = 5


def as_rows(candidates: Iterable[Given]) -> list[dict[str, str]]:
    """Candidates as a data frame holds them: ten texts, lists joined, nothing for what is not stated."""
    return [{name: _text(one.get(name, "")) for name in FIELDS} for one in candidates]


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ";".join(value)


@dataclass(frozen=True)
class Pool:
    """Bodies of one form, by how many candidates they hold."""

    of_size: dict[int, Bodies]

    def repeated(self) -> Pool:
        """A few of them."""
        return self._first(REPEATED)

    def of_peers(self) -> Pool:
        """Those of the candidates that the peers are sent."""
        return self._first(OF_PEERS)

    def _first(self, most: Mapping[int, int]) -> Pool:
        return Pool({size: Bodies(one.path, size, min(most[size], one.count)) for size, one in self.of_size.items()})


def written(folder: Path, singles: int, thousands: int) -> dict[str, Pool]:
    """The pools by form: `scores` for Exoscore and those of the peers, drawn and written unless they are there.

    `singles` candidates go into bodies of one, others into `thousands` bodies, a fifth of them in bodies of 10,000.
    """
    features = Features.load()
    home = folder / f"{features.fingerprint}-{SEED}-{singles}-{thousands}"
    large = thousands // 50
    counts = {1: singles, 1_000: thousands - 10 * large, 10_000: large}
    forms: dict[str, Callable[[Sequence[Given]], str]] = {
        "scores": _scores,
        **{name: lambda drawn, form=form: form(as_rows(drawn)) for name, form in BODIES.items()},
    }
    if not (home / "done").exists():
        home.mkdir(parents=True, exist_ok=True)
        drawn = Candidates(features, SEED).draw(singles + 1_000 * thousands)
        many = drawn[singles:]
        cut = {
            1: [[one] for one in drawn[:singles]],
            1_000: [many[begin : begin + 1_000] for begin in range(10_000 * large, len(many), 1_000)],
            10_000: [many[begin : begin + 10_000] for begin in range(0, 10_000 * large, 10_000)],
        }
        for form, write in forms.items():
            for size, bodies in cut.items():
                kept = bodies if form == "scores" else bodies[: OF_PEERS[size]]
                with _path(home, form, size).open("w", encoding="utf-8") as lines:
                    lines.writelines(write(body) + "\n" for body in kept)
        (home / "done").touch()
    return {
        form: Pool(
            {
                size: Bodies(
                    _path(home, form, size),
                    size,
                    counts[size] if form == "scores" else min(counts[size], OF_PEERS[size]),
                )
                for size in SIZES
            }
        )
        for form in forms
    }


def _scores(candidates: Sequence[Given]) -> str:
    return json.dumps({"candidates": candidates})


def _path(home: Path, form: str, size: int) -> Path:
    return home / f"{form}-{size}.jsonl"
