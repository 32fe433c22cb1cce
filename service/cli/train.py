"""`exoscore train`: a model from findings, with honest figures beside baselines; `exoscore train advise` in advise.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from service.cli.advise import advise
from service.cli.shared import as_json, author, fail, installation, print_json
from service.cli.trained_on import chosen_findings, findings_options
from service.errors import PromotionError
from service.first_model import training_progress
from service.jobs.training import Trained, Wanted, train_on
from service.store import StoreError
from training.assessment import Assessment
from training.evaluation import CrossValidation
from training.left_out import MODEL
from training.report import evaluation_report as report
from training.shifts import Shift

PER_CENT = 100
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


@click.group(invoke_without_command=True)
@findings_options
@click.option("--promote", is_flag=True, help="Make the model the current one, if the gate recommends it.")
@click.option("--force", is_flag=True, help="Make it the current one whatever the gate says; needs --reason.")
@click.option("--reason", default="", help="Why it is forced; it is kept.")
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write report.html, card.md and card.json there, with cold folds, years and the learning curve.",
)
@as_json
@click.pass_context
def train(
    context: click.Context,
    files: tuple[Path, ...],
    with_corpus: bool,
    seed: int,
    promote: bool,
    force: bool,
    reason: str,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Train a model on findings and print its figures on papers it left out, beside baselines.

    Where there is a current model, the gate compares the new one with it. The first model becomes the current one; a later
    one only with --promote.
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    if force and not reason.strip():
        raise click.UsageError("a promotion is forced only with a reason, which is kept: give --reason")
    if folder is not None:
        try:
            report.prepare(folder)
        except OSError as error:
            fail(f"no report can be written to {folder}: {error.strerror}; nothing was trained")
    opened = installation()
    findings = chosen_findings(files, with_corpus, opened, as_json)
    wanted = Wanted(seed, promote or force, force, reason)
    try:
        with training_progress(f"Training on {len(findings)} findings", PER_CENT) as progress:
            trained = train_on(
                opened,
                findings,
                opened.findings.held_out(),
                wanted,
                author(),
                lambda done, says: progress(round(PER_CENT * done)),
                with_shifts=folder is not None,
            )
    except ValueError as error:
        fail(f"these findings cannot be learned from: {error}")
    except (PromotionError, StoreError) as error:
        fail(str(error))
    written = _report(folder, trained.bundle.manifest, trained.assessment) if folder else ()
    current = opened.registry.current_id()
    if as_json:
        files_written = {"report": [str(path) for path in written]} if folder else {}
        gate = {"gate": trained.gate, "promoted": trained.promoted}
        print_json(
            {
                "model": trained.bundle.id,
                "current": current,
                **trained.bundle.manifest["metrics"],
                **gate,
                **files_written,
            }
        )
    else:
        _print_trained(trained, current, written)
    if trained.not_promoted_because:
        fail(trained.not_promoted_because)


def _print_trained(trained: Trained, current: str | None, written: Sequence[Path]) -> None:
    _print(trained.assessment.cross_validation)
    if shifts := trained.assessment.shifts:
        _print_shifts([*shifts.cold, *shifts.by_year])
    for line in trained.gate["says"] if trained.gate else ():
        click.echo(f"The gate: {line}.")
    state = "is the current one" if current == trained.bundle.id else f"is kept; the current one is {current}"
    click.echo(f"Model {trained.bundle.id} {state}.")
    for path in written:
        click.echo(f"Written: {path}")


train.add_command(advise)


def _refuse_options(context: click.Context) -> None:
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and context.get_parameter_source(parameter.name) != ParameterSource.DEFAULT
    ]
    if given:
        name = context.invoked_subcommand
        raise click.UsageError(f"give {', '.join(given)} after {name}: exoscore train {name} {given[0]} …")


def _report(folder: Path, manifest: Mapping[str, Any], assessment: Assessment) -> tuple[Path, ...]:
    try:
        return report.write(folder, manifest, assessment)
    except OSError as error:
        fail(f"the model is kept, but its report could not be written to {folder}: {error.strerror}")


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 140
    return console


def _print(figures: CrossValidation) -> None:
    title = f"{figures.findings} findings of {figures.papers} papers, {figures.protocol}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("mean over repeats", no_wrap=True)
    for name in _SHOWN.values():
        table.add_column(name, justify="right")
    for name, of_one in figures.of.items():
        table.add_row(name, *(_figure(of_one[figure].mean) for figure in _SHOWN))
    of_model = figures.of[MODEL]
    for end, shown in ((0, "  95 % interval from"), (1, "  95 % interval to")):
        table.add_row(shown, *(_figure(of_model[figure].interval[end]) for figure in _SHOWN))
    for bound, shown in (("low", "  5th percentile of repeats"), ("high", "  95th percentile of repeats")):
        table.add_row(shown, *(_figure(getattr(of_model[figure], bound)) for figure in _SHOWN))
    best = max(figures.differences, key=lambda name: figures.of[name]["auroc"].mean)
    more = figures.differences[best]
    table.add_row(f"model minus {best}", *(_figure(more[figure].mean, "+.3f") for figure in _SHOWN))
    for end, shown in ((0, "  95 % interval from"), (1, "  95 % interval to")):
        table.add_row(shown, *(_figure(more[figure].interval[end], "+.3f") for figure in _SHOWN))
    _console().print(table)


def _print_shifts(shifts: list[Shift]) -> None:
    table = Table(title="Other findings than those learned from", title_justify="left", box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    for name in ("findings", *_SHOWN.values()):
        table.add_column(name, justify="right")
    for shift in shifts:
        if shift.comparison is None:
            table.add_row(f"{shift.name}, {shift.undefined}")
            continue
        of_model = shift.comparison.of[MODEL]
        table.add_row(shift.name, str(shift.comparison.findings), *(_figure(of_model[name].mean) for name in _SHOWN))
    _console().print(table)


def _figure(value: float, shape: str = ".3f") -> str:
    return "" if math.isnan(value) else f"{value:{shape}}"
