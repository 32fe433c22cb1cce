"""`exoscore knowledge import`, `sources` and `remove`: a lab's own copies of the public tables."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from models.candidate import Reader
from models.errors import SheetError
from models.sources import SOURCES, TARGET_SOURCE
from service.cli.shared import as_json, fail, installation, print_json, print_row_faults, row_faults
from service.registry import Registry
from training.findings import read_findings
from training.importers import Imported, import_table

SOURCE = click.Choice(tuple(SOURCES), case_sensitive=False)
TABLE_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
TRAIN = "exoscore train --promote"
_KINDS = {"mirna": "microRNAs", "gene": "genes", "lncrna": "lncRNAs and circRNAs"}
_COLUMNS = ("source", "in_use", "name", "rows", "votes", "shared_votes", "imported", "file", "sha256")


@click.command(name="import")
@click.argument("source", type=SOURCE)
@click.argument("file", type=TABLE_FILE)
@click.option("--dry-run", is_flag=True, help="Report, and keep nothing.")
@as_json
def import_(source: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Import FILE, your copy of the table of SOURCE, in place of what is shipped of it.

    FILE is the table as its makers offer it: tab-, comma- or semicolon-separated text, plain or .gz.
    """
    # The shipped words alone, so that a table means the same whatever else was imported.
    reader = Reader.load()
    try:
        imported = import_table(source, file, reader, read_findings(reader=reader))
    except SheetError as error:
        if as_json:
            print_json({"faults": row_faults(file, error.faults)})
        else:
            print_row_faults(file, error.faults)
        fail(f"{file.name} cannot be imported as {SOURCES[source].name}; nothing was changed")
    if dry_run:
        if as_json:
            print_json(imported.as_dict() | {"kept": False})
            return
        _print(imported)
        click.echo("Nothing was kept: this was a dry run.")
        return
    kept = installation().registry
    kept.knowledge.keep(imported)
    if as_json:
        print_json(imported.as_dict() | {"kept": True, "train_anew": kept.must_train()})
        return
    _print(imported)
    shipped = SOURCES[source].shipped_as
    click.echo(f"Kept in {kept.knowledge.folder}" + (f", in place of {shipped}." if shipped else "."))
    _print_advice(kept)


@click.command()
@as_json
def sources(as_json: bool) -> None:
    """List which tables are in use: the shipped ones, or imported ones with their file, digest and date."""
    found = installation().registry.knowledge.sources()
    if as_json:
        print_json({"sources": found})
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160
    table = Table(box=None, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(
            column.replace("_", " "), justify="right" if column in ("rows", "votes", "shared_votes") else "left"
        )
    for one in found:
        table.add_row(*(str(one.get(column, ""))[:25] for column in _COLUMNS[:-1]), one.get("sha256", "")[:12])
    console.print(table)


@click.command()
@click.argument("source", type=SOURCE)
@as_json
def remove(source: str, as_json: bool) -> None:
    """Remove the imported table of SOURCE and return to what is shipped of it."""
    kept = installation().registry
    if not kept.knowledge.remove(SOURCES[source]):
        fail(f"nothing was imported of {SOURCES[source].name}")
    if as_json:
        print_json({"source": source, "removed": True, "train_anew": kept.must_train()})
        return
    click.echo(f"Removed; in use is {SOURCES[source].shipped_as or 'none'}, as shipped.")
    _print_advice(kept)


def _print(imported: Imported) -> None:
    ledger = imported.ledger
    form = imported.original.form.name
    click.echo(f"{imported.original.path.name}, {form}: {ledger.read} rows, {ledger.used} of them used")
    for heading, reasons in (("not used", ledger.dropped), ("used in part", ledger.partly)):
        for reason in reasons:
            examples = "; ".join(reason.examples) + ("; …" if reason.rows > len(reason.examples) else "")
            click.echo(f"  {heading}: {reason.rows}, {reason.says} ({examples})")
    for remark in imported.remarks:
        click.echo(f"  note: {remark}")
    what = "validated targets of" if imported.source == TARGET_SOURCE else "votes on"
    click.echo(f"{imported.votes} {what} {imported.cargos} {_KINDS[imported.source.kind]}, in {imported.rows} rows")


def _print_advice(kept: Registry) -> None:
    if kept.must_train():
        click.echo(
            f"Models must be trained anew with the changed roles: {TRAIN} (with --findings FILE for findings of your own). "
            "Until then, a running server goes on with what it has loaded."
        )
