"""`exoscore serve` and `exoscore worker`: the API with its pages, and those who do its jobs."""

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

import click
import structlog

from service.auth.exposure import check_exposure, is_loopback, local_address
from service.cli.location import locate
from service.cli.output import WRONG_USAGE, fail
from service.cli.terms import Offered
from service.errors import ExposureError
from service.monitoring import logs
from service.operations.listener import listen, net_location
from service.operations.supervisor import GAVE_UP, Supervisor
from service.settings import SETTINGS, SQLITE_FILE, Settings
from training.compute import die_with_parent

_OF_WORKERS = ("var", "database_url", "dask_address", "batch_mebibytes", "batch_days", "log_level", "log_format")


def setting_options(names: Collection[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options for the settings of these names, from the settings table."""

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed([setting for setting in SETTINGS if setting.name in names]):
            default = f"; default: {setting.default}" if setting.default else ""
            command = click.option(
                f"--{setting.name.replace('_', '-')}",
                setting.name,
                type=Offered(setting.choices),
                metavar=setting.metavar,
                help=f"{setting.help.replace('`', '')} [{setting.variable}{default}]",
            )(command)
        return command

    return add_options


_all_settings = setting_options([setting.name for setting in SETTINGS])


@click.command()
@_all_settings
def serve(**options: str | None) -> None:
    """Serve the API and the pages, with a worker for jobs. Trains the first model if there is none.

    Each option can also be set by the environment variable in brackets.

    \b
    Examples:
      exoscore serve
      exoscore serve --port 9000 --var /srv/exoscore
      EXOSCORE_DATABASE_URL=postgresql://exoscore@db/exoscore exoscore serve --workers 4
    """
    settings = _configure_process(None, options)
    locate(settings, may_make=True, say=structlog.get_logger(__name__).info)
    listeners = _listen(settings)
    # Not through a buffer, whose rest would fail at the end where nobody can read it.
    with suppress(OSError):
        os.write(
            1, f"Open http://{net_location(local_address(settings.host), settings.port)} in your browser.\n".encode()
        )
    sys.exit(Supervisor(settings, listeners).run())


_PARENT = click.option("--parent", type=int, hidden=True, help="The process that this one ends with.")


@click.command(hidden=True)
@_all_settings
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
@setting_options(_OF_WORKERS)
@_PARENT
def worker(parent: int | None, **options: str | None) -> None:
    """Run one more worker for jobs, on this machine or on another that shares the database.

    \b
    Examples:
      exoscore worker
      exoscore worker --database-url postgresql://exoscore@db/exoscore --var /srv/exoscore
    """
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
