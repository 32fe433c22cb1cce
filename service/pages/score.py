"""`/`: a candidate described in a form, and judged. The address holds the candidate, so that it can be shared."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response
from werkzeug.exceptions import NotFound

from models.candidate import FIELD
from service import candidate_query, comparison_query, problems, reports
from service.access import require
from service.candidate_query import CandidateQuery
from service.errors import ParametersError
from service.pages import candidate_form, layout
from service.pages import report as report_page
from service.pages.destination import Destination
from service.pages.examples import COMPARISON, EXAMPLES
from service.pages.quality import quality
from service.pages.report import Filter
from service.scoring.counts import ScoreCounts
from service.services import services

blueprint = Blueprint("score", __name__)

AMONG = "among"
# What findings can share with the candidate, to see it among them.
SHARED = {"source_cell": "source cell", "cargo_type": "kind of cargo", "cancer_type": "tumour"}


@blueprint.get("/")
@require("score")
def score() -> Response:
    """The form; with a candidate in the address, the answer."""
    registry = services().registry
    reader = registry.features.reader
    given = candidate_query.given(request.query_string)
    try:
        asked = _asked() if request.args else None
    except ParametersError as error:
        form = candidate_form.form(reader, given, error.faults)
        return layout.page("score.html", problems.INVALID_FORM, form=form, to=_destination(), **_front())
    form = candidate_form.form(reader, given)
    if asked is None:
        return layout.page("score.html", form=form, to=_destination(), **_front())
    if any(not value for value in request.args.values()):
        return redirect(_address(asked, _among()))
    predictions = registry.scorer(asked.model).judge(asked.reading.columns)
    services().count_scores(ScoreCounts.from_predictions(predictions))
    return layout.page("answer_page.html", form=form, to=_destination(), deeds=_deeds(asked), **_answer(asked))


@blueprint.get("/position")
@require("score")
def position() -> Response:
    """The figure of where a candidate stands, among the findings that were chosen."""
    return layout.fragment("position.html", **_answer(_asked()))


@blueprint.get("/understood/<name>")
@require("score")
def understood(name: str) -> Response:
    """What one field of the form would be read as, and what may be meant by it."""
    if name not in FIELD:
        raise NotFound
    features = services().registry.features
    given = candidate_query.given(request.query_string)
    one = candidate_form.understood(features.reader, given, name)
    return layout.fragment("understood_part.html", one=one, offers=candidate_form.offered(features, given, name))


def _asked() -> CandidateQuery:
    """Raises ParametersError."""
    registry = services().registry
    return candidate_query.read(request.query_string, registry.features.reader, registry.ids(), (AMONG,))


def _among() -> list[str]:
    return [name for name in SHARED if name in request.args.getlist(AMONG)]


def _answer(asked: CandidateQuery) -> dict[str, Any]:
    scorer = services().registry.scorer(asked.model)
    report, shared = reports.report(scorer, asked.reading, asked.given), _among()
    turned = [f"{url_for('.score')}?{_turned(flip, asked)}" for flip in report["score"]["flips"]]
    among = reports.among(scorer.evidence, report["score"], shared) if shared else None
    return report_page.shown(report, turned, filters=_filters(asked, shared), among=among)


def _filters(asked: CandidateQuery, shared: list[str]) -> list[Filter]:
    found = []
    for name, title in SHARED.items():
        if asked.reading.candidate.stated().get(name):
            turned = [one for one in SHARED if (one in shared) != (one == name)]
            address, fragment = (_address(asked, turned, endpoint) for endpoint in (".score", ".position"))
            found.append(Filter(name, title, name in shared, f"{address}#position", fragment))
    return found


def _turned(flip: dict[str, Any], asked: CandidateQuery) -> str:
    """The query of a changed candidate, which no longer is the one that the caller named."""
    candidate = {name: value for name, value in flip["candidate"].items() if name != "id"}
    return candidate_query.write(candidate, asked.model or "")


def _address(asked: CandidateQuery, shared: list[str], endpoint: str = ".score") -> str:
    """Where the answer is, without the fields that were left empty."""
    query = candidate_query.write(asked.given, asked.model or "")
    return url_for(endpoint) + "?" + "&".join([query, *(f"{AMONG}={name}" for name in shared)])


def _destination() -> Destination:
    return Destination(url_for(".score"), "Score", url_for(".score"))


def _deeds(asked: CandidateQuery) -> list[tuple[str, str]]:
    """What can be done with an answer, each with its address."""
    query = candidate_query.write(asked.given, asked.model or "")
    return [
        ("Report", f"{url_for('reports.report')}?{query}&format=html"),
        ("Compare with another", f"{url_for('pages.compare.compare')}?{query}"),
    ]


def _front() -> dict[str, Any]:
    return {
        "titles": candidate_form.TITLES,
        "examples": EXAMPLES,
        "comparison": f"{url_for('pages.compare.compare')}?{comparison_query.write(COMPARISON)}",
        "quality": quality(services().registry.scorer().bundle),
    }
