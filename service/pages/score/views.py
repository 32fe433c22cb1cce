"""`/`: a candidate described in a form, and judged. The address holds the candidate, so that it can be shared."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response
from werkzeug.exceptions import NotFound

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.description import Description, DescriptionReader
from models.errors import FieldError
from models.scorer import Scorer
from models.scoring.decisions import COST_FIELDS, NEEDED_COSTS, Costs, CostsError
from service import problems
from service.errors import ParametersError
from service.pages import charts, layout, structured_data
from service.pages import report as report_page
from service.pages.compare import query as comparison_query
from service.pages.design.form import EXAMPLE, EXAMPLE_TITLE
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, FormAction, make_field
from service.pages.score.examples import COMPARISON, EXAMPLES
from service.pages.score.quality import quality
from service.scoring import design_query, query_string
from service.scoring import report as reports
from service.scoring.counts import ScoreCounts
from service.scoring.query_string import CandidateQuery
from service.web import session
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("score", __name__)

AMONG = "among"
# Ask for the form filled in, from a text or from fields, before anything is scored.
DESCRIBE, EDIT = "describe", "edit"
# What findings can share with the candidate, to see it among them.
_SHARED = {"source_cell": "source cell", "cargo_type": "cargo type", "cancer_type": "cancer type"}
_FIGURES = {"probability": "probability", "contributions": "drivers", "position": "position"}


@blueprint.get("/")
@require("score")
def score() -> Response:
    """The form; with a candidate in the address, the answer."""
    registry = current_installation().registry
    reader, raw = registry.features.parser, query_string.given(request.query_string)
    action = FormAction(url_for(".score"), "Score", url_for(".score"))
    if DESCRIBE in request.args or EDIT in request.args:
        description = DescriptionReader(reader).read(request.args[DESCRIBE]) if DESCRIBE in request.args else None
        form = candidate.make_form(reader, description.values if description else raw)
        context = {"description": description, "unclear": _unclear(description) if description else ()}
        return layout.page("score.html", form=form, action=action, **_landing_context() | context)
    try:
        query = _query() if request.args else None
    except ParametersError as error:
        form = candidate.make_form(reader, raw, error.faults)
        return layout.page("score.html", problems.INVALID_FORM, form=form, action=action, **_landing_context())
    form = candidate.make_form(reader, raw)
    if query is None:
        about = structured_data.application()
        return layout.page("score.html", form=form, action=action, structured=about, **_landing_context())
    if any(not value for value in request.args.values()):
        return redirect(_address(query, _shared()))
    faults = _read_costs()[1]
    installation = current_installation()
    scorer = registry.scorer(query.model)
    predictions = scorer.predict(query.reading.columns)
    if session.is_counted():
        installation.count_scores(ScoreCounts.from_predictions(predictions, scorer.bundle.id))
    return layout.page(
        "answer_page.html",
        problems.INVALID_FORM if faults else HTTPStatus.OK,
        form=form,
        action=action,
        actions=_actions(query),
        costs=_costs_form(query, faults),
        address=request.url,
        today=datetime.now(UTC).date(),
        **_answer_context(query),
    )


@blueprint.get("/position")
@require("score")
def position() -> Response:
    """The chart of where a candidate stands, among the findings that were chosen."""
    return layout.fragment("position.html", **_answer_context(_query()))


@blueprint.get("/figures/<name>.svg")
@require("score")
def figure(name: str) -> Response:
    """One figure of an answer as a file that needs nothing else."""
    if name not in _FIGURES:
        raise NotFound
    response = Response(report_page.figure_file(str(_answer_context(_query())[name])), mimetype="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="exoscore-{name}.svg"'
    return response


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
    """The candidate without the costs, whose errors stand beside its answer. Raises ParametersError."""
    registry = current_installation().registry
    return query_string.read(request.query_string, registry.features.parser, registry.ids(), (AMONG, *COST_FIELDS))


def _stated_costs() -> dict[str, str]:
    return {name: request.args[name] for name in COST_FIELDS if request.args.get(name)}


def _read_costs() -> tuple[Costs | None, tuple[FieldError, ...]]:
    """The costs of the address, and their errors."""
    try:
        return Costs.parse(_stated_costs()), ()
    except CostsError as error:
        return None, error.faults


def _costs_form(query: CandidateQuery, faults: Sequence[FieldError]) -> dict[str, Any]:
    """The form that decides by costs: its fields, and the candidate that it sends along."""
    hidden = parse_qsl(_written(query), errors="surrogateescape") + [(AMONG, name) for name in _shared()]
    stated = _stated_costs()
    inputs = [
        make_field("costs", name, stated.get(name, ""), faults, required=name in NEEDED_COSTS) for name in COST_FIELDS
    ]
    return {"inputs": inputs, "hidden": hidden, "without": _address(query, _shared(), costs=())}


def _shared() -> list[str]:
    """The fields that the findings beside the candidate are to share with it."""
    return [name for name in _SHARED if name in request.args.getlist(AMONG)]


def _answer_context(query: CandidateQuery) -> dict[str, Any]:
    scorer, shared = current_installation().registry.scorer(query.model), _shared()
    costs, _ = _read_costs()
    report = reports.report(scorer, query.reading, query.given, costs)
    flips = [f"{url_for('.score')}?{_counterfactual_query(flip, query)}" for flip in report["score"]["flips"]]
    among = reports.among(scorer.evidence, report["score"], shared) if shared else None
    return report_page.page_context(
        report,
        flips,
        filters=_filters(query, shared),
        among=among,
        meant=partial(_meant_address, query),
    )


def _meant_address(query: CandidateQuery, field: str, name: str, typed: str) -> str:
    """The address of a candidate with another name in one of its fields, in the place of what was `typed`."""
    value = query.given.get(field, "")
    if field == "cargo_name" and isinstance(value, str):
        # Of a set of cargos the others stay.
        name = value.replace(typed, name, 1) if typed in value else name
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


def _address(
    query: CandidateQuery, shared: list[str], endpoint: str = ".score", costs: Collection[str] = COST_FIELDS
) -> str:
    """Where the answer is, without the fields that were left empty, and with those `costs` that are stated."""
    stated = {name: cost for name, cost in _stated_costs().items() if name in costs}
    written = query_string.write(query.given, query.model or "", stated)
    return f"{url_for(endpoint)}?{'&'.join([written, *(f'{AMONG}={name}' for name in shared)])}"


def _actions(query: CandidateQuery) -> list[tuple[str, str]]:
    """What can be done with an answer, each with its address."""
    written = _written(query)
    costs, _ = _read_costs()
    with_costs = query_string.write(query.given, query.model or "", costs.as_query() if costs else None)
    return [
        ("Compare with another", f"{url_for('pages.compare.compare')}?{written}"),
        ("Download JSON", f"{url_for('reports.report')}?{with_costs}&format=json"),
        ("Download CSV", f"{url_for('pages.compare.download')}?{written}"),
        *(
            (f"Download {title} (SVG)", url_for(".figure", name=name) + f"?{written}")
            for name, title in _FIGURES.items()
        ),
    ]


def _written(query: CandidateQuery) -> str:
    """The candidate and the model of a query as a query."""
    return query_string.write(query.given, query.model or "")


def _unclear(description: Description) -> list[dict[str, Any]]:
    """What was not used of a description, why, and the addresses where it is used in one way or another."""
    shown = []
    for phrase in description.unclear:
        free = [name for name in phrase.fields if name not in description.values]
        why = "it was not understood"
        if phrase.fields:
            titles = " or ".join(CANDIDATE_TITLES[name].lower() for name in phrase.fields)
            why = f"it can be the {titles}" if free else f"a {titles} was read already"
        filled = ((name, query_string.write({**description.values, name: phrase.text})) for name in free)
        choices = [(CANDIDATE_TITLES[name], f"{url_for('.score')}?{EDIT}=1&{query}") for name, query in filled]
        texts = ((name, description.text.replace(phrase.text, name)) for name in phrase.nearest)
        nearest = [(name, f"{url_for('.score')}?{urlencode({DESCRIBE: text})}") for name, text in texts]
        shown.append({"text": phrase.text, "why": why, "choices": choices, "nearest": nearest})
    return shown


@lru_cache(2)
def _showcase(scorer: Scorer) -> dict[str, Any]:
    """The examples with the predictions of a model, and the whole answer to the first."""
    _, first = EXAMPLES[0]
    report = reports.report(scorer, scorer.parser.parse(first), first)
    cited = [each for each in report["references"] if {"first_author", "year", "journal"} <= set(each["citation"])]
    return {
        "examples": [(title, query_string.write(given), scorer.score(given)) for title, given in EXAMPLES],
        "specimen": {
            "query": query_string.write(first),
            "score": report["score"],
            "heading": report_page.heading(report["score"]["candidate"]),
            "probability": charts.probability(report["score"]),
            "references": cited[:3],
        },
    }


def _landing_context() -> dict[str, Any]:
    scorer = current_installation().registry.scorer()
    return {
        "titles": CANDIDATE_TITLES,
        "description": None,
        "unclear": (),
        **_showcase(scorer),
        "design": (EXAMPLE_TITLE, f"{url_for('pages.design.design')}?{design_query.write(EXAMPLE)}"),
        "comparison": f"{url_for('pages.compare.compare')}?{comparison_query.write(COMPARISON)}",
        "quality": quality(scorer.bundle),
        "retracted": len(scorer.retracted),
    }
