"""What is asked of a design: the goal, what is fixed, what may vary, and what a proposal must satisfy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME
from models.errors import DesignError, FieldError
from models.estimator.conformal import LABELS as EFFECTS
from models.naming.resolver import closest

# In the place of a list of values: all that are known of.
KNOWN = "known"
DESIGN_FIELDS = tuple(name for name in FIELD_BY_NAME if name != "id")
MAX_LIMIT = 1000
DEFAULT_LIMIT, DEFAULT_TESTS = 10, 5
MAX_TESTS = 20
# A longer list is a file for a batch.
MAX_VALUES = 20_000

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Constraints:
    """What every proposal must satisfy.

    `inside_domain`: inside what the model knows. `min_papers`: at least so many papers with findings of the same source and
    state. `exclude_published`: no finding is of the same source and cargo, in any cancer type. `exclude_cargos`: names of cargos,
    each in all its spellings. `validated_targets`: every cargo has a target in the imported table of validated targets.
    `max_per_family` and `max_per_source`: at most so many of the shortlist of one family of cargos, and from one source; 0 is
    no bound.
    """

    inside_domain: bool = True
    min_papers: int = 0
    exclude_published: bool = False
    exclude_cargos: tuple[str, ...] = ()
    validated_targets: bool = False
    max_per_family: int = 1
    max_per_source: int = 5


CONSTRAINTS = tuple(spec.name for spec in fields(Constraints))


@dataclass(frozen=True, slots=True)
class DesignRequest:
    """`fixed` has one value for a field of a candidate, `vary` several, or KNOWN. `limit` is the length of the shortlist,
    `test_first` how many experiments are proposed beside it."""

    vary: Mapping[str, Values | str]
    fixed: Mapping[str, object] = field(default_factory=dict)
    goal: str = EFFECTS[0]
    constraints: Constraints = Constraints()
    limit: int = DEFAULT_LIMIT
    test_first: int = DEFAULT_TESTS

    @classmethod
    def parse(
        cls,
        vary: Mapping[str, Any],
        fixed: Mapping[str, object] | None = None,
        goal: str = EFFECTS[0],
        constraints: Mapping[str, Any] | None = None,
        limit: int = DEFAULT_LIMIT,
        test_first: int = DEFAULT_TESTS,
    ) -> DesignRequest:
        """The request that these plain values describe. Raises DesignError with every fault."""
        fixed, constraints = fixed or {}, constraints or {}
        faults = [
            *_unknown_names("vary", vary, DESIGN_FIELDS, "a field of a candidate that can vary"),
            *_unknown_names("fixed", fixed, DESIGN_FIELDS, "a field of a candidate"),
            *_unknown_names("constraints", constraints, CONSTRAINTS, "a constraint"),
            *_check_values(vary, fixed),
            *_check_choice("goal", goal, EFFECTS),
            *_check_number("limit", limit, 1, MAX_LIMIT),
            *_check_number("test_first", test_first, 0, MAX_TESTS),
            *_check_constraints(constraints),
        ]
        if faults:
            raise DesignError(faults)
        if "exclude_cargos" in constraints:
            constraints = {**constraints, "exclude_cargos": tuple(constraints["exclude_cargos"])}
        return cls(vary, fixed, goal, Constraints(**constraints), limit, test_first)


def _unknown_names(where: str, names: Iterable[object], known: Sequence[str], what: str) -> list[FieldError]:
    return [
        FieldError(
            f"{where}.{name}",
            "unknown_field",
            f"{name!r} is not {what}",
            allowed=tuple(known),
            suggest=partial(closest, str(name), known),
        )
        for name in names
        if name not in known
    ]


def _check_values(vary: Mapping[str, object], fixed: Mapping[str, object]) -> Iterable[FieldError]:
    if not vary:
        remedy = f"Name at least one field that may vary, with a list of values or {KNOWN!r}"
        yield FieldError("vary", "missing", remedy, allowed=DESIGN_FIELDS)
    for name, values in vary.items():
        where = f"vary.{name}"
        if name in fixed:
            yield FieldError(where, "contradiction", f"{name} is fixed and varies at once. Keep it in one of the two")
        elif isinstance(values, str) and values != KNOWN:
            yield FieldError(where, "wrong_type", f"Give a list of values, or {KNOWN!r} for all that are known", values)
        elif not isinstance(values, str | list | tuple):
            yield FieldError(where, "wrong_type", f"Give a list of values, or {KNOWN!r} for all that are known")
        elif not values:
            yield FieldError(where, "missing", f"The list is empty. Give at least one value, or {KNOWN!r}")
        elif len(values) > MAX_VALUES:
            remedy = f"Give at most {MAX_VALUES:,} values, not {len(values):,}; a longer list is a file for a batch"
            yield FieldError(where, "too_many", remedy)


def _check_choice(where: str, value: object, choices: Sequence[str]) -> list[FieldError]:
    if value in choices:
        return []
    return [FieldError(where, "invalid", f"Choose {' or '.join(choices)}", value, tuple(choices))]


def _check_number(where: str, value: object, least: int, most: int | None = None) -> list[FieldError]:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value and (most is None or value <= most):
        return []
    between = f"a whole number from {least} to {most:,}" if most is not None else f"a whole number of at least {least}"
    return [FieldError(where, "invalid", f"Give {between}", value)]


def _check_flag(where: str, value: object) -> list[FieldError]:
    return [] if isinstance(value, bool) else [FieldError(where, "wrong_type", "Give true or false", value)]


def _check_names(where: str, value: object) -> list[FieldError]:
    is_list = (
        isinstance(value, list | tuple) and len(value) <= MAX_VALUES and all(isinstance(name, str) for name in value)
    )
    return [] if is_list else [FieldError(where, "wrong_type", "Give a list of names of cargos")]


_CHECKS: Mapping[str, Callable[[str, object], list[FieldError]]] = {
    "inside_domain": _check_flag,
    "min_papers": partial(_check_number, least=0),
    "exclude_published": _check_flag,
    "exclude_cargos": _check_names,
    "validated_targets": _check_flag,
    "max_per_family": partial(_check_number, least=0),
    "max_per_source": partial(_check_number, least=0),
}


def _check_constraints(constraints: Mapping[str, object]) -> Iterable[FieldError]:
    for name, value in constraints.items():
        if name in _CHECKS:
            yield from _CHECKS[name](f"constraints.{name}", value)
