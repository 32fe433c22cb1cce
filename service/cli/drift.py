"""`exoscore drift`: whether recent queries resemble the training data of the current model."""

from typing import Any

import click

from service.cli.output import as_json, format_probability, open_installation, print_json, print_table
from service.monitoring import drift as drifted
from service.schemas.drift import MAX_DAYS
from training.report.formatting import humanize

_SHOWN = 4
_COLUMNS = (
    "field",
    "queries",
    "drift",
    "PSI (90 % interval)",
    "PSI by chance",
    "more often than in training",
    "not in training",
)


@click.command()
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(1, MAX_DAYS),
    default=30,
    show_default=True,
    help="How many days, with today.",
)
@as_json
def drift(days: int, as_json: bool) -> None:
    """Compare the candidates of recent queries with the training data of the model in use.

    \b
    Example:
      exoscore drift --days 7
    """
    installation = open_installation()
    report = drifted.document(installation.registry.scorer(), installation.database, days)
    if as_json:
        print_json(report)
        return
    rows = []
    for field in report["fields"]:
        psi = by_chance = ""
        if field["interval"]:
            low, high = field["interval"]
            psi, by_chance = f"{field['psi']:.3f} ({low:.3f} to {high:.3f})", f"{field['by_chance']:.3f}"
        cells = [humanize(field["field"]), str(field["submitted"]), field["verdict"], psi, by_chance]
        rows.append([*cells, _names(field["over"]), _names(field["unseen"])])
    title = f"Queries of {days} days against the training data of {report['model']}"
    print_table(_COLUMNS, rows, title, numbers=("queries", "PSI by chance"))


def _names(categories: list[dict[str, Any]]) -> str:
    shown = [
        f"{humanize(category['category'])} {format_probability(category['share_submitted'])}"
        for category in categories[:_SHOWN]
    ]
    return ", ".join(shown) + (" …" if len(categories) > _SHOWN else "")
