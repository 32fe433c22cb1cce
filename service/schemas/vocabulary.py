"""The shape of the vocabulary."""

from marshmallow import fields, validate

from models.vocabulary.vocabulary import FIELDS
from service.schemas import ResponseSchema, StrictSchema, describe


class VocabularyQuerySchema(StrictSchema):
    """A part of the vocabulary."""

    field = fields.String(validate=validate.OneOf(FIELDS), metadata=describe("One field instead of all."))


class TermSchema(ResponseSchema):
    """One accepted value of a field."""

    optional = ("curie", "parent", "disposition", "source_cells")

    term = fields.String()
    curie = fields.String(metadata=describe("Its identifier in an ontology."))
    parent = fields.String(metadata=describe("The broader term."))
    aliases = fields.List(fields.String())
    definition = fields.String()
    disposition = fields.String(metadata=describe("Whether cells in this state act for or against a tumour."))
    source_cells = fields.List(fields.String(), metadata=describe("The cells that can be in this state."))


class VocabularySchema(ResponseSchema):
    """The terms of each field."""

    version = fields.String(metadata=describe("Changes with any term."))
    fields_ = fields.Dict(values=fields.List(fields.Nested(TermSchema)), data_key="fields")
