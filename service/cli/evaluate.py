"""`exoscore evaluate`: a model on labelled findings that it has not seen."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from models.errors import SeenPapersError
from service.cli.output import (
    FINDINGS_FILE,
    Remarks,
    as_json,
    fail,
    model_option,
    open_installation,
    open_scorer,
    print_json,
    report_row_faults,
    round_numbers,
    row_faults,
    sheet_option,
    warn,
    write_file,
)
from training.data.findings import read_labelled
from training.data.tabular import format_rows
from training.evaluation import cross_validation


@click.command()
@click.argument("findings", type=FINDINGS_FILE)
@model_option
@click.option("--allow-seen", is_flag=True, help="Include findings of papers that the model was trained on.")
@click.option(
    "--predictions",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the prediction for each finding to FILE: CSV if it ends in .csv, else TSV.",
)
@sheet_option
@as_json
def evaluate(
    findings: Path, model: str | None, allow_seen: bool, predictions: Path | None, sheet: str, as_json: bool
) -> None:
    """Score the labelled FINDINGS (TSV, CSV or a workbook) of papers that the model was not trained on, and print its figures.

    \b
    Examples:
      exoscore evaluate blind.tsv
      exoscore evaluate blind.csv --predictions predictions.csv
    """
    installation = open_installation(may_make=True)
    with report_row_faults(findings, as_json, "nothing was scored"):
        labelled = read_labelled(findings, installation.registry.features.parser, sheet, Remarks(findings).append)
    scorer = open_scorer(installation, model)
    try:
        evaluation = cross_validation.evaluate(scorer, labelled.findings, allow_seen)
    except SeenPapersError as error:
        papers = ", ".join(error.papers[:5]) + (" …" if len(error.papers) > 5 else "")
        fail(f"{error} ({papers}). Leave them out, or add --allow-seen")
    for fault in labelled.backed_off:
        warn(f"{findings}: {fault}; scored without it.")
    if predictions:
        _write(predictions, evaluation.predictions)
    figures = evaluation.as_dict()
    if as_json:
        backed_off = row_faults(findings, labelled.backed_off)
        print_json(round_numbers({"model": scorer.bundle.id, **figures, "backed_off": backed_off}))
        return
    del figures["coverage"]
    for name, value in figures.items():
        shown = "not defined" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
        click.echo(f"{name:28s}{shown}")
    for of_group in evaluation.coverage.values():
        for value, of_value in of_group.items():
            for effect, (share, count) in of_value.items():
                click.echo(f"{f'covered, {value}, {effect}':52s}{share:.4f} of {count}")


def _write(path: Path, predictions: Sequence[Mapping[str, object]]) -> None:
    rows = [{name: str(value) for name, value in row.items()} for row in predictions]
    lines = format_rows(rows, list(rows[0]), path.suffix.lower() == ".csv")
    write_file(path, "".join(lines).encode("utf-8"), "the predictions")
