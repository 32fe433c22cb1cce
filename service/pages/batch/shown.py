"""A batch as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from models.errors import Fault
from service import batches
from service.pages.forms import Input, Options
from service.pages.wording import words
from service.problems import INVALID_FORM
from service.services import Services
from service.store.jobs import OPEN_STATES
from service.store.tables import Job

FAULTS = 50
_LABELS = ("suppressing", "promoting", "undetermined")
_REASONS = ("domain", "conflict", "thin_data")
_SORTS: Mapping[str, str] = {
    "probability_suppressing:desc": "most likely suppressing first",
    "probability_suppressing": "most likely promoting first",
    "confidence:desc": "most confident first",
    "confidence": "least confident first",
    "credibility": "least like what was learned first",
}
_MEANS = {"domain": "outside the domain", "conflict": "papers conflict", "thin_data": "thin data"}


def progress(services: Services, job: Job) -> dict[str, Any]:
    """What moves while a batch is scored."""
    document = batches.to_document(services, job)
    waiting = services.jobs.queued() if job.state == "queued" else []
    before = waiting.index(job.job_id) + len(services.jobs.running()) if job.job_id in waiting else 0
    return {
        "batch": document,
        "open": job.state in OPEN_STATES,
        "cancelling": job.cancelled,
        "attempt": job.attempt,
        "before": before,
        "left": _left(job.done, job.result),
    }


def outcome(services: Services, job: Job, given: Mapping[str, str]) -> dict[str, Any]:
    """What a batch that has ended came to: a page of its scores as wanted by `given`, and of the faults of its bad rows."""
    wanted, faults = _wanted(given)
    context: dict[str, Any] = {
        "status": INVALID_FORM if faults else HTTPStatus.OK,
        "inputs": _inputs(given, faults),
        "faults": faults,
        "filtered": any(given.get(name) for name in ("label", "because", "sort")),
        "scores": None,
        "labels": _LABELS,
        "means": _MEANS,
        "bad": (),
        "bad_from": 0,
        "bad_further": False,
        "address_of": lambda **changed: _address(given, changed),
        "page": wanted["page"],
    }
    files = batches.files_of(services.settings.var, job)
    if job.state in OPEN_STATES:
        return context
    # Only here, since no other page needs what reads columns.
    from pyarrow import ArrowException

    from service.batch.results import DEEPEST_PAGE, ResultQuery, read_errors, read_page

    context["deepest"] = wanted["page"] >= DEEPEST_PAGE
    if job.state == "done" and files.scores.exists():
        try:
            context["scores"] = read_page(files.scores, files.target, ResultQuery(**wanted))
        except ArrowException as error:
            context["unshown"] = str(error)
    if files.errors.exists():
        first = _number(given.get("bad", "")) or 0
        found = read_errors(files.errors, first, FAULTS + 1)
        context |= {"bad": found[:FAULTS], "bad_from": first, "bad_further": len(found) > FAULTS}
    return context


def _left(done: float, counts: Mapping[str, Any]) -> str:
    """How long a batch still takes, in words; empty where that cannot be said."""
    rate, rows = counts.get("rows_per_second", 0), counts.get("rows", 0)
    if not (rate and rows and 0 < done < 1):
        return ""
    seconds = rows * (1 / done - 1) / rate
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s left"
    return f"about {round(seconds / 60)} min left" if seconds < 5400 else f"about {seconds / 3600:.1f} h left"


def _wanted(given: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    from service.batch.results import DEEPEST_PAGE, UNSCORED

    sort, _, way = given.get("sort", "").partition(":")
    wanted = {"label": given.get("label", ""), "because": given.get("because", ""), "sort": sort, "page": 1}
    wanted["descending"] = way == "desc"
    faults = []
    for name, allowed in (("label", (*_LABELS, UNSCORED)), ("because", _REASONS), ("sort", tuple(_SORTS))):
        if (value := given.get(name, "")) and value not in allowed:
            faults.append(Fault(name, "not_allowed", f"choose one of {', '.join(allowed)}", value, allowed))
            wanted[name] = ""
    if text := given.get("page", ""):
        wanted["page"] = min(max(_number(text) or 1, 1), DEEPEST_PAGE)
    return wanted, faults


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _inputs(given: Mapping[str, str], faults: Sequence[Fault]) -> tuple[Input, ...]:
    def one(name: str, title: str, unchosen: str, options: Options) -> Input:
        own = tuple(fault for fault in faults if fault.field == name)
        value = "" if own else given.get(name, "")
        return Input(name=name, title=title, value=value, chosen=True, unchosen=unchosen, options=options, faults=own)

    return (
        one("label", "Label", "any", (*((label, words(label)) for label in _LABELS), ("none", "none: bad rows"))),
        one("because", "Undetermined because", "any reason or none", tuple((one, _MEANS[one]) for one in _REASONS)),
        one("sort", "Order", "as in the file", tuple(_SORTS.items())),
    )


def _address(given: Mapping[str, str], changed: Mapping[str, str]) -> str:
    """The query string of the page with something changed, or taken out where empty."""
    names = ("label", "because", "sort", "page", "bad")
    kept = {name: given[name] for name in names if given.get(name)} | dict(changed)
    return urlencode({name: value for name, value in kept.items() if value})
