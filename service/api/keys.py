"""`/v1/keys`: who may call what. `/v1/audit`: who did what."""

from typing import Any

from flask import Response, jsonify

from service.api.openapi import Blueprint
from service.auth.keys import document
from service.db.audit_log import list_entries
from service.schemas.key import AuditQuerySchema, AuditSchema, KeySchema, KeysSchema, MadeKeySchema, NewKeySchema
from service.schemas.reason import ReasonRequestSchema
from service.web.access import current_actor, require
from service.web.current import current_installation

blueprint = Blueprint("keys", __name__, url_prefix="/v1", description="Manage keys and read the audit log.")


@blueprint.get("/keys")
@blueprint.response(200, KeysSchema)
@require("admin")
def list_keys() -> Response:
    """List keys.

    Including those that are revoked or expired.
    """
    return jsonify({"keys": [document(key) for key in current_installation().keys.all()]})


@blueprint.post("/keys")
@blueprint.arguments(NewKeySchema, example={"name": "Anna's notebook", "scopes": ["score", "curate"]})
@blueprint.response(201, MadeKeySchema)
@require("admin")
def create_key(body: dict[str, Any]) -> tuple[Response, int]:
    """Create a key.

    The key itself is only in this response.
    """
    kept = current_installation().keys
    secret = kept.create(body["name"], body["scopes"], current_actor(), body.get("expires"))
    return jsonify({"key": secret, **document(kept.get(secret))}), 201


@blueprint.delete("/keys/<key_id>")
@blueprint.arguments(ReasonRequestSchema, location="query")
@blueprint.response(200, KeySchema)
@require("admin")
def revoke_key(query: dict[str, Any], key_id: str) -> Response:
    """Revoke a key.

    It stays in the list.
    """
    return jsonify(document(current_installation().keys.revoke(key_id, current_actor(), query["reason"])))


@blueprint.get("/audit")
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditSchema)
@require("admin")
def read_audit(query: dict[str, Any]) -> Response:
    """Read the audit log.

    Who changed what, the newest first.
    """
    return jsonify(list_entries(current_installation().database, **query))
