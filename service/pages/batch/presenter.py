"""A batch as its page shows it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from models.errors import FieldError
from models.estimator.conformal import LABELS
from service.db.jobs import OPEN_STATES
from service.db.tables import Job
from service.installation import Installation
from service.jobs import batch_uploads
from service.pages.forms.fields import FormField, choice_faults, make_field
from service.pages.models.presenter import jobs_before
from service.problems import INVALID_FORM
from service.web.numbers import read_count
from training.report.formatting import humanize

FAULTS = 50
_LABELS = (*LABELS, "undetermined")
_SORTS: Mapping[str, str] = {
    "probability_suppressing:desc": "most likely suppressing first",
    "probability_suppressing": "most likely promoting first",
    "confidence:desc": "most confident first",
    "confidence": "least confident first",
    "credibility": "least like what was learned first",
}
_REASONS = {"domain": "outside the domain", "conflict": "papers conflict", "both_possible": "both effects possible"}


def progress_context(installation: Installation, job: Job) -> dict[str, Any]:
    """What moves while a batch is scored."""
    document = batch_uploads.to_document(installation, job)
    return {
        "batch": document,
        "open": job.state in OPEN_STATES,
        "cancelling": job.cancelled,
        "attempt": job.attempt,
        "before": jobs_before(installation.jobs, job.job_id),
        "left": _left(job.done, job.result),
    }


def outcome_context(installation: Installation, job: Job, parameters: Mapping[str, str]) -> dict[str, Any]:
    """What a batch that has ended came to: a page of its scores as the parameters of the address choose them, and of the faults
    of its bad rows."""
    # Only here, since no other page needs what reads columns.
    from pyarrow import ArrowException

    from service.batch.results import DEEPEST_PAGE, ResultQuery, read_errors, read_page

    query, faults = _read_query(parameters)
    files = batch_uploads.files_of(installation.settings.var, job)
    scores, bad, bad_from = None, [], read_count(parameters.get("bad", "")) or 0
    if job.state == "done" and files.scores.exists():
        with suppress(ArrowException):
            scores = read_page(files.scores, files.target, ResultQuery(**query))
    if job.state not in OPEN_STATES and files.errors.exists():
        bad = read_errors(files.errors, bad_from, FAULTS + 1)
    return {
        "status": INVALID_FORM if faults else HTTPStatus.OK,
        "inputs": _make_fields(parameters, faults),
        "faults": faults,
        "filtered": any(parameters.get(name) for name in ("label", "because", "sort")),
        "scores": scores,
        "labels": _LABELS,
        "means": _REASONS,
        "bad": bad[:FAULTS],
        "bad_from": bad_from,
        "bad_further": len(bad) > FAULTS,
        "address_of": lambda **changed: _address(parameters, changed),
        "page": query["page"],
        "deepest": query["page"] >= DEEPEST_PAGE,
    }


def _left(done: float, counts: Mapping[str, Any]) -> str:
    """How long a batch still takes, in words; empty where that cannot be said."""
    rate, rows = counts.get("rows_per_second", 0), counts.get("rows", 0)
    if not (rate and rows and 0 < done < 1):
        return ""
    seconds = rows * (1 / done - 1) / rate
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s left"
    return f"about {round(seconds / 60)} min left" if seconds < 5400 else f"about {seconds / 3600:.1f} h left"


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
    labels = (*((label, humanize(label)) for label in _LABELS), ("none", "none: bad rows"))
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
            ("because", "any reason or none", tuple(_REASONS.items())),
            ("sort", "as in the file", tuple(_SORTS.items())),
        )
    )


def _address(parameters: Mapping[str, str], changed: Mapping[str, str]) -> str:
    """The query string of the page with something changed, or taken out where empty."""
    names = ("label", "because", "sort", "page", "bad")
    query = {name: parameters.get(name, "") for name in names} | dict(changed)
    return urlencode({name: value for name, value in query.items() if value})
