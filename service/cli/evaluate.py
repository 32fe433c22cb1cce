"""`exoscore evaluate`: a model on labelled findings that it has not seen."""

from __future__ import annotations

from pathlib import Path

import click

from models.errors import ArtifactError, SeenPapersError, SheetError, UnknownModelError
from service.cli.shared import FINDINGS_FILE, as_json, fail, installation, print_json, print_row_faults, row_faults
from service.errors import RetiredModelError
from service.first_model import ensure_model
from service.store import StoreError
from training.evaluation import evaluate as figures_on
from training.findings import read_labelled


@click.command()
@click.argument("findings", type=FINDINGS_FILE)
@click.option("--model", help="The id of the model to evaluate, instead of the current one.")
@click.option("--allow-seen", is_flag=True, help="Also score findings whose paper the model was trained on.")
@as_json
def evaluate(findings: Path, model: str | None, allow_seen: bool, as_json: bool) -> None:
    """Score the labelled FINDINGS (TSV or CSV) that the model has not seen, and print its figures."""
    opened = installation()
    try:
        sheet = read_labelled(findings, opened.registry.features.reader)
        scorer = opened.registry.scorer(model) if model else ensure_model(opened)
        found = figures_on(scorer, sheet.findings, allow_seen)
    except SheetError as error:
        if as_json:
            print_json({"faults": row_faults(findings, error.faults)})
        else:
            print_row_faults(findings, error.faults)
        fail(f"{findings.name} has {len(error.faults)} faults; nothing was scored")
    except SeenPapersError as error:
        shown = ", ".join(error.papers[:5]) + (" …" if len(error.papers) > 5 else "")
        fail(f"{error} ({shown}): leave them out, or say --allow-seen")
    except UnknownModelError as error:
        fail(f"{error}; kept: {', '.join(error.known) or 'none'}")
    except (ArtifactError, RetiredModelError, StoreError) as error:
        fail(str(error))
    for fault in sheet.backed_off:
        click.echo(f"{findings}: {fault}; scored without it", err=True)
    if as_json:
        backed_off = row_faults(findings, sheet.backed_off)
        print_json({"model": scorer.bundle.id, **found.as_dict(), "backed_off": backed_off})
        return
    for name, value in found.as_dict().items():
        shown = "not defined" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
        click.echo(f"{name:28s}{shown}")
