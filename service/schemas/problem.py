"""The shape of every error: RFC 9457 problem details."""

from marshmallow import fields

from models.errors import MAX_FAULTS
from service.schemas import ResponseSchema, describe


class FaultSchema(ResponseSchema):
    """One fault of the request."""

    optional = ("pointer", "parameter", "line", "column", "given", "allowed", "nearest")

    pointer = fields.String(metadata=describe("JSON pointer to the value at fault, in the body."))
    parameter = fields.String(metadata=describe("The query parameter, or the header, at fault."))
    line = fields.Integer(metadata=describe("The line at fault, in a body that is a table; the header is on 1."))
    column = fields.String(metadata=describe("The column at fault, in a body that is a table."))
    code = fields.String(metadata=describe("A stable word for programs."))
    detail = fields.String(
        metadata=describe(
            f"What would be right. In a partial answer nothing is suggested or listed after the first {MAX_FAULTS} faults."
        )
    )
    given = fields.Raw(metadata=describe("The value that was given."))
    allowed = fields.List(fields.String(), metadata=describe("Every admissible value, where the list is short."))
    nearest = fields.List(fields.String(), metadata=describe("The admissible values nearest to the given one."))


class ProblemSchema(ResponseSchema):
    """A problem document, served as application/problem+json."""

    optional = ("errors", "errors_left_out", "request_id")

    type = fields.String(metadata=describe("Names the kind of problem."))
    title = fields.String(metadata=describe("The kind of problem, in words."))
    status = fields.Integer(metadata=describe("The HTTP status."))
    detail = fields.String(metadata=describe("This problem, and what would be right."))
    errors = fields.List(
        fields.Nested(FaultSchema), metadata=describe(f"The faults of the request: all, or the first {MAX_FAULTS}.")
    )
    errors_left_out = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=describe("How many more faults there are, by their code; `detail` counts all of them."),
    )
    request_id = fields.String(metadata=describe("The id of the request, by which the service's log speaks of it."))
