"""The shapes of keys and of the audit."""

from marshmallow import fields, validate

from service.auth.keys import MAX_NAME, SCOPES
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.fields import PrintableString

MAX_ENTRIES = 500


class NewKeySchema(StrictSchema):
    """The key that is wanted."""

    name = PrintableString(
        required=True, validate=validate.Length(1, MAX_NAME), metadata=describe("Whose key it is; the audit names it.")
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        validate=validate.Length(min=1),
        metadata=describe(f"What it opens: {', '.join(SCOPES)}."),
    )
    expires = fields.AwareDateTime(
        allow_none=True, metadata=describe("When it stops working, with a time zone; never where it is left out.")
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
    """A key that was just made."""

    key = fields.String(metadata=describe("The key itself, which is told this once and never again."))


class KeysSchema(ResponseSchema):
    """Every key ever made."""

    keys = fields.List(fields.Nested(KeySchema), metadata=describe("The oldest first."))


class AuditQuerySchema(StrictSchema):
    """Which entries are wanted."""

    action = PrintableString(metadata=describe("What was done, or how that begins: model.promote, or model."))
    author = PrintableString(metadata=describe("Who did it, or a part of that, such as the id of a key."))
    subject = PrintableString(metadata=describe("What it was done to: the id of a model, key, finding or job."))
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, MAX_ENTRIES), metadata=describe("Entries at most.")
    )
    cursor = PrintableString(
        load_default="", metadata=describe("Where the page begins: the `next` of the page before.")
    )


class AuditEntrySchema(ResponseSchema):
    """One thing that was done."""

    at = fields.String()
    author = fields.String()
    action = fields.String()
    subject = fields.String()
    details = fields.Dict()


class AuditSchema(ResponseSchema):
    """A page of the audit."""

    entries = fields.List(fields.Nested(AuditEntrySchema), metadata=describe("The newest first."))
    next = fields.String(allow_none=True, metadata=describe("The cursor of the next page."))
