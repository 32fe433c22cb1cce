"""`/compare`: up to ten candidates side by side, ranked. The address holds them all, so that it can be shared."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response

from models.scorer import Scorer
from service import candidate_query, comparison_query, comparisons, problems
from service.access import require
from service.candidate_query import Given
from service.comparison_query import CHANGE, COPY, MOST, ComparisonQuery, Entry
from service.comparison_sheet import sheet
from service.pages import candidate_form, comparison, figures, layout
from service.pages.candidate_form import Form
from service.pages.destination import Destination
from service.pages.examples import COMPARISON
from service.scoring.counts import ScoreCounts
from service.scoring.documents import select_fields
from service.scoring.serializer import ScoreSerializer, decode, encode
from service.services import services

blueprint = Blueprint("compare", __name__)

FIELDS = select_fields(["contributions"])


@blueprint.get("/compare")
@require("score")
def compare() -> Response:
    """The candidates of the address side by side, and a form for one more."""
    asked = _asked()
    if not asked.settled:
        return redirect(_address(asked.united, asked.model), 303)
    scorer = services().registry.scorer(asked.model or None)
    faulty = asked.faults or asked.faulty or asked.added
    status = problems.INVALID_FORM if faulty else HTTPStatus.OK
    return layout.page("compare.html", status, form=_form(asked), to=_destination(asked), **_shown(asked, scorer))


@blueprint.get("/compare.csv")
@require("score")
def download() -> Response:
    """The same candidates, with those for which the page has no room, as CSV."""
    asked = _asked()
    scorer = services().registry.scorer(asked.model or None)
    scores = _scores(scorer, [one for one in asked.entries if one.reading])
    response = Response(sheet(asked.entries, scores, scorer.bundle.id).encode("utf-8", "replace"), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="comparison.csv"'
    response.cache_control.private = response.cache_control.no_cache = True
    return response


def _asked() -> ComparisonQuery:
    return comparison_query.read(request.query_string, services().registry.features.reader)


def _scores(scorer: Scorer, entries: Sequence[Entry]) -> dict[int, Any]:
    """The documents of candidates that could be understood, by their numbers."""
    serializer = ScoreSerializer(scorer)
    predictions = serializer.predict([entry.reading for entry in entries if entry.reading])
    services().count_scores(ScoreCounts.from_predictions(predictions))
    scores = decode(encode(serializer.serialize(predictions, FIELDS)))
    return {entry.number: score for entry, score in zip(entries, scores, strict=True)}


def _shown(asked: ComparisonQuery, scorer: Scorer) -> dict[str, Any]:
    scores, by_letter = _scores(scorer, asked.compared), {one.letter: one for one in asked.compared}
    ranked = comparisons.ranked(list(by_letter), list(scores.values()))
    columns = [comparison.column(one, _addresses(asked, by_letter[one.letter])) for one in ranked]
    return {
        "asked": asked,
        "columns": columns,
        "groups": comparison.groups([one.score for one in ranked]) if ranked else (),
        "figure": figures.comparison([(one.ranked, ", ".join(one.heading)) for one in columns]) if columns else "",
        "elsewhere": {one.number: _addresses(asked, one) for one in (*asked.faulty, *asked.beyond)},
        "csv": _address(asked.given, asked.model, ".download"),
        "most": MOST,
        "titles": candidate_form.TITLES,
        "example": _address(COMPARISON),
    }


def _form(asked: ComparisonQuery) -> Form:
    """The form for one more: with what was typed, else with the candidate that is to be changed or copied."""
    reader = services().registry.features.reader
    shown = asked.added or asked.change or asked.copy
    return candidate_form.form(reader, shown.given, shown.faults) if shown else candidate_form.form(reader, {})


def _destination(asked: ComparisonQuery) -> Destination:
    kept = parse_qsl(comparison_query.write(asked.given, asked.model), errors="surrogateescape")
    if asked.change:
        kept.append((CHANGE, str(asked.change.number)))
    button = f"Change {asked.change.letter}" if asked.change else "Add to the comparison"
    return Destination(url_for(".compare"), button, _address(asked.given, asked.model), "Cancel", tuple(kept))


def _addresses(asked: ComparisonQuery, entry: Entry) -> dict[str, str]:
    here = _address(asked.given, asked.model)
    rest = [one.given for one in asked.entries if one is not entry]
    report = f"{url_for('pages.score.score')}?{candidate_query.write(entry.given, asked.model)}"
    return {
        "report": report,
        "change": f"{here}&{CHANGE}={entry.number}#add",
        "copy": f"{here}&{COPY}={entry.number}#add",
        "remove": _address(rest, asked.model),
    }


def _address(candidates: Sequence[Given], model: str = "", endpoint: str = ".compare") -> str:
    query = comparison_query.write(candidates, model)
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)
