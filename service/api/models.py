"""`/v1/models`: the registry."""

import json
from typing import Any

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from service.api.jobs import accepted
from service.api.openapi import Blueprint, Parser
from service.batch.formats import CANDIDATE_FORMATS, Format
from service.jobs.submit import submit_comparison
from service.pages.models.presenter import sheet_page
from service.pages.report import STYLE_SHEETS
from service.registry import promotion, serializers
from service.schemas.candidate import ScoreRequestSchema
from service.schemas.job import JobSchema
from service.schemas.model import (
    COMPARISON_FORMATS,
    SCORECARD_FORMATS,
    SHEET_FORMATS,
    ComparisonOnCandidatesSchema,
    ComparisonQuerySchema,
    CurrentSchema,
    DatasheetSchema,
    DifferenceBetweenSchema,
    DifferenceQuerySchema,
    ModelCardSchema,
    ModelDetailSchema,
    ModelsSchema,
    PromotionRequestSchema,
    RegisteredModelSchema,
    ScorecardQuerySchema,
    ScorecardSchema,
    SheetQuerySchema,
)
from service.schemas.reason import ReasonRequestSchema
from service.web.access import current_actor, require
from service.web.current import current_installation
from service.web.negotiation import negotiate_format
from training.report.datasheet import datasheet_sheet
from training.report.model_card import card_sheet
from training.report.sheets import Sheet, sheet_text

blueprint = Blueprint(
    "models", __name__, url_prefix="/v1/models", description="List, compare, promote and roll back models."
)
PROMOTION = {"reason": "Better on the plasma panel."}
ROLL_BACK = {"reason": "Worse on the plasma panel."}
RETIREMENT = {"reason": "Trained on mislabelled findings."}
RESTORATION = {"reason": "The labels were right after all."}

_CANDIDATES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ScoreRequestSchema},
            # Any text is taken in: whether it is a table is found when it is read.
            **{media_type: {"schema": {}} for media_type in CANDIDATE_FORMATS},
        },
        "description": "The candidates, as JSON or as a table in one of these formats.",
    }
}


@blueprint.get("")
@blueprint.response(200, ModelsSchema)
@require("score")
def list_models() -> Response:
    """List models.

    With the history of promotions.
    """
    return jsonify(serializers.list_models(current_installation().registry))


@blueprint.get("/<model:model_id>")
@blueprint.response(200, ModelDetailSchema)
@require("score")
def get_model(model_id: str) -> Response:
    """Get a model.

    With all figures of its evaluation.
    """
    return jsonify(serializers.model_detail(current_installation().registry, model_id))


@blueprint.get("/<model:model_id>/difference")
@blueprint.arguments(DifferenceQuerySchema, location="query")
@blueprint.response(200, DifferenceBetweenSchema)
@require("score")
def compare_models(query: dict[str, Any], model_id: str) -> Response:
    """Compare two models.

    By their predictions for the curated candidates.
    """
    registry = current_installation().registry
    return jsonify(serializers.difference(registry.scorer(model_id), registry.scorer(query.get("to"))))


@blueprint.post("/<model:model_id>/difference")
@blueprint.doc(**_CANDIDATES)
@blueprint.arguments(ComparisonQuerySchema, location="query")
@blueprint.response(200, ComparisonOnCandidatesSchema)
@blueprint.alt_response(200, schema={"type": "string"}, content_type="text/csv", success=True)
@blueprint.raises(406, 410)
@require("score")
def compare_models_on(query: dict[str, Any], model_id: str) -> Response:
    """Compare two models on candidates.

    What each predicts of every row of a table, or of every candidate of a JSON body, and where they differ. Rows with errors are
    listed apart. Up to 10,000 rows.
    """
    # Only here, since no other operation of models needs what reads columns.
    from service.batch.model_comparison import MAX_ROWS, compare_on_file, comparison_table, request_spec

    form = query.get("format") or negotiate_format(COMPARISON_FORMATS, "A comparison")
    if request.is_json:
        candidates = Parser().parse(ScoreRequestSchema(), request, location="json")["candidates"]
        source, content = Format.JSONL, b"".join(json.dumps(each).encode() + b"\n" for each in candidates)
    elif request.mimetype in CANDIDATE_FORMATS:
        source, content = CANDIDATE_FORMATS[request.mimetype], request.get_data()
    else:
        sent = ", ".join(_CANDIDATES["requestBody"]["content"])
        raise UnsupportedMediaType(f"Send the candidates as {sent}, not {request.content_type or 'without a type'}.")
    registry = current_installation().registry
    spec = request_spec(source, content, query["sheet"])
    document = compare_on_file(registry.scorer(model_id), registry.scorer(query.get("to")), spec, MAX_ROWS)
    response = jsonify(document) if form == "json" else Response(comparison_table(document), mimetype="text/csv")
    response.vary.add("Accept")
    return response


