"""`exoscore serve` and `exoscore worker`: the API with its pages, and those who do its jobs."""

import gc
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click
import structlog

from service.auth.exposure import check_exposure, is_loopback
from service.cli.location import locate
from service.cli.output import WRONG_USAGE, fail
from service.errors import ExposureError
from service.monitoring import logs
from service.operations.listener import listen
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
    settings = _configure_process(None, options)
    locate(settings, may_make=True, say=structlog.get_logger(__name__).info)
    sys.exit(Supervisor(settings, _listen(settings)).run())


_PARENT = click.option("--parent", type=int, hidden=True, help="The process that this one ends with.")


@click.command(hidden=True)
@setting_options
@_PARENT
@click.option("--listener", type=int, multiple=True, hidden=True, help="The number of a socket that the parent opened.")
def web(parent: int | None, listener: tuple[int, ...], **options: str | None) -> None:
    """The web server alone, as `exoscore serve` starts it once it has checked the installation."""
    # What is imported and loaded stays: to search it for garbage meanwhile takes a tenth of the start.
    gc.disable()
    from service import server

    settings = _configure_process(parent, options)
    lent = [socket.socket(fileno=number) for number in listener]
    if server.run(settings, lent or _listen(settings)):
        sys.exit(GAVE_UP)


def _listen(settings: Settings) -> list[socket.socket]:
    """The sockets to listen on, once the database is prepared, before several processes open it. Refuses to open the service to
    other machines without that being meant."""
    is_ready = not settings.database_url and (settings.var / SQLITE_FILE).exists()
    if not (is_ready and is_loopback(settings.host)):
        from service.installation import Installation

        installation = Installation.open(settings)
        try:
            check_exposure(settings, installation.keys)
        except ExposureError as error:
            fail(str(error), WRONG_USAGE)
        finally:
            installation.close()
    return listen(settings.host, settings.port, settings.workers)


@click.command()
@setting_options
@_PARENT
def worker(parent: int | None, **options: str | None) -> None:
    """Do the jobs of an installation: one more worker, on this machine or another that shares the database."""
    from service.installation import Installation
    from service.jobs.worker import Worker

    settings = _configure_process(parent, options)
    if not parent:
        locate(settings, may_make=False, say=structlog.get_logger(__name__).info)
    Worker(Installation.open(settings)).run()


def _configure_process(parent: int | None, options: Mapping[str, str | None]) -> Settings:
    """The settings of a process, which logs by them and ends with its parent."""
    settings = Settings.read(options=options)
    logs.configure(settings)
    if parent:
        die_with_parent(parent, signal.SIGTERM)
    return settings
