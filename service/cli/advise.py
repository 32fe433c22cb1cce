"""`exoscore train advise`: what to settle, what to read again, what to test next."""

from __future__ import annotations

from pathlib import Path

import click

from service.cli.shared import as_json, fail, installation, print_json
from service.cli.trained_on import chosen_findings, findings_options
from service.first_model import training_progress
from training.advice import Advice
from training.advice import advise as advice_on
from training.assessment import STEPS
from training.conflicts import Conflict
from training.doubts import Doubt
from training.next_experiments import Experiment

TOP = 10


@click.command()
@findings_options
@click.option("--top", default=TOP, show_default=True, type=click.IntRange(1, 200), help="How many of each to list.")
@as_json
def advise(files: tuple[Path, ...], with_corpus: bool, seed: int, top: int, as_json: bool) -> None:
    """Say what would make the model better, without keeping one.

    Lists papers that contradict each other, findings whose effect other papers make unlikely, and experiments that would
    teach most.
    """
    opened = installation()
    features = opened.registry.features
    findings = chosen_findings(files, with_corpus, opened, as_json)
    try:
        with training_progress(f"Weighing {len(findings)} findings", STEPS) as progress:
            found = advice_on(findings, features, seed, top, progress=progress)
    except ValueError as error:
        fail(f"these findings cannot be learned from: {error}")
    if as_json:
        print_json(found.as_dict(top))
    else:
        _print(found, top)


def _print(found: Advice, top: int) -> None:
    click.echo(f"Papers that contradict each other: {len(found.conflicts)} vesicles")
    for conflict in found.conflicts[:top]:
        _print_conflict(conflict)
    doubts = found.doubts
    click.echo(
        f"\nFindings to read again: {doubts.suspected} of {found.findings} suspected,"
        f" about {doubts.estimated_errors:.0f} labels wrong or surprising"
    )
    for doubt in doubts.findings[:top]:
        _print_doubt(doubt)
    click.echo("\nExperiments that would teach most")
    for number, experiment in enumerate(found.experiments[:top], start=1):
        _print_experiment(number, experiment)


def _print_conflict(conflict: Conflict) -> None:
    source = f"{conflict.source_cell} ({conflict.source_phenotype})"
    where = f", both in {', '.join(conflict.same_tumour)}" if conflict.same_tumour else ""
    click.echo(f"  {conflict.cargo_state} {conflict.cargo} of {source}: {conflict.papers} papers{where}")
    said = conflict.as_dict()
    for effect in ("suppressing", "promoting"):
        for one in said[effect]:
            click.echo(f"    {effect:12s}{one['cancer_type']}: {one['cited']}  {one['link']}")


def _print_doubt(doubt: Doubt) -> None:
    said = doubt.as_dict()
    mark = "suspected" if doubt.suspected else "unlikely"
    click.echo(
        f"  {doubt.finding.finding_id} {doubt.finding.effect}, {mark}:"
        f" probability {doubt.self_confidence:.3f}, p-value {doubt.p_value:.3f}"
    )
    click.echo(f"    against it: {doubt.because}")
    click.echo(f"    {said['cited']}  {said['link']}")


def _print_experiment(number: int, experiment: Experiment) -> None:
    one = experiment.candidate
    tumour = f" in {one['cancer_type']}" if one.get("cancer_type") else ""
    low, high = experiment.interval
    click.echo(
        f"  {number}. {one['cargo_state']} {one['cargo_name']} ({one['cargo_type']}) of {one['source_cell']}"
        f" ({one['source_phenotype']}){tumour}"
    )
    click.echo(
        f"    takes off {100 * experiment.reduction:.1f} % of the uncertainty; now {experiment.probability:.2f}"
        f" ({low:.2f} to {high:.2f}); {experiment.support.findings} findings of this source and state;"
        f" settles {', '.join(name for name, _ in experiment.settles)}"
    )
