"""What a vesicle carries: all its cargos together, as one thing that tables are looked up by."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from models.naming.resolver import CargoName

# The type of what is named by no cargo.
WHOLE_VESICLE = "whole_vesicle"
# The type whose names are those of what it silences.
SIRNA = "sirna"
# What an experiment did to the function of a cargo: delivered or raised it, took it out or silenced it, both, or neither.
GAIN, LOSS, GAIN_AND_LOSS, AS_FOUND = "gain", "loss", "gain_and_loss", "as_found"
FUNCTIONS = (GAIN, LOSS, GAIN_AND_LOSS, AS_FOUND)
# What joins the names, types and states of a set of cargos, and what stands before a weight.
JOINT, WEIGHT = "+", ":"


@dataclass(frozen=True, eq=False)
class Cargo:
    """The co-loaded cargos, in the order given; no names for a whole vesicle or an unnamed cargo.

    Where they are a set of several kinds, `types` and `states` are those of each name; empty where all are of `cargo_type`, or
    in one state. `weights` are those that were stated, on any scale; empty where all count equally. Two are the same only if
    they are one object, so that a table can find it without comparing names. The reader of candidates gives the same object
    for the same text.
    """

    cargo_type: str
    names: tuple[CargoName, ...] = ()
    types: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    states: tuple[str, ...] = ()

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The kind and stem of each name, under which findings and reports are counted."""
        return tuple(cargo_key(name) for name in self.names)

    @cached_property
    def match_kinds(self) -> tuple[str, ...]:
        """How each name was recognised."""
        return tuple(name.how for name in self.names)

    @cached_property
    def type_of_each(self) -> tuple[str, ...]:
        """The cargo type of each name."""
        return self.types or (self.cargo_type,) * len(self.names)

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """For each name 1 where the vesicle brings it, -1 where it brings what silences it: an inhibitor, antibody or siRNA.

        In a set of cargos in several states one that was taken out counts the other way round.
        """
        states = self.states or ("",) * len(self.names)
        return tuple(
            state_sign(state) * (-1 if name.silences or (cargo_type == SIRNA and name.kind != "small_molecule") else 1)
            for name, cargo_type, state in zip(self.names, self.type_of_each, states, strict=True)
        )

    @cached_property
    def sign(self) -> int:
        """The sign of the first name by key: two cargos of one `identity_key` and of opposite signs do the opposite."""
        return min(zip(self.keys, self.signs, strict=True))[1] if self.names else 1

    @cached_property
    def identity_key(self) -> frozenset[str]:
        """What makes two cargos the same one, but for their `sign`: kind and stem of all names; the type where there are none."""
        marked = (
            key if sign == self.sign else f"{key} silenced" for key, sign in zip(self.keys, self.signs, strict=True)
        )
        return frozenset(marked) or frozenset([self.cargo_type])

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """The weights brought to a sum of one, equal where none are stated."""
        exact = [Fraction(repr(weight)) for weight in self.weights] or [Fraction(1)] * len(self.names)
        return tuple(float(weight / sum(exact)) for weight in exact)

    @property
    def is_uniform(self) -> bool:
        """Whether all cargos are of one type, in one state, and count equally, as in findings."""
        return not (self.types or self.states) and len(set(self.weights)) < 2

    @property
    def is_assumed(self) -> bool:
        """Whether it is a set that states what no finding does: weights, or cargos of several types or states."""
        return bool(self.types or self.states or self.weights)

    @cached_property
    def mixed_state(self) -> str:
        """Several states with the share of each, in one text; empty where all cargos are in one state."""
        shares: dict[str, float] = {}
        for state, share in zip(self.states, self.shares if self.states else (), strict=True):
            shares[state] = shares.get(state, 0.0) + share
        return JOINT.join(f"{state}{WEIGHT}{share!r}" for state, share in sorted(shares.items()))


def terms_in(joined: str) -> list[str]:
    """The terms of a cargo type or state, of which a set may have several."""
    return [term.partition(WEIGHT)[0] for term in joined.split(JOINT)]


def shares_in(mixed_state: str) -> list[tuple[str, float]]:
    """The states of a `mixed_state`, each with its share."""
    pairs = (term.partition(WEIGHT) for term in mixed_state.split(JOINT))
    return [(state, float(share)) for state, _, share in pairs]


def join_terms(terms: Sequence[str]) -> str:
    """The terms of the cargos of a set in one text, once where they are all the same."""
    return JOINT.join(terms) if len(set(terms)) > 1 else terms[0]


def state_sign(state: str) -> int:
    """Which way a cargo in this state counts: -1 for one that was taken out, compared with the same vesicle that has it. That of
    several states is in the signs of their cargos."""
    return -1 if state == "depleted" else 1


def cargo_function(cargo: Cargo, state: str) -> str:
    """Which way an experiment changed what vesicles bring: one of FUNCTIONS. It follows from the state of the cargo alone.

    What silences something takes its function away where it is delivered, and gives it back where it is taken out.
    """
    if state in ("", "native") or cargo.cargo_type == WHOLE_VESICLE:
        return AS_FOUND
    signs = {sign * state_sign(state) for sign in cargo.signs or (1,)}
    return GAIN_AND_LOSS if len(signs) > 1 else GAIN if signs == {1} else LOSS


NO_CARGO = Cargo("")


def cargo_key(name: CargoName) -> str:
    """The kind and stem of a name."""
    return f"{name.kind}:{name.stem}"
