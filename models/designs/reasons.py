"""Why a candidate is proposed, in a line: what moves its probability most towards the goal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.candidates.candidate import ParsedCandidate
from models.candidates.cargo import state_sign
from models.candidates.wording import describe_source
from models.estimator.conformal import LABELS as EFFECTS
from models.estimator.features import Features
from models.knowledge.roles import NO_VOTES

if TYPE_CHECKING:
    from models.scorer import Score

_SHOWN = 2
_TOWARDS = {EFFECTS[0]: 1.0, EFFECTS[1]: -1.0}


def explain(score: Score, reading: ParsedCandidate, features: Features, goal: str) -> str:
    """What speaks most for the goal in sentences, the most telling first, or that nothing does."""
    towards = {field: value * _TOWARDS[goal] for field, value in score.contributions.items()}
    order = sorted((field for field in towards if towards[field] > 0.0), key=lambda field: -towards[field])
    parts = [part for field in order for part in _parts(field, reading, features, goal)][:_SHOWN]
    return ". ".join(parts) or f"Nothing that the model knows of it speaks for {goal} strongly"


def _parts(field: str, reading: ParsedCandidate, features: Features, goal: str) -> Iterator[str]:
    stated = reading.candidate
    if field == "cargo_name":
        yield from _of_cargo(reading, features)
    elif field == "cargo_state":
        source = ", and their source does not count" if stated.cargo_state == "loaded" else ""
        yield f"{stated.cargo_state.capitalize()} vesicles are mostly {goal}{source}"
    elif field in ("source_cell", "source_phenotype"):
        named = stated.to_dict() if field == "source_phenotype" else {"source_cell": stated.source_cell}
        source = describe_source(named)
        if state_sign(stated.cargo_state) < 0:
            yield f"Vesicles of {source} are mostly {_opposite(goal)}, and this one lacks the cargo"
        else:
            yield f"Vesicles of {source} are mostly {goal}"
    elif field == "recipient_cell":
        yield "Immune cells take it up"


def _of_cargo(reading: ParsedCandidate, features: Features) -> Iterator[str]:
    """What reports say of each cargo, as this vesicle brings or lacks it."""
    lacks = state_sign(reading.candidate.cargo_state) < 0
    for name, sign in zip(reading.cargo, reading.carried.signs, strict=True):
        votes = features.reports(name, reading.candidate.cargo_type)
        does = "" if sign > 0 and not lacks else ", and it is taken out" if lacks else ", and it is silenced"
        if votes == NO_VOTES:
            yield f"No report speaks of {name.stem or name.name}; it counts as a typical cargo of its kind{does}"
        else:
            role, count = max(
                (("suppressor", votes.suppressing), ("driver", votes.oncogenic)), key=lambda side: side[1]
            )
            yield f"{count:g} of {votes.total:g} reports call {name.stem} a tumour {role}{does}"


def _opposite(effect: str) -> str:
    return EFFECTS[1] if effect == EFFECTS[0] else EFFECTS[0]
