"""`/models`: the models beside their baselines, one of them whole, two compared; and the pointer moved, with a key."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug import Response

from models.errors import ArtifactError, FieldError
from service.batch.formats import recognised
from service.errors import CandidateTableError, GateError, PromotionError, RetiredModelError
from service.monitoring import drift as drifted
from service.pages import layout
from service.pages.models.presenter import TITLES, models_page, page_context
from service.problems import INVALID_FORM, REFUSED_CHANGE
from service.registry import promotion
from service.registry import serializers as registered
from service.registry.model_registry import ModelRegistry
from service.schemas.drift import MAX_DAYS
from service.schemas.reason import ReasonRequestSchema
from service.web.access import current_actor, require
from service.web.current import current_installation
from service.web.numbers import read_count
from training.report.datasheet import datasheet_sheet
from training.report.model_card import card_sheet
from training.report.sheets import Sheet, sheet_text

blueprint = Blueprint("models", __name__, url_prefix="/models")

DAYS = 30
# So much of a file says what format it is in.
MAX_RECOGNISED = 4096
_NO_FILE: dict[str, Any] = {"on_file": None, "changed_most": (), "file": "", "faults": ()}


@blueprint.get("")
@require("score")
def list_models() -> Response:
    """The models, the newest first, and how the pointer to the current one moved."""
    return models_page()


@blueprint.get("/drift")
@require("score")
def drift() -> Response:
    """What was submitted of late, against what the current model learned from."""
    typed = request.args.get("days", str(DAYS)).strip()
    days = read_count(typed) or 0
    faults = [] if 1 <= days <= MAX_DAYS else [FieldError("days", "out_of_range", f"Give 1 to {MAX_DAYS} days.", typed)]
    installation = current_installation()
    return layout.page(
        "models/drift.html",
        INVALID_FORM if faults else HTTPStatus.OK,
        drift=drifted.document(installation.registry.scorer(), installation.database, DAYS if faults else days),
        given=typed,
        faults=faults,
        most=MAX_DAYS,
        names=installation.registry.names(),
        enough=drifted.MIN_SUBMISSIONS,
    )


@blueprint.get("/<model_id>")
@require("score")
def show(model_id: str) -> Response:
    """One model: its metrics and its card, what it learned from, and the verdict of the gate."""
    return layout.page("models/model.html", **page_context(current_installation(), model_id))


@blueprint.get("/<model_id>/difference")
@require("score")
def difference(model_id: str) -> Response:
    """In which of the curated candidates two models differ."""
    registry = current_installation().registry
    other = request.args.get("to") or None
    difference = registered.difference(registry.scorer(model_id), registry.scorer(other))
    return layout.page(
        "models/difference.html", **_NO_FILE, difference=difference, titles=TITLES, names=registry.names()
    )


@blueprint.post("/<model_id>/difference")
@require("score")
def compare_on(model_id: str) -> Response:
    """In which candidates of a file two models differ; as a table to keep, where that was chosen."""
    # Only here, since no other page of models needs what reads columns.
    from service.batch.model_comparison import MAX_ROWS, changed_most, compare_on_file, comparison_table, request_spec

    registry = current_installation().registry
    model, other = registry.scorer(model_id), registry.scorer(request.form.get("to") or None)
    file = request.files.get("file")
    context: dict[str, Any] = {"difference": registered.difference(model, other), "names": registry.names()}
    faults: Sequence[FieldError] = [FieldError("file", "missing", "Choose a file, or drop one here.")]
    if file and file.filename:
        content, sheet = file.stream.read(), request.form.get("sheet", "").strip()
        spec = request_spec(recognised(file.filename, content[:MAX_RECOGNISED]), content, sheet)
        try:
            on_file = compare_on_file(model, other, spec, MAX_ROWS)
        except CandidateTableError as error:
            faults = [replace(fault.fault, says=str(fault)) for fault in error.faults]
        else:
            if request.form.get("format") == "csv":
                return _download(comparison_table(on_file), f"{model_id}-comparison.csv", "text/csv")
            context |= {"on_file": on_file, "changed_most": changed_most(on_file), "file": file.filename}
            return layout.page("models/difference.html", **_NO_FILE | context, titles=TITLES)
    return layout.page("models/difference.html", INVALID_FORM, **_NO_FILE | context | {"faults": faults}, titles=TITLES)


@blueprint.get("/<model_id>/card")
@require("score")
def card(model_id: str) -> Response:
    """The model card."""
    document = registered.model_card(current_installation().registry, model_id)
    return _show_sheet(card_sheet(document), model_id, "pages.models.card_file")


@blueprint.get("/<model_id>/card.md")
@require("score")
def card_file(model_id: str) -> Response:
    """The model card as Markdown, to keep."""
    document = registered.model_card(current_installation().registry, model_id)
    return _download(sheet_text(card_sheet(document)), f"{model_id}-card.md", "text/markdown")


@blueprint.get("/<model_id>/datasheet")
@require("score")
def datasheet(model_id: str) -> Response:
    """The datasheet of the findings that a model was trained on."""
    document = registered.model_datasheet(current_installation().registry, model_id)
    return _show_sheet(datasheet_sheet(document), model_id, "pages.models.datasheet_file")


@blueprint.get("/<model_id>/datasheet.md")
@require("score")
def datasheet_file(model_id: str) -> Response:
    """The datasheet as Markdown, to keep."""
    document = registered.model_datasheet(current_installation().registry, model_id)
    return _download(sheet_text(datasheet_sheet(document)), f"{model_id}-datasheet.md", "text/markdown")


def _show_sheet(sheet: Sheet, model_id: str, file: str) -> Response:
    names = current_installation().registry.names()
    return layout.page("models/sheet.html", sheet=sheet, model_id=model_id, file=file, names=names)


def _download(content: str | Iterable[str], name: str, media_type: str) -> Response:
    """A file to keep under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=media_type, headers=headers)


