"""The commands of `exoscore findings` that look for findings in the store, and change them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import wraps
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from models.errors import Fault, SheetError
from service import cursor
from service import findings as documents
from service.cli.shared import WRONG_USAGE, as_json, author, fail, installation, print_json
from service.errors import FindingClashError, ParametersError, UnknownFindingError
from service.store import StoreError
from service.store.finding_rows import Stored
from service.store.finding_search import MAX_PAGE, Filters, conflicts_page, page

_HELP = {
    "source_cell": "A source cell.",
    "source_phenotype": "A phenotype.",
    "cargo_type": "A type of cargo.",
    "cargo_name": "A cargo under any name: miR21 finds miR-21-5p.",
    "cargo_state": "A state of the cargo.",
    "cancer_type": "A tumour, and every kind of it.",
    "effect": "suppressing or promoting",
    "paper": "A paper: its key, or its PMID, DOI or PMCID.",
    "origin": "corpus (shipped) or lab (added here)",
    "q": "Words of the title.",
}
_LIMIT = click.option("--limit", default=50, show_default=True, type=click.IntRange(1, MAX_PAGE), help="How many.")
_CURSOR = click.option("--cursor", "after", default="", help="Where the page before ended.")
_REASON = "Why; it is kept in the history."


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every filter; the command gets them as `filters`."""

    @wraps(command)
    def filtered(**given: Any) -> Any:
        chosen = {one.name: given.pop(one.name) for one in fields(Filters)}
        return command(filters=Filters(**chosen), **given)

    found: Callable[..., Any] = filtered
    held_out = "Only those kept for blind tests, or none of them."
    found = click.option("--held-out/--not-held-out", default=None, help=held_out)(found)
    found = click.option("--retracted", is_flag=True, help="Retracted ones instead of active ones.")(found)
    for name, help_text in reversed(_HELP.items()):
        found = click.option(f"--{name.replace('_', '-')}", name, default="", metavar="TEXT", help=help_text)(found)
    return found


@contextmanager
def refusals(as_json: bool) -> Iterator[None]:
    """Says what was refused and stops: what was asked wrongly as wrong usage, what cannot be done as failed."""
    try:
        yield
    except (ParametersError, SheetError) as error:
        faults = [one if isinstance(one, Fault) else one.fault for one in error.faults]
        if as_json:
            print_json({"faults": [{"field": one.field, "code": one.code, "remedy": one.remedy} for one in faults]})
        fail("\n  ".join(["this cannot be done", *map(str, faults)]), WRONG_USAGE)
    except UnknownFindingError as error:
        fail(f"{error}; `exoscore findings list` shows them")
    except (FindingClashError, StoreError) as error:
        fail(str(error))


@click.command("list")
@filter_options
@_LIMIT
@_CURSOR
@as_json
def listed(filters: Filters, limit: int, after: str, as_json: bool) -> None:
    """List findings, in the order in which they were added."""
    opened = installation()
    with refusals(as_json):
        found, last = page(opened.findings, filters, cursor.read(after)[0], limit)
    further = None if last is None else cursor.write(last)
    if as_json:
        print_json({"findings": [documents.document(one) for one in found], "next": further})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("finding", "paper", "source", "cargo", "state", "tumour", "effect", ""):
        table.add_column(heading, overflow="fold")
    for one in found:
        cells = one.cells
        source = f"{cells['source_cell']} {cells['source_phenotype']}"
        cargo = cells.get("cargo_name") or cells["cargo_type"]
        tumour = cells.get("cancer_type", "")
        table.add_row(
            one.finding_id, cells["paper"], source, cargo, cells["cargo_state"], tumour, cells["effect"], _marks(one)
        )
    _console().print(table)
    if further:
        click.echo(f"There are more: --cursor {further}", err=True)


@click.command()
@click.argument("finding_id")
@as_json
def show(finding_id: str, as_json: bool) -> None:
    """Show a finding as it stands."""
    opened = installation()
    with refusals(as_json):
        _print_finding(opened.findings.show(finding_id), as_json)


