"""`GET /docs`: the API, to read and to try. It needs nothing from the network."""

from flask import Blueprint, make_response, render_template
from werkzeug import Response

from service.web.access import require
from service.web.middleware import CONTENT_SECURITY_POLICY, content_security_policy

blueprint = Blueprint("documentation", __name__)


@blueprint.get("/docs")
@require(None)
def docs() -> Response:
    """The interactive documentation of the API."""
    response = make_response(render_template("docs.html"))
    # RapiDoc writes styles into its elements, and pictures into those; its scripts keep to the rule.
    changed = {"style_src": "'self' 'unsafe-inline'", "img_src": "'self' data:"}
    response.headers[CONTENT_SECURITY_POLICY] = content_security_policy(**changed)
    return response
