"""`exoscore serve` and `exoscore worker`: the API with its pages, and those who do its jobs."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from service import logs
from service.cli.output import WRONG_USAGE, fail, installation, settings
from service.errors import ExposureError
from service.exposure import is_loopback, refuse_unmeant
from service.jobs.parent import end_with_parent
from service.processes import Processes
from service.settings import SETTINGS, SQLITE_FILE, Settings


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
    chosen = settings(**given)
    logs.configure(chosen)
    if not _is_settled(chosen):
        _look_over(chosen, **given)
    sys.exit(Processes(chosen).run())


_PARENT = click.option("--parent", type=int, hidden=True, help="The process that this one ends with.")


@click.command(hidden=True)
@setting_options
@_PARENT
def web(parent: int | None, **given: str | None) -> None:
    """The web server alone, as `exoscore serve` starts it, which has looked over whether it may."""
    # What is imported and loaded stays: to search it for garbage meanwhile takes a tenth of the start.
    gc.disable()
    from models.errors import ArtifactError
    from service.server import Server
    from service.store import StoreError

    chosen = settings(**given)
    logs.configure(chosen)
    if parent:
        end_with_parent(parent, signal.SIGTERM)
    try:
        Server(chosen).run()
    except (ArtifactError, StoreError, OSError) as error:
        fail(str(error))


def _is_settled(chosen: Settings) -> bool:
    """Whether there is nothing to look over: the processes themselves open what is there, and only this machine reaches them."""
    return is_loopback(chosen.host) and not chosen.database_url and (chosen.var / SQLITE_FILE).exists()


def _look_over(chosen: Settings, **given: str | None) -> None:
    """Prepares the database before several processes open it, and refuses to open the service to other machines without that
    being meant."""
    opened = installation(**given)
    try:
        refuse_unmeant(chosen, opened.keys)
    except ExposureError as error:
        fail(str(error), WRONG_USAGE)
    finally:
        opened.close()


@click.command()
@setting_options
@_PARENT
def worker(parent: int | None, **given: str | None) -> None:
    """Do the jobs of an installation: one more worker, on this machine or another that shares database and Redis."""
    from service.jobs.worker import Worker
    from service.store import StoreError

    chosen = settings(**given)
    logs.configure(chosen)
    if parent:
        end_with_parent(parent, signal.SIGTERM)
    try:
        Worker(installation(**given)).run()
    except StoreError as error:
        fail(str(error))
