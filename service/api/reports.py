"""`GET /v1/reports`: one candidate in, its prediction report out, as a page or as a document."""

from flask import jsonify, request, url_for
from werkzeug import Response

from service.api.openapi import Blueprint
from service.pages import report as pages
from service.schemas.report import ReportSchema, parameters
from service.scoring import query_string
from service.scoring import report as reports
from service.web.access import require
from service.web.current import current_installation
from service.web.negotiation import negotiate_format

blueprint = Blueprint("reports", __name__, url_prefix="/v1", description="Report on one candidate.")

_FORMAT_OF = {"application/json": "json", "text/html": "html"}


@blueprint.get("/reports")
@blueprint.doc(parameters=parameters())
@blueprint.response(200, ReportSchema)
@blueprint.alt_response(200, schema={"type": "string"}, content_type="text/html", success=True)
@blueprint.raises(404, 406, 422)
@require("score")
def report() -> Response:
    """Get a report.

    The prediction for one candidate with its uncertainty, what drove it, and the papers for and against it.
    """
    registry = current_installation().registry
    query = query_string.read(request.query_string, registry.features.parser, registry.ids())
    document = reports.report(registry.scorer(query.model), query.reading, query.given, query.costs)
    if (query.format or negotiate_format(_FORMAT_OF, "A report")) == "json":
        response: Response = jsonify(document)
    else:
        sheets = [url_for("static", filename=name) for name in pages.STYLE_SHEETS]
        response = Response(pages.page(document, sheets), mimetype="text/html")
    response.vary.add("Accept")
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)
