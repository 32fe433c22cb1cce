"""Options and output of commands that decide by costs and rank."""

import functools
from collections.abc import Callable
from typing import Any

import click

from models.scoring.decisions import COST_FIELDS, Costs, CostsError
from models.scoring.summary import UNDETERMINED

RANK_HELP = (
    "Rank the candidates from the most suppressing. Overlapping 90 % bands are ties, so a rank is a range of places, from `rank` "
    "to `rank_to`. Candidates outside the domain have none."
)
COST_HELP = dict(
    zip(
        COST_FIELDS,
        (
            "What it costs to decide that a candidate suppresses when it does not. With --cost-wrong-promoting, the choice that "
            "costs least in expectation is added.",
            "What it costs to decide that a candidate promotes when it does not, in the same unit.",
            f"What it costs to leave a candidate {UNDETERMINED}, in the same unit. Without it, only a candidate outside the "
            "domain, or one for which both decisions cost the same, is left so.",
        ),
        strict=True,
    )
)


def costs_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each cost; the command gets them as `costs`, None where none is stated."""

    @functools.wraps(command)
    def with_costs(*args: Any, **options: Any) -> Any:
        stated = {name: options.pop(name) for name in COST_FIELDS}
        try:
            costs = Costs.parse(stated)
        except CostsError as error:
            said = "\n  ".join(["The costs cannot be used:", *map(str, error.faults)])
            for name in COST_FIELDS:
                said = said.replace(name, _option(name))
            raise click.UsageError(said) from error
        return command(*args, costs=costs, **options)

    decorated: Callable[..., Any] = with_costs
    for name in reversed(COST_FIELDS):
        decorated = click.option(_option(name), name, metavar="COST", help=COST_HELP[name])(decorated)
    return decorated


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
