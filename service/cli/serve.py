"""`exoscore serve` and `exoscore worker`: the API with its pages, and those who do its jobs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from service.cli.shared import installation, settings
from service.jobs.worker import Worker
from service.processes import Processes
from service.settings import SETTINGS


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every setting, from the settings table."""
    for setting in reversed(SETTINGS):
        help_text = f"{setting.help} [{setting.variable}; {setting.default or 'none'}]"
        option = click.option(
            f"--{setting.name.replace('_', '-')}", setting.name, help=help_text, metavar=setting.wanted
        )
        command = option(command)
    return command


@click.command()
@setting_options
def serve(**given: str | None) -> None:
    """Serve the API and the pages, with a worker for jobs, training the first model if there is none."""
    sys.exit(Processes(settings(**given)).run())


@click.command()
@setting_options
def worker(**given: str | None) -> None:
    """Do the jobs of an installation: one more worker, on this machine or another that shares database and Redis."""
    Worker(installation(**given)).run()
