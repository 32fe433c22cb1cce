"""What would turn the call: the smallest changes of a candidate, each with the score and the domain it would have."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from models.candidates.candidate import Candidate, ParsedCandidate
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

    Fewest changes first, then those inside the domain, then those with most findings of the same source and state behind
    them; at most `per_field` for each field (or pair of fields). `judge` scores a changed candidate.
    """
    one = reading.candidate
    single = {name: list(_changed(name, one, features)) for name in ("source_phenotype", "cargo_state", "cargo_name")}
    found = [flip for changed in single.values() for flip in _turning(one, changed, label, features, judge)[:per_field]]
    if not found:
        pairs = [
            replace(changed, cargo_state=other.cargo_state)
            for changed in single["source_phenotype"]
            for other in single["cargo_state"]
        ]
        found = _turning(one, pairs, label, features, judge)[:per_field]
    return tuple(sorted(found, key=_rank))


def _turning(
    one: Candidate,
    changed: list[Candidate],
    label: str,
    features: Features,
    judge: Callable[[ParsedCandidate], FlipPrediction],
) -> list[Counterfactual]:
    found = []
    for candidate in changed:
        turned = judge(features.parser.parse(candidate.to_dict(), require_cargo_name=False))
        if turned.label in ("suppressing", "promoting") and turned.label != label:
            found.append(
                Counterfactual(
                    _changes(one, candidate),
                    candidate,
                    turned.label,
                    turned.probability_suppressing,
                    turned.inside,
                    turned.support,
                )
            )
    return sorted(found, key=_rank)


def _rank(flip: Counterfactual) -> tuple[int, bool, int]:
    return len(flip.changes), not flip.inside_domain, -flip.support


def _changed(name: str, one: Candidate, features: Features) -> Iterator[Candidate]:
    if name == "cargo_name":
        yield from (replace(one, cargo_name=cargo) for cargo in _cargos(one, features) if cargo != one.cargo_name)
    elif name == "cargo_state":
        states = features.vocabulary.names("cargo_state")
        yield from (replace(one, cargo_state=state) for state in states if state != one.cargo_state)
    else:
        phenotypes = sorted(features.vocabulary.phenotypes_of(one.source_cell) - {one.source_phenotype})
        yield from (
            replace(one, source_phenotype=phenotype)
            for phenotype in phenotypes
            if one.source_cell in MACROPHAGE_LINEAGE or _disposed(phenotype, features)
        )


def _disposed(phenotype: str, features: Features) -> bool:
    """Whether a phenotype has a disposition; of the hundreds that a cell can have, only these can turn much."""
    return features.vocabulary.term("source_phenotype", phenotype).disposition != "neutral"


def _cargos(one: Candidate, features: Features) -> list[str]:
    """Other cargos of the same type that reports speak of most, where the type has reports at all."""
    kind = KIND_OF_CARGO_TYPE.get(one.cargo_type)
    if kind is None or not one.cargo_name or one.cargo_type == "circrna":
        return []
    reported = [(features.roles.of(kind, stem).total, stem) for stem in features.roles.stems(kind)]
    most = sorted((entry for entry in reported if entry[0] >= MIN_REPORTS), key=lambda entry: (-entry[0], entry[1]))
    return [stem for _, stem in most[:CARGOS_TRIED]]


def _changes(one: Candidate, changed: Candidate) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, getattr(one, name), getattr(changed, name))
        for name in ("source_phenotype", "cargo_state", "cargo_name")
        if getattr(one, name) != getattr(changed, name)
    )