@click.command()
@click.argument("finding_id")
@as_json
def history(finding_id: str, as_json: bool) -> None:
    """List every state that a finding was ever in, with who made it so, when and why."""
    opened = installation()
    with refusals(as_json):
        found = documents.history_document(opened.findings.history(finding_id))
    if as_json:
        print_json(found)
        return
    for one in found["revisions"]:
        state = " (retracted)" if one["retracted"] else ""
        reason = f": {one['reason']}" if one["reason"] else ""
        click.echo(f"revision {one['revision']}{state}, {one['at']}, {one['author']}{reason}")
        for column in one["changed"] if one["revision"] > 1 else ():
            value = one["finding"].get(column, "")
            click.echo(f"  {column}: {'; '.join(value) if isinstance(value, list) else value or '(taken out)'}")


@click.command()
@click.argument("finding_id")
@click.option("--set", "given", multiple=True, required=True, metavar="COLUMN=VALUE", help="Lists joined by ;")
@click.option("--reason", default="", help=_REASON)
@as_json
def correct(finding_id: str, given: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Change columns of a finding; an empty VALUE takes one out. What it was stays in its history."""
    changes = {}
    for one in given:
        column, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"--set {one}: give COLUMN=VALUE")
        changes[column.strip()] = value
    _change(finding_id, {"changes": changes, "reason": reason}, as_json)


@click.command()
@click.argument("finding_id")
@click.option("--reason", required=True, help=_REASON)
@as_json
def retract(finding_id: str, reason: str, as_json: bool) -> None:
    """Take a finding out of what is learned from; it is kept, with its history."""
    _change(finding_id, {"retracted": True, "reason": reason}, as_json)


@click.command()
@click.argument("finding_id")
@click.option("--reason", default="", help=_REASON)
@as_json
def restore(finding_id: str, reason: str, as_json: bool) -> None:
    """Put a retracted finding back."""
    _change(finding_id, {"retracted": False, "reason": reason}, as_json)


@click.command()
@_LIMIT
@_CURSOR
@as_json
def conflicts(limit: int, after: str, as_json: bool) -> None:
    """List pairs of active findings that contradict each other: same source, state and cargo, opposite effect."""
    opened = installation()
    with refusals(as_json):
        later, earlier = cursor.read(after, 2)
        found, last = conflicts_page(opened.findings, (later, earlier), limit)
    further = None if last is None else cursor.write(*last)
    told = [documents.conflict_document(one) for one in found]
    if as_json:
        print_json({"conflicts": told, "next": further})
        return
    print_conflicts(told)
    if further:
        click.echo(f"There are more: --cursor {further}", err=True)


COMMANDS = (listed, show, history, correct, retract, restore, conflicts)


def print_conflicts(told: Iterable[Mapping[str, Any]]) -> None:
    """Conflicts, as they are told to programs, a line each."""
    for one in told:
        sides = " against ".join(
            f"{effect} {one[effect]['finding_id']} ({one[effect]['paper']}"
            f"{', ' + one[effect]['cancer_type'] if 'cancer_type' in one[effect] else ''})"
            for effect in ("suppressing", "promoting")
        )
        vesicle = f"{one['source_cell']} {one['source_phenotype']}, {one['cargo_state']} {one['cargo']}"
        click.echo(f"{vesicle}: {sides}")


def _change(finding_id: str, asked: Mapping[str, Any], as_json: bool) -> None:
    opened = installation()
    with refusals(as_json):
        _print_finding(documents.change(opened.findings, finding_id, asked, author(), None), as_json)


def _print_finding(one: Stored, as_json: bool) -> None:
    if as_json:
        print_json(documents.document(one))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for column, text in one.cells.items():
        table.add_row(column, text)
    table.add_row("revision", f"{one.revision}, {one.changed:%Y-%m-%d %H:%M} UTC")
    table.add_row("origin", " ".join(filter(None, (one.origin, _marks(one)))))
    _console().print(table, markup=False)


def _marks(one: Stored) -> str:
    marks = {"touched": one.touched, "held out": one.held_out, "retracted": one.retracted}
    return ", ".join(name for name, holds in marks.items() if holds)


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 160
    return console
