"""What the commands have in common: the installation they work on, what they print, and how they say what went wrong."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    from rich.text import Text

    from models.scorer import Scorer
    from service.installation import Installation
    from service.registry.reference_tables import ReferenceTables

FAILED, WRONG_USAGE, BAD_ROWS = 1, 2, 3
NO_ROOM = "no-room"
WIDE = 200


def check_name(context: click.Context, option: click.Parameter, name: str) -> str:
    """The name of a model, as the database and the API hold one."""
    from service.db.tables import MAX_MODEL_NAME

    if len(name) > MAX_MODEL_NAME or not name.isprintable():
        raise click.BadParameter(f"Give at most {MAX_MODEL_NAME} printable characters.")
    return name


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
sheet_option = click.option(
    "--sheet", metavar="NAME", default="", help="The sheet of a workbook, instead of the first."
)
model_option = click.option("--model", metavar="ID", help="The id of a stored model, instead of the one in use.")
cursor_option = click.option("--cursor", default="", help="Where the page before ended, as it was printed.")


def read_reason(context: click.Context, option: click.Parameter, typed: str | None) -> str:
    """The reason of a change, which a person at a terminal is asked for where it was left out."""
    from service.db.audit_log import check_reason
    from service.errors import ReasonError

    if typed is None and not context.resilient_parsing and sys.stdin.isatty():
        typed = click.prompt("Reason (stored in the audit log)", err=True)
    try:
        return check_reason(typed or "")
    except ReasonError as error:
        if typed is None:
            raise click.MissingParameter(str(error), context, option) from error
        raise click.BadParameter(str(error)) from error


def require_reason(context: click.Context, typed: str | None) -> str:
    """As `read_reason`, for a command of which only some uses need a reason."""
    option = next(option for option in context.command.params if option.name == "reason")
    return read_reason(context, option, typed)


reason_option = click.option("--reason", callback=read_reason, help="Why. Stored in the audit log. Required.")
name_option = click.option(
    "--name", default="", callback=check_name, help="The name of the model.  [default: that of its training data]"
)
FINDINGS_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def limit_option(most: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option for the length of a page."""
    number = click.IntRange(1, most)
    return click.option("--limit", type=number, default=50, show_default=True, metavar="N", help=f"Rows, 1 to {most}.")


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
    """Where text and tables are printed: as wide as the terminal, and wide enough for whole lines elsewhere."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    if not out.is_terminal:
        out.width = WIDE
    return out


def warn(message: str) -> None:
    """A warning, on standard error."""
    click.secho(f"Warning: {message}", fg="yellow", err=True)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None, numbers: Sequence[str] = ()
) -> None:
    """A table on standard output; the columns of `numbers` are aligned right. Without `columns` it has no header.

    Cells are wrapped between words, never within one, so that ids can be copied. Cells may be styled texts.
    """
    from rich.table import Table
    from rich.text import Text

    cells = [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in rows]
    names = list(columns) or [""] * max(map(len, cells), default=0)
    out = console()
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=bool(columns))
    for name, width in zip(names, _column_widths(names, cells, out.width), strict=True):
        table.add_column(name, width=width, justify="right" if name in numbers else "left", overflow="fold")
    for row in cells:
        table.add_row(*row)
    out.width = max(out.width, sum(column.width or 0 for column in table.columns) + 2 * len(names))
    with out.capture() as printed:
        out.print(table)
    click.echo("\n".join(line.rstrip() for line in printed.get().splitlines()), color=True)


def _column_widths(names: Sequence[str], cells: Sequence[Sequence[Text]], room: int) -> list[int]:
    """Widths of columns that fit into `room` if the longest word of each lets them."""
    from rich.cells import cell_len

    columns = [[name, *(row[place].plain for row in cells if place < len(row))] for place, name in enumerate(names)]
    widths = [max(cell_len(line) for text in column for line in text.split("\n")) for column in columns]
    least = [max((cell_len(word) for text in column for word in text.split()), default=1) for column in columns]
    while sum(widths) + 2 * (len(widths) - 1) > room:
        widest = max(range(len(widths)), key=lambda place: (widths[place] > least[place], widths[place]))
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return widths


def print_next(cursor: str | None) -> None:
    """How to see the next page of a list, on standard error, if there is one."""
    if cursor:
        click.echo(f"There are more. See them with --cursor {cursor}", err=True)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, indent=1))


def round_numbers(value: Any) -> Any:
    """A document with its numbers rounded by `models.rounding`."""
    from models import rounding

    return rounding.round_numbers(value)


def format_probability(probability: float) -> str:
    """A probability in percent, as pages have it."""
    from training.report.formatting import percent

    return percent(probability).replace("\u202f", " ")


def format_interval(interval: Sequence[float]) -> str:
    """The ends of an interval of probabilities, once where they read the same."""
    return " to ".join(dict.fromkeys(map(format_probability, interval)))


def words_of(error: Exception) -> str:
    """An error in a sentence that names the file, if it is of one; where a disk is full, with what to do."""
    message = str(error)
    if isinstance(error, OSError) and error.strerror:
        message = ": ".join([*map(click.format_filename, filter(None, [error.filename])), error.strerror])
    return (
        f"{message.rstrip('.')}. Free some disk space, then try again"
        if problem_type(error).code == NO_ROOM
        else message
    )


def as_sentence(message: str) -> str:
    """A message that begins with a capital, unless with a name, and ends with a full stop, unless with lines of their own."""
    first, _, rest = message.partition(" ")
    if first.isalpha() and first.islower() and rest:
        message = message[0].upper() + message[1:]
    return message if "\n" in message or message.endswith((".", "?", ":", "…")) else f"{message}."


def fail(message: str, status: int = FAILED) -> NoReturn:
    """Says on standard error why the command failed, and stops."""
    click.secho(f"Error: {as_sentence(message)}", fg="red", err=True)
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


def write_file(path: Path, content: bytes, what: str) -> None:
    """Writes a file whole, or fails saying that `what` could not be written."""
    try:
        with atomic_write(path) as file:
            file.write(content)
    except OSError as error:
        fail(f"could not write {what}: {words_of(error)}")


class Remarks(list[str]):
    """Remarks on how a file was read, each printed on standard error as it comes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def append(self, remark: str) -> None:
        """Prints one."""
        super().append(remark)
        click.echo(f"{self._path}: {as_sentence(remark)}", err=True)


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
