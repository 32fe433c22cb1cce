"""`/models`: the models beside their baselines, one of them whole, two compared; and the pointer moved, with a key."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug import Response

from models.errors import ArtifactError, Fault
from service import drift as drifted
from service import job_documents, promotion, registered
from service.access import current_actor, require
from service.errors import GateError, PromotionError, RetiredModelError
from service.pages import layout
from service.pages.models.shown import FIGURES, baselines, shown
from service.problems import INVALID_FORM, REFUSED_CHANGE
from service.schemas.drift import MAX_DAYS
from service.schemas.model import ReasonRequestSchema
from service.services import services
from service.store.jobs import OPEN_STATES

blueprint = Blueprint("registry", __name__)

LATEST_JOBS = 8
DAYS = 30


@blueprint.get("")
@require("score")
def listed() -> Response:
    """The models, the newest first, and how the pointer to the current one moved."""
    return _listed()


@blueprint.get("/drift")
@require("score")
def drift() -> Response:
    """What was submitted of late, against what the current model learned from."""
    given = request.args.get("days", str(DAYS)).strip()
    days = int(given) if given.isdecimal() and len(given) < 6 else 0
    found, faults = services(), list[Fault]()
    if not 1 <= days <= MAX_DAYS:
        faults, days = [Fault("days", "out_of_range", f"give 1 to {MAX_DAYS} days", given)], DAYS
    told = drifted.document(found.registry.scorer(), found.store, days)
    status = INVALID_FORM if faults else HTTPStatus.OK
    context = {"drift": told, "given": given, "faults": faults, "most": MAX_DAYS, "enough": drifted.ENOUGH}
    return layout.page("models/drift.html", status, **context)


@blueprint.get("/<model_id>")
@require("score")
def show(model_id: str) -> Response:
    """One model: its figures and its card, what it learned from, and what the gate says of it."""
    return layout.page("models/model.html", **shown(services(), model_id))


@blueprint.get("/<model_id>/difference")
@require("score")
def difference(model_id: str) -> Response:
    """What two models say differently of the curated candidates."""
    registry = services().registry
    other = request.args.get("to") or None
    told = registered.difference(registry.scorer(model_id), registry.scorer(other))
    return layout.page("models/difference.html", told=told, titles=FIGURES, ids=registry.ids()[::-1])


@blueprint.post("/<model_id>/promote")
@require("train")
def promote(model_id: str) -> Response:
    """Makes a model the current one, through the gate or forced with a reason."""
    forced = request.form.get("force") == "true"

    def move(reason: str) -> str:
        promotion.promote(services().registry, model_id, current_actor(), forced, reason)
        return f"{model_id} is the current model now."

    return _change(model_id, move)


@blueprint.post("/<model_id>/rollback")
@require("train")
def roll_back(model_id: str) -> Response:
    """Rolls back from a model, if it is the current one."""

    def move(reason: str) -> str:
        return f"{services().registry.roll_back(current_actor(), reason, over=model_id)} is the current model again."

    return _change(model_id, move)


@blueprint.post("/<model_id>/retire")
@require("admin")
def retire(model_id: str) -> Response:
    """Takes a model out of use."""
    return _put(model_id, retired=True)


@blueprint.post("/<model_id>/restore")
@require("admin")
def restore(model_id: str) -> Response:
    """Puts a retired model back into use."""
    return _put(model_id, retired=False)


def _put(model_id: str, *, retired: bool) -> Response:
    def move(reason: str) -> str:
        services().registry.retire(model_id, current_actor(), reason, retired=retired)
        return f"{model_id} is {'out of' if retired else 'back in'} use."

    return _change(model_id, move)


def _change(model_id: str, move: Callable[[str], str]) -> Response:
    """Does what was asked, and goes to the models; where it is refused, the page says why and keeps the reason that was
    typed."""
    reason = request.form.get("reason", "")
    try:
        flash(move(ReasonRequestSchema().load({"reason": reason})["reason"]))
    except ValidationError as error:
        context = shown(services(), model_id, reason, "The reason cannot be kept.", error.messages_dict["reason"])
        return layout.page("models/model.html", INVALID_FORM, **context)
    except GateError as error:
        context = shown(services(), model_id, reason, "The gate does not let it pass.", error.says)
        return layout.page("models/model.html", REFUSED_CHANGE, **context)
    except (PromotionError, RetiredModelError, ArtifactError) as error:
        context = shown(services(), model_id, reason, "The models stay as they are.", (str(error),))
        return layout.page("models/model.html", REFUSED_CHANGE, **context)
    return redirect(url_for(".listed"), 303)


def _listed() -> Response:
    found = services()
    told = registered.listed(found.registry)
    current = found.registry.find(told["current"]) if told["current"] else None
    jobs = job_documents.page(found.jobs, LATEST_JOBS)["jobs"]
    return layout.page(
        "models/listed.html",
        **told,
        titles=FIGURES,
        baselines=baselines(current.manifest) if current else {},
        jobs=jobs,
        busy=sum(job["state"] in OPEN_STATES for job in jobs),
    )
