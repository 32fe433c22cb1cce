"""`/findings`: the findings that the filters of the address admit, in charts and one by one; and their conflicts."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from marshmallow import Schema
from werkzeug import Response as AnyResponse

from models.errors import FieldError
from service.db import pagination
from service.errors import ParametersError
from service.findings import serializers as documents
from service.findings.search import Filters, conflicts_page, search
from service.findings.statistics import count_findings
from service.pages import charts, layout
from service.pages.findings import filters
from service.pages.findings.presenter import list_item, page_context
from service.problems import INVALID_FORM
from service.schemas.finding import ConflictQuerySchema, ExportQuerySchema, FindingQuerySchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("findings", __name__, url_prefix="/findings")

ROWS = "25"
TABLES = {"csv": "text/csv", "tsv": "text/tab-separated-values"}


@blueprint.get("")
@require("score")
def browse() -> AnyResponse:
    """Findings, in the order in which they were added, and what they are of."""
    if any(not value for value in request.args.values()):
        return redirect(f"{url_for('.browse')}?{filters.write(request.args)}")
    given, findings = request.args.to_dict(), current_installation().findings
    query, faults = filters.read(FindingQuerySchema(), {"limit": ROWS, **given})
    limit, begins = query.pop("limit"), query.pop("cursor")
    chosen = Filters(**query)
    try:
        counted = count_findings(findings, chosen)
        (after,) = pagination.decode_cursor(begins)
        rows, last = search(findings, chosen, after, limit)
    except ParametersError as error:
        faults += error.faults
    if faults:
        return layout.page("findings/browse.html", INVALID_FORM, counted=None, **_form_context(given, faults))
    return layout.page(
        "findings/browse.html",
        counted=counted,
        strata=charts.tallies("strata", "Strata", counted.strata),
        tumours=charts.tallies("tumours", "Tumours", counted.tumours, unstated="not stated"),
        contradictory=charts.tallies("contradictory", "Cargos reported both ways", counted.contradictory),
        years=charts.years(counted.years),
        rows=[list_item(finding) for finding in rows],
        further="" if last is None else filters.write(given, cursor=pagination.encode_cursor(last)),
        later=bool(after),
        query=filters.write(given),
        query_of=lambda names, key: filters.write(given, **dict(zip(names, key, strict=True))),
        **_form_context(given),
    )


@blueprint.get("/export.<shape>")
@require("score")
def export(shape: str) -> AnyResponse:
    """The findings that the filters admit as a table, in the corpus' own format."""
    if shape not in TABLES:
        return redirect(url_for(".browse"))
    given = {name: text for name, text in request.args.items() if name not in ("limit", "cursor")}
    query = _read(ExportQuerySchema(), given)
    lines = documents.export_lines(current_installation().findings, Filters(**query), shape == "csv")
    disposition = {"Content-Disposition": f'attachment; filename="findings.{shape}"'}
    return Response(lines, mimetype=TABLES[shape], headers=disposition)


@blueprint.get("/conflicts")
@require("score")
def conflicts() -> Response:
    """The pairs of active findings that contradict each other."""
    query = _read(ConflictQuerySchema(), request.args.to_dict())
    later, earlier = pagination.decode_cursor(query["cursor"], 2)
    rows, last = conflicts_page(current_installation().findings, (later, earlier), query["limit"])
    further = "" if last is None else url_for(".conflicts", cursor=pagination.encode_cursor(*last))
    shown = [documents.conflict_document(conflict) for conflict in rows]
    return layout.page("findings/conflicts.html", conflicts=shown, further=further, later=bool(later))


@blueprint.get("/<finding_id>")
@require("score")
def show(finding_id: str) -> Response:
    """One finding: what was observed of what, where it was published, and all that it ever was."""
    return layout.page("findings/finding.html", **page_context(current_installation().findings, finding_id))


def _read(schema: Schema, given: dict[str, str]) -> dict[str, Any]:
    """The query, where all of it is right. Raises ParametersError."""
    query, faults = filters.read(schema, given)
    if faults:
        raise ParametersError(faults)
    return query


def _form_context(given: dict[str, str], faults: Sequence[FieldError] = ()) -> dict[str, Any]:
    fields = filters.make_fields(current_installation().registry.features.parser, given, faults)
    return {
        "inputs": fields,
        "faults": faults,
        "titles": {field.name: field.title for field in fields},
        "filtered": any(field.value for field in fields),
    }
