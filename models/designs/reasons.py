"""Why a candidate is proposed, in a line: what moves its probability most towards the goal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from models.candidates.candidate import ParsedCandidate
from models.candidates.cargo import state_sign
from models.candidates.wording import describe_source, humanize
from models.estimator.conformal import LABELS as EFFECTS
from models.estimator.conformal import groups_of
from models.estimator.features import Features
from models.knowledge.roles import Votes

if TYPE_CHECKING:
    from models.scorer import Score

_SHOWN = 2
# Of a cargo with fewer reports, its role rests on those on its family as well.
_FEW = 20
EffectCounts = Mapping[str, Mapping[str, int]]
_LACKS = ", and a depleted vesicle is compared with the one that has the cargo"
_TOWARDS = {EFFECTS[0]: 1.0, EFFECTS[1]: -1.0}


def explain(score: Score, reading: ParsedCandidate, features: Features, effects: EffectCounts, goal: str) -> str:
    """What speaks most for the goal in sentences, the most telling first, or that nothing does.

    `effects`: by effect, how many findings of each source cell and of each state have it (see `groups_of`).
    """
    towards = {field: value * _TOWARDS[goal] for field, value in score.contributions.items()}
    order = sorted((field for field in towards if towards[field] > 0.0), key=lambda field: -towards[field])
    parts = [part for field in order for part in _parts(field, reading, features, effects, goal)][:_SHOWN]
    return ". ".join(parts) or f"Nothing that the model knows of it speaks for {goal} strongly"


def _parts(field: str, reading: ParsedCandidate, features: Features, effects: EffectCounts, goal: str) -> Iterator[str]:
    stated = reading.candidate
    of_cell, of_state = groups_of(stated.source_cell, stated.cargo_state)
    lacks = state_sign(stated.cargo_state) < 0
    if field == "cargo_name":
        yield from _of_cargo(reading, features)
    elif field == "cargo_state":
        source = ", and the source does not count" if stated.cargo_state == "loaded" else ""
        subject = f"{stated.cargo_state} cargo"
        yield f"{_of_findings(effects, of_state, goal, subject) or f'The state {subject!r} speaks for it'}{source}"
    elif field == "source_cell":
        effect, cell = _opposite(goal) if lacks else goal, humanize(stated.source_cell)
        counted = _of_findings(effects, of_cell, effect, f"{cell} vesicles")
        yield f"{counted or f'The source cell, {cell}, speaks for it'}{_LACKS if lacks else ''}"
    elif field == "source_phenotype":
        source = describe_source(stated.to_dict())
        yield f"The source, {source}, speaks {'against' if lacks else 'for'} it{_LACKS if lacks else ''}"
    elif field == "recipient_cell":
        yield "Immune cells take it up"


def _of_findings(effects: EffectCounts, group: str, effect: str, subject: str) -> str:
    """How many findings of a group have an effect; empty where most have the other one."""
    count, total = effects[effect].get(group, 0), sum(of_effect.get(group, 0) for of_effect in effects.values())
    return f"{count} of {total} findings on {subject} are {effect}" if 2 * count > total else ""


def _of_cargo(reading: ParsedCandidate, features: Features) -> Iterator[str]:
    """What reports say of each cargo, as this vesicle brings or lacks it."""
    lacks = state_sign(reading.candidate.cargo_state) < 0
    carried = reading.carried
    for name, cargo_type, sign in zip(carried.names, carried.type_of_each, carried.signs, strict=True):
        votes, relatives = features.reports(name, cargo_type), features.reports_on_relatives(name)
        does = "" if sign > 0 and not lacks else ", and it is taken out" if lacks else ", and it is silenced"
        role, count = _most(votes if votes.total else relatives)
        if votes.total:
            of_family = relatives.total and _most(relatives)[0] == role and votes.total < _FEW
            alike = (
                f", as {_most(relatives)[1]:g} of {relatives.total:g} call the others of its seed" if of_family else ""
            )
            yield f"{count:g} of {votes.total:g} reports call {name.stem} a tumour {role}{alike}{does}"
        elif relatives.total:
            yield f"{count:g} of {relatives.total:g} reports call the others of the seed of {name.stem} tumour {role}s{does}"
        else:
            yield f"No report speaks of {name.stem or name.name}; it counts as a typical cargo of its kind{does}"


def _most(votes: Votes) -> tuple[str, float]:
    """The role that most reports name, and how many they are."""
    sides = ("suppressor", votes.suppressing), ("driver", votes.oncogenic)
    return max(sides, key=lambda side: side[1])


def _opposite(effect: str) -> str:
    return EFFECTS[1] if effect == EFFECTS[0] else EFFECTS[0]
