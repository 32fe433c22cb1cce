"""A file of candidates uploaded and previewed, and the batch that it becomes."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from models.errors import FieldError, TableError
from service.batch.formats import Format
from service.batch.options import CONTRIBUTIONS, EVIDENCE, BatchSpec
from service.db.database import FullStoreError
from service.db.tables import Job
from service.errors import NoRoomError, ParametersError, UnknownBatchError
from service.jobs import batch_drafts, batch_uploads
from service.jobs.kinds import BATCH
from service.pages import layout
from service.pages.batch.form import (
    SPELLED,
    example_file,
    make_columns,
    make_costs,
    make_fields,
    make_reading,
    read,
    template_file,
)
from service.pages.forms.fields import CANDIDATE_TITLES, titles_of
from service.problems import INVALID_FORM, NO_ROOM
from service.web import session
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation
from service.web.downloads import send_table

blueprint = Blueprint("batch_uploads", __name__, url_prefix="/batch")

LISTED = 20
# What the form of a file holds before anything is chosen.
_PROPOSED = {"keep": "true"}


@blueprint.get("")
@require("score")
def begin() -> Response:
    """Where a file is uploaded, and the recent uploads of this person."""
    return _begin()


@blueprint.get("/template.csv")
@require("score")
def template() -> Response:
    """A file of candidates to fill in."""
    return send_table(template_file(), "template.csv")


@blueprint.get("/example.csv")
@require("score")
def example() -> Response:
    """A file of candidates to try."""
    return send_table(example_file(), "example.csv")


@blueprint.post("")
@require("score", allow_uploads=True)
def send() -> Response:
    """Stores a file and goes to its preview; nothing is scored yet."""
    file = request.files.get("file")
    try:
        if not file or not file.filename:
            return _begin((FieldError("file", "missing", "Choose a file, or drop one here."),))
        draft = batch_drafts.keep(current_installation(), file.filename, file.stream, current_actor())
    except TableError as error:
        return _begin(tuple(row.fault for row in error.faults))
    except NoRoomError as error:
        remedy = f"{error} Remove batches that you no longer need, or ask whoever runs this server to free disk space."
        return _begin((FieldError("file", "no_room", remedy),), full=True)
    sheet = request.form.get("sheet", "").strip() or None
    return redirect(url_for(".show_preview", draft_id=draft.draft_id, sheet=sheet), 303)


@blueprint.get("/files/<draft_id>")
@require("score")
def show_preview(draft_id: str) -> Response:
    """How a file would be read."""
    draft = batch_drafts.find(current_installation(), draft_id, current_principal())
    if draft.batch:
        return redirect(url_for("pages.batch_jobs.show", batch_id=draft.batch), 303)
    try:
        return _preview(draft, read(draft.form, {**_PROPOSED, **request.args}))
    except ParametersError as error:
        return _preview(draft, read(draft.form, _PROPOSED), error.faults)


@blueprint.post("/files/<draft_id>")
@require("score")
def score(draft_id: str) -> Response:
    """Has a file scored, and goes to where that can be watched."""
    installation = current_installation()
    draft = batch_drafts.find(installation, draft_id, current_principal())
    try:
        chosen = read(draft.form, request.form)
    except ParametersError as error:
        return _preview(draft, read(draft.form, _PROPOSED), error.faults)
    try:
        if not draft.batch and (faults := _refused(draft, chosen)):
            return _preview(draft, chosen, faults)
        again = request.form.get("again") == "true"
        own = () if again else batch_uploads.list_own(installation, current_principal(), session.batches())
        batch_id, is_duplicate = batch_drafts.score(installation, draft, chosen, current_principal(), own)
    except ParametersError as error:
        return _preview(draft, chosen, error.faults)
    except (NoRoomError, FullStoreError) as error:
        return _preview(draft, chosen, refusal=str(error))
    session.add_batch(batch_id)
    if is_duplicate:
        flash("You sent this file before with the same options. This is that batch.")
    return redirect(url_for("pages.batch_jobs.show", batch_id=batch_id), 303)


def _refused(draft: batch_drafts.PendingUpload, chosen: batch_uploads.BatchRequest) -> Sequence[FieldError]:
    """Why the columns of a file cannot be scored as chosen."""
    # Only here, since no other page needs what reads columns.
    from service.batch.preview import refusal

    faults = refusal(current_installation().registry.scorer(), _spec(draft, chosen))
    return tuple(replace(fault, field="columns") for fault in faults)


def _preview(
    draft: batch_drafts.PendingUpload,
    chosen: batch_uploads.BatchRequest,
    faults: Sequence[FieldError] = (),
    refusal: str = "",
) -> Response:
    from service.batch.preview import SHOWN_BAD, preview

    status = NO_ROOM if refusal else INVALID_FORM if faults else HTTPStatus.OK
    return layout.page(
        "batch/preview.html",
        status,
        draft=draft,
        form="a workbook" if draft.is_workbook else SPELLED[draft.form],
        preview=preview(current_installation().registry.scorer(), _spec(draft, chosen)),
        titles=CANDIDATE_TITLES,
        chosen=chosen,
        inputs=make_fields(chosen, faults),
        reading=make_reading(request.values, faults),
        costs=make_costs(request.values, faults),
        cost_titles=titles_of("costs"),
        faults=faults,
        refusal=refusal,
        includes=(
            (CONTRIBUTIONS, "Add what each field contributes to the score"),
            (EVIDENCE, "Add the nearest findings (much slower)"),
        ),
        most_bad=SHOWN_BAD,
    )


def _spec(draft: batch_drafts.PendingUpload, chosen: batch_uploads.BatchRequest) -> BatchSpec:
    most_bytes = current_installation().settings.batch_mebibytes * 1024**2
    return BatchSpec(replace(chosen.options, target=Format.JSONL), draft.candidates, None, most_bytes=most_bytes)


def _begin(faults: Sequence[FieldError] = (), full: bool = False) -> Response:
    status = NO_ROOM if full else INVALID_FORM if faults else HTTPStatus.OK
    settings = current_installation().settings
    return layout.page(
        "batch/begin.html",
        status,
        faults=faults,
        columns=make_columns(current_installation().registry.features.vocabulary),
        titles=CANDIDATE_TITLES,
        most=settings.batch_mebibytes,
        days=settings.batch_days,
        recent=[(job, batch_drafts.name_of(current_installation(), job.job_id)) for job in _recent()],
    )


def _recent() -> list[Job]:
    """The batches of this visit and of the key that is in use, the newest first."""
    jobs: dict[str, Job] = {}
    for batch_id in session.batches():
        try:
            jobs[batch_id] = batch_uploads.find(current_installation(), batch_id, current_principal())
        except UnknownBatchError:
            continue
    if current_principal().key_id:
        jobs |= {job.job_id: job for job in current_installation().jobs.page(LISTED, BATCH, author=current_actor())}
    return sorted(jobs.values(), key=lambda job: job.created, reverse=True)[:LISTED]
