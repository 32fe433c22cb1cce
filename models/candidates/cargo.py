"""What a vesicle carries: all its cargos together, as one thing that tables are looked up by."""

from dataclasses import dataclass
from functools import cached_property

from models.naming.resolver import CargoName

# The type of what is named by no cargo.
WHOLE_VESICLE = "whole_vesicle"
# The type whose names are those of what it silences.
SIRNA = "sirna"
# What an experiment did to the function of a cargo: delivered or raised it, took it out or silenced it, both, or neither.
GAIN, LOSS, GAIN_AND_LOSS, AS_FOUND = "gain", "loss", "gain_and_loss", "as_found"
FUNCTIONS = (GAIN, LOSS, GAIN_AND_LOSS, AS_FOUND)


@dataclass(frozen=True, eq=False)
class Cargo:
    """The co-loaded cargos of one type, in the order given; no names for a whole vesicle or an unnamed cargo.

    Two are the same only if they are one object, so that a table can find it without comparing names. The reader of
    candidates gives the same object for the same text.
    """

    cargo_type: str
    names: tuple[CargoName, ...] = ()

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The kind and stem of each name, under which findings and reports are counted."""
        return tuple(cargo_key(name) for name in self.names)

    @cached_property
    def match_kinds(self) -> tuple[str, ...]:
        """How each name was recognised."""
        return tuple(name.how for name in self.names)

    @cached_property
    def signs(self) -> tuple[int, ...]:
        """For each name 1 where the vesicle brings it, -1 where it brings what silences it: an inhibitor, antibody or siRNA."""
        silences = self.cargo_type == SIRNA
        return tuple(-1 if name.silences or (silences and name.kind != "small_molecule") else 1 for name in self.names)

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


def state_sign(state: str) -> int:
    """Which way a cargo in this state counts: -1 for one that was taken out, compared with the same vesicle that has it."""
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
