"""The commands of `exoscore findings` that search stored findings, and change them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import wraps
from typing import Any

import click

from models.candidates.parser import CandidateParser
from models.candidates.wording import humanize
from models.errors import FieldError, TableError
from models.evidence.reporting import describe_completeness
from service.cli.output import (
    WRONG_USAGE,
    as_json,
    author,
    fail,
    open_installation,
    print_json,
    print_table,
    reason_option,
)
from service.db import pagination as cursor
from service.db.tables import FindingRow
from service.errors import ParametersError, UnknownFindingError
from service.findings import serializers as documents
from service.findings.search import MAX_PAGE, Filters, conflicts_page, search
from service.schemas.finding import FilterQuerySchema
from training.data.findings import EFFECTS

_LIMIT = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, MAX_PAGE), help="The number of results."
)
_CURSOR = click.option("--cursor", "after", default="", help="The cursor that the previous page printed.")


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every filter; the command gets them as `filters`."""

    @wraps(command)
    def with_filters(**options: Any) -> Any:
        chosen = {field.name: options.pop(field.name) for field in fields(Filters)}
        return command(filters=Filters(**chosen), **options)

    decorated: Callable[..., Any] = with_filters
    for name, field in reversed(FilterQuerySchema().fields.items()):
        option, help_text = name.replace("_", "-"), field.metadata["description"]
        if name == "held_out":
            help_text = "Only findings reserved for blind tests, or only the others."
            decorated = click.option("--held-out/--not-held-out", default=None, help=help_text)(decorated)
        elif name == "retracted":
            decorated = click.option("--retracted", is_flag=True, help=help_text)(decorated)
        else:
            decorated = click.option(f"--{option}", name, default="", metavar="TEXT", help=help_text)(decorated)
    return decorated


@contextmanager
def report_errors(as_json: bool) -> Iterator[None]:
    """Prints why a request was refused, and stops: as wrong usage where it is malformed, else as failed."""
    try:
        yield
    except (ParametersError, TableError) as error:
        faults = [fault if isinstance(fault, FieldError) else fault.fault for fault in error.faults]
        if as_json:
            print_json(
                {"faults": [{"field": fault.field, "code": fault.code, "remedy": fault.remedy} for fault in faults]}
            )
        fail("\n  ".join(["This cannot be done:", *map(str, faults)]), WRONG_USAGE)
    except UnknownFindingError as error:
        fail(f"{str(error).rstrip('.')}. List them with `exoscore findings list`.")


@click.command("list")
@filter_options
@_LIMIT
@_CURSOR
@as_json
def list_findings(filters: Filters, limit: int, after: str, as_json: bool) -> None:
    """List findings, in the order in which they were added."""
    installation = open_installation()
    with report_errors(as_json):
        listed, last = search(installation.findings, filters, cursor.decode_cursor(after)[0], limit)
    further = None if last is None else cursor.encode_cursor(last)
    if as_json:
        reader = installation.findings.reader
        print_json({"findings": [documents.document(stored, reader) for stored in listed], "next": further})
        return
    print_table(
        ("finding", "paper", "source", "cargo", "state", "cancer type", "effect", ""),
        [
            (
                stored.finding_id,
                cells["paper"],
                f"{cells['source_cell']} {cells['source_phenotype']}",
                cells.get("cargo_name") or cells["cargo_type"],
                cells["cargo_state"],
                cells.get("cancer_type", ""),
                cells["effect"],
                _flags(stored),
            )
            for stored in listed
            for cells in (stored.cells,)
        ],
    )
    _print_further(further)


@click.command()
@click.argument("finding_id")
@as_json
def show(finding_id: str, as_json: bool) -> None:
    """Show a finding."""
    installation = open_installation()
    with report_errors(as_json):
        _print_finding(installation.findings.show(finding_id), installation.findings.reader, as_json)


