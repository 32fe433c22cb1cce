"""`exoscore serve` and `exoscore worker`: the API with its pages, and those who do its jobs."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from models.errors import ArtifactError
from service import logs
from service.cli.shared import WRONG_USAGE, fail, installation, settings
from service.errors import ExposureError
from service.exposure import refuse_unmeant
from service.jobs.parent import end_with_parent
from service.jobs.worker import Worker
from service.processes import Processes
from service.server import Server
from service.settings import SETTINGS, Settings
from service.store import StoreError


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
    sys.exit(Processes(_to_listen(**given)).run())


_PARENT = click.option("--parent", type=int, hidden=True, help="The process that this one ends with.")


@click.command(hidden=True)
@setting_options
@_PARENT
def web(parent: int | None, **given: str | None) -> None:
    """The web server alone, as `exoscore serve` starts it."""
    chosen = _to_listen(**given)
    if parent:
        end_with_parent(parent, signal.SIGTERM)
    try:
        Server(chosen).run()
    except (ArtifactError, StoreError, OSError) as error:
        fail(str(error))


def _to_listen(**given: str | None) -> Settings:
    """The settings of this run, unless they would open the service to other machines without that being meant."""
    chosen = settings(**given)
    logs.configure(chosen)
    opened = installation(**given)
    try:
        refuse_unmeant(chosen, opened.keys)
    except ExposureError as error:
        fail(str(error), WRONG_USAGE)
    finally:
        opened.close()
    return chosen


@click.command()
@setting_options
@_PARENT
def worker(parent: int | None, **given: str | None) -> None:
    """Do the jobs of an installation: one more worker, on this machine or another that shares database and Redis."""
    chosen = settings(**given)
    logs.configure(chosen)
    if parent:
        end_with_parent(parent, signal.SIGTERM)
    try:
        Worker(installation(**given)).run()
    except StoreError as error:
        fail(str(error))
