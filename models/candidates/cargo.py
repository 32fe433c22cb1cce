"""What a vesicle carries: all its cargos together, as one thing that tables are looked up by."""

from dataclasses import dataclass
from functools import cached_property

from models.naming.resolver import CargoName

# The type of what is named by no cargo.
WHOLE_VESICLE = "whole_vesicle"


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
    def identity_key(self) -> frozenset[str]:
        """What makes two cargos the same one: all that is carried, by kind and stem; the type where nothing is named."""
        return frozenset(self.keys) or frozenset([self.cargo_type])


NO_CARGO = Cargo("")


def cargo_key(name: CargoName) -> str:
    """The kind and stem of a name."""
    return f"{name.kind}:{name.stem}"
