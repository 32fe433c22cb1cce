"""`exoscore models`: the registry."""

import secrets
from pathlib import Path

import click

from models.estimator import artifact
from models.files import atomic_write
from models.scoring.summary import retraction_remark
from service.cli.output import as_json, author, fail, open_installation, print_json, print_table
from service.operations.first_model import training_progress
from service.registry import promotion, serializers
from training.evaluation.cross_validation import REPEATS
from training.gate import findings_of
from training.report.formatting import learned_from

_SHOWN = ("auroc", "within_stratum_auroc", "mcc", "brier")
_REASON = click.option("--reason", default="", help="Why; it is kept.")


@click.group()
def models() -> None:
    """The models kept here: list, compare, promote, roll back."""


@models.command(name="list")
@as_json
def list_models(as_json: bool) -> None:
    """List the models, the newest first."""
    listed = serializers.list_models(open_installation().registry)
    if as_json:
        print_json(listed)
        return
    rows = []
    for model in listed["models"]:
        figures = (model["figures"].get(name) for name in _SHOWN)
        rows.append(
            (
                model["id"],
                model["status"],
                model["created"][:19],
                str(model["trained_on"]["findings"]),
                model["fingerprints"]["data"],
                *("" if figure is None else f"{figure:.3f}" for figure in figures),
            )
        )
    print_table(("model", "status", "trained", "findings", "data", *_SHOWN), rows)


@models.command()
@click.argument("model_id")
@as_json
def show(model_id: str, as_json: bool) -> None:
    """Show a model with its figures and what the gate said of it."""
    model = serializers.model_detail(open_installation().registry, model_id)
    if as_json:
        print_json(model)
        return
    click.echo(f"{model['id']} is {model['status']}; trained {model['created']} by {model['author']}")
    click.echo(f"  learned from {learned_from(model['trained_on'])}")
    if remark := retraction_remark(model["retracted"] or 0):
        click.echo(f"  {remark}")
    for name, figure in model["figures"].items():
        click.echo(f"  {name:28s}{'not defined' if figure is None else format(figure, '.4f')}")
    for line in model["gate"]["says"] if model["gate"] else ():
        click.echo(f"  the gate: {line}")


@models.command()
@click.argument("model_id")
@click.option("--to", "other", help="The id of the other model, by default the current one.")
@as_json
def diff(model_id: str, other: str | None, as_json: bool) -> None:
    """Compare what MODEL_ID says of the curated candidates with what the other model says."""
    registry = open_installation().registry
    difference = serializers.difference(registry.scorer(model_id), registry.scorer(other))
    if as_json:
        print_json(difference)
        return
    changed, largest = len(difference["changed"]), difference["largest_change"]
    click.echo(
        f"{difference['model']} to {difference['other']}: {changed} of {difference['candidates']} curated candidates "
        f"change label; the probability changes by {largest:.3f} at most"
    )
    for change in difference["changed"]:
        values = change["candidate"].values()
        named = " ".join(value if isinstance(value, str) else ";".join(value) for value in values)
        says = f"{change['label']} ({change['probability_suppressing']:.3f})"
        other_says = f"{change['other_label']} ({change['other_probability_suppressing']:.3f})"
        click.echo(f"  {named}: {says} to {other_says}")


@models.command()
@click.argument("model_id")
@as_json
def gate(model_id: str, as_json: bool) -> None:
    """Ask the gate to compare a model with the current one."""
    installation = open_installation()
    registry = installation.registry
    findings = findings_of(registry.scorer(model_id).bundle.model, registry.features)
    held_out, cluster_address = installation.findings.held_out(), installation.settings.dask_address
    with training_progress(f"Comparing {model_id} with the current model", 2 * REPEATS) as progress:
        current, verdict = promotion.run_gate(registry, model_id, findings, held_out, progress, cluster_address)
    if as_json:
        print_json({"model": model_id, "current": current, "gate": verdict})
        return
    for message in promotion.gate_messages(verdict):
        click.echo(message)


@models.command()
@click.argument("model_id")
@click.option("--force", is_flag=True, help="Promote whatever the gate says; needs --reason.")
@_REASON
def promote(model_id: str, force: bool, reason: str) -> None:
    """Make a model the current one, if the gate recommends it. `exoscore models gate` asks it."""
    promotion.promote(open_installation().registry, model_id, author(), force, reason)
    click.echo(f"{model_id} is the current model")


@models.command()
@click.option("--reason", required=True, help="Why; it is kept.")
def rollback(reason: str) -> None:
    """Make the model current again that was so before the current one."""
    click.echo(f"{open_installation().registry.roll_back(author(), reason)} is the current model")


@models.command()
@click.argument("model_id")
@_REASON
def retire(model_id: str, reason: str) -> None:
    """Take a model out of use. Its bundle is kept."""
    open_installation().registry.retire(model_id, author(), reason)
    click.echo(f"{model_id} is retired")


@models.command()
@click.argument("model_id")
@_REASON
def restore(model_id: str, reason: str) -> None:
    """Put a retired model back into use."""
    open_installation().registry.retire(model_id, author(), reason, retired=False)
    click.echo(f"{model_id} is back in use")


@models.command()
@click.argument("model_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(model_id: str, file: Path) -> None:
    """Write a model to FILE, and the key that it is signed with, made for this file, to FILE.key."""
    bundle = open_installation().registry.scorer(model_id).bundle
    key = secrets.token_hex(32).encode("ascii")
    key_file = file.with_name(f"{file.name}.key")
    for path, content in ((file, artifact.dump(bundle, key)), (key_file, key)):
        with atomic_write(path) as out:
            out.write(content)
    click.echo(f"{model_id} is in {file}, its key in {key_file}")


@models.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_model(file: Path) -> None:
    """Keep the model in FILE, verified by the key in FILE.key. It serves nobody until it is promoted."""
    from service.registry.imports import import_model as keep

    try:
        content, key = file.read_bytes(), file.with_name(f"{file.name}.key").read_bytes()
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}")
    bundle = keep(open_installation(may_make=True).registry, content, key, author())
    click.echo(f"{bundle.id} is kept")
