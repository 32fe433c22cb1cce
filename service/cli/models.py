"""`exoscore models`: the registry."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from models import artifact
from models.errors import ArtifactError, UnknownModelError
from service import promotion, registered
from service.cli.output import as_json, author, fail, fail_unknown_model, installation, print_json
from service.errors import GateError, PromotionError, RetiredModelError
from service.files import write_whole
from service.first_model import training_progress
from service.jobs.training import learned_from
from service.store import StoreError
from training.evaluation.cross_validation import REPEATS
from training.gate import findings_of

_SHOWN = ("auroc", "within_stratum_auroc", "mcc", "brier")
_REASON = click.option("--reason", default="", help="Why; it is kept.")


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """Says what went wrong with a model, and stops."""

    @wraps(command)
    def run(*given: Any, **named: Any) -> None:
        try:
            command(*given, **named)
        except UnknownModelError as error:
            fail_unknown_model(error)
        except GateError as error:
            fail("\n  ".join((f"{error.model_id} is not promoted over {error.current}", *error.says)))
        except (ArtifactError, PromotionError, RetiredModelError, StoreError, OSError) as error:
            fail(str(error))

    return run


@click.group()
def models() -> None:
    """The models kept here: list, compare, promote, roll back."""


@models.command(name="list")
@as_json
@_told
def list_models(as_json: bool) -> None:
    """List the models, the newest first."""
    found = registered.listed(installation())
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("model", "status", "trained", "findings", "data", *_SHOWN):
        table.add_column(column, no_wrap=True)
    for model in found["models"]:
        figures = (model["figures"].get(name) for name in _SHOWN)
        shown = ["" if figure is None else f"{figure:.3f}" for figure in figures]
        learned = str(model["trained_on"]["findings"])
        table.add_row(
            model["id"], model["status"], model["created"][:19], learned, model["fingerprints"]["data"], *shown
        )
    Console(highlight=False, width=None if os.isatty(1) else 140).print(table)


@models.command()
@click.argument("model_id")
@as_json
@_told
def show(model_id: str, as_json: bool) -> None:
    """Show a model with its figures and what the gate said of it."""
    found = registered.detail(installation(), model_id)
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['id']} is {found['status']}; trained {found['created']} by {found['author']}")
    for name, figure in found["figures"].items():
        click.echo(f"  {name:28s}{'not defined' if figure is None else format(figure, '.4f')}")
    for line in found["gate"]["says"] if found["gate"] else ():
        click.echo(f"  the gate: {line}")


@models.command()
@click.argument("model_id")
@click.option("--to", "other", help="The id of the other model, by default the current one.")
@as_json
@_told
def diff(model_id: str, other: str | None, as_json: bool) -> None:
    """Compare what two models say of the curated candidates."""
    registry = installation().registry
    found = registered.difference(registry.scorer(model_id), registry.scorer(other))
    if as_json:
        print_json(found)
        return
    click.echo(
        f"{found['model']} beside {found['other']}: {len(found['changed'])} of {found['candidates']} curated candidates "
        f"change label; the probability changes by {found['largest_change']:.3f} at most"
    )
    for one in found["changed"]:
        named = " ".join(str(value) for value in one["candidate"].values())
        was, now = one["other_probability_suppressing"], one["probability_suppressing"]
        click.echo(f"  {named}: {one['other_label']} ({was:.3f}) to {one['label']} ({now:.3f})")


@models.command()
@click.argument("model_id")
@as_json
@_told
def gate(model_id: str, as_json: bool) -> None:
    """Ask the gate to compare a model with the current one."""
    opened = installation()
    model = opened.registry.scorer(model_id).bundle.model
    findings = findings_of(model, opened.registry.features)
    with training_progress(f"Comparing {model_id} with the current model", 2 * REPEATS) as progress:
        current, verdict = promotion.compare_with_current(opened, model_id, findings, learned_from(opened)[1], progress)
    if as_json:
        print_json({"model": model_id, "current": current, "gate": verdict})
        return
    for line in verdict["says"] if verdict else ("there is no other model to compare it with",):
        click.echo(line)


@models.command()
@click.argument("model_id")
@click.option("--force", is_flag=True, help="Promote whatever the gate says; needs --reason.")
@_REASON
@_told
def promote(model_id: str, force: bool, reason: str) -> None:
    """Make a model the current one, if the gate recommends it. `exoscore models gate` asks it."""
    promotion.promote(installation(), model_id, author(), force, reason)
    click.echo(f"{model_id} is the current model")


@models.command()
@_REASON
@_told
def rollback(reason: str) -> None:
    """Make the model current again that was so before the current one."""
    click.echo(f"{installation().registry.roll_back(author(), reason)} is the current model")


@models.command()
@click.argument("model_id")
@_REASON
@_told
def retire(model_id: str, reason: str) -> None:
    """Take a model out of use. Its bundle is kept."""
    installation().registry.retire(model_id, author(), reason)
    click.echo(f"{model_id} is retired")


@models.command()
@click.argument("model_id")
@_REASON
@_told
def restore(model_id: str, reason: str) -> None:
    """Put a retired model back into use."""
    installation().registry.retire(model_id, author(), reason, retired=False)
    click.echo(f"{model_id} is back in use")


@models.command()
@click.argument("model_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_told
def export(model_id: str, file: Path) -> None:
    """Write a model to FILE, and the key that it is signed with, made for this file, to FILE.key."""
    bundle = installation().registry.scorer(model_id).bundle
    key = secrets.token_hex(32).encode("ascii")
    kept = file.with_name(f"{file.name}.key")
    for path, content in ((kept, key), (file, artifact.dump(bundle, key))):
        write_whole(path, content)
    click.echo(f"{model_id} is in {file}, its key in {kept}")


@models.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_told
def import_model(file: Path) -> None:
    """Keep the model in FILE, verified by the key in FILE.key. It serves nobody until it is promoted."""
    bundle = artifact.load(file.read_bytes(), file.with_name(f"{file.name}.key").read_bytes())
    installation().registry.keep(bundle, author())
    click.echo(f"{bundle.id} is kept")
