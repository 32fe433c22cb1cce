"""What the commands have in common: the installation they work on, and how they say what went wrong."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from models.errors import RowFault
from service.errors import SettingsError
from service.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from service.services import Services

FAILED, WRONG_USAGE, BAD_ROWS = 1, 2, 3
WIDE = 200

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
FINDINGS_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def settings(**given: str | None) -> Settings:
    """The settings of this run; a malformed one is wrong usage."""
    try:
        return Settings.read(options=given)
    except SettingsError as error:
        raise click.UsageError("\n".join(error.faults)) from error


def installation(**given: str | None) -> Services:
    """The installation of this run's settings."""
    from service.services import Services
    from service.store import StoreError

    try:
        return Services.open(settings(**given))
    except (StoreError, OSError) as error:
        fail(str(error))


def author() -> str:
    """Whom the audit names for what is done on the command line."""
    return f"{getpass.getuser()} on the command line"


def console() -> Console:
    """Where tables are printed: as wide as the terminal, and wide enough for whole lines elsewhere."""
    from rich.console import Console

    out = Console(highlight=False, markup=False)
    if not out.is_terminal:
        out.width = WIDE
    return out


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], title: str | None = None) -> None:
    """A table on standard output, its columns under their names; without names there is no header."""
    from rich.table import Table

    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, show_header=bool(columns))
    for row in rows:
        table.add_row(*row)
    console().print(table)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, indent=1))


def fail(message: str, status: int = FAILED) -> NoReturn:
    """Says on standard error why the command failed, and stops."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(status)


def row_faults(path: Path, faults: Iterable[RowFault]) -> list[dict[str, Any]]:
    """Faults of a file as documents."""
    return [
        {
            "file": path.name,
            "line": fault.line,
            "column": fault.column,
            "row": fault.row,
            "code": fault.fault.code,
            "remedy": fault.fault.remedy,
        }
        for fault in faults
    ]


def print_row_faults(path: Path, faults: Iterable[RowFault]) -> None:
    """Faults of a file on standard error, a line each."""
    for fault in faults:
        click.echo(f"{path}: {fault}", err=True)
