"""`exoscore findings`: the curated findings, and a lab's own."""

from __future__ import annotations

from pathlib import Path

import click

from models.errors import SheetError
from service.cli.shared import FAILED, FINDINGS_FILE, as_json, installation, print_json, print_row_faults, row_faults
from training.findings import read_findings


@click.group()
def findings() -> None:
    """Findings: what papers observed of candidates."""


@findings.command()
@click.argument("file", type=FINDINGS_FILE)
@as_json
@click.pass_context
def check(context: click.Context, file: Path, as_json: bool) -> None:
    """Check every row of FILE (TSV or CSV) as the shipped corpus is checked, and print every fault with its remedy."""
    try:
        found = read_findings(file, installation().registry.features.reader)
    except SheetError as error:
        if as_json:
            print_json({"findings": 0, "faults": row_faults(file, error.faults)})
        else:
            print_row_faults(file, error.faults)
            click.echo(f"{len(error.faults)} fault{'' if len(error.faults) == 1 else 's'} in {file.name}", err=True)
        context.exit(FAILED)
    papers = len({finding.paper for finding in found})
    if as_json:
        print_json({"findings": len(found), "papers": papers, "faults": []})
    else:
        click.echo(f"{len(found)} findings of {papers} papers, no fault")
