"""The shapes of keys and of the audit."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.auth.keys import MAX_NAME, SCOPES
from service.schemas import StrictSchema
from service.schemas.fields import PrintableString

MAX_ENTRIES = 500


class NewKeySchema(StrictSchema):
    """The key that is wanted."""

    name = PrintableString(
        required=True,
        validate=validate.Length(1, MAX_NAME),
        metadata={"description": "Whose key it is; the audit names it."},
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": f"What it opens: {', '.join(SCOPES)}."},
    )
    expires = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "When it stops working, with a time zone; never where it is left out."},
    )


class KeySchema(Schema):
    """A key, without its secret."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf(["good", "expired", "revoked"]))
    created = fields.String(required=True)
    expires = fields.String(required=True, allow_none=True)
    revoked = fields.String(required=True, allow_none=True)


class MadeKeySchema(KeySchema):
    """A key that was just made."""

    key = fields.String(
        required=True, metadata={"description": "The key itself, which is told this once and never again."}
    )


class KeysSchema(Schema):
    """Every key ever made."""

    keys = fields.List(fields.Nested(KeySchema), required=True, metadata={"description": "The oldest first."})


class AuditQuerySchema(StrictSchema):
    """Which entries are wanted."""

    action = PrintableString(metadata={"description": "What was done, or how that begins: model.promote, or model."})
    author = PrintableString(metadata={"description": "Who did it, or a part of that, such as the id of a key."})
    subject = PrintableString(metadata={"description": "What it was done to: the id of a model, key, finding or job."})
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, MAX_ENTRIES), metadata={"description": "Entries at most."}
    )
    cursor = PrintableString(
        load_default="", metadata={"description": "Where the page begins: the `next` of the page before."}
    )


class AuditEntrySchema(Schema):
    """One thing that was done."""

    at = fields.String(required=True)
    author = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    details = fields.Dict(required=True)


class AuditSchema(Schema):
    """A page of the audit."""

    entries = fields.List(fields.Nested(AuditEntrySchema), required=True, metadata={"description": "The newest first."})
    next = fields.String(required=True, allow_none=True, metadata={"description": "The cursor of the next page."})
