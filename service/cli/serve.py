"""`exoscore serve` and `exoscore worker`: the API with its pages, and those who do its jobs."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from service.auth.exposure import check_exposure, is_loopback
from service.cli.output import WRONG_USAGE, fail, open_installation, settings
from service.errors import ExposureError
from service.monitoring import logs
from service.operations.supervisor import GAVE_UP, Supervisor
from service.settings import SETTINGS, SQLITE_FILE, Settings
from training.compute import die_with_parent


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
def serve(**options: str | None) -> None:
    """Serve the API and the pages, with a worker for jobs, training the first model if there is none."""
    chosen = settings(**options)
    logs.configure(chosen)
    if not _needs_no_check(chosen):
        _check_installation(chosen, **options)
    sys.exit(Supervisor(chosen).run())


_PARENT = click.option("--parent", type=int, hidden=True, help="The process that this one ends with.")


@click.command(hidden=True)
@setting_options
@_PARENT
def web(parent: int | None, **options: str | None) -> None:
    """The web server alone, as `exoscore serve` starts it once it has checked the installation."""
    # What is imported and loaded stays: to search it for garbage meanwhile takes a tenth of the start.
    gc.disable()
    from models.errors import ArtifactError
    from service import server
    from service.db.database import StoreError

    chosen = settings(**options)
    logs.configure(chosen)
    if parent:
        die_with_parent(parent, signal.SIGTERM)
    try:
        gave_up = server.run(chosen)
    except (ArtifactError, StoreError, OSError) as error:
        fail(str(error))
    if gave_up:
        sys.exit(GAVE_UP)


def _needs_no_check(chosen: Settings) -> bool:
    """Whether the database is there, for the processes themselves to open, and only this machine reaches the service."""
    return is_loopback(chosen.host) and not chosen.database_url and (chosen.var / SQLITE_FILE).exists()


def _check_installation(chosen: Settings, **options: str | None) -> None:
    """Prepares the database before several processes open it, and refuses to open the service to other machines without that
    being meant."""
    installation = open_installation(**options)
    try:
        check_exposure(chosen, installation.keys)
    except ExposureError as error:
        fail(str(error), WRONG_USAGE)
    finally:
        installation.close()


@click.command()
@setting_options
@_PARENT
def worker(parent: int | None, **options: str | None) -> None:
    """Do the jobs of an installation: one more worker, on this machine or another that shares the database."""
    from service.db.database import StoreError
    from service.jobs.worker import Worker

    chosen = settings(**options)
    logs.configure(chosen)
    if parent:
        die_with_parent(parent, signal.SIGTERM)
    try:
        Worker(open_installation(**options)).run()
    except StoreError as error:
        fail(str(error))
