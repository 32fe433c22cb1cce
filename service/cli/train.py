"""`exoscore train`: a model from findings, with honest figures beside baselines."""

from __future__ import annotations

import math
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from models.candidate import Reader
from models.errors import SheetError
from service.cli.shared import (
    FAILED,
    FINDINGS_FILE,
    as_json,
    author,
    fail,
    installation,
    print_json,
    print_row_faults,
    row_faults,
)
from service.first_model import training_progress
from training.evaluation import CrossValidation
from training.findings import CORPUS, Finding, merge, read_findings
from training.left_out import MODEL
from training.produce import produce

_SHOWN = {
    "auroc": "AUROC",
    "within_stratum_auroc": "within stratum",
    "within_stratum_auroc_named": "named cargo",
    "mcc": "MCC",
    "brier": "Brier",
    "log_loss": "log loss",
    "ece": "ECE",
    "coverage_suppressing": "cover s.",
    "coverage_promoting": "cover p.",
    "singletons": "single",
}


@click.command()
@click.option(
    "--findings", "files", multiple=True, type=FINDINGS_FILE, help="Findings to learn from, instead of the corpus."
)
@click.option("--with-corpus", is_flag=True, help="Learn from the shipped corpus too.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Deals papers to folds.")
@click.option("--promote", is_flag=True, help="Make the model the current one.")
@as_json
def train(files: tuple[Path, ...], with_corpus: bool, seed: int, promote: bool, as_json: bool) -> None:
    """Train a model on findings and print its figures on papers it left out, beside baselines.

    The first model becomes the current one; a later one only with --promote.
    """
    kept = installation().registry
    features = kept.features
    chosen = (*files, CORPUS) if with_corpus or not files else files
    findings = merge([_read(path, features.reader, as_json) for path in chosen])
    try:
        with training_progress(f"Training on {len(findings)} findings") as progress:
            bundle, figures = produce(findings, features, seed=seed, progress=progress)
    except ValueError as error:
        fail(f"these findings cannot be learned from: {error}")
    kept.keep(bundle, author())
    if promote or kept.current_id() is None:
        kept.promote(bundle.id, author())
    current = kept.current_id()
    if as_json:
        print_json({"model": bundle.id, "current": current, **figures.as_dict()})
        return
    _print(figures)
    state = "is the current one" if current == bundle.id else f"is kept; the current one is {current}"
    click.echo(f"Model {bundle.id} {state}.")


def _read(path: Path, reader: Reader, as_json: bool) -> tuple[Finding, ...]:
    try:
        return read_findings(path, reader)
    except SheetError as error:
        if as_json:
            print_json({"faults": row_faults(path, error.faults)})
        else:
            print_row_faults(path, error.faults)
        fail(f"{path.name} has {len(error.faults)} faults; nothing was trained", FAILED)


def _print(figures: CrossValidation) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 140
    title = f"{figures.findings} findings of {figures.papers} papers, {figures.repeats} x {figures.folds} folds grouped by paper"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("mean over repeats", no_wrap=True)
    for name in _SHOWN.values():
        table.add_column(name, justify="right")
    for name, of_one in figures.of.items():
        table.add_row(name, *(_figure(of_one[figure].mean) for figure in _SHOWN))
    for bound in ("low", "high"):
        spread = (getattr(figures.of[MODEL][figure], bound) for figure in _SHOWN)
        table.add_row(f"  {'5th' if bound == 'low' else '95th'} percentile", *map(_figure, spread))
    console.print(table)


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"
