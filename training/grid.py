"""The candidates that could be tested next: sources that can be had, with cargos whose role is reported, in each state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features import KIND_OF_CARGO_TYPE, Features
from models.fitted import FittedModel

Floats = NDArray[np.float64]
Fields = Mapping[str, str]

# A cargo is offered where at least this many independent reports speak of it, the most reported of each type first.
MIN_REPORTS = 10
CARGOS_OF_TYPE = 60
# MicroRNAs are offered in the tumours with most findings; what is known of other cargo does not tell tumours apart.
TUMOURS = 12
CARGO_TYPES = ("mirna", "lncrna", "protein", "sirna")
# An siRNA is put in; it is not found in a vesicle, nor taken out.
ONLY_IN_STATE = {"sirna": "loaded"}
# A cell that is not named is no experiment.
UNNAMED_CELL = "other"
UNSPECIFIED = "unspecified"
INTERCEPT = "intercept"


@dataclass(frozen=True)
class Pool:
    """The candidates of one cargo state: every source with every cargo; a candidate's values are the sum of both.

    Of sources (and of cargos) that are the same to the model only the first is kept; `alike` says how many each stands for.
    `sources` and `cargos` are fields of candidates, the arrays have a row for each; `target` is a source's weight among the
    targets, `known` tells which candidates the findings have already.
    """

    state: str
    sources: list[Fields]
    source_values: Floats
    sources_alike: list[int]
    target: Floats
    cargos: list[Fields]
    cargo_values: Floats
    cargos_alike: list[int]
    known: NDArray[np.bool_]

    def linear(self, weights: Floats) -> Floats:
        """x'w of every candidate, shape (sources, cargos)."""
        found: Floats = (self.source_values @ weights)[:, None] + (self.cargo_values @ weights)[None, :]
        return found

    def quadratic(self, matrix: Floats) -> Floats:
        """x'Ax of every candidate for a symmetric A, shape (sources, cargos)."""
        of_sources, of_cargos = self.source_values @ matrix, self.cargo_values @ matrix
        found: Floats = (
            (of_sources * self.source_values).sum(axis=1)[:, None]
            + 2.0 * of_sources @ self.cargo_values.T
            + (of_cargos * self.cargo_values).sum(axis=1)[None, :]
        )
        return found

    def moment(self, weights: Floats) -> Floats:
        """The sum of weight x x' over every candidate; `weights` of shape (sources, cargos)."""
        crossed = self.source_values.T @ weights @ self.cargo_values
        of_sources = (self.source_values * weights.sum(axis=1)[:, None]).T @ self.source_values
        of_cargos = (self.cargo_values * weights.sum(axis=0)[:, None]).T @ self.cargo_values
        found: Floats = of_sources + crossed + crossed.T + of_cargos
        return found


def grid(model: FittedModel, features: Features) -> tuple[list[str], list[Pool]]:
    """The names of the weights that the candidates have (the intercept last), and the candidates, a pool for each state.

    Sources are those of the findings, and every cell of the vocabulary without a phenotype. As targets cells weigh equal,
    and so do the phenotypes of a cell and the cargos; states weigh as the papers that have them.
    """
    sources = _sources(model, features)
    of_cell = Counter(source["source_cell"] for source in sources)
    target = np.array([1.0 / (len(of_cell) * of_cell[source["source_cell"]]) for source in sources])
    states = features.vocabulary.names("cargo_state")
    asked = {state: 1.0 + model.support.of("cargo_state", state).papers for state in states}
    cargos = {state: _cargos(model, features, state) for state in states}
    values = {state: _values(sources, cargos[state], state, features) for state in states}
    names = sorted({name for parts in values.values() for part in parts for one in part for name in one} - {INTERCEPT})
    names.append(INTERCEPT)
    reported = _reported(model, features)
    return names, [
        _pool(
            state,
            names,
            sources,
            target * asked[state] / sum(asked.values()),
            cargos[state],
            values[state],
            reported,
        )
        for state in states
    ]


