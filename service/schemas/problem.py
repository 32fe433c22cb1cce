"""The shape of every error: RFC 9457 problem details."""

from __future__ import annotations

from marshmallow import Schema, fields


class FaultSchema(Schema):
    """One fault of the request."""

    pointer = fields.String(metadata={"description": "JSON pointer to the value at fault, in the body."})
    parameter = fields.String(metadata={"description": "The query parameter, or the header, at fault."})
    line = fields.Integer(metadata={"description": "The line at fault, in a body that is a table; the header is on 1."})
    column = fields.String(metadata={"description": "The column at fault, in a body that is a table."})
    code = fields.String(required=True, metadata={"description": "A stable word for programs."})
    detail = fields.String(required=True, metadata={"description": "What would be right."})
    given = fields.Raw(metadata={"description": "The value that was given."})
    allowed = fields.List(fields.String(), metadata={"description": "Every admissible value, where the list is short."})
    nearest = fields.List(fields.String(), metadata={"description": "The admissible values nearest to the given one."})


class ProblemSchema(Schema):
    """A problem document, served as application/problem+json."""

    type = fields.String(required=True, metadata={"description": "Names the kind of problem."})
    title = fields.String(required=True, metadata={"description": "The kind of problem, in words."})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    detail = fields.String(required=True, metadata={"description": "This problem, and what would be right."})
    errors = fields.List(fields.Nested(FaultSchema), metadata={"description": "Every fault of the request."})
    request_id = fields.String(
        metadata={"description": "The id of the request, by which the service's log speaks of it."}
    )