@click.command()
@click.argument("finding_id")
@as_json
def history(finding_id: str, as_json: bool) -> None:
    """List every revision of a finding, with its author, time and reason."""
    installation = open_installation()
    with report_errors(as_json):
        document = documents.history_document(installation.findings.history(finding_id))
    if as_json:
        print_json(document)
        return
    for revision in document["revisions"]:
        state = " (retracted)" if revision["retracted"] else ""
        reason = f": {revision['reason']}" if revision["reason"] else ""
        click.echo(f"Revision {revision['revision']}{state}, {revision['at']}, {revision['author']}{reason}")
        for column in revision["changed"] if revision["revision"] > 1 else ():
            value = revision["finding"].get(column, "")
            click.echo(f"  {column}: {'; '.join(value) if isinstance(value, list) else value or '(removed)'}")


@click.command()
@click.argument("finding_id")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    required=True,
    metavar="COLUMN=VALUE",
    help="A column and its new value.",
)
@reason_option
@as_json
def correct(finding_id: str, assignments: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Correct columns of a finding. An empty VALUE removes one. The history keeps the values before."""
    changes = {}
    for assignment in assignments:
        column, equals, value = assignment.partition("=")
        if not equals:
            raise click.UsageError(f"--set {assignment}: Give COLUMN=VALUE, such as cancer_type=melanoma.")
        changes[column.strip()] = value
    _change(finding_id, {"changes": changes, "reason": reason}, as_json)


@click.command()
@click.argument("finding_id")
@reason_option
@as_json
def retract(finding_id: str, reason: str, as_json: bool) -> None:
    """Retract a finding. It will no longer be used for training; its history is kept."""
    _change(finding_id, {"retracted": True, "reason": reason}, as_json)


@click.command()
@click.argument("finding_id")
@reason_option
@as_json
def restore(finding_id: str, reason: str, as_json: bool) -> None:
    """Restore a retracted finding."""
    _change(finding_id, {"retracted": False, "reason": reason}, as_json)


@click.command()
@_LIMIT
@_CURSOR
@as_json
def conflicts(limit: int, after: str, as_json: bool) -> None:
    """List pairs of findings that contradict each other: the same candidate with opposite effects."""
    installation = open_installation()
    with report_errors(as_json):
        later, earlier = cursor.decode_cursor(after, 2)
        pairs, last = conflicts_page(installation.findings, (later, earlier), limit)
    further = None if last is None else cursor.encode_cursor(*last)
    listed = [documents.conflict_document(pair) for pair in pairs]
    if as_json:
        print_json({"conflicts": listed, "next": further})
        return
    print_conflicts(listed)
    _print_further(further)


COMMANDS = (list_findings, show, history, correct, retract, restore, conflicts)


def print_conflicts(documents: Iterable[Mapping[str, Any]]) -> None:
    """Conflicts, from their documents, a line each."""
    for conflict in documents:
        sides = " against ".join(
            f"{effect} {conflict[effect]['finding_id']} ({conflict[effect]['paper']}"
            f"{', ' + conflict[effect]['cancer_type'] if 'cancer_type' in conflict[effect] else ''})"
            for effect in EFFECTS
        )
        source = f"{conflict['source_cell']} {conflict['source_phenotype']}"
        click.echo(f"{source}, {conflict['cargo_state']} {conflict['cargo']}: {sides}")


def _change(finding_id: str, request: Mapping[str, Any], as_json: bool) -> None:
    installation = open_installation()
    with report_errors(as_json):
        changed = documents.apply_change(installation.findings, finding_id, request, author(), None)
        _print_finding(changed, installation.findings.reader, as_json)


def _print_finding(stored: FindingRow, reader: CandidateParser, as_json: bool) -> None:
    if as_json:
        print_json(documents.document(stored, reader))
        return
    origin = " ".join(filter(None, (stored.origin, _flags(stored))))
    revision = f"{stored.revision}, {stored.changed:%Y-%m-%d %H:%M} UTC"
    derived = (
        ("function", humanize(documents.function_of(stored, reader))),
        ("completeness", describe_completeness(stored.cells)),
    )
    print_table((), [*stored.cells.items(), *derived, ("revision", revision), ("origin", origin)])


def _print_further(cursor: str | None) -> None:
    if cursor:
        click.echo(f"There are more. Continue with --cursor {cursor}", err=True)


def _flags(stored: FindingRow) -> str:
    flags = {"changed here": stored.touched, "held out": stored.held_out, "retracted": stored.retracted}
    return ", ".join(name for name, is_set in flags.items() if is_set)
