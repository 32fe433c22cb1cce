"""`/`: a candidate described in a form, and judged. The address holds the candidate, so that it can be shared."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response
from werkzeug.exceptions import NotFound

from models.candidates.candidate import FIELD_BY_NAME
from service import problems
from service.errors import ParametersError
from service.pages import layout
from service.pages import report as report_page
from service.pages.compare import query as comparison_query
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, FormAction
from service.pages.score.examples import COMPARISON, EXAMPLES
from service.pages.score.quality import quality
from service.scoring import query_string
from service.scoring import report as reports
from service.scoring.counts import ScoreCounts
from service.scoring.query_string import CandidateQuery
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("score", __name__)

AMONG = "among"
# What findings can share with the candidate, to see it among them.
_SHARED = {"source_cell": "source cell", "cargo_type": "kind of cargo", "cancer_type": "tumour"}


@blueprint.get("/")
@require("score")
def score() -> Response:
    """The form; with a candidate in the address, the answer."""
    registry = current_installation().registry
    reader, raw = registry.features.parser, query_string.given(request.query_string)
    action = FormAction(url_for(".score"), "Score", url_for(".score"))
    try:
        query = _query() if request.args else None
    except ParametersError as error:
        form = candidate.make_form(reader, raw, error.faults)
        return layout.page("score.html", problems.INVALID_FORM, form=form, action=action, **_landing_context())
    form = candidate.make_form(reader, raw)
    if query is None:
        return layout.page("score.html", form=form, action=action, **_landing_context())
    if any(not value for value in request.args.values()):
        return redirect(_address(query, _shared()))
    installation = current_installation()
    predictions = registry.scorer(query.model).predict(query.reading.columns)
    installation.count_scores(ScoreCounts.from_predictions(predictions))
    return layout.page("answer_page.html", form=form, action=action, actions=_actions(query), **_answer_context(query))


@blueprint.get("/position")
@require("score")
def position() -> Response:
    """The chart of where a candidate stands, among the findings that were chosen."""
    return layout.fragment("position.html", **_answer_context(_query()))


@blueprint.get("/understood/<name>")
@require("score")
def understood(name: str) -> Response:
    """What one field of the form would be read as, and what may be meant by it."""
    if name not in FIELD_BY_NAME:
        raise NotFound
    features = current_installation().registry.features
    raw = query_string.given(request.query_string)
    field = candidate.understood_field(features.parser, raw, name)
    return layout.fragment("understood_part.html", input=field, completions=candidate.completions(features, raw, name))


def _query() -> CandidateQuery:
    """Raises ParametersError."""
    registry = current_installation().registry
    return query_string.read(request.query_string, registry.features.parser, registry.ids(), (AMONG,))


def _shared() -> list[str]:
    """The fields that the findings beside the candidate are to share with it."""
    return [name for name in _SHARED if name in request.args.getlist(AMONG)]


def _answer_context(query: CandidateQuery) -> dict[str, Any]:
    scorer, shared = current_installation().registry.scorer(query.model), _shared()
    report = reports.report(scorer, query.reading, query.given)
    flips = [f"{url_for('.score')}?{_counterfactual_query(flip, query)}" for flip in report["score"]["flips"]]
    among = reports.among(scorer.evidence, report["score"], shared) if shared else None
    return report_page.page_context(
        report, flips, filters=_filters(query, shared), among=among, meant=partial(_meant_address, query)
    )


def _meant_address(query: CandidateQuery, field: str, name: str) -> str:
    """The address of a candidate with another name in one of its fields."""
    return f"{url_for('.score')}?{query_string.write({**query.given, field: name}, query.model or '')}"


def _filters(query: CandidateQuery, shared: list[str]) -> list[dict[str, Any]]:
    filters = []
    for name, title in _SHARED.items():
        if query.reading.candidate.to_dict().get(name):
            switched = [other for other in _SHARED if (other in shared) != (other == name)]
            address, fragment = (_address(query, switched, endpoint) for endpoint in (".score", ".position"))
            links = {"address": f"{address}#position", "fragment": fragment}
            filters.append({"field": name, "title": title, "is_on": name in shared, **links})
    return filters


def _counterfactual_query(flip: Mapping[str, Any], query: CandidateQuery) -> str:
    """The query of a changed candidate, which no longer is the one that the caller named."""
    changed = {name: value for name, value in flip["candidate"].items() if name != "id"}
    return query_string.write(changed, query.model or "")


def _address(query: CandidateQuery, shared: list[str], endpoint: str = ".score") -> str:
    """Where the answer is, without the fields that were left empty."""
    written = query_string.write(query.given, query.model or "")
    return f"{url_for(endpoint)}?{'&'.join([written, *(f'{AMONG}={name}' for name in shared)])}"


def _actions(query: CandidateQuery) -> list[tuple[str, str]]:
    """What can be done with an answer, each with its address."""
    written = query_string.write(query.given, query.model or "")
    return [
        ("Report", f"{url_for('reports.report')}?{written}&format=html"),
        ("Compare with another", f"{url_for('pages.compare.compare')}?{written}"),
    ]


def _landing_context() -> dict[str, Any]:
    scorer = current_installation().registry.scorer()
    return {
        "titles": CANDIDATE_TITLES,
        "examples": [(title, query_string.write(example)) for title, example in EXAMPLES],
        "comparison": f"{url_for('pages.compare.compare')}?{comparison_query.write(COMPARISON)}",
        "quality": quality(scorer.bundle),
        "retracted": len(scorer.retracted),
    }
