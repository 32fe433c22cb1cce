"""`/findings`: the findings that the filters of the address admit, in figures and one by one; and their conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from marshmallow import Schema
from werkzeug import Response as AnyResponse

from models.errors import Fault
from service import cursor
from service import findings as documents
from service.access import require
from service.errors import ParametersError
from service.pages import figures, layout
from service.pages.findings import filters
from service.pages.findings.shown import listed, shown
from service.problems import INVALID_FORM
from service.schemas.finding import ConflictQuerySchema, ExportQuerySchema, FindingQuerySchema
from service.services import services
from service.store.finding_counts import counts
from service.store.finding_search import Filters, conflicts_page, page

blueprint = Blueprint("browsing", __name__)

ROWS = "25"
TABLES = {"csv": "text/csv", "tsv": "text/tab-separated-values"}


@blueprint.get("")
@require("score")
def browse() -> AnyResponse:
    """Findings, in the order in which they were added, and what they are of."""
    if any(not value for value in request.args.values()):
        return redirect(f"{url_for('.browse')}?{filters.write(request.args)}")
    given, found = request.args.to_dict(), services().findings
    query, faults = filters.read(FindingQuerySchema(), {"limit": ROWS, **given})
    limit, begins = query.pop("limit"), query.pop("cursor")
    chosen = Filters(**query)
    try:
        counted = counts(found, chosen)
        (after,) = cursor.read(begins)
        rows, last = page(found, chosen, after, limit)
    except ParametersError as error:
        faults += error.faults
    if faults:
        return layout.page("findings/browse.html", INVALID_FORM, counted=None, **_form(given, faults))
    further = "" if last is None else filters.write(given, cursor=cursor.write(last))
    return layout.page(
        "findings/browse.html",
        counted=counted,
        strata=figures.tally("strata", "Strata", counted.strata),
        tumours=figures.tally("tumours", "Tumours", counted.tumours, unstated="not stated"),
        contradictory=figures.tally("contradictory", "Cargos reported both ways", counted.contradictory),
        years=figures.years(counted.years),
        rows=[listed(one) for one in rows],
        further=further,
        later=bool(after),
        query=filters.write(given),
        query_of=lambda names, key: filters.write(given, **dict(zip(names, key, strict=True))),
        **_form(given),
    )


@blueprint.get("/export.<shape>")
@require("score")
def export(shape: str) -> AnyResponse:
    """The findings that the filters admit as a table, in the corpus' own format."""
    if shape not in TABLES:
        return redirect(url_for(".browse"))
    given = {name: text for name, text in request.args.items() if name not in ("limit", "cursor")}
    query = _read(ExportQuerySchema(), given)
    lines = documents.export_lines(services().findings, Filters(**query), shape == "csv")
    disposition = {"Content-Disposition": f'attachment; filename="findings.{shape}"'}
    return Response(lines, mimetype=TABLES[shape], headers=disposition)


@blueprint.get("/conflicts")
@require("score")
def conflicts() -> Response:
    """The pairs of active findings that contradict each other."""
    query = _read(ConflictQuerySchema(), request.args.to_dict())
    later, earlier = cursor.read(query["cursor"], 2)
    found, last = conflicts_page(services().findings, (later, earlier), query["limit"])
    further = "" if last is None else url_for(".conflicts", cursor=cursor.write(*last))
    told = [documents.conflict_document(one) for one in found]
    return layout.page("findings/conflicts.html", conflicts=told, further=further, later=bool(later))


@blueprint.get("/<finding_id>")
@require("score")
def show(finding_id: str) -> Response:
    """One finding: what was observed of what, where it was published, and all that it ever was."""
    return layout.page("findings/finding.html", **shown(services().findings, finding_id))


def _read(schema: Schema, given: dict[str, str]) -> dict[str, Any]:
    """What was given, where all of it is right. Raises ParametersError."""
    query, faults = filters.read(schema, given)
    if faults:
        raise ParametersError(faults)
    return query


def _form(given: dict[str, str], faults: Sequence[Fault] = ()) -> dict[str, Any]:
    inputs = filters.inputs(services().registry.features.reader, given, faults)
    return {
        "inputs": inputs,
        "faults": faults,
        "titles": {one.name: one.title for one in inputs},
        "filtered": any(one.value for one in inputs),
    }