@blueprint.get("/<model_id>/scorecard.tsv")
@require("score")
def scorecard(model_id: str) -> Response:
    """The points of every level and every cargo, as a table to keep."""
    document = registered.scorecard(current_installation().registry.scorer(model_id), cargos=True)
    return _download(registered.scorecard_table(document), f"{model_id}-scorecard.tsv", registered.TSV)


@blueprint.post("/<model_id>/promote")
@require("train")
def promote(model_id: str) -> Response:
    """Makes a model the current one, through the gate or forced; with a reason."""
    forced = request.form.get("force") == "true"
    return _change(
        model_id,
        "{model} is in use.",
        lambda registry, reason: promotion.promote(registry, model_id, current_actor(), forced, reason),
    )


@blueprint.post("/<model_id>/rollback")
@require("train")
def roll_back(model_id: str) -> Response:
    """Rolls back from a model, if it is the current one."""
    return _change(
        model_id,
        "{result} is in use again.",
        lambda registry, reason: registry.roll_back(current_actor(), reason, over=model_id),
    )


@blueprint.post("/<model_id>/retire")
@require("admin")
def retire(model_id: str) -> Response:
    """Takes a model out of use."""
    return _change(
        model_id,
        "{model} is retired.",
        lambda registry, reason: registry.retire(model_id, current_actor(), reason, retired=True),
    )


@blueprint.post("/<model_id>/restore")
@require("admin")
def restore(model_id: str) -> Response:
    """Puts a retired model back into use."""
    return _change(
        model_id,
        "{model} can be used again.",
        lambda registry, reason: registry.retire(model_id, current_actor(), reason, retired=False),
    )


def _change(model_id: str, message: str, change: Callable[[ModelRegistry, str], object]) -> Response:
    """Does a change with the reason that was typed, and goes to the models with a message that may name the `model` and the
    `result` of the change; where it is refused, the page says why and keeps the reason."""
    installation, reason = current_installation(), request.form.get("reason", "")
    status = REFUSED_CHANGE
    try:
        result = change(installation.registry, ReasonRequestSchema().load({"reason": reason})["reason"])
        flash(message.format(model=model_id, result=result))
        return redirect(url_for(".list_models"), 303)
    except ValidationError as error:
        status, refusal, messages = (
            INVALID_FORM,
            "The reason is missing or cannot be stored.",
            error.messages_dict["reason"],
        )
    except GateError as error:
        # What the check found stands on the page; that there was none does not.
        refusal, messages = "The promotion check does not recommend it.", error.says if len(error.says) == 1 else ()
    except (PromotionError, RetiredModelError, ArtifactError) as error:
        refusal, messages = "Nothing was changed.", [str(error)]
    return layout.page("models/model.html", status, **page_context(installation, model_id, reason, refusal, messages))
