"""`exoscore train advise`: which contradictions to resolve, which findings to check, which experiments to do next."""

from pathlib import Path

import click

from models.scoring.summary import describe_sources
from service.cli.output import (
    as_json,
    fail,
    format_interval,
    format_probability,
    open_installation,
    print_json,
    round_numbers,
)
from service.cli.training_data import chosen_findings, findings_options
from service.operations.first_model import training_progress
from training import advice
from training.advice.experiments import Experiment
from training.advice.label_errors import LabelQuality
from training.data.conflicts import Conflict
from training.data.findings import EFFECTS
from training.evaluation.assessment import STEPS
from training.evaluation.cross_validation import EvaluationPlan
from training.report.formatting import pluralize

TOP = 10


@click.command()
@findings_options
@click.option(
    "--top", metavar="N", default=TOP, show_default=True, type=click.IntRange(1, 200), help="How many of each to list."
)
@as_json
def advise(files: tuple[Path, ...], with_corpus: bool, seed: int, top: int, as_json: bool) -> None:
    """List what would improve the model, without storing one.

    Lists papers that contradict each other, findings whose effect is unlikely by all other papers, and the experiments that
    would reduce uncertainty most.

    \b
    Examples:
      exoscore train advise --top 5
      exoscore train advise --findings own.tsv --with-corpus
    """
    installation = open_installation(may_make=True)
    findings = chosen_findings(files, with_corpus, installation, as_json)
    try:
        with training_progress(f"Weighing {len(findings)} findings", STEPS) as progress:
            advised = advice.advise(findings, installation.registry.features, top, EvaluationPlan(seed=seed), progress)
    except ValueError as error:
        fail(f"a model cannot be trained on these findings: {error}")
    if as_json:
        print_json(round_numbers(advised.as_dict(top)))
        return
    click.echo(f"Papers that contradict each other: {pluralize(len(advised.conflicts), 'candidate')}")
    for conflict in advised.conflicts[:top]:
        _print_conflict(conflict)
    errors = advised.label_errors
    click.echo(
        f"\nFindings to check: {errors.suspected} of {advised.findings} suspected;"
        f" about {errors.estimated_errors:.0f} effects are wrong or surprising"
    )
    for quality in errors.findings[:top]:
        _print_quality(quality)
    click.echo("\nExperiments that would reduce uncertainty most")
    for number, experiment in enumerate(advised.experiments[:top], start=1):
        _print_experiment(number, experiment)


def _print_conflict(conflict: Conflict) -> None:
    source = f"{conflict.source_cell} ({conflict.source_phenotype})"
    sources = describe_sources(conflict.papers, conflict.lab_findings)
    where = f", both in {', '.join(conflict.same_tumour)}" if conflict.same_tumour else ""
    click.echo(f"  {conflict.cargo_state} {conflict.cargo} of {source}: {sources}{where}")
    document = conflict.as_dict()
    for effect in EFFECTS:
        for finding in document[effect]:
            click.echo(f"    {effect:12s}{finding['cancer_type']}: {finding['cited']}  {finding['link']}")


def _print_quality(quality: LabelQuality) -> None:
    document = quality.as_dict()
    click.echo(
        f"  {quality.finding.finding_id} {quality.finding.effect},"
        f" {'suspected' if quality.is_label_issue else 'unlikely'}:"
        f" probability {format_probability(quality.self_confidence)}, p-value {quality.p_value:.3f}"
    )
    click.echo(f"    Against it: {quality.because}")
    click.echo(f"    {document['cited']}  {document['link']}")


def _print_experiment(number: int, experiment: Experiment) -> None:
    tested = experiment.candidate
    tumour = f" in {tested['cancer_type']}" if tested.get("cancer_type") else ""
    click.echo(
        f"  {number}. {tested['cargo_state']} {tested['cargo_name']} ({tested['cargo_type']}) of {tested['source_cell']}"
        f" ({tested['source_phenotype']}){tumour}"
    )
    click.echo(
        f"    Would reduce the uncertainty by {100 * experiment.reduction:.1f} %, most for"
        f" {', '.join(name for name, _ in experiment.reduces_uncertainty_of)}. Probability of suppressing now:"
        f" {format_probability(experiment.probability)} ({format_interval(experiment.interval)}),"
        f" from {pluralize(experiment.support.findings, 'finding')} of this source and cargo state."
    )
