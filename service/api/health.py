"""`GET /healthz` and `GET /readyz`: the probes."""

from flask import Response, jsonify

from service.api.openapi import Blueprint
from service.operations import checks
from service.schemas.health import HealthSchema, ReadinessSchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("health", __name__, description="Probes for orchestrators.")


@blueprint.get("/healthz")
@blueprint.response(200, HealthSchema)
@require(None, exempt_from_rate_limit=True)
def health() -> Response:
    """Liveness probe.

    The process responds.
    """
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.response(200, ReadinessSchema)
@blueprint.alt_response(503, schema=ReadinessSchema)
@require(None, exempt_from_rate_limit=True)
def readiness() -> tuple[Response, int]:
    """Readiness probe.

    Checks the database, the tables, the model with its self-test, the queue and the disk.
    """
    results = checks.readiness(current_installation())
    good = checks.is_ready(results)
    document = {
        "status": "ready" if good else "not ready",
        **({"model": current_installation().registry.scorer().bundle.id} if good else {}),
        "checks": {check.name: {"state": check.state, "says": check.says} for check in results},
    }
    return jsonify(document), 200 if good else 503
