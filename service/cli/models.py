"""`exoscore models`: the registry."""

import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from models.errors import TableError
from models.estimator import artifact
from models.estimator.scorecard import STATES
from models.files import atomic_write
from models.scorer import Scorer
from models.scoring.summary import retraction_remark
from service.batch.formats import Format, format_read
from service.batch.options import BatchSpec, Options
from service.cli.output import (
    BAD_ROWS,
    as_json,
    as_sentence,
    author,
    fail,
    format_probability,
    name_option,
    open_installation,
    print_json,
    print_table,
    reason_option,
    sheet_option,
    warn,
)
from service.operations.first_model import training_progress
from service.registry import promotion, serializers
from service.registry.model_registry import ModelRegistry
from training.evaluation.cross_validation import REPEATS
from training.evaluation.metrics import METRICS
from training.gate import findings_of
from training.report.datasheet import datasheet_text
from training.report.formatting import describe_cargo, describe_source, learned_from
from training.report.model_card import card_text

STATUSES = {"current": "in use", "kept": "stored", "retired": "retired"}
_SHOWN_ERRORS = 5
_SHOWN = ("auroc", "within_stratum_auroc", "mcc")
_MODEL = click.argument("model_id", metavar="ID")
_MODEL_OR_CURRENT = click.argument("model_id", metavar="[ID]", required=False)


@click.group()
def models() -> None:
    """List, compare, promote and roll back models."""


@models.command(name="list")
@as_json
def list_models(as_json: bool) -> None:
    """List the models, the newest first, with figures on papers left out of training.

    \b
    Example:
      exoscore models list
    """
    listed = serializers.list_models(open_installation().registry)
    if as_json:
        print_json(listed)
        return
    titles = ("findings", *(METRICS[name].title for name in _SHOWN))
    rows = []
    for model in listed["models"]:
        figures = (model["figures"].get(name) for name in _SHOWN)
        rows.append(
            (
                model["id"],
                f"#{model['number']}",
                model["name"],
                STATUSES[model["status"]],
                model["created"][:10],
                str(model["trained_on"]["findings"]),
                *("" if figure is None else f"{figure:.3f}" for figure in figures),
            )
        )
    print_table(("model", "#", "name", "status", "trained", *titles), rows, numbers=("#", *titles))


@models.command()
@_MODEL
@as_json
def show(model_id: str, as_json: bool) -> None:
    """Show a model with its figures and its promotion check.

    \b
    Example:
      exoscore models show exo-6f3203b4137f
    """
    model = serializers.model_detail(open_installation().registry, model_id)
    if as_json:
        print_json(model)
        return
    click.secho(f"{model['id']} ({model['name']}, #{model['number']}): {STATUSES[model['status']]}", bold=True)
    figures = model["figures"].items()
    rows = [
        ("Trained", f"{model['created'][:16].replace('T', ' ')} UTC by {model['author']}"),
        ("Training data", learned_from(model["trained_on"])),
        ("Code", f"Exoscore {model['manifest']['code']}, seed {model['manifest']['seed']}"),
        ("Lock file", model["manifest"].get("lock") or "not recorded"),
        *((METRICS[name].title, "not defined" if value is None else f"{value:.3f}") for name, value in figures),
        *(("Promotion check", as_sentence(line)) for line in (model["gate"] or {"says": ()})["says"]),
        *(("New findings", line) for line in promotion.changes_of(model["gate"])),
    ]
    print_table((), rows)
    if remark := retraction_remark(model["retracted"] or 0):
        warn(as_sentence(remark))


@models.command()
@_MODEL
@click.option("--to", "other", metavar="ID", help="The id of the other model, instead of the one in use.")
@click.option(
    "--on",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare them on the candidates in FILE (.csv, .tsv, .jsonl, .parquet or a workbook), not on the curated ones.",
)
@sheet_option
@click.option("--csv", "as_csv", is_flag=True, help="Print every row of FILE as CSV.")
@as_json
def diff(model_id: str, other: str | None, file: Path | None, sheet: str, as_csv: bool, as_json: bool) -> None:
    """Compare the predictions of model ID to those of another one, by default the one in use.

    With --on, rows with errors are left out, and the exit status is 3.

    \b
    Examples:
      exoscore models diff exo-6f3203b4137f
      exoscore models diff exo-6f3203b4137f --to exo-d305fd4a82e4
      exoscore models diff exo-6f3203b4137f --on candidates.csv --csv > compared.csv
    """
    if file is None and (as_csv or sheet):
        raise click.UsageError("--csv and --sheet need a FILE of candidates. Give --on FILE.")
    registry = open_installation().registry
    if file:
        _compare_on_file(registry.scorer(model_id), registry.scorer(other), file, sheet, as_csv, as_json)
        return
    difference = serializers.difference(registry.scorer(model_id), registry.scorer(other))
    if as_json:
        print_json(difference)
        return
    changed, largest = len(difference["changed"]), format_probability(difference["largest_change"])
    click.echo(
        f"{difference['model']} compared to {difference['other']}: the prediction differs for {changed} of "
        f"{difference['candidates']} curated candidates, the probability by at most {largest}."
    )
    _print_changed(difference, difference["changed"])


