"""`exoscore drift`: whether what is submitted still looks like what the current model learned from."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from models.errors import ExoscoreError, UnknownModelError
from service import drift as drifted
from service.checks import NO_MODEL
from service.cli.output import as_json, console, fail, installation, print_json
from service.schemas.drift import MAX_DAYS

_SHOWN = 4


@click.command()
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=30, show_default=True, help="How many, with today.")
@as_json
def drift(days: int, as_json: bool) -> None:
    """Compare the candidates of the last days with the training table of the current model."""
    opened = installation()
    try:
        found = drifted.document(opened.registry.scorer(), opened.store, days)
    except UnknownModelError:
        fail(NO_MODEL)
    except ExoscoreError as error:
        fail(str(error))
    if as_json:
        print_json(found)
        return
    title = f"Submitted in {days} days, against the training table of {found['model']}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in (
        "field",
        "submitted",
        "drift",
        "PSI (90 %)",
        "by chance",
        "more than in training",
        "not in training",
    ):
        table.add_column(column)
    for one in found["fields"]:
        psi = f"{one['psi']:.3f} ({one['interval'][0]:.3f} to {one['interval'][1]:.3f})" if one["interval"] else ""
        by_chance = f"{one['by_chance']:.3f}" if one["interval"] else ""
        cells = [one["field"], str(one["submitted"]), one["verdict"], psi, by_chance]
        table.add_row(*cells, _names(one["over"]), _names(one["unseen"]))
    console().print(table)


def _names(categories: list[dict[str, Any]]) -> str:
    shown = [f"{one['category']} {100 * one['share_submitted']:.0f} %" for one in categories[:_SHOWN]]
    return ", ".join(shown) + (" …" if len(categories) > _SHOWN else "")
