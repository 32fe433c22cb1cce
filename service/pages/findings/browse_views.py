"""`/findings`: the findings that the filters of the address admit, in charts and as a list; and their conflicts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from marshmallow import Schema
from werkzeug import Response as AnyResponse

from models.errors import FieldError
from service.db import pagination
from service.errors import ParametersError
from service.findings import serializers as documents
from service.findings.listing import list_page
from service.findings.search import Filters, conflicts_page
from service.findings.statistics import count_findings
from service.pages import charts, layout, structured_data
from service.pages.findings import filters
from service.pages.findings.presenter import conflicts_context, list_item, page_context
from service.problems import INVALID_FORM
from service.schemas.finding import ConflictQuerySchema, ExportQuerySchema, FindingListSchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("findings", __name__, url_prefix="/findings")

# What of an address says how findings are listed, not which.
_OF_LIST = ("limit", "page", "sort")


@blueprint.get("")
@require("score")
def browse() -> AnyResponse:
    """The findings that the filters admit, a page of them in the chosen order, and an overview in charts."""
    # Addresses of earlier versions had a cursor.
    if "cursor" in request.args or any(not value for value in request.args.values()):
        return redirect(f"{url_for('.browse')}?{filters.write(request.args)}")
    given, findings = request.args.to_dict(), current_installation().findings
    query, faults = filters.read(FindingListSchema(), given)
    order, page, size = query.pop("sort"), query.pop("page"), query.pop("limit")
    chosen = Filters(**query)
    try:
        counted = count_findings(findings, chosen)
        listing = list_page(findings, chosen, order, page, size)
    except ParametersError as error:
        faults += error.faults
    if faults:
        return layout.page("findings/browse.html", INVALID_FORM, counted=None, order="", **_form_context(given, faults))
    return layout.page(
        "findings/browse.html",
        counted=counted,
        strata=charts.tallies("strata", "Source cell, phenotype and cargo state", counted.strata),
        cancer_types=charts.tallies("cancer-types", "Cancer types", counted.tumours, unstated="not stated"),
        contradictory=charts.tallies("contradictory", "Cargos reported with both effects", counted.contradictory),
        years=charts.years(counted.years),
        listing=listing,
        rows=[list_item(finding) for finding in listing.rows],
        order=order,
        orders=filters.ORDER_TITLES,
        query=filters.write(given, page="", sort=""),
        query_of=lambda **changed: filters.write(given, **{"page": "", **changed}),
        query_of_key=lambda names, key: filters.write(given, page="", **dict(zip(names, key, strict=True))),
        suffixes=documents.SUFFIXES,
        structured=structured_data.dataset(),
        **_form_context(given, facets=listing.facets),
    )


@blueprint.get("/export.<suffix>")
@require("score")
def export(suffix: str) -> AnyResponse:
    """The findings that the filters admit, as a table, JSON or a data package, or their papers for reference managers."""
    if suffix not in documents.SUFFIXES:
        return redirect(url_for(".browse"))
    given = {name: text for name, text in request.args.items() if name not in _OF_LIST}
    query = _read(ExportQuerySchema(), given)
    form = documents.SUFFIXES[suffix]
    pieces = documents.export(current_installation().findings, Filters(**query), form)
    return _attachment(pieces, form, f"findings.{suffix}")


@blueprint.get("/<finding_id>/cite.<suffix>")
@require("score")
def cite(finding_id: str, suffix: str) -> AnyResponse:
    """The paper of a finding, for reference managers."""
    finding = current_installation().findings.show(finding_id)
    if suffix not in ("bib", "ris", "csl"):
        return redirect(url_for(".show", finding_id=finding_id))
    form = documents.SUFFIXES[suffix]
    return _attachment(documents.write_findings([finding.cells], form), form, f"{finding_id}.{suffix}")


@blueprint.get("/conflicts")
@require("score")
def conflicts() -> Response:
    """The pairs of active findings that contradict each other."""
    query = _read(ConflictQuerySchema(), request.args.to_dict())
    later, earlier = pagination.decode_cursor(query["cursor"], 2)
    rows, last = conflicts_page(current_installation().findings, (later, earlier), query["limit"])
    further = "" if last is None else url_for(".conflicts", cursor=pagination.encode_cursor(*last))
    shown = conflicts_context(current_installation().findings, rows)
    return layout.page("findings/conflicts.html", further=further, later=bool(later), **shown)


@blueprint.get("/<finding_id>")
@require("score")
def show(finding_id: str) -> Response:
    """One finding: what was observed of what, where it was published, and all that it ever was."""
    return layout.page("findings/finding.html", **page_context(current_installation().findings, finding_id))


def _attachment(pieces: Iterable[bytes], form: str, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, mimetype=documents.MEDIA_TYPES[form], headers=disposition)


def _read(schema: Schema, given: dict[str, str]) -> dict[str, Any]:
    """The query, where all of it is right. Raises ParametersError."""
    query, faults = filters.read(schema, given)
    if faults:
        raise ParametersError(faults)
    return query


def _form_context(
    given: dict[str, str], faults: Sequence[FieldError] = (), facets: Mapping[str, Mapping[Any, int]] | None = None
) -> dict[str, Any]:
    fields = filters.make_fields(current_installation().registry.features.parser, given, faults, facets or {})
    return {
        "inputs": fields,
        "faults": faults,
        "titles": {field.name: field.title for field in fields},
        "filtered": any(field.value for field in fields),
    }
