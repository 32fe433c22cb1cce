"""A batch as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import url_for

from models.candidates.candidate import Normalization
from models.errors import CandidateError, FieldError
from models.estimator.conformal import LABELS
from models.vocabulary.normalize import fold
from service.db.jobs import OPEN_STATES
from service.db.tables import Job, now
from service.installation import Installation
from service.jobs import batch_uploads
from service.pages import charts
from service.pages.forms.fields import CANDIDATE_TITLES, FormField, choice_faults, make_field
from service.pages.models.presenter import jobs_before
from service.pages.report import heading
from service.pages.template_filters import fault_message
from service.problems import INVALID_FORM
from service.scoring import query_string
from service.web.numbers import read_count
from training.report.formatting import humanize

if TYPE_CHECKING:
    # It reads columns, which few pages need.
    from service.batch.results import Rows

FAULTS = 50
_LABELS = (LABELS[0], "undetermined", LABELS[1])
# The fields that the heading of a candidate has, in its order.
_IN_HEADING = ("cargo_name", "source_phenotype", "source_cell", "cancer_type")
_SORTS: Mapping[str, str] = {
    "probability_suppressing:desc": "most likely suppressing first",
    "probability_suppressing": "most likely promoting first",
    "confidence:desc": "most confident first",
    "confidence": "least confident first",
    "credibility": "least typical first",
}
_REASONS = {
    "domain": "outside the training data",
    "conflict": "papers conflict",
    "both_possible": "both effects possible",
}


def progress_context(installation: Installation, job: Job) -> dict[str, Any]:
    """What moves while a batch is scored."""
    document = batch_uploads.to_document(installation, job)
    return {
        "batch": document,
        "titles": CANDIDATE_TITLES,
        "open": job.state in OPEN_STATES,
        "cancelling": job.cancelled,
        "attempt": job.attempt,
        "before": jobs_before(installation.jobs, job.job_id),
        "elapsed": _duration((now() - (job.started or job.created)).total_seconds()),
        "left": _left(job.done, job.result),
    }


def outcome_context(installation: Installation, job: Job, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The result of a batch that has ended: a page of its scores as the parameters of the address choose them, and of the errors
    in its rows."""
    # Only here, since no other page needs what reads columns.
    from pyarrow import ArrowException

    from service.batch.results import DEEPEST_PAGE, ResultQuery, read_errors, read_page

    query, faults = _read_query(parameters)
    files = batch_uploads.files_of(installation.settings.var, job)
    scores, bad, bad_from, rows = None, [], read_count(parameters.get("bad", "")) or 0, []
    if job.state == "done" and files.scores.exists():
        with suppress(ArrowException):
            scores = read_page(files.scores, files.target, ResultQuery(**query))
            rows = _present_rows(installation, scores, job.request)
    if job.state not in OPEN_STATES and files.errors.exists():
        bad = read_errors(files.errors, bad_from, FAULTS + 1)
    return {
        "status": INVALID_FORM if faults else HTTPStatus.OK,
        "inputs": _make_fields(parameters, faults),
        "faults": faults,
        "filtered": any(parameters.get(name) for name in ("label", "because", "sort")),
        "scores": scores,
        "rows": rows,
        "labels": _LABELS,
        "shares": charts.shares({label: job.result.get("labels", {}).get(label, 0) for label in _LABELS}),
        "means": _REASONS,
        "bad": [_present_error(error) for error in bad[:FAULTS]],
        "bad_from": bad_from,
        "bad_further": len(bad) > FAULTS,
        "address_of": lambda **changed: _address(parameters, changed),
        "page": query["page"],
        "deepest": query["page"] >= DEEPEST_PAGE,
    }


def _present_rows(installation: Installation, scores: Rows, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of scores, each with its candidate as understood (`heading`), what of it was typed otherwise (`typed`) and the
    `address` of its answer; those are empty where the result does not hold the candidate or it could not be understood."""
    parser, current = installation.registry.features.parser, installation.registry.current_id()
    model = "" if request["model"] == current else request["model"]
    presented = []
    for row in scores.rows:
        given = scores.candidate_of(row)
        for name, constant in request["constants"].items():
            if parser.states_nothing(name, given.get(name)):
                given[name] = constant
        context: dict[str, Any] = {"heading": [], "typed": [], "address": ""}
        if row["label"] is not None and scores.has_candidates:
            with suppress(CandidateError):
                reading = parser.parse(given)
                context["heading"] = heading(reading.candidate.to_dict())
                typed = {note.field: note.given for note in reading.notes if _differs(note)}
                context["typed"] = [typed[name] for name in _IN_HEADING if name in typed]
                context["address"] = f"{url_for('pages.score.score')}?{query_string.write(given, model)}"
        else:
            context["typed"] = [
                text if isinstance(text, str) else "; ".join(text) for name, text in given.items() if name != "id"
            ]
        presented.append({"id": None, **row, **context})
    return presented


def _present_error(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error of a row, in the words of a form."""
    is_term = error["code"] == "unknown_term"
    nearest = tuple(error.get("nearest", ())) if is_term else ()
    fault = FieldError(
        error.get("field", ""), error["code"], error["detail"], error.get("given"), suggest=lambda: nearest
    )
    return {**error, "detail": fault_message(fault)}


def _differs(note: Normalization) -> bool:
    """Whether something was typed, and reads otherwise on the page."""
    return bool(note.given) and fold(humanize(note.used)) != fold(note.given)


def _left(done: float, counts: Mapping[str, Any]) -> str:
    """How long a batch still takes, in words; empty where that cannot be said."""
    rate, rows = counts.get("rows_per_second", 0), counts.get("rows", 0)
    if not (rate and rows and 0 < done < 1):
        return ""
    return f"about {_duration(rows * (1 / done - 1) / rate)} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _read_query(parameters: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    from service.batch.results import DEEPEST_PAGE, UNSCORED

    sort, _, way = parameters.get("sort", "").partition(":")
    query = {"label": parameters.get("label", ""), "because": parameters.get("because", ""), "sort": sort, "page": 1}
    query["descending"] = way == "desc"
    faults: list[FieldError] = []
    for name, allowed in (("label", (*_LABELS, UNSCORED)), ("because", tuple(_REASONS)), ("sort", tuple(_SORTS))):
        if value := parameters.get(name, ""):
            faults += choice_faults(name, value, allowed)
    if text := parameters.get("page", ""):
        query["page"] = min(max(read_count(text) or 1, 1), DEEPEST_PAGE)
    return query | {fault.field: "" for fault in faults}, faults


def _make_fields(parameters: Mapping[str, str], faults: Sequence[FieldError]) -> tuple[FormField, ...]:
    labels = (*((label, humanize(label)) for label in _LABELS), ("none", "not scored: rows with errors"))
    faulty = [fault.field for fault in faults]
    return tuple(
        make_field(
            "scores",
            name,
            "" if name in faulty else parameters.get(name, ""),
            faults,
            is_select=True,
            empty_label=empty_label,
            options=options,
        )
        for name, empty_label, options in (
            ("label", "any", labels),
            ("because", "any reason", tuple(_REASONS.items())),
            ("sort", "row in the file", tuple(_SORTS.items())),
        )
    )


def _address(parameters: Mapping[str, str], changed: Mapping[str, str]) -> str:
    """The query string of the page with something changed, or taken out where empty."""
    names = ("label", "because", "sort", "page", "bad")
    query = {name: parameters.get(name, "") for name in names} | dict(changed)
    return urlencode({name: value for name, value in query.items() if value})
