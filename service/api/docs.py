"""`GET /docs`: the API, to read and to try. It needs nothing from the network."""

from flask import Blueprint
from werkzeug import Response

from service.api.code_samples import LANGUAGES, SAMPLES
from service.pages import layout
from service.web.access import require
from service.web.middleware import CONTENT_SECURITY_POLICY, content_security_policy

blueprint = Blueprint("documentation", __name__)


@blueprint.get("/docs")
@require(None)
def docs() -> Response:
    """The interactive documentation of the API."""
    response = layout.page("docs.html", samples=SAMPLES, languages=LANGUAGES)
    # RapiDoc writes styles into its elements, and pictures into those; its scripts keep to the rule.
    changed = {"style_src": "'self' 'unsafe-inline'", "img_src": "'self' data:"}
    response.headers[CONTENT_SECURITY_POLICY] = content_security_policy(**changed)
    return response
