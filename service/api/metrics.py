"""`GET /metrics`: what Prometheus collects."""

from flask import Response

from service.api.openapi import Blueprint
from service.monitoring.metrics import CONTENT_TYPE, InstallationCollector
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("metrics", __name__, description="Metrics for Prometheus.")


@blueprint.get("/metrics")
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
@require("admin", needs_key=False)
def metrics() -> Response:
    """Get metrics.

    Requests, scores, jobs and the age of the model over all workers, for Prometheus.
    """
    installation = current_installation()
    state = InstallationCollector(installation.registry, installation.jobs)
    return Response(installation.metrics.text(state), content_type=CONTENT_TYPE)
