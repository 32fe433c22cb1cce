"""What the commands have in common: the installation they work on, what they print, and how they say what went wrong."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from models.errors import RowError, TableError
from models.files import atomic_write
from service.cli.location import locate, read_settings, say_where
from service.problems import count_faults, problem_type

if TYPE_CHECKING:
    from rich.console import Console

    from models.scoring.scorer import Scorer
    from service.installation import Installation
    from service.registry.reference_tables import ReferenceTables

FAILED, WRONG_USAGE, BAD_ROWS = 1, 2, 3
NO_ROOM = "no-room"
WIDE = 200

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
sheet_option = click.option(
    "--sheet", metavar="NAME", default="", help="The sheet of a workbook, instead of the first."
)
FINDINGS_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def open_installation(may_make: bool = False) -> Installation:
    """The installation of this run's settings; where there is none the command stops, unless it `may_make` one."""
    from service.installation import Installation

    settings = read_settings()
    locate(settings, may_make)
    return Installation.open(settings)


def open_tables() -> ReferenceTables:
    """The tables of roles and targets that this run's installation has in use; the shipped ones where there is none."""
    from service.registry.reference_tables import ReferenceTables

    settings = read_settings()
    say_where(settings)
    return ReferenceTables(settings.var)


def author() -> str:
    """Whom the audit names for what is done on the command line."""
    return f"{getpass.getuser()} on the command line"


def console() -> Console:
    """Where tables are printed: as wide as the terminal, and wide enough for whole lines elsewhere."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    if not out.is_terminal:
        out.width = WIDE
    return out


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None, numbers: Sequence[str] = ()
) -> None:
    """A table on standard output; the columns of `numbers` are aligned right. Without `columns` it has no header."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=bool(columns))
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console().print(table)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, indent=1))


def round_numbers(value: Any) -> Any:
    """A document with its numbers rounded by `models.rounding`."""
    from models.rounding import round_number

    if isinstance(value, dict):
        return {name: round_numbers(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [round_numbers(part) for part in value]
    return round_number(value) if isinstance(value, float) else value


def format_probability(probability: float) -> str:
    """A probability as text, which says no more than "< 1 %" or "> 99 %" beyond those."""
    if probability < 0.01:
        return "< 1 %"
    return "> 99 %" if probability > 0.99 else f"{probability:.3f}"


def words_of(error: Exception) -> str:
    """An error in a sentence that names the file, if it is of one; where a disk is full, with what to do."""
    message = str(error)
    if isinstance(error, OSError) and error.strerror:
        message = ": ".join([*map(click.format_filename, filter(None, [error.filename])), error.strerror])
    return f"{message}: make room, then run it again" if problem_type(error).code == NO_ROOM else message


def fail(message: str, status: int = FAILED) -> NoReturn:
    """Says on standard error why the command failed, and stops."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(status)


def open_scorer(installation: Installation, model: str | None) -> Scorer:
    """The scorer of a model, by default of the current one, which is trained now where there is none."""
    from service.operations.first_model import ensure_model

    return installation.registry.scorer(model) if model else ensure_model(installation)


def row_faults(path: Path, faults: Iterable[RowError]) -> list[dict[str, Any]]:
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


def write_text(path: Path, text: str, what: str) -> None:
    """Writes a file whole, or fails saying `what` cannot be written."""
    try:
        with atomic_write(path) as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        fail(f"{what} cannot be written: {words_of(error)}")


class Remarks(list[str]):
    """What is to be said of how a file is read; said on standard error as it comes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def append(self, remark: str) -> None:
        """Says one."""
        super().append(remark)
        click.echo(f"{self._path}: {remark}", err=True)


@contextmanager
def report_row_faults(path: Path, as_json: bool, consequence: str, **document: Any) -> Iterator[None]:
    """Fails where a table cannot be used: prints its faults, a line each or in one document, and what became of it."""
    try:
        yield
    except TableError as error:
        if as_json:
            print_json({**document, "faults": row_faults(path, error.faults)})
        else:
            for fault in error.faults:
                click.echo(f"{path}: {fault}", err=True)
        fail(f"{path.name} has {count_faults(sum(row.fault.count for row in error.faults))}; {consequence}")
