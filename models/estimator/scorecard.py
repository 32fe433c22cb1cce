"""The score card of a model: the points of every level of every field, so that a score can be added up by hand.

The model is additive, but for how the state of the cargo weighs the source. So the points stand in a column for each state, and
adding up one column is all there is to a score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.arrays import Floats
from models.candidates.cargo import Cargo, state_sign
from models.estimator.features import (
    HYPOXIA,
    IMMUNE_CELLS,
    PRIOR_SCALE,
    ROLE,
    SOURCE_EFFECT_BY_STATE,
    Features,
)
from models.estimator.linear_model import FittedModel
from models.naming.resolver import CargoName

STATES = tuple(SOURCE_EFFECT_BY_STATE)
# With these a sum of points is right to the four decimals of a score.
POINT_DECIMALS = 6
ANY_OTHER = "any other"
# A type of cargo by which a name of each kind is read.
_TYPE_OF_KIND = {"mirna": "mirna", "gene": "protein", "lncrna": "lncrna"}
RULES = (
    "Add up the points of the rows that apply, in the column of the cargo state. The sum is the log-odds of suppressing, and the "
    "probability is 1 / (1 + exp(-sum)).",
    "The rows baseline and cargo_state always apply.",
    "A row of source_cell, source_phenotype or recipient_cell applies, once, if the candidate states any of its terms and, where "
    "the row names a source cell in `of`, comes from that cell. A term that is in no row has no points.",
    "The source and the recipient count in full in the state native, half as much in enriched, not at all in loaded, and with "
    "the opposite sign in depleted. Cargo and state interact in one way: a depleted cargo has the opposite sign.",
    "A phenotype counts with its cell, and by whether it is aggressive or restrained. The term hypoxia is a stimulus "
    "(polarisation), not a phenotype.",
    "A cargo has the points of the row of its name whose terms have the cancer type, else of the row of its name without terms, "
    f"else of the row `{ANY_OTHER}` of its kind: mirna, gene (proteins, mRNAs and siRNAs) or lncrna (lncRNAs and circRNAs). A "
    "circular or antisense RNA without a row counts as its host gene. Other types of cargo have no points.",
    "An siRNA, an inhibitor and an antibody have the opposite sign of what they silence. Several cargos have the mean of their "
    "points, weighted where they have weights.",
)


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row: the field and its level, what else has to hold (`of`: the source cell, or the kind of the cargo), the terms by
    which it applies, and the points in each of STATES, in log-odds of suppressing."""

    field: str
    level: str
    points: tuple[float, ...]
    of: str = ""
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """The rows of a model, how they are added up (`rules`), and what a role is multiplied with to make points."""

    rows: tuple[CardRow, ...]
    rules: tuple[str, ...]
    role_weight: float

    @classmethod
    def of_model(cls, model: FittedModel, features: Features, cargos: bool = True) -> ScoreCard:
        """The card of a model; without `cargos` only the rows of cargos that no report speaks of."""
        weight = PRIOR_SCALE["role"] * model.weights.get(ROLE, 0.0)
        role = (
            f"The points of a cargo are {weight:.6f} times its role: the log-odds that an independent report calls it a "
            "suppressor, as estimated from the reports on it, on its family and in the cancer type."
        )
        rows = (*_carrier_rows(model, features), *_cargo_rows(weight, features, cargos))
        return cls(rows, (*RULES, role), weight)


def _carrier_rows(model: FittedModel, features: Features) -> Iterator[CardRow]:
    vocabulary = features.vocabulary
    phenotypes = vocabulary.names("source_phenotype")
    yield CardRow("baseline", "", (_rounded(model.baseline),) * len(STATES))
    scale = PRIOR_SCALE["cargo_state"]
    yield CardRow(
        "cargo_state", "", tuple(_rounded(scale * model.weights.get(f"cargo_state:{state}", 0.0)) for state in STATES)
    )
    for name, weight in model.weights.items():
        field, _, level = name.partition(":")
        cell, _, phenotype = level.partition(" ")
        if field == "source_cell":
            yield CardRow(field, level, _of_source(weight, field), terms=(level,))
        elif field == "recipient_cell":
            yield CardRow(field, level, _of_source(weight, field), terms=tuple(sorted(IMMUNE_CELLS)))
        elif field == "source_phenotype" and phenotype:
            terms = tuple(term for term in phenotypes if phenotype in vocabulary.lineage(field, term))
            yield CardRow(field, phenotype, _of_source(weight, field), cell, terms)
        elif field == "source_phenotype":
            terms = tuple(term for term in phenotypes if vocabulary.term(field, term).disposition == level)
            stimuli = (HYPOXIA,) if vocabulary.term(field, "hypoxic").disposition == level else ()
            yield CardRow(field, level, _of_source(weight, "disposition"), terms=terms + stimuli)


def _cargo_rows(weight: float, features: Features, cargos: bool) -> Iterator[CardRow]:
    naming = features.parser.naming
    for kind, cargo_type in _TYPE_OF_KIND.items():
        unknown = CargoName("", "", "unknown", "unknown")
        (typical, *_) = features.roles_of_all(Cargo(cargo_type, (unknown,))).tolist()
        yield CardRow("cargo_name", ANY_OTHER, _of_role(weight * typical), kind)
        if not cargos:
            continue
        mirnas = (variant.name for variant in naming.variants("mirna")) if kind == "mirna" else ()
        read = (naming.cargo(cargo_type, text) for text in (*features.roles.stems(kind), *mirnas))
        names = {name.name: name for name in read if name.kind == kind and name.recognised}
        for level, name in sorted(names.items()):
            roles = features.roles_of_all(Cargo(cargo_type, (name,)))
            for role, tumours in _by_role(roles, features).items():
                if tumours or role != typical:
                    yield CardRow("cargo_name", level, _of_role(weight * role), kind, tumours)


def _by_role(roles: Floats, features: Features) -> dict[float, tuple[str, ...]]:
    """The cancer types in which a cargo has each of its roles; none for the role that it has in any other."""
    (general, *_) = listed = roles.tolist()
    tumours: dict[float, tuple[str, ...]] = {general: ()}
    if (roles != general).any():
        for tumour, code in features.tumour_code.items():
            if (role := listed[code]) != general:
                tumours[role] = (*tumours.get(role, ()), tumour)
    return tumours


def _of_source(weight: float, scale: str) -> tuple[float, ...]:
    return tuple(_rounded(weight * PRIOR_SCALE[scale] * SOURCE_EFFECT_BY_STATE[state]) for state in STATES)


def _of_role(points: float) -> tuple[float, ...]:
    return tuple(_rounded(points * state_sign(state)) for state in STATES)


def _rounded(points: float) -> float:
    return round(points, POINT_DECIMALS) + 0.0