def _sources(model: FittedModel, features: Features) -> list[Fields]:
    """Cell and phenotype, those with most findings first."""
    counts = model.support.counts["source_phenotype"]
    seen = sorted(counts, key=lambda value: (-counts[value].findings, value))
    never = [f"{cell}/{UNSPECIFIED}" for cell in features.vocabulary.names("source_cell")]
    pairs = [value.partition("/") for value in dict.fromkeys([*seen, *never])]
    return [{"source_cell": cell, "source_phenotype": name} for cell, _, name in pairs if cell != UNNAMED_CELL]


def _cargos(model: FittedModel, features: Features, state: str) -> list[Fields]:
    """Type, name and tumour, the most reported of each type first."""
    counts = model.support.counts["cancer_type"]
    known = [tumour for tumour in counts if features.vocabulary.has("cancer_type", tumour)]
    tumours = sorted(known, key=lambda tumour: (-counts[tumour].findings, tumour))[:TUMOURS]
    found: list[Fields] = []
    for cargo_type in CARGO_TYPES:
        if ONLY_IN_STATE.get(cargo_type, state) != state:
            continue
        kind = KIND_OF_CARGO_TYPE[cargo_type]
        reports = {stem: features.roles.of(kind, stem).total for stem in features.roles.stems(kind)}
        most = sorted(
            (stem for stem in reports if reports[stem] >= MIN_REPORTS), key=lambda stem: (-reports[stem], stem)
        )
        for stem in most[:CARGOS_OF_TYPE]:
            cargo = {"cargo_type": cargo_type, "cargo_name": stem}
            found += [{**cargo, "cancer_type": tumour} for tumour in tumours] if cargo_type == "mirna" else [cargo]
    return found


def _values(
    sources: Sequence[Fields], cargos: Sequence[Fields], state: str, features: Features
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """The features of each source alone, and what each cargo adds to them."""

    def of(fields: Fields) -> dict[str, float]:
        return features.of(features.reader.read({**fields, "cargo_state": state}))

    alone = [{**of({**source, "cargo_type": "whole_vesicle"}), INTERCEPT: 1.0} for source in sources]
    added = []
    for cargo in cargos:
        both = of({**sources[0], **cargo})
        added.append({name: more for name in both if (more := both[name] - alone[0].get(name, 0.0))})
    return alone, added


def _pool(
    state: str,
    names: Sequence[str],
    sources: Sequence[Fields],
    target: Floats,
    cargos: Sequence[Fields],
    values: tuple[list[dict[str, float]], list[dict[str, float]]],
    reported: frozenset[tuple[str, ...]],
) -> Pool:
    of_sources, of_cargos = values
    kept_sources, kept_cargos = _alike(of_sources), _alike(of_cargos)
    known = [
        [
            any(
                (*sources[source].values(), state, cargos[cargo]["cargo_name"]) in reported
                for source in same_sources
                for cargo in same_cargos
            )
            for same_cargos in kept_cargos
        ]
        for same_sources in kept_sources
    ]
    return Pool(
        state=state,
        sources=[dict(sources[same[0]]) for same in kept_sources],
        source_values=_rows([of_sources[same[0]] for same in kept_sources], names),
        sources_alike=[len(same) for same in kept_sources],
        target=np.array([target[same].sum() for same in kept_sources]),
        cargos=[dict(cargos[same[0]]) for same in kept_cargos],
        cargo_values=_rows([of_cargos[same[0]] for same in kept_cargos], names),
        cargos_alike=[len(same) for same in kept_cargos],
        known=np.array(known, dtype=bool),
    )


def _alike(values: Sequence[Mapping[str, float]]) -> list[list[int]]:
    """The places of equal values together, in order of the first."""
    places: dict[tuple[tuple[str, float], ...], list[int]] = {}
    for place, one in enumerate(values):
        places.setdefault(tuple(sorted(one.items())), []).append(place)
    return list(places.values())


def _rows(values: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    return np.array([[one.get(name, 0.0) for name in names] for one in values])


def _reported(model: FittedModel, features: Features) -> frozenset[tuple[str, ...]]:
    """Cell, phenotype, state and cargo of every finding."""
    found = set()
    for one in model.evidence:
        reading = features.reader.read(one.candidate, named=False)
        tested = reading.candidate
        for name in reading.cargo:
            found.add((tested.source_cell, tested.source_phenotype, tested.cargo_state, name.stem))
    return frozenset(found)
