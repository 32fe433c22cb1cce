"""Which installation a command works on: that of --var, else of EXOSCORE_VAR, else `var` where the command stands."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from service.settings import PREFIX, SQLITE_FILE, Settings

VARIABLE = f"{PREFIX}VAR"
# Where `make serve` and docs/operation.md have one.
USUAL_PLACES = (Path(__file__).parents[2] / "var", Path("/var/lib/exoscore"))


def offer_var(command: click.Command) -> None:
    """Gives --var to a command and to those below it, but for those that have it already."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            offer_var(below)
        if not command.invoke_without_command:
            return
    if all(parameter.name != "var" for parameter in command.params):
        help_text = f"The folder of the installation. [{VARIABLE}; default: var]"
        command.params.append(
            click.Option(["--var"], metavar="FOLDER", expose_value=False, callback=_remember, help=help_text)
        )


def _remember(context: click.Context, option: click.Parameter, folder: str | None) -> None:
    if folder is not None:
        context.meta[VARIABLE] = folder


def read_settings() -> Settings:
    """The settings of this run. Raises SettingsError."""
    return Settings.read(options={"var": click.get_current_context().meta.get(VARIABLE)})


def _is_named() -> bool:
    """Whether this run says which folder it means."""
    context = click.get_current_context()
    return VARIABLE in os.environ or VARIABLE in context.meta or context.params.get("var") is not None


def _say(message: str) -> None:
    click.echo(message, err=True)


def say_where(settings: Settings, say: Callable[[str], object] = _say) -> bool:
    """Whether there is an installation where a command works; says where that is, if nobody named the folder."""
    is_there = bool(settings.database_url) or _is_installed(settings.var)
    if is_there and not _is_named():
        say(f"Working in {settings.var.absolute()}")
    return is_there


def locate(settings: Settings, may_make: bool, say: Callable[[str], object] = _say) -> None:
    """Says where a command works, and stops one that would make an installation by mistake.

    Where there is none yet, a command that `may_make` one says so, and asks a person at a terminal. Beside another one, none
    is made without being named. Raises click's exceptions.
    """
    if say_where(settings, say):
        return
    folder, named = settings.var.absolute(), _is_named()
    message = f"There is no installation in {folder}"
    other = None if named else next(filter(_is_installed, _places()), None)
    if other:
        message += f", but there is one in {other}. Use that one with --var {shlex.quote(str(other))}"
    if not may_make:
        raise click.ClickException(
            f"{message}."
            if other
            else f"{message}. Name another with --var FOLDER, or create one with `exoscore train`."
        )
    if not named and sys.stdin.isatty() and sys.stderr.isatty():
        click.confirm(f"{message}. Create a new one?", default=not other, abort=True, err=True)
    elif other:
        raise click.UsageError(f"{message}, or create a second one here with --var {shlex.quote(str(settings.var))}.")
    else:
        say(f"Creating a new installation in {folder}")


def _is_installed(folder: Path) -> bool:
    """Whether an installation was made in a folder, or begun to be."""
    return os.path.exists(folder / SQLITE_FILE)


def _places() -> Iterator[Path]:
    """Where somebody who named no installation may have meant one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        yield from (folder, folder / "var")
    yield from USUAL_PLACES
