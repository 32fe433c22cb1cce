"""The candidates that could be tested next: sources that can be had, with cargos whose role is reported, in each state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.arrays import Flags, Floats
from models.estimator.features import KIND_OF_CARGO_TYPE, Features
from models.estimator.information import INTERCEPT
from models.estimator.linear_model import FittedModel

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


@dataclass(frozen=True)
class CandidatePool:
    """The candidates of one cargo state: every source with every cargo; a candidate's values are the sum of both.

    Of sources (and of cargos) that are the same to the model only the first is kept; `equivalents` counts the others
    of the grid that are the same as each candidate.
    `sources` and `cargos` are fields of candidates, the arrays have a row for each; `target` is a source's weight among the
    targets, `known` tells which candidates the findings have already.
    """

    state: str
    sources: list[Fields]
    source_values: Floats
    target: Floats
    cargos: list[Fields]
    cargo_values: Floats
    equivalents: NDArray[np.int_]
    known: Flags

    def linear_predictor(self, weights: Floats) -> Floats:
        """x'w of every candidate, shape (sources, cargos)."""
        predictor: Floats = (self.source_values @ weights)[:, None] + (self.cargo_values @ weights)[None, :]
        return predictor

    def quadratic(self, matrix: Floats) -> Floats:
        """x'Ax of every candidate for a symmetric A, shape (sources, cargos)."""
        of_sources, of_cargos = self.source_values @ matrix, self.cargo_values @ matrix
        form: Floats = (
            (of_sources * self.source_values).sum(axis=1)[:, None]
            + 2.0 * of_sources @ self.cargo_values.T
            + (of_cargos * self.cargo_values).sum(axis=1)[None, :]
        )
        return form

    def second_moment(self, weights: Floats) -> Floats:
        """The sum of weight x x' over every candidate; `weights` of shape (sources, cargos)."""
        crossed = self.source_values.T @ weights @ self.cargo_values
        of_sources = (self.source_values * weights.sum(axis=1)[:, None]).T @ self.source_values
        of_cargos = (self.cargo_values * weights.sum(axis=0)[:, None]).T @ self.cargo_values
        moment: Floats = of_sources + crossed + crossed.T + of_cargos
        return moment


def build_pools(model: FittedModel, features: Features) -> tuple[list[str], list[CandidatePool]]:
    """The names of the weights that the candidates have (the intercept last), and the candidates, a pool for each state.

    Sources are those of the findings, and every cell of the vocabulary without a phenotype. As targets cells weigh equal,
    and so do the phenotypes of a cell and the cargos; states weigh as the papers that have them.
    """
    states = features.vocabulary.names("cargo_state")
    papers = np.array([1.0 + model.support.of("cargo_state", state).papers for state in states])
    weight_of = dict(zip(states, papers / papers.sum(), strict=True))
    sources = _sources(model, features)
    in_cell = Counter(source["source_cell"] for source in sources)
    target = np.array([1.0 / (len(in_cell) * in_cell[source["source_cell"]]) for source in sources])
    distinct = {state: _distinct_values(sources, _cargos(model, features, state), state, features) for state in states}
    groups = [group for parts in distinct.values() for part in parts for group in part]
    names = [*sorted({name for group in groups for name in group.values} - {INTERCEPT}), INTERCEPT]
    reported = _reported(model, features)
    return names, [
        CandidatePool(
            state=state,
            sources=[group.fields[0] for group in of_sources],
            source_values=_rows(of_sources, names),
            target=np.array([target[group.places].sum() for group in of_sources]) * weight_of[state],
            cargos=[group.fields[0] for group in of_cargos],
            cargo_values=_rows(of_cargos, names),
            equivalents=np.array(
                [[len(source.fields) * len(cargo.fields) - 1 for cargo in of_cargos] for source in of_sources]
            ),
            known=np.array(
                [[_is_known(source, state, cargo, reported) for cargo in of_cargos] for source in of_sources],
                dtype=bool,
            ),
        )
        for state, (of_sources, of_cargos) in distinct.items()
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
    cargos: list[Fields] = []
    for cargo_type in CARGO_TYPES:
        if ONLY_IN_STATE.get(cargo_type, state) != state:
            continue
        kind = KIND_OF_CARGO_TYPE[cargo_type]
        reports = {stem: features.roles.of(kind, stem).total for stem in features.roles.stems(kind)}
        most_reported = sorted(reports, key=lambda stem: (-reports[stem], stem))[:CARGOS_OF_TYPE]
        for stem in most_reported:
            cargo = {"cargo_type": cargo_type, "cargo_name": stem}
            if reports[stem] >= MIN_REPORTS:
                cargos += [{**cargo, "cancer_type": tumour} for tumour in tumours] if kind == "mirna" else [cargo]
    return cargos


@dataclass(frozen=True)
class _Group:
    """Sources or cargos that are the same to the model: their values, where they stand, and their fields."""

    values: Mapping[str, float]
    places: list[int]
    fields: list[Fields]


def _distinct_values(
    sources: Sequence[Fields], cargos: Sequence[Fields], state: str, features: Features
) -> tuple[list[_Group], list[_Group]]:
    """The features of each source alone, and what each cargo adds to them; those of the same values together."""

    def describe(fields: Fields) -> dict[str, float]:
        return features.of(features.parser.parse({**fields, "cargo_state": state}))

    alone = [{**describe({**source, "cargo_type": "whole_vesicle"}), INTERCEPT: 1.0} for source in sources]
    added = []
    for cargo in cargos:
        both = describe({**sources[0], **cargo})
        added.append({name: more for name in both if (more := both[name] - alone[0].get(name, 0.0))})
    return _group(sources, alone), _group(cargos, added)


def _group(fields: Sequence[Fields], values: Sequence[Mapping[str, float]]) -> list[_Group]:
    groups: dict[frozenset[tuple[str, float]], _Group] = {}
    for place, features in enumerate(values):
        group = groups.setdefault(frozenset(features.items()), _Group(features, [], []))
        group.places.append(place)
        group.fields.append(fields[place])
    return list(groups.values())


def _rows(groups: Sequence[_Group], names: Sequence[str]) -> Floats:
    return np.array([[group.values.get(name, 0.0) for name in names] for group in groups])


def _is_known(sources: _Group, state: str, cargos: _Group, reported: frozenset[tuple[str, ...]]) -> bool:
    pairs = product(sources.fields, cargos.fields)
    return any((*source.values(), state, cargo["cargo_name"]) in reported for source, cargo in pairs)


def _reported(model: FittedModel, features: Features) -> frozenset[tuple[str, ...]]:
    """Cell, phenotype, state and cargo of every finding."""
    readings = [features.parser.parse(known.candidate, require_cargo_name=False) for known in model.evidence]
    return frozenset(
        (reading.candidate.source_cell, reading.candidate.source_phenotype, reading.candidate.cargo_state, name.stem)
        for reading in readings
        for name in reading.cargo
    )
