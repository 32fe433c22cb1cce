"""Which combinations of a source, a cargo and its state nobody can make: a table of rules, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.candidates.cargo import Cargo, terms_in
from models.candidates.states import is_made_outside, secretes_drugs
from models.vocabulary.tsv import read_table

ANY = "*"
# In the place of a cargo type: whatever cells do not make.
MADE_OUTSIDE = "made_outside"


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination that is never proposed, and why. `*` stands for any value."""

    source_cell: str
    cargo: str
    cargo_state: str
    reason: str

    def excludes(self, source_cell: str, kinds: Iterable[str], state: str) -> bool:
        """Whether it speaks of a cargo of these `kinds` (see `kinds_of`) in a source and a state."""
        return (
            self.source_cell in (ANY, source_cell)
            and self.cargo_state == state
            and (self.cargo == ANY or self.cargo in kinds)
        )


@cache
def load_rules() -> tuple[Rule, ...]:
    """The rules, in the order of `feasibility.tsv`."""
    return tuple(Rule(**row) for row in read_table(Path(__file__).with_name("feasibility.tsv")))


def kinds_of(cargo: Cargo, source_cell: str) -> tuple[str, ...]:
    """What the rules know a cargo as: its type, and whether cells make it. Plants and milk make what is a drug elsewhere."""
    is_secreted = secretes_drugs(source_cell) and cargo.cargo_type == "small_molecule"
    outside = (MADE_OUTSIDE,) if is_made_outside(cargo) and not is_secreted else ()
    return (*terms_in(cargo.cargo_type), *outside)


def find_rule(cargo: Cargo, source_cell: str, state: str) -> int:
    """The place of the first rule that excludes a combination; -1 where it can be made."""
    kinds = kinds_of(cargo, source_cell)
    return next((place for place, rule in enumerate(load_rules()) if rule.excludes(source_cell, kinds, state)), -1)