@blueprint.get("/<model:model_id>/scorecard")
@blueprint.arguments(ScorecardQuerySchema, location="query")
@blueprint.response(200, ScorecardSchema)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=serializers.TSV, success=True)
@blueprint.raises(406)
@require("score")
def get_scorecard(query: dict[str, Any], model_id: str) -> Response:
    """Get a score card.

    The points of every level of every field, from which a score can be added up by hand.
    """
    document = serializers.scorecard(current_installation().registry.scorer(model_id), query["cargos"])
    if (query.get("format") or negotiate_format(SCORECARD_FORMATS, "A score card")) == "json":
        response = jsonify(document)
    else:
        response = Response(serializers.scorecard_table(document), mimetype=serializers.TSV)
    response.vary.add("Accept")
    return response


def _is_sheet(view: Any) -> Any:
    """Documents the formats of a card or a datasheet beside JSON."""
    for content_type in ("text/html", "text/markdown"):
        view = blueprint.alt_response(200, schema={"type": "string"}, content_type=content_type, success=True)(view)
    return blueprint.raises(406)(view)


@blueprint.get("/<model:model_id>/card")
@blueprint.arguments(SheetQuerySchema, location="query")
@blueprint.response(200, ModelCardSchema)
@_is_sheet
@require("score")
def get_card(query: dict[str, Any], model_id: str) -> Response:
    """Get a model card.

    What the model is for, what it was trained on, how good it is and where it is not.
    """
    document = serializers.model_card(current_installation().registry, model_id)
    return _send_sheet(document, card_sheet(document), query.get("format"))


@blueprint.get("/<model:model_id>/datasheet")
@blueprint.arguments(SheetQuerySchema, location="query")
@blueprint.response(200, DatasheetSchema)
@_is_sheet
@require("score")
def get_datasheet(query: dict[str, Any], model_id: str) -> Response:
    """Get a datasheet.

    The findings that the model was trained on: how many there are of everything, whose they are, and what is missing.
    """
    document = serializers.model_datasheet(current_installation().registry, model_id)
    return _send_sheet(document, datasheet_sheet(document), query.get("format"))


def _send_sheet(document: dict[str, Any], sheet: Sheet, wanted: str | None) -> Response:
    form = wanted or negotiate_format(SHEET_FORMATS, sheet.title)
    if form == "json":
        response = jsonify(document)
    elif form == "markdown":
        response = Response(sheet_text(sheet), mimetype="text/markdown")
    else:
        sheets = [url_for("static", filename=name) for name in STYLE_SHEETS]
        response = Response(sheet_page(sheet, sheets), mimetype="text/html")
    response.vary.add("Accept")
    return response


@blueprint.post("/<model:model_id>/gate")
@blueprint.response(202, JobSchema)
@require("train")
def ask_gate(model_id: str) -> ResponseReturnValue:
    """Run the promotion check.

    Starts a job that compares a model with the one in use.
    """
    return accepted(submit_comparison(current_installation(), model_id, current_actor()))


@blueprint.post("/<model:model_id>/promote")
@blueprint.arguments(PromotionRequestSchema, example=PROMOTION)
@blueprint.response(200, CurrentSchema)
@blueprint.raises(409)
@require("train")
def promote_model(body: dict[str, Any], model_id: str) -> Response:
    """Promote a model.

    The model is put in use if the promotion check (gate) recommends it, or with `force`.
    """
    promotion.promote(current_installation().registry, model_id, current_actor(), body["force"], body["reason"])
    return _respond_current()


@blueprint.post("/rollback")
@blueprint.arguments(ReasonRequestSchema, example=ROLL_BACK)
@blueprint.response(200, CurrentSchema)
@blueprint.raises(409)
@require("train")
def roll_back(body: dict[str, Any]) -> Response:
    """Roll back.

    The previous model is put in use again.
    """
    current_installation().registry.roll_back(current_actor(), body["reason"])
    return _respond_current()


@blueprint.post("/<model:model_id>/rollback")
@blueprint.arguments(ReasonRequestSchema, example=ROLL_BACK)
@blueprint.response(200, CurrentSchema)
@blueprint.raises(409)
@require("train")
def roll_back_from(body: dict[str, Any], model_id: str) -> Response:
    """Roll back from a model.

    Only if it is the model in use.
    """
    current_installation().registry.roll_back(current_actor(), body["reason"], over=model_id)
    return _respond_current()


@blueprint.post("/<model:model_id>/retire")
@blueprint.arguments(ReasonRequestSchema, example=RETIREMENT)
@blueprint.response(200, RegisteredModelSchema)
@blueprint.raises(409)
@require("admin")
def retire_model(body: dict[str, Any], model_id: str) -> Response:
    """Retire a model.

    It can no longer be used; its bundle is stored.
    """
    current_installation().registry.retire(model_id, current_actor(), body["reason"])
    return jsonify(serializers.summary(current_installation().registry, model_id))


@blueprint.post("/<model:model_id>/restore")
@blueprint.arguments(ReasonRequestSchema, example=RESTORATION)
@blueprint.response(200, RegisteredModelSchema)
@require("admin")
def restore_model(body: dict[str, Any], model_id: str) -> Response:
    """Restore a retired model."""
    current_installation().registry.retire(model_id, current_actor(), body["reason"], retired=False)
    return jsonify(serializers.summary(current_installation().registry, model_id))


def _respond_current() -> Response:
    (last,) = serializers.promotions(current_installation().registry, 1)
    response = jsonify({"current": last["model"], "gate": last["gate"]})
    response.headers["Location"] = url_for("models.get_model", model_id=last["model"])
    return response
