"""`exoscore findings`: the shipped findings, and a lab's own. Searching and changing them is in findings_edit.py."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from models.candidates.warnings import ReadingWarning
from models.errors import TableError
from models.files import atomic_write
from service.cli import findings_edit
from service.cli.location import read_settings, say_where
from service.cli.output import (
    FINDINGS_FILE,
    Remarks,
    as_json,
    author,
    fail,
    open_installation,
    print_json,
    print_table,
    report_row_faults,
    sheet_option,
    words_of,
)
from service.db.idempotency import IdempotentRequest
from service.errors import FindingsError
from service.findings import serializers as documents
from service.findings.search import Filters
from service.registry.reference_tables import ReferenceTables
from training.data.citation import missing_parts
from training.data.findings import compare, index_papers, read_findings, read_rows, unread, validate_rows
from training.report.formatting import pluralize


@click.group()
def findings() -> None:
    """Search, check, add, correct and export findings: what papers report of candidates."""


_STRICT = click.option("--strict", is_flag=True, help="Fail if a value, such as a cancer type, is not known.")


@findings.command()
@click.argument("file", type=FINDINGS_FILE)
@_STRICT
@click.option("--citations", is_flag=True, help="List what is missing in the citations too.")
@sheet_option
@as_json
def check(file: Path, strict: bool, citations: bool, sheet: str, as_json: bool) -> None:
    """Check every row of FILE (TSV, CSV or a workbook) and list all errors, without adding anything.

    Rows are compared with each other and with the findings of the installation or, if there is none, the shipped findings.
    """
    settings = read_settings()
    is_installed = say_where(settings)
    remarks = Remarks(file)
    with report_row_faults(file, as_json, "it cannot be added", findings=0):
        rows = read_rows(file, sheet, remarks.append)
        repository = open_installation().findings if is_installed else None
        reader = repository.reader if repository else ReferenceTables(settings.var).features.parser
        checked, faults = validate_rows(rows, reader)
        if repository and not faults:
            existing = len(repository.preview(rows, author()).existing)
        elif not faults:
            here, faults = compare(checked, read_findings(reader=reader))
            existing = len(here)
        if faults:
            raise TableError(faults)
    index = index_papers(checked.values())
    papers = len({index.key(finding.paper) for finding in checked.values()})
    warnings = unread(checked, reader)
    lacking = {finding.finding_id: missing_parts(finding.citation) for finding in checked.values() if finding.published}
    if as_json:
        listed = [{"line": line, **asdict(warning)} for line, warning in warnings]
        document = {"findings": len(checked), "papers": papers, "existing": existing, "remarks": remarks}
        missing = {"citations": {name: parts for name, parts in lacking.items() if parts}} if citations else {}
        print_json({**document, "faults": [], "warnings": listed, **missing})
    else:
        counted = f"{pluralize(len(checked), 'finding')} of {pluralize(papers, 'paper')}"
        click.echo(f"{counted}, no errors, {pluralize(len(warnings), 'warning')}, {existing} already stored")
        if citations:
            counts = Counter(part for parts in lacking.values() for part in parts)
            print_table(("missing", "findings"), counts.most_common(), numbers=("findings",))
            print_table(("finding", "missing"), [(name, ", ".join(parts)) for name, parts in lacking.items() if parts])
    _report_unread(file, warnings, strict)


@findings.command()
@click.argument("file", type=FINDINGS_FILE)
@click.option("--held-out", is_flag=True, help="Reserve them for blind tests: models are not trained on them.")
@sheet_option
@as_json
def add(file: Path, held_out: bool, sheet: str, as_json: bool) -> None:
    """Add the findings of FILE (.tsv, .csv, a workbook, or .json): all of them or, if a row has errors, none."""
    installation = open_installation(may_make=True)
    request = IdempotentRequest(author(), key="", digest="")
    try:
        if file.suffix.lower() == ".json":
            answer = documents.add_json(installation.findings, _read_json(file), held_out, request)
        else:
            with report_row_faults(file, as_json, "nothing was added", findings=0):
                remarks = Remarks(file)
                rows = read_rows(file, sheet, remarks.append)
                answer = documents.add_table(installation.findings, rows, held_out, request, remarks)
    except FindingsError as error:
        if as_json:
            faults = [
                {"at": at, "column": fault.field, "code": fault.code, "remedy": fault.remedy}
                for at, fault in error.faults
            ]
            print_json({"findings": 0, "faults": faults})
        messages = (f"{at}: {fault}" for at, fault in error.faults)
        fail("\n  ".join([f"{pluralize(len(error.faults), 'error')} in {file.name}. Nothing was added:", *messages]))
    if as_json:
        print_json(answer)
        return
    added, existing, conflicts = (len(answer[kind]) for kind in ("added", "existing", "conflicts"))
    click.echo(f"{pluralize(added, 'finding')} added, {existing} already stored, {pluralize(conflicts, 'conflict')}")
    findings_edit.print_conflicts(answer["conflicts"])
    for unread_value in answer["warnings"]:
        row = unread_value.pop("row")
        click.echo(f"Warning: row {row + 1}: {ReadingWarning(**unread_value)}", err=True)


@findings.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(documents.MEDIA_TYPES)),
    help="By default the suffix of FILE (.csv, .tsv, .json, .bib, .ris, .csl or .zip), or tsv.",
)
@findings_edit.filter_options
def export(file: Path, form: str | None, filters: Filters) -> None:
    """Write findings to FILE (.tsv, .csv or .json; - for standard output) in the form in which they can be added, their
    papers as BibTeX (.bib), RIS (.ris) or CSL-JSON (.csl), or a data package (croissant, .zip).

    The data package is a zip file of the findings, the vocabulary and the cargo roles in CSV. Unpack it, then load it with
    Croissant (croissant.json), Frictionless (datapackage.json), or as plain tables.

    By default the active findings that models are trained on; --held-out writes those reserved for blind tests instead. A
    table cannot say which are, so both kinds are never in one.
    """
    to_output = str(file) == "-"
    form = form or ("tsv" if to_output else documents.SUFFIXES.get(file.suffix.lower().removeprefix(".")))
    if form is None:
        suffixes = ", ".join(f".{suffix}" for suffix in documents.SUFFIXES)
        raise click.UsageError(f"{file.name} ends in none of {suffixes}. State the format with --format.")
    installation = open_installation()
    with findings_edit.report_errors(as_json=False):
        pieces = documents.export(installation.findings, replace(filters, held_out=bool(filters.held_out)), form)
        if to_output:
            sys.stdout.buffer.writelines(pieces)
            return
        try:
            with atomic_write(file) as out:
                out.writelines(pieces)
        except OSError as error:
            fail(f"{file} cannot be written: {words_of(error)}.")


for command in findings_edit.COMMANDS:
    findings.add_command(command)


def _report_unread(file: Path, warnings: Sequence[tuple[int, ReadingWarning]], strict: bool) -> None:
    """Prints what is not known, and fails where that is `strict`."""
    for line, warning in warnings:
        click.echo(f"{file}: line {line}: {warning}", err=True)
    if strict and warnings:
        fail(f"{pluralize(len(warnings), 'value')} of {file.name} {'is' if len(warnings) == 1 else 'are'} not known.")


def _read_json(file: Path) -> list[Any]:
    try:
        document = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        fail(f"{file.name} is not valid JSON ({error}).")
    listed = document.get("findings") if isinstance(document, dict) and set(document) == {"findings"} else document
    if not isinstance(listed, list) or not listed:
        fail(f'{file.name} must hold {{"findings": [ … ]}}, a list of at least one finding.')
    return listed
