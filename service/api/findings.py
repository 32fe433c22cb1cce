"""`/v1/findings` and `/v1/conflicts`: findings added, found, corrected, retracted and exported."""

import hashlib
from typing import Any

from flask import Request, Response, g, jsonify, request, url_for
from werkzeug.exceptions import PreconditionRequired, UnsupportedMediaType

from models.errors import TableError
from service.api.openapi import Blueprint, Parser
from service.db import pagination
from service.db.idempotency import IdempotentRequest
from service.db.tables import FindingRow
from service.errors import FindingsError
from service.findings import serializers as documents
from service.findings.search import Filters, conflicts_page, search
from service.schemas.finding import (
    AddedSchema,
    ConflictPageSchema,
    ConflictQuerySchema,
    ExportQuerySchema,
    FindingChangeSchema,
    FindingPageSchema,
    FindingQuerySchema,
    FindingSchema,
    FindingsRequestSchema,
    HistorySchema,
    OnceSchema,
    TableQuerySchema,
)
from service.web.access import current_actor, require
from service.web.current import current_installation
from service.web.numbers import read_count
from training.data import workbooks
from training.data.findings import parse_rows

CSV, TSV = "text/csv", "text/tab-separated-values"
_TABLE = {"schema": {"type": "string", "description": "A table with a header and the columns of a finding."}}
_WORKBOOKS: dict[str, dict[str, Any]] = {media_type: {"schema": {}} for media_type in workbooks.MEDIA_TYPES}
_TABLES = {"requestBody": {"content": {CSV: _TABLE, TSV: _TABLE, **_WORKBOOKS}}}
# Where what was read otherwise than it stands is left for the view.
_REMARKS = "remarks"
_ETAG = {"ETag": {"description": "The revision.", "schema": {"type": "string"}}}
_LINK = {"Link": {"description": "The next page, as rel=next.", "schema": {"type": "string"}}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the revision to change, or * for the newest.",
    "schema": {"type": "string", "minLength": 1},
}
EXAMPLE = {
    "findings": [
        {
            "paper": "lab:2026-11-notebook-7",
            "source_phenotype": "M2",
            "cargo_type": "mirna",
            "cargo_name": "miR-21-5p",
            "cancer_type": "gastric cancer",
            "effect": "promoting",
            "targets": ["PTEN-"],
        }
    ]
}


class FindingsParser(Parser):
    """Reads findings as JSON or as a table; the rows of a table stand where the objects of JSON do."""

    def load_json(self, req: Request, schema: Any) -> Any:
        """The body of `req`. Raises SheetError where a table is malformed, and as Parser does."""
        if req.mimetype in _TABLES["requestBody"]["content"]:
            remarks: list[str] = []
            rows = parse_rows(req.get_data(), req.mimetype != TSV, req.args.get("sheet", ""), remarks.append)
            setattr(g, _REMARKS, remarks)
            return {"findings": rows}
        if not req.is_json and isinstance(schema, FindingsRequestSchema):
            sent = req.content_type or "without a type"
            raise UnsupportedMediaType(f"Send the body as application/json, {CSV}, {TSV} or a workbook, not {sent}.")
        return super().load_json(req, schema)


blueprint = Blueprint("findings", __name__, url_prefix="/v1", description="Search, add and correct findings.")
blueprint.ARGUMENTS_PARSER = FindingsParser()


@blueprint.post("/findings")
@require("curate")
@blueprint.doc(**_TABLES)
@blueprint.arguments(FindingsRequestSchema, example=EXAMPLE)
@blueprint.arguments(TableQuerySchema, location="query")
@blueprint.arguments(OnceSchema, location="headers")
@blueprint.response(201, AddedSchema)
@blueprint.alt_response(200, schema=AddedSchema, success=True)
def add_findings(body: dict[str, Any], query: dict[str, Any], headers: dict[str, Any]) -> Response:
    """Add findings.

    Either all of them are added or none. Findings that are stored already are not changed; 200 says that none was new.
    """
    digest = hashlib.sha256(b"\0".join([request.mimetype.encode(), request.query_string, request.get_data()]))
    idempotent = IdempotentRequest(current_actor(), headers["key"], digest.hexdigest())
    held_out = body["held_out"] or query.get("held_out", False)
    findings, remarks = current_installation().findings, g.get(_REMARKS)
    if remarks is None:
        document = documents.add_json(findings, body["findings"], held_out, idempotent)
    else:
        document = documents.add_table(findings, body["findings"], held_out, idempotent, remarks)
    response = jsonify(document)
    response.status_code = 201 if document["added"] else 200
    return response


@blueprint.get("/findings")
@require("score")
@blueprint.arguments(FindingQuerySchema, location="query")
@blueprint.response(200, FindingPageSchema, headers=_LINK)
def search_findings(query: dict[str, Any]) -> Response:
    """Search findings.

    Findings come in the order in which they were added.
    """
    limit, (after,) = query.pop("limit"), pagination.decode_cursor(query.pop("cursor"))
    findings = current_installation().findings
    page, last = search(findings, Filters(**query), after, limit)
    listed = [documents.document(stored, findings.reader) for stored in page]
    return _respond_page("findings", listed, None if last is None else (last,))


