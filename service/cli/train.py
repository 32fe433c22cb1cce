"""`exoscore train`: a model from findings, with its figures beside baselines; `exoscore train advise` in advise.py."""

import math
from collections.abc import Mapping
from pathlib import Path

import click
from click.core import ParameterSource

from service.cli.advise import advise
from service.cli.output import (
    as_json,
    as_sentence,
    author,
    fail,
    name_option,
    open_installation,
    print_json,
    print_table,
    require_reason,
    round_numbers,
    words_of,
)
from service.cli.training_data import chosen_findings, findings_options
from service.db.tables import MAX_MODEL_NAME
from service.jobs.training import TrainingResult, TrainingSpec, train_on
from service.operations.first_model import training_progress
from service.registry.promotion import changes_of
from training.evaluation.baselines import MODEL
from training.evaluation.bootstrap import Estimate
from training.evaluation.cross_validation import CrossValidation
from training.evaluation.shifts import ShiftEvaluation
from training.report import evaluation_report as report

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
    "determined": "determined",
    "accuracy_determined": "right",
}


@click.group(invoke_without_command=True)
@findings_options
@click.option("--promote", is_flag=True, help="Put the model into use, if the promotion check recommends it.")
@click.option("--force", is_flag=True, help="Put it into use whatever the promotion check says. Needs --reason.")
@click.option("--reason", help="Why it is put into use. Stored in the audit log.")
@name_option
@click.option(
    "--report",
    "folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write report.html, card.md and card.json to FOLDER, with unseen cargos, years and the learning curve.",
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
    reason: str | None,
    name: str,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Train a model on findings, and evaluate it on papers left out, beside baselines.

    The first model is put into use; a later one only with --promote, and only if the promotion check finds it not worse than
    the model in use on the same papers.

    \b
    Examples:
      exoscore train
      exoscore train --findings own.tsv --with-corpus --name own-2026-11 --promote
      exoscore train --report report
      exoscore train advise
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    if force or reason is not None:
        reason = require_reason(context, reason)
    if folder is not None:
        try:
            report.prepare(folder)
        except OSError as error:
            fail(f"the report cannot be written, so nothing was trained: {words_of(error)}")
    installation = open_installation(may_make=True)
    findings = chosen_findings(files, with_corpus, installation, as_json)
    spec = TrainingSpec(seed, promote or force, force, reason or "", name or _name_of(files, with_corpus))
    try:
        with training_progress(f"Training on {len(findings)} findings", PER_CENT) as progress:
            trained = train_on(
                installation,
                findings,
                spec,
                author(),
                lambda done, says: progress(round(PER_CENT * done)),
                with_shifts=folder is not None,
            )
    except ValueError as error:
        fail(f"a model cannot be trained on these findings: {error}")
    written = _report(folder, trained) if folder else ()
    current = installation.registry.current_id()
    if as_json:
        document = {
            "model": trained.bundle.id,
            "current": current,
            **trained.bundle.manifest["metrics"],
            "gate": trained.gate,
            "promoted": trained.promoted,
            **({"report": [str(path) for path in written]} if folder else {}),
        }
        print_json(round_numbers(document))
    else:
        _print(trained, current)
        for path in written:
            click.echo(f"Written: {path}")
    if trained.not_promoted_because:
        fail(trained.not_promoted_because)


def _name_of(files: tuple[Path, ...], with_corpus: bool) -> str:
    """The name of a model of files alone; of others it is that of the corpus release."""
    return files[0].stem[:MAX_MODEL_NAME] if files and not with_corpus else ""


def _print(trained: TrainingResult, current: str | None) -> None:
    _print_metrics(trained.assessment.cross_validation)
    if shifts := trained.assessment.shifts:
        _print_shifts([*shifts.cold, *shifts.by_year])
    if trained.replaces == trained.bundle.id:
        click.echo("This model is in use already, trained on the same findings. Its promotion check stays.")
    for line in trained.gate["says"] if trained.gate else ():
        click.echo(f"Promotion check: {as_sentence(line)}")
    for line in changes_of(trained.gate):
        click.echo(f"New findings: {line}")
    state = "is in use" if current == trained.bundle.id else f"is stored, not in use; the model in use is {current}"
    click.secho(f"Model {trained.bundle.id} {state}.", bold=True)


train.add_command(advise)


def _refuse_options(context: click.Context) -> None:
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and context.get_parameter_source(parameter.name) != ParameterSource.DEFAULT
    ]
    if given:
        name = context.invoked_subcommand
        raise click.UsageError(f"Give {', '.join(given)} after {name}: exoscore train {name} {given[0]} …")


def _report(folder: Path, trained: TrainingResult) -> tuple[Path, ...]:
    try:
        return report.write(folder, trained.bundle.manifest, trained.assessment, trained.gate)
    except OSError as error:
        fail(f"the model is stored, but its report could not be written: {words_of(error)}")


def _print_metrics(validation: CrossValidation) -> None:
    of_model = validation.estimates[MODEL]
    best = max(validation.differences, key=lambda name: validation.estimates[name]["auroc"].mean)
    rows = [(name, *_means(estimates)) for name, estimates in validation.estimates.items()]
    rows += [
        *_intervals(of_model),
        ("  5th percentile of repeats", *(_number(of_model[name].low) for name in _SHOWN)),
        ("  95th percentile of repeats", *(_number(of_model[name].high) for name in _SHOWN)),
        (f"model minus {best}", *_means(validation.differences[best], "+.3f")),
        *_intervals(validation.differences[best], "+.3f"),
    ]
    titles = tuple(_SHOWN.values())
    title = f"{validation.findings} findings of {validation.papers} papers, {validation.protocol}"
    print_table(("mean over repeats", *titles), rows, title=title, numbers=titles)


def _print_shifts(shifts: list[ShiftEvaluation]) -> None:
    numbers = ("findings", *_SHOWN.values())
    rows = [
        (shift.name, str(shift.comparison.findings), *_means(shift.comparison.estimates[MODEL]))
        if shift.comparison
        else (f"{shift.name}, {shift.undefined_reason}",)
        for shift in shifts
    ]
    print_table(("model", *numbers), rows, title="On findings unlike the training data", numbers=numbers)


def _means(estimates: Mapping[str, Estimate], shape: str = ".3f") -> tuple[str, ...]:
    return tuple(_number(estimates[name].mean, shape) for name in _SHOWN)


def _intervals(estimates: Mapping[str, Estimate], shape: str = ".3f") -> list[tuple[str, ...]]:
    return [
        (title, *(_number(estimates[name].interval[end], shape) for name in _SHOWN))
        for end, title in ((0, "  95 % interval from"), (1, "  95 % interval to"))
    ]


def _number(value: float, shape: str = ".3f") -> str:
    return "" if math.isnan(value) else f"{value:{shape}}"
