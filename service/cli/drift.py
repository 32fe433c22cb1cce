"""`exoscore drift`: whether what is submitted still looks like what the current model learned from."""

from typing import Any

import click

from service.cli.output import as_json, open_installation, print_json, print_table
from service.monitoring import drift as drifted
from service.schemas.drift import MAX_DAYS

_SHOWN = 4
_COLUMNS = ("field", "submitted", "drift", "PSI (90 %)", "by chance", "more than in training", "not in training")


@click.command()
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=30, show_default=True, help="How many, with today.")
@as_json
def drift(days: int, as_json: bool) -> None:
    """Compare the candidates of the last days with the training table of the current model."""
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
        cells = [field["field"], str(field["submitted"]), field["verdict"], psi, by_chance]
        rows.append([*cells, _names(field["over"]), _names(field["unseen"])])
    print_table(_COLUMNS, rows, f"Submitted in {days} days, against the training table of {report['model']}")


def _names(categories: list[dict[str, Any]]) -> str:
    shown = [f"{category['category']} {100 * category['share_submitted']:.0f} %" for category in categories[:_SHOWN]]
    return ", ".join(shown) + (" …" if len(categories) > _SHOWN else "")