@blueprint.get("/findings/<finding_id>")
@require("score")
@blueprint.response(200, FindingSchema, headers=_ETAG)
@blueprint.raises(304)
def get_finding(finding_id: str) -> Response:
    """Get a finding."""
    response = _respond(current_installation().findings.show(finding_id))
    if request.if_none_match:
        response.make_conditional(request)
    return response


@blueprint.get("/findings/<finding_id>/history")
@require("score")
@blueprint.response(200, HistorySchema)
def get_history(finding_id: str) -> Response:
    """List the revisions of a finding.

    Each with its author, time and reason.
    """
    return jsonify(documents.history_document(current_installation().findings.history(finding_id)))


@blueprint.patch("/findings/<finding_id>")
@require("curate")
@blueprint.arguments(
    FindingChangeSchema,
    example={"changes": {"cargo_name": "miR-21-3p"}, "reason": "The paper tested the other strand."},
)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, FindingSchema, headers=_ETAG)
@blueprint.raises(409, 412, 428)
def change_finding(body: dict[str, Any], finding_id: str) -> Response:
    """Correct, retract or restore a finding.

    Every revision is stored.
    """
    if not request.headers.get("If-Match"):
        raise PreconditionRequired("Send If-Match with the ETag of the finding as you read it.")
    tags = request.if_match
    revisions = None if tags.star_tag else [number for tag in tags.as_set() if (number := read_count(tag)) is not None]
    try:
        return _respond(
            documents.apply_change(current_installation().findings, finding_id, body, current_actor(), revisions)
        )
    except TableError as error:
        places = [("" if fault.column == "reason" else "/changes", fault.fault) for fault in error.faults]
        raise FindingsError(places) from error


@blueprint.get("/findings.csv")
@require("score")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=documents.MEDIA_TYPES["csv"])
def export_csv(query: dict[str, Any]) -> Response:
    """Export findings as CSV.

    The columns are those of the corpus.
    """
    return _export(query, "csv", "csv")


@blueprint.get("/findings.tsv")
@require("score")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=documents.MEDIA_TYPES["tsv"])
def export_tsv(query: dict[str, Any]) -> Response:
    """Export findings as TSV.

    The columns are those of the corpus.
    """
    return _export(query, "tsv", "tsv")


@blueprint.get("/findings.bib")
@require("score")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=documents.MEDIA_TYPES["bibtex"])
def export_bibtex(query: dict[str, Any]) -> Response:
    """Export papers as BibTeX.

    There is an entry for each paper.
    """
    return _export(query, "bibtex", "bib")


@blueprint.get("/findings.ris")
@require("score")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=documents.MEDIA_TYPES["ris"])
def export_ris(query: dict[str, Any]) -> Response:
    """Export papers as RIS.

    There is a record for each paper.
    """
    return _export(query, "ris", "ris")


@blueprint.get("/findings.csl")
@require("score")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {"type": "array", "items": {"type": "object"}}, content_type=documents.MEDIA_TYPES["csl"])
def export_csl(query: dict[str, Any]) -> Response:
    """Export papers as CSL-JSON.

    There is an object for each paper.
    """
    return _export(query, "csl", "csl")


@blueprint.get("/findings.zip")
@require("score")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, {}, content_type=documents.MEDIA_TYPES[documents.PACKAGE])
def export_package(query: dict[str, Any]) -> Response:
    """Export findings as a data package.

    A zip file of the findings, the vocabulary and the cargo roles, with descriptors for Croissant and Frictionless.
    """
    return _export(query, documents.PACKAGE, "zip")


@blueprint.get("/conflicts")
@require("score")
@blueprint.arguments(ConflictQuerySchema, location="query")
@blueprint.response(200, ConflictPageSchema, headers=_LINK)
def list_conflicts(query: dict[str, Any]) -> Response:
    """List conflicting findings.

    Pairs of findings in use that contradict each other.
    """
    later, earlier = pagination.decode_cursor(query["cursor"], 2)
    page, last = conflicts_page(current_installation().findings, (later, earlier), query["limit"])
    return _respond_page("conflicts", [documents.conflict_document(pair) for pair in page], last)


def _respond_page(name: str, listed: list[dict[str, Any]], last: tuple[int, ...] | None) -> Response:
    further = None
    if last is not None:
        query: dict[str, Any] = {**request.args.to_dict(), "cursor": pagination.encode_cursor(*last)}
        further = url_for(str(request.endpoint), **query)
    response = jsonify({name: listed, "next": further})
    if further:
        response.headers["Link"] = f'<{further}>; rel="next"'
    return response


def _respond(finding: FindingRow) -> Response:
    response = jsonify(documents.document(finding, current_installation().findings.reader))
    response.set_etag(str(finding.revision))
    return response


def _export(query: dict[str, Any], form: str, suffix: str) -> Response:
    pieces = documents.export(current_installation().findings, Filters(**query), form)
    disposition = {"Content-Disposition": f'attachment; filename="findings.{suffix}"'}
    return Response(pieces, mimetype=documents.MEDIA_TYPES[form], headers=disposition)
