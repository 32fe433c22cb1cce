"""`exoscore serve`: the API and the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from models.errors import ArtifactError
from service.cli.shared import fail, settings
from service.first_model import ensure_model
from service.registry import Registry
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
    chosen = settings(**given)
    try:
        scorer = ensure_model(Registry(chosen.var))
    except ArtifactError as error:
        fail(str(error))
    click.echo(f"Serving model {scorer.bundle.id} on http://{chosen.host}:{chosen.port}", err=True)
    Server(chosen).run()
