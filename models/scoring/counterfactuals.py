"""What would turn the call: the smallest changes of a candidate, each with the score and the domain it would have."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from models.candidates.candidate import Candidate, ParsedCandidate
from models.errors import CandidateError
from models.estimator.features import KIND_OF_CARGO_TYPE, Features
from models.vocabulary.vocabulary import MACROPHAGE_LINEAGE

PER_FIELD = 3
# Cargos are tried in the order of how much is reported of them; rarer ones would be suggestions on thin ground.
CARGOS_TRIED = 120
MIN_REPORTS = 10


@dataclass(frozen=True, slots=True)
class FlipPrediction:
    """The part of a score that a flip needs."""

    label: str
    probability_suppressing: float
    inside: bool
    support: int


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A changed candidate whose call is another one: the fields changed, from what to what, and what it would score."""

    changes: tuple[tuple[str, str, str], ...]
    candidate: Candidate
    label: str
    probability_suppressing: float
    inside_domain: bool
    support: int


def find_counterfactuals(
    reading: ParsedCandidate,
    label: str,
    features: Features,
    judge: Callable[[ParsedCandidate], FlipPrediction],
    per_field: int = PER_FIELD,
) -> tuple[Counterfactual, ...]:
    """The changes of one field, or where none suffices of two, that turn the call to suppressing or promoting.

    Only those with findings of the same source and state behind them, inside the domain; fewest changes first, then those with
    most such findings; at most `per_field` for each field (or pair of fields). `judge` scores a changed candidate.
    """
    candidate = reading.candidate
    single = {
        name: list(_changed(name, candidate, features)) for name in ("source_phenotype", "cargo_state", "cargo_name")
    }
    flips = [
        flip for changed in single.values() for flip in _turning(candidate, changed, label, features, judge)[:per_field]
    ]
    if not flips:
        pairs = [
            replace(changed, cargo_state=other.cargo_state)
            for changed in single["source_phenotype"]
            for other in single["cargo_state"]
        ]
        flips = _turning(candidate, pairs, label, features, judge)[:per_field]
    return tuple(sorted(flips, key=_rank))


def _turning(
    candidate: Candidate,
    variants: list[Candidate],
    label: str,
    features: Features,
    judge: Callable[[ParsedCandidate], FlipPrediction],
) -> list[Counterfactual]:
    flips = []
    for variant in variants:
        try:
            turned = judge(features.parser.parse(variant.to_dict(), require_cargo_name=False))
        except CandidateError:
            # No vesicle has this cargo in this state.
            continue
        # What no finding is of would be a suggestion on no ground.
        if turned.label in ("suppressing", "promoting") and turned.label != label and turned.support and turned.inside:
            flips.append(
                Counterfactual(
                    _changes(candidate, variant),
                    variant,
                    turned.label,
                    turned.probability_suppressing,
                    turned.inside,
                    turned.support,
                )
            )
    return sorted(flips, key=_rank)


def _rank(flip: Counterfactual) -> tuple[int, int]:
    return len(flip.changes), -flip.support


def _changed(name: str, candidate: Candidate, features: Features) -> Iterator[Candidate]:
    if name == "cargo_name":
        yield from (
            replace(candidate, cargo_name=cargo)
            for cargo in _cargos(candidate, features)
            if cargo != candidate.cargo_name
        )
    elif name == "cargo_state":
        states = features.vocabulary.names("cargo_state")
        yield from (replace(candidate, cargo_state=state) for state in states if state != candidate.cargo_state)
    else:
        phenotypes = sorted(features.vocabulary.phenotypes_of(candidate.source_cell) - {candidate.source_phenotype})
        yield from (
            replace(candidate, source_phenotype=phenotype)
            for phenotype in phenotypes
            if candidate.source_cell in MACROPHAGE_LINEAGE or _disposed(phenotype, features)
        )


def _disposed(phenotype: str, features: Features) -> bool:
    """Whether a phenotype has a disposition; of the hundreds that a cell can have, only these can turn much."""
    return features.vocabulary.term("source_phenotype", phenotype).disposition != "neutral"


def _cargos(candidate: Candidate, features: Features) -> list[str]:
    """Other cargos of the same type that reports speak of most, where the type has reports at all."""
    kind = KIND_OF_CARGO_TYPE.get(candidate.cargo_type)
    if kind is None or not candidate.cargo_name or candidate.cargo_type == "circrna":
        return []
    reported = [(features.roles.of(kind, stem).total, stem) for stem in features.roles.stems(kind)]
    most = sorted((entry for entry in reported if entry[0] >= MIN_REPORTS), key=lambda entry: (-entry[0], entry[1]))
    return [stem for _, stem in most[:CARGOS_TRIED]]


def _changes(candidate: Candidate, changed: Candidate) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, getattr(candidate, name), getattr(changed, name))
        for name in ("source_phenotype", "cargo_state", "cargo_name")
        if getattr(candidate, name) != getattr(changed, name)
    )
