"""`exoscore knowledge import`, `sources` and `remove`: a lab's own copies of the public tables."""

from pathlib import Path

import click

from models.candidates.parser import CandidateParser
from models.knowledge.sources import SOURCES, TARGET_SOURCE
from service.cli.output import (
    FINDINGS_FILE,
    as_json,
    author,
    fail,
    open_installation,
    open_tables,
    print_json,
    print_table,
    reason_option,
    report_row_faults,
    require_reason,
)
from service.registry.model_registry import ModelRegistry
from training.data.findings import read_findings
from training.importers import ImportedTable, import_table

SOURCE = click.Choice(tuple(SOURCES), case_sensitive=False)
TRAIN = "exoscore train --promote"
_KINDS = {"mirna": "microRNAs", "gene": "genes", "lncrna": "lncRNAs and circRNAs"}
_COLUMNS = ("source", "in_use", "name", "rows", "votes", "shared_votes", "imported", "file", "sha256")
_WIDTH = {"sha256": 12}


@click.command(name="import")
@click.argument("source", type=SOURCE)
@click.argument("file", type=FINDINGS_FILE)
@click.option("--dry-run", is_flag=True, help="Report what would be imported, and store nothing.")
@click.option("--reason", help="Why. Stored in the audit log. Required, but for --dry-run.")
@as_json
@click.pass_context
def import_(context: click.Context, source: str, file: Path, dry_run: bool, reason: str | None, as_json: bool) -> None:
    """Import FILE, your download of the table of SOURCE, in place of the shipped one.

    FILE is the table as SOURCE publishes it: tab-, comma- or semicolon-separated text, plain or .gz.

    \b
    Examples:
      exoscore knowledge import hmdd alldata_v4.txt --dry-run
      exoscore knowledge import mirtarbase hsa_MTI.csv.gz --reason "release 10"
    """
    why = "" if dry_run else require_reason(context, reason)
    # The shipped words alone, so that a table means the same whatever else was imported.
    reader = CandidateParser.load()
    consequence = f"it cannot be imported as {SOURCES[source].name}, and nothing was changed"
    with report_row_faults(file, as_json, consequence):
        imported = import_table(source, file, reader, read_findings(reader=reader))
    registry = None if dry_run else open_installation(may_make=True).registry
    if registry:
        registry.import_table(imported, author(), why)
    if as_json:
        train_anew = {"train_anew": registry.must_train()} if registry else {}
        print_json(imported.as_dict() | {"kept": not dry_run, **train_anew})
        return
    _print(imported)
    if not registry:
        click.echo("Nothing was stored, since this was a dry run.")
        return
    shipped = SOURCES[source].shipped_as
    click.echo(f"Stored in {registry.knowledge.folder}" + (f", in place of {shipped}." if shipped else "."))
    _print_advice(registry)


@click.command()
@as_json
def sources(as_json: bool) -> None:
    """List the tables in use: shipped, or imported with their file, digest and date.

    \b
    Example:
      exoscore knowledge sources
    """
    tables = open_tables().sources()
    if as_json:
        print_json({"sources": tables})
        return
    shown = [[str(table.get(column, ""))[: _WIDTH.get(column, 25)] for column in _COLUMNS] for table in tables]
    print_table([column.replace("_", " ") for column in _COLUMNS], shown, numbers=("rows", "votes", "shared votes"))


@click.command()
@click.argument("source", type=SOURCE)
@reason_option
@as_json
def remove(source: str, reason: str, as_json: bool) -> None:
    """Remove the imported table of SOURCE, and return to the shipped one.

    \b
    Example:
      exoscore knowledge remove hmdd --reason "the file was cut short"
    """
    registry = open_installation().registry
    if not registry.remove_table(SOURCES[source], author(), reason):
        fail(f"no table of {SOURCES[source].name} was imported")
    if as_json:
        print_json({"source": source, "removed": True, "train_anew": registry.must_train()})
        return
    shipped = SOURCES[source].shipped_as
    click.echo(f"Removed. {f'The shipped {shipped} is in use' if shipped else 'No table of this source is in use'}.")
    _print_advice(registry)


def _print(imported: ImportedTable) -> None:
    ledger = imported.ledger
    form = imported.original.form.name
    click.echo(f"{imported.original.path.name}, {form}: {ledger.read} rows, {ledger.used} of them used")
    for heading, reasons in (("not used", ledger.skipped), ("used in part", ledger.partially_used)):
        for reason in reasons:
            examples = "; ".join(reason.examples) + ("; …" if reason.rows > len(reason.examples) else "")
            click.echo(f"  {heading}: {reason.rows}, {reason.says} ({examples})")
    for remark in imported.remarks:
        click.echo(f"  note: {remark}")
    what = "validated targets of" if imported.source == TARGET_SOURCE else "votes on"
    click.echo(f"{imported.votes} {what} {imported.cargos} {_KINDS[imported.source.kind]}, in {imported.rows} rows")


def _print_advice(registry: ModelRegistry) -> None:
    if registry.must_train():
        click.echo(
            f"The roles have changed, so train a new model: {TRAIN} (add --findings FILE for findings of your own). "
            "Until then, a running server continues with the tables that it has loaded."
        )