def _compare_on_file(model: Scorer, other: Scorer, file: Path, sheet: str, as_csv: bool, as_json: bool) -> None:
    from service.batch.model_comparison import changed_most, compare_on_file, comparison_table, error_faults

    form = format_read(file)
    if form is None:
        raise click.UsageError(f"FILE {file} must end in .csv, .tsv, .jsonl, .parquet or a suffix of workbooks.")
    try:
        document = compare_on_file(model, other, BatchSpec(Options(form, Format.CSV, sheet=sheet), file, None))
    except TableError as error:
        for fault in error.faults:
            click.echo(f"{file}: {fault}", err=True)
        fail(f"the models were not compared, since {file} cannot be read")
    if as_json:
        print_json(document)
    elif as_csv:
        click.echo("".join(comparison_table(document)), nl=False)
    else:
        largest = format_probability(document["largest_change"])
        click.echo(
            f"{document['model']} compared to {document['other']}: the prediction differs for {document['changed']} of "
            f"{document['compared']} candidates of {file}, the probability by at most {largest}."
        )
        _print_changed(document, changed_most(document))
    for remark in document["remarks"]:
        click.echo(f"{file}: {as_sentence(remark)}", err=True)
    for line in error_faults(document)[:_SHOWN_ERRORS]:
        click.echo(f"{file}: {line}", err=True)
    if len(document["errors"]) > _SHOWN_ERRORS:
        click.echo("  --json lists every error.", err=True)
    if document["errors"]:
        sys.exit(BAD_ROWS)


def _print_changed(document: Mapping[str, Any], changed: Sequence[Mapping[str, Any]]) -> None:
    if changed:
        click.echo()
        print_table(("candidate", document["model"], document["other"]), list(map(_changed_row, changed)))


def _changed_row(change: Mapping[str, Any]) -> tuple[str, str, str]:
    candidate = change["candidate"]
    cancer_type = f", {candidate['cancer_type']}" if candidate.get("cancer_type") else ""
    own, others = (
        f"{change[f'{which}label']} ({format_probability(change[f'{which}probability_suppressing'])})"
        for which in ("", "other_")
    )
    return f"{describe_cargo(candidate)}, {describe_source(candidate)}{cancer_type}", own, others


@models.command()
@_MODEL_OR_CURRENT
@click.option("--cargos", is_flag=True, help="Also the points of every known cargo, in every cancer type.")
@click.option("--tsv", is_flag=True, help="Print tab-separated values.")
@as_json
def scorecard(model_id: str | None, cargos: bool, tsv: bool, as_json: bool) -> None:
    """Show the points that a score is the sum of, by hand if need be. Without ID they are of the model in use.

    \b
    Examples:
      exoscore models scorecard
      exoscore models scorecard exo-6f3203b4137f --cargos --tsv > card.tsv
    """
    document = serializers.scorecard(open_installation().registry.scorer(model_id), cargos)
    if as_json:
        print_json(document)
        return
    if tsv:
        click.echo("".join(serializers.scorecard_table(document)), nl=False)
        return
    click.secho(f"The points of {document['model']}", bold=True)
    rows = [
        (row["field"], row["level"], row["of"], *(f"{points:+.4f}" for points in row["points"].values()))
        for row in document["rows"]
    ]
    print_table(("field", "level", "of", *STATES), rows, numbers=STATES)
    for rule in ("", *document["rules"], "The terms of each row are in the output of --tsv and --json."):
        click.echo(rule)


@models.command()
@_MODEL_OR_CURRENT
@as_json
def card(model_id: str | None, as_json: bool) -> None:
    """Show the model card as Markdown. Without ID it is that of the model in use.

    \b
    Examples:
      exoscore models card
      exoscore models card exo-6f3203b4137f > card.md
    """
    _print_sheet(serializers.model_card, card_text, model_id, as_json)


@models.command()
@_MODEL_OR_CURRENT
@as_json
def datasheet(model_id: str | None, as_json: bool) -> None:
    """Show the datasheet of a model's training data as Markdown: what it has, whose it is and what is missing.

    Without ID it is that of the model in use.

    \b
    Examples:
      exoscore models datasheet
      exoscore models datasheet exo-6f3203b4137f > datasheet.md
    """
    _print_sheet(serializers.model_datasheet, datasheet_text, model_id, as_json)


