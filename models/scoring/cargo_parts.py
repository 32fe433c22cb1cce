"""What each cargo of a set adds to a score, and by what rule; what they add sums to the contribution of the cargo."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat

from models.candidates.cargo import Cargo
from models.candidates.cargo_sets import ASSUMPTION, describe_shares
from models.estimator.features import Features

_LEARNED = "Cargos of one type without weights count equally, as they did in training."
_OF_STATES = "What the source adds is counted in the state of each cargo, with the same shares."


@dataclass(frozen=True, slots=True)
class CargoPart:
    """One cargo of a set: its weight as stated (None where none is), the share with which it counts, and what it adds to the
    log-odds of suppressing."""

    cargo_type: str
    name: str
    state: str
    weight: float | None
    share: float
    contribution: float


@dataclass(frozen=True, slots=True)
class CargoSet:
    """The cargos of a set, and how they were scored together, in plain words."""

    rule: str
    parts: tuple[CargoPart, ...]


def explain_set(cargo: Cargo, state: str, cancer_type: str, role_weight: float, features: Features) -> CargoSet:
    """How the cargos of a set were scored. `role_weight`: what their role is multiplied by in the log-odds."""
    shares = features.shares_of_role(cargo, cancer_type)
    weights: Iterable[float | None] = cargo.weights or repeat(None, len(cargo.names))
    states = cargo.states or repeat(state, len(cargo.names))
    parts = tuple(
        CargoPart(cargo_type, name.name, own_state, weight, share, role_weight * role)
        for cargo_type, name, own_state, weight, (share, role) in zip(
            cargo.type_of_each, cargo.names, states, weights, shares, strict=True
        )
    )
    rule = [f"{describe_shares(cargo)} {ASSUMPTION}." if cargo.is_assumed else _LEARNED]
    rule += [_OF_STATES] if cargo.states else []
    if silent := [part.name for part in parts if not part.contribution]:
        rule.append(
            f"Nothing is added for {' and '.join(silent)}, since no reports on the role of such a cargo are counted."
        )
    return CargoSet(" ".join(rule), parts)
