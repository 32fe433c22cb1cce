"""`exoscore serve`: the API and the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from service.cli.shared import installation
from service.first_model import ensure_model
from service.server import Server
from service.settings import SETTINGS


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every setting, from the settings table."""
    for setting in reversed(SETTINGS):
        help_text = f"{setting.help} [{setting.variable}; {setting.default}]"
        option = click.option(
            f"--{setting.name.replace('_', '-')}", setting.name, help=help_text, metavar=setting.wanted
        )
        command = option(command)
    return command


@click.command()
@setting_options
def serve(**given: str | None) -> None:
    """Serve the API and the pages, training the first model if there is none."""
    opened = installation(**given)
    chosen = opened.settings
    scorer = ensure_model(opened)
    opened.close()
    click.echo(f"Serving model {scorer.bundle.id} on http://{chosen.host}:{chosen.port}", err=True)
    Server(chosen).run()