def _print_sheet(
    describe: Callable[[ModelRegistry, str], dict[str, Any]],
    write: Callable[[dict[str, Any]], str],
    model_id: str | None,
    as_json: bool,
) -> None:
    registry = open_installation().registry
    document = describe(registry, model_id or registry.scorer().bundle.id)
    if as_json:
        print_json(document)
    else:
        click.echo(write(document), nl=False)


@models.command()
@_MODEL
@as_json
def gate(model_id: str, as_json: bool) -> None:
    """Run the promotion check of a model against the one in use.

    Both are trained anew without some papers and tested on those. A model passes if it is not worse on the same papers.

    \b
    Example:
      exoscore models gate exo-6f3203b4137f
    """
    installation = open_installation()
    registry = installation.registry
    findings = findings_of(registry.scorer(model_id).bundle.model, registry.features)
    held_out, cluster_address = installation.findings.held_out(), installation.settings.dask_address
    with training_progress(f"Comparing {model_id} with the model in use", 2 * REPEATS) as progress:
        current, verdict = promotion.run_gate(registry, model_id, findings, held_out, progress, cluster_address)
    if as_json:
        print_json({"model": model_id, "current": current, "gate": verdict})
        return
    for message in (*promotion.gate_messages(verdict), *promotion.changes_of(verdict)):
        click.echo(as_sentence(message))


@models.command()
@_MODEL
@click.option("--force", is_flag=True, help="Promote whatever the promotion check says.")
@reason_option
def promote(model_id: str, force: bool, reason: str) -> None:
    """Put a model into use, if the promotion check recommends it. `exoscore models gate` runs the check.

    \b
    Examples:
      exoscore models promote exo-6f3203b4137f --reason "better on the plasma panel"
      exoscore models promote exo-6f3203b4137f --force --reason "checked on the plasma panel"
    """
    promotion.promote(open_installation().registry, model_id, author(), force, reason)
    click.echo(f"{model_id} is in use.")


@models.command()
@reason_option
def rollback(reason: str) -> None:
    """Return to the model that was in use before.

    \b
    Example:
      exoscore models rollback --reason "worse on the plasma panel"
    """
    click.echo(f"{open_installation().registry.roll_back(author(), reason)} is in use.")


@models.command()
@_MODEL
@reason_option
def retire(model_id: str, reason: str) -> None:
    """Retire a model, so that it can no longer be used. It stays stored.

    \b
    Example:
      exoscore models retire exo-6f3203b4137f --reason "replaced"
    """
    open_installation().registry.retire(model_id, author(), reason)
    click.echo(f"{model_id} is retired.")


@models.command()
@_MODEL
@reason_option
def restore(model_id: str, reason: str) -> None:
    """Restore a retired model, so that it can be used again.

    \b
    Example:
      exoscore models restore exo-6f3203b4137f --reason "retired by mistake"
    """
    open_installation().registry.retire(model_id, author(), reason, retired=False)
    click.echo(f"{model_id} can be used again.")


@models.command()
@_MODEL
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["bundle", "onnx"]),
    default="bundle",
    show_default=True,
    help="What `exoscore models import` reads, or what ONNX Runtime runs.",
)
def export(model_id: str, file: Path, form: str) -> None:
    """Write a model to FILE, and its signing key, made for this file, to FILE.key. A model as ONNX is not signed.

    \b
    Examples:
      exoscore models export exo-6f3203b4137f model.exo
      exoscore models export exo-6f3203b4137f model.onnx --format onnx
    """
    bundle = open_installation().registry.scorer(model_id).bundle
    if form == "onnx":
        from training.onnx_export import export_onnx

        named = {"model": bundle.id, **bundle.manifest["fingerprints"]}
        with atomic_write(file) as out:
            out.write(export_onnx(bundle.model.weights, bundle.model.baseline, named))
        click.echo(f"{model_id} is in {file}.")
        return
    key = secrets.token_hex(32).encode("ascii")
    key_file = file.with_name(f"{file.name}.key")
    for path, content in ((file, artifact.dump(bundle, key)), (key_file, key)):
        with atomic_write(path) as out:
            out.write(content)
    click.echo(f"{model_id} is in {file}, its key in {key_file}.")


@models.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@name_option
def import_model(file: Path, name: str) -> None:
    """Store the model in FILE, verified by the key in FILE.key. It is not used until it is promoted.

    \b
    Example:
      exoscore models import model.exo --name partner-2026-11
    """
    from service.registry.imports import import_model as store

    try:
        content, key = file.read_bytes(), file.with_name(f"{file.name}.key").read_bytes()
    except OSError as error:
        fail(f"cannot read {error.filename}: {error.strerror}")
    bundle = store(open_installation(may_make=True).registry, content, key, author(), name)
    click.echo(f"{bundle.id} is stored, not in use.")
