"""The shapes of keys and of the audit."""

from marshmallow import fields, validate

from service.auth.keys import MAX_NAME, SCOPES
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.fields import PrintableString

MAX_ENTRIES = 500


class NewKeySchema(StrictSchema):
    """The key to create."""

    name = PrintableString(
        required=True,
        validate=validate.Length(1, MAX_NAME),
        metadata=describe("Whose key it is. The audit log shows it."),
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        validate=validate.Length(min=1),
        metadata=describe(f"What it allows: {', '.join(SCOPES)}."),
    )
    expires = fields.AwareDateTime(
        allow_none=True, metadata=describe("When it expires, with a time zone; never if left out.")
    )


class KeySchema(ResponseSchema):
    """A key, without its secret."""

    id = fields.String()
    name = fields.String()
    scopes = fields.List(fields.String())
    state = fields.String(validate=validate.OneOf(["good", "expired", "revoked"]))
    created = fields.String()
    expires = fields.String(allow_none=True)
    revoked = fields.String(allow_none=True)


class MadeKeySchema(KeySchema):
    """A new key."""

    key = fields.String(metadata=describe("The key itself. It is shown only once."))


class KeysSchema(ResponseSchema):
    """All keys."""

    keys = fields.List(fields.Nested(KeySchema), metadata=describe("The oldest first."))


class AuditQuerySchema(StrictSchema):
    """A filter of the audit log."""

    action = PrintableString(metadata=describe("The action, or its beginning: model.promote, or model."))
    author = PrintableString(metadata=describe("The author, or a part of it, such as the id of a key."))
    subject = PrintableString(metadata=describe("The id of the model, key, finding or job."))
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, MAX_ENTRIES), metadata=describe("The number of entries.")
    )
    cursor = PrintableString(load_default="", metadata=describe("The `next` of the previous page."))


class AuditEntrySchema(ResponseSchema):
    """One change."""

    at = fields.String()
    author = fields.String()
    action = fields.String()
    subject = fields.String()
    details = fields.Dict()


class AuditSchema(ResponseSchema):
    """A page of the audit log."""

    entries = fields.List(fields.Nested(AuditEntrySchema), metadata=describe("The newest first."))
    next = fields.String(allow_none=True, metadata=describe("The cursor of the next page."))
