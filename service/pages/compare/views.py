"""`/compare`: up to ten candidates side by side, ranked. The address holds them all, so that it can be shared."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, redirect, request, url_for
from markupsafe import Markup
from werkzeug import Response

from models.scorer import Scorer
from models.scoring.predictions import PredictionBatch
from service import problems
from service.pages import charts, layout
from service.pages.compare import query as comparison_query
from service.pages.compare import ranking
from service.pages.compare.csv_export import to_csv
from service.pages.compare.query import CHANGE, COPY, MAX_COMPARED, ComparisonQuery, Entry
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, Form, FormAction
from service.pages.report import UNDETERMINED_REASONS, heading
from service.pages.score.examples import COMPARISON
from service.scoring import query_string
from service.scoring.counts import ScoreCounts
from service.scoring.documents import select_fields
from service.scoring.query_string import Given
from service.scoring.serializer import ScoreSerializer, decode, encode
from service.web import session
from service.web.access import require
from service.web.current import current_installation
from service.web.downloads import send_table

blueprint = Blueprint("compare", __name__)

_FIELDS = select_fields(["contributions"])


@blueprint.get("/compare")
@require("score")
def compare() -> Response:
    """The candidates of the address side by side, and a form for one more."""
    query = _query()
    if not query.is_canonical:
        return redirect(_address(query.with_added, query.model), 303)
    scorer = current_installation().registry.scorer(query.model or None)
    status = problems.INVALID_FORM if query.faults or query.invalid or query.added else HTTPStatus.OK
    return layout.page(
        "compare.html",
        status,
        query=query,
        form=_form(query),
        action=_action(query),
        elsewhere={entry.number: _addresses(query, entry) for entry in (*query.invalid, *query.overflow)},
        csv=_address(query.given, query.model, ".download"),
        most=MAX_COMPARED,
        titles=CANDIDATE_TITLES,
        **_compared(query, scorer),
        **_example(query),
    )


@blueprint.get("/compare.csv")
@require("score")
def download() -> Response:
    """The same candidates, with those for which the page has no room, as CSV."""
    query = _query()
    scorer = current_installation().registry.scorer(query.model or None)
    content = to_csv(query.entries, _scores(scorer, query.entries))
    return send_table(content.encode("utf-8", "replace"), "comparison.csv")


def _query() -> ComparisonQuery:
    return comparison_query.read(request.query_string, current_installation().registry.features.parser)


def _scores(scorer: Scorer, entries: Sequence[Entry]) -> dict[int, Any]:
    """The documents of the candidates that could be understood, by their numbers; counted, unless the session forbids it."""
    predictions, documents = _documents(scorer, entries)
    if session.is_counted():
        current_installation().count_scores(ScoreCounts.from_predictions(predictions))
    return documents


def _documents(scorer: Scorer, entries: Sequence[Entry]) -> tuple[PredictionBatch, dict[int, Any]]:
    readings = {entry.number: entry.reading for entry in entries if entry.reading}
    serializer = ScoreSerializer(scorer)
    predictions = serializer.predict(list(readings.values()))
    documents = decode(encode(serializer.serialize(predictions, _FIELDS)))
    return predictions, dict(zip(readings, documents, strict=True))


def _compared(query: ComparisonQuery, scorer: Scorer) -> dict[str, Any]:
    """The candidates that could be understood, in the order of their ranks: their columns, scores and fields, what each field
    adds, and the chart."""
    scores = _scores(scorer, query.compared)
    if not scores:
        return {"columns": ()}
    by_number = {entry.number: entry for entry in query.compared}
    ranked = ranking.rank(scores)
    in_rank = [each.score for each in ranked]
    contributions = ranking.contribution_rows(in_rank)
    columns = [_column(each) | _addresses(query, by_number[each.key]) for each in ranked]
    return {
        "columns": columns,
        "scores": in_rank,
        "fields": ranking.field_rows(in_rank),
        "contributions": contributions,
        "widest": max(abs(value) for values in contributions.values() for value in values) or 1.0,
        "strips": _strips(columns),
    }


def _example(query: ComparisonQuery) -> dict[str, Any]:
    """What a comparison looks like, for an address without any candidate. It is not counted as scored."""
    if query.entries or query.added:
        return {}
    registry = current_installation().registry
    example = comparison_query.read(comparison_query.write(COMPARISON).encode(), registry.features.parser)
    _, scores = _documents(registry.scorer(), example.entries)
    columns = [_column(each) | _addresses(example, example.entries[each.key - 1]) for each in ranking.rank(scores)]
    return {"example": _address(COMPARISON), "example_columns": columns, "example_strips": _strips(columns)}


def _column(ranked: ranking.Ranked) -> dict[str, Any]:
    return {
        "ranked": ranked,
        "heading": heading(ranked.score["candidate"]),
        "reason": UNDETERMINED_REASONS.get(ranked.score.get("undetermined_because", ""), ""),
    }


def _strips(columns: Sequence[Mapping[str, Any]]) -> list[Markup]:
    return charts.comparison([(column["ranked"].score, ", ".join(column["heading"])) for column in columns])


def _form(query: ComparisonQuery) -> Form:
    """The form for one more: with what was typed, else with the candidate that is to be changed or copied."""
    reader = current_installation().registry.features.parser
    entry = query.added or query.change or query.copy
    return candidate.make_form(reader, entry.given, entry.faults) if entry else candidate.make_form(reader, {})


def _action(query: ComparisonQuery) -> FormAction:
    hidden = parse_qsl(comparison_query.write(query.given, query.model), errors="surrogateescape")
    if query.change:
        hidden.append((CHANGE, str(query.change.number)))
    button = "Save changes" if query.change else "Add to the comparison"
    cancel = "Cancel" if query.change or query.copy else "Clear"
    return FormAction(url_for(".compare"), button, _address(query.given, query.model), cancel, tuple(hidden))


def _addresses(query: ComparisonQuery, entry: Entry) -> dict[str, str]:
    here = _address(query.given, query.model)
    rest = [other.given for other in query.entries if other is not entry]
    return {
        "report": f"{url_for('pages.score.score')}?{query_string.write(entry.given, query.model)}",
        "change": f"{here}&{CHANGE}={entry.number}#add",
        "copy": f"{here}&{COPY}={entry.number}#add",
        "remove": _address(rest, query.model),
    }


def _address(candidates: Sequence[Given], model: str = "", endpoint: str = ".compare") -> str:
    query = comparison_query.write(candidates, model)
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)
