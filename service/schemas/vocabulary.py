"""The shape of the vocabulary."""

from marshmallow import fields, validate

from models.candidates.text_fields import MAX_TEXT
from models.vocabulary.vocabulary import FIELDS
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.fields import PrintableString


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


class NameQuerySchema(StrictSchema):
    """A name to look up."""

    q = PrintableString(
        required=True,
        validate=validate.Length(1, MAX_TEXT),
        metadata=describe("The name, such as miR-21*, p53 or HCC."),
    )
    cargo_type = PrintableString(
        load_default="",
        validate=validate.Length(max=MAX_TEXT),
        metadata=describe("The type of cargo to read it as first."),
    )


class CargoNameSchema(ResponseSchema):
    """How a name is understood as a cargo."""

    given = fields.String()
    name = fields.String(metadata=describe("The name used."))
    kind = fields.String(metadata=describe("mirna, gene, lncrna, circrna, small_molecule or unknown."))
    how = fields.String(
        metadata=describe("How it was matched, such as exact, alias, star, previous name or ambiguous.")
    )
    stem = fields.String(metadata=describe("The name under which reports of its role are counted."))
    identifier = fields.String(metadata=describe("Its identifier in a database, if it has one."))
    alternatives = fields.List(fields.String(), metadata=describe("What else it can mean."))
    seed = fields.String(metadata=describe("The seed of a mature microRNA."))
    silences = fields.Boolean(metadata=describe("Whether it silences what it names, as an siRNA does."))
    recognised = fields.Boolean(metadata=describe("Whether it stands for one known thing."))


class TermMatchSchema(ResponseSchema):
    """The terms of one field that a name can mean."""

    names = fields.List(fields.String())
    how = fields.String(metadata=describe("How it was matched."))


class NameSchema(ResponseSchema):
    """How a name is understood."""

    given = fields.String()
    cargo = fields.Nested(CargoNameSchema)
    terms = fields.Dict(
        values=fields.Nested(TermMatchSchema), metadata=describe("The fields of which it is a term, with the terms.")
    )
