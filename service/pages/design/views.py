"""`/design`: a goal and what is at hand in a form, a shortlist of candidates out. The address holds the design, so that it can be
shared, and with a model in it gives the same digits again."""

import io
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, json, redirect, request, url_for
from werkzeug import Response as AnyResponse
from werkzeug.exceptions import NotFound

from models.designs.designs import make_space, propose
from models.designs.request import DesignRequest
from models.designs.space import DesignSpace
from models.errors import DesignError, FieldError
from models.scorer import Scorer
from service.errors import ParametersError
from service.jobs import batch_drafts
from service.jobs import designs as jobs
from service.pages import layout
from service.pages.design import exports, presenter
from service.pages.design.form import EXAMPLE, EXAMPLE_TITLE, MAX_SHOWN, TITLES, make_form
from service.problems import INVALID_FORM
from service.scoring import design_query
from service.scoring.design_query import DesignQuery
from service.scoring.design_requests import PinnedRequest
from service.scoring.design_tables import MEDIA_TYPES
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation
from service.web.downloads import send_table

blueprint = Blueprint("design", __name__)

# A page answers within a second: so many combinations are ranked, and values of a field read.
MAX_RANKED, MAX_LISTED = 200_000, 500


@blueprint.get("/design")
@require("score")
def design() -> AnyResponse:
    """The form; with a design in the address, its shortlist."""
    query, scorer = _read()
    if not query.pairs:
        return _page(scorer, query)
    try:
        wanted = query.parse()
        if not query.is_written_as(wanted):
            return redirect(f"{url_for('.design')}?{design_query.write(wanted, query.model)}", 303)
        space = _space(scorer, query, wanted)
        if len(space) > MAX_RANKED:
            return _page(
                scorer,
                query,
                status=INVALID_FORM,
                larger=len(space),
                pinned=design_query.write(wanted, query.model),
                body=json.dumps(PinnedRequest(wanted, query.model).as_dict(), indent=2, ensure_ascii=False),
            )
        designs = propose(scorer, wanted, space)
    except DesignError as error:
        return _page(scorer, query, error)
    return _page(scorer, query, **presenter.present(designs, space.axes, query.model))


@blueprint.post("/design")
@require("score")
def score_all() -> AnyResponse:
    """Makes a file of all combinations of a design that can be made, and goes to its preview as a batch."""
    _, _, space = _read_within_bounds()
    content = io.BytesIO(exports.write_candidates(space))
    draft = batch_drafts.keep(current_installation(), "design.csv", content, current_actor())
    return redirect(url_for("pages.batch_uploads.show_preview", draft_id=draft.draft_id), 303)


@blueprint.post("/design/jobs")
@require("score")
def rank_all() -> AnyResponse:
    """Has the combinations of a design ranked that are too many for a page, and goes to where that can be watched."""
    query, _ = _read()
    try:
        created = jobs.create(current_installation(), PinnedRequest(query.parse(), query.model), current_actor())
    except DesignError as error:
        raise ParametersError(error.faults) from error
    if isinstance(created, bytes):
        return redirect(f"{url_for('.design')}?{request.query_string.decode('latin-1')}", 303)
    return redirect(url_for("pages.model_jobs.show", job_id=created["id"]), 303)


@blueprint.get("/design/jobs/<job_id>.<form>")
@require("score")
def result(job_id: str, form: str) -> Response:
    """The shortlist that a job made, as a file."""
    if form not in MEDIA_TYPES:
        raise NotFound
    document = jobs.result(current_installation(), job_id, current_principal())
    return _send(exports.convert(document, form), form)


@blueprint.get("/design.<form>")
@require("score")
def download(form: str) -> Response:
    """The shortlist as a file."""
    if form not in MEDIA_TYPES:
        raise NotFound
    scorer, wanted, space = _read_within_bounds()
    designs = propose(scorer, wanted, space)
    return _send(exports.write(scorer, designs, form), form)


def _send(content: bytes, form: str) -> Response:
    response = send_table(content, f"design.{form}")
    response.mimetype = MEDIA_TYPES[form]
    return response


def _read() -> tuple[DesignQuery, Scorer]:
    query = design_query.read(request.query_string)
    return query, current_installation().registry.scorer(query.model or None)


def _read_within_bounds() -> tuple[Scorer, DesignRequest, DesignSpace]:
    """The design of the address, where there is no page to show its errors. Raises ParametersError with all of them."""
    query, scorer = _read()
    try:
        wanted = query.parse()
        space = _space(scorer, query, wanted)
    except DesignError as error:
        raise ParametersError(error.faults) from error
    if len(space) > MAX_RANKED:
        says = f"These are {len(space):,} combinations, and at most {MAX_RANKED:,} are ranked here. Shorten a list"
        raise ParametersError([FieldError("", "too_many", says)])
    return scorer, wanted, space


def _space(scorer: Scorer, query: DesignQuery, wanted: DesignRequest) -> DesignSpace:
    """What is to be ranked. Raises DesignError, also where it is more than a page reads or shows."""
    faults = [
        FieldError(name, "too_many", f"Give at most {MAX_LISTED:,} values here, not {len(values):,}")
        for name, values in query.values.items()
        if len(values) > MAX_LISTED
    ]
    if wanted.limit > MAX_SHOWN:
        faults.append(FieldError("limit", "invalid", f"Give a whole number from 1 to {MAX_SHOWN}"))
    if faults:
        raise DesignError(faults)
    return make_space(scorer, wanted)


def _page(
    scorer: Scorer,
    query: DesignQuery,
    error: DesignError | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    **context: Any,
) -> Response:
    shown: dict[str, Any] = {"designs": None, "larger": 0, "body": "", "pinned": ""}
    return layout.page(
        "design.html",
        INVALID_FORM if error else status,
        form=make_form(scorer, query, error.faults if error else ()),
        titles=TITLES,
        most=MAX_RANKED,
        example=(EXAMPLE_TITLE, f"{url_for('.design')}?{design_query.write(EXAMPLE)}"),
        **shown | context,
    )
