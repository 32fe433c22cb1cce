"""The shape of every error: RFC 9457 problem details."""

from marshmallow import fields

from models.errors import MAX_FAULTS
from service.schemas import ResponseSchema, describe


class FaultSchema(ResponseSchema):
    """One error of the request."""

    optional = ("pointer", "parameter", "line", "column", "given", "allowed", "nearest")

    pointer = fields.String(metadata=describe("JSON pointer to the value in the body."))
    parameter = fields.String(metadata=describe("The query parameter or the header."))
    line = fields.Integer(metadata=describe("The line, if the body is a table; the header is line 1."))
    column = fields.String(metadata=describe("The column, if the body is a table."))
    code = fields.String(metadata=describe("A stable word for programs."))
    detail = fields.String(
        metadata=describe(
            f"What would be right. In a partial response, suggestions are made for the first {MAX_FAULTS} errors only."
        )
    )
    given = fields.Raw(metadata=describe("The value that was given."))
    allowed = fields.List(fields.String(), metadata=describe("All accepted values, if there are few."))
    nearest = fields.List(fields.String(), metadata=describe("The accepted values nearest to the given one."))


class ProblemSchema(ResponseSchema):
    """A problem document, served as application/problem+json."""

    optional = ("line", "errors", "errors_left_out", "request_id")

    line = fields.Integer(metadata=describe("The line that it stands for, in a response in lines."))
    type = fields.String(metadata=describe("The kind of problem, as a URN."))
    title = fields.String(metadata=describe("The kind of problem, in words."))
    status = fields.Integer(metadata=describe("The HTTP status."))
    detail = fields.String(metadata=describe("This problem, and what would be right."))
    errors = fields.List(
        fields.Nested(FaultSchema), metadata=describe(f"The errors of the request: all, or the first {MAX_FAULTS}.")
    )
    errors_left_out = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=describe("How many more errors there are, by code; `detail` counts all of them."),
    )
    request_id = fields.String(metadata=describe("The id of the request in the log of the server."))
