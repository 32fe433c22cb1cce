"""The shapes of findings, made from the corpus' own table of columns."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.text_fields import MAX_TEXT
from service.db.idempotency import LONGEST_KEY
from service.findings.listing import ORDERS
from service.findings.search import MAX_PAGE
from service.findings.serializers import NUMBER_COLUMNS
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.candidate import terms, text_limits
from service.schemas.fields import READABLE, PassThrough, PrintableString, StrictBoolean
from training.data.findings import COLUMNS, LIST_COLUMNS, REQUIRED_COLUMNS
from training.data.validation import MAX_CELL, max_length

MAX_FINDINGS = 10_000
DEFAULT_PAGE = 50
_REQUIRED = tuple(name for name in REQUIRED_COLUMNS if name != "cargo_name")

HELP = {
    "finding_id": "Its id; by default one made from its content.",
    "paper": "The key of its paper: pmid:, doi:, pmcid:, title: or lab: and the key; by default from the citation.",
    "effect": "What the vesicles did to the tumour: suppressing or promoting.",
    "cell_model": "The cells in words, as THP-1.",
    "targets": "What changed in the recipient: names with + (up) or - (down).",
    "pathways": "Pathways that changed.",
    "mechanism": "How it works: terms of /v1/vocabulary?field=mechanism.",
    "processes": "What changed in the tumour: terms of /v1/vocabulary?field=processes.",
    "evidence": "How it was tested: a term of /v1/vocabulary?field=evidence.",
    "grade": "How directly the text states it: A, B or C.",
    "pmid": "The number of the paper in PubMed.",
    "doi": "The DOI of the paper, such as 10.1038/s41419-022-04640-z.",
    "pmcid": "The identifier of the paper in PubMed Central, such as PMC7862798.",
    "title": "The title of the paper.",
    "first_author": "The family name of the first author.",
    "year": "The year of publication.",
    "journal": "The journal.",
    "url": "A web address at which the paper can be read.",
    "quote": "The sentence of the paper that states the effect, word for word.",
    "quote_place": "Where that sentence stands, such as Abstract or Figure 3.",
    "isolation_method": "How the vesicles were isolated (MISEV).",
    "markers": "Markers that the vesicles were shown to have (MISEV).",
    "dose": "The dose, in words (MISEV).",
    "ev_track_id": "The id of the experiment in EV-TRACK.",
}


def _make_sent_field(column: str) -> fields.Field[Any]:
    help_text = describe_column(column)
    limits = text_limits(column) if column in FIELD_BY_NAME else {"maxLength": max_length(column)}
    text = {"type": "string", **limits}
    kinds: list[dict[str, Any]] = [text]
    if column in FIELD_BY_NAME and column in LIST_COLUMNS:
        kinds = terms()
    elif column in LIST_COLUMNS:
        kinds = [{"type": "array", "items": {"type": "string"}}, text | {"description": "The terms joined by ;"}]
    elif column in NUMBER_COLUMNS:
        kinds = [text, {"type": "integer"}]
    return fields.Raw(
        required=column in _REQUIRED, metadata={"description": help_text, "anyOf": [*kinds, {"type": "null"}]}
    )


def _make_returned_field(column: str) -> fields.Field[Any]:
    described = {"description": describe_column(column)}
    if column in LIST_COLUMNS:
        return fields.List(fields.String(), metadata=described)
    return fields.String(required=column in (*_REQUIRED, "finding_id", "paper"), metadata=described)


def describe_column(column: str) -> str:
    """What a column of a finding holds, in a sentence."""
    return HELP[column] if column in HELP else FIELD_BY_NAME[column].help


# What is sent is only documented by marshmallow; the corpus' own checks judge it, as they judge files.
FindingColumnsSchema = StrictSchema.from_dict({name: _make_sent_field(name) for name in COLUMNS}, name="FindingColumns")
FindingChangesSchema = StrictSchema.from_dict(
    {name: fields.Raw(metadata=_make_sent_field(name).metadata) for name in COLUMNS if name != "finding_id"},
    name="FindingChanges",
)
KeptColumnsSchema = Schema.from_dict({name: _make_returned_field(name) for name in COLUMNS}, name="KeptColumns")
FindingColumnsSchema.__doc__ = "A candidate, what was observed of it, and the citation."
FindingChangesSchema.__doc__ = "Columns of a finding with their new values."
KeptColumnsSchema.__doc__ = "A finding as it was kept."


class FindingsRequestSchema(StrictSchema):
    """Findings to add, all of them or none."""

    findings = fields.List(
        PassThrough(FindingColumnsSchema),
        required=True,
        validate=validate.Length(1, MAX_FINDINGS, error=f"Give 1 to {MAX_FINDINGS} findings."),
        metadata=describe("1 to 10,000 findings."),
    )
    held_out = StrictBoolean(
        load_default=False,
        metadata=describe("Keep them for blind tests: nothing is learned from them, or others of their papers."),
    )


class TableQuerySchema(StrictSchema):
    """What a table of findings cannot say itself."""

    held_out = fields.Boolean(metadata=describe("As held_out of the JSON body, for a body that is a table."))
    sheet = PrintableString(load_default="", metadata=describe("The sheet of a workbook; by default the first."))


class OnceSchema(Schema):
    """The header of a request that may be sent again."""

    class Meta:
        """There are other headers."""

        unknown = EXCLUDE

    key = fields.String(
        data_key="Idempotency-Key",
        load_default="",
        metadata={
            "description": "Names this request: sent again with it, it is not done again but answered the same.",
            "maxLength": LONGEST_KEY,
            "pattern": "^[ -~]*$",
        },
    )


class FindingChangeSchema(StrictSchema):
    """A correction (`changes`), a retraction (`retracted`: true) or its undoing (false); one of them."""

    changes = PassThrough(FindingChangesSchema, metadata=describe("Columns and their new values; null takes one out."))
    retracted = StrictBoolean()
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=MAX_CELL),
        metadata={"description": "Why; a retraction must say it.", "pattern": READABLE},
    )

    @validates_schema
    def _one_of_them(self, body: dict[str, Any], **kwargs: Any) -> None:
        if ("changes" in body) == ("retracted" in body):
            raise ValidationError("Give either changes or retracted.")
        if "changes" in body and not (isinstance(body["changes"], dict) and body["changes"]):
            raise ValidationError("Give the columns to change, with their new values.", "changes")


def _filter(help_text: str) -> PrintableString:
    return PrintableString(metadata={"description": help_text, "maxLength": MAX_TEXT})


class FilterQuerySchema(StrictSchema):
    """Which findings."""

    source_cell = _filter("A source cell, by any of its names.")
    source_phenotype = _filter("A phenotype, by any of its names.")
    cargo_type = _filter("A type of cargo, by any of its names.")
    cargo_name = _filter("A cargo under any name: miR21 finds miR-21-5p.")
    cargo_state = _filter("A state of the cargo.")
    cancer_type = _filter("A tumour by any of its names, and every kind of it.")
    effect = _filter("suppressing or promoting")
    paper = _filter("A paper: its key, or its PMID, DOI or PMCID.")
    origin = _filter("corpus for shipped ones, lab for those added here.")
    held_out = fields.Boolean(metadata=describe("Only those kept for blind tests, or (false) none of them."))
    retracted = fields.Boolean(load_default=False, metadata=describe("Retracted ones instead of active ones."))
    q = _filter("Words of the title.")


class ExportQuerySchema(FilterQuerySchema):
    """Which findings; a table cannot say which are held out, so both kinds are never in one."""

    held_out = fields.Boolean(
        load_default=False, metadata=describe("Those kept for blind tests, instead of those learned from.")
    )


class _Paged(StrictSchema):
    limit = fields.Integer(
        load_default=DEFAULT_PAGE, validate=validate.Range(1, MAX_PAGE), metadata=describe("How many to a page.")
    )
    cursor = PrintableString(load_default="", metadata=describe("Where the page begins, from the page before."))


class FindingQuerySchema(FilterQuerySchema, _Paged):
    """Which findings, and how many at a time."""


class FindingListSchema(FilterQuerySchema):
    """Which findings a page lists, in which order."""

    sort = fields.String(
        load_default="newest", validate=validate.OneOf(list(ORDERS), error=f"Choose {', '.join(ORDERS)}.")
    )
    page = fields.Integer(
        load_default=1, validate=validate.Range(1, 1_000_000, error="Give the number of a page, from 1.")
    )
    limit = fields.Integer(
        load_default=25, validate=validate.Range(1, MAX_PAGE, error=f"Give a number of findings, 1 to {MAX_PAGE}.")
    )


class ConflictQuerySchema(_Paged):
    """How many conflicts at a time."""


FindingSchema = Schema.from_dict(
    {
        **{name: _make_returned_field(name) for name in COLUMNS},
        "revision": fields.Integer(required=True, metadata=describe("Counts its changes; its ETag.")),
        "origin": fields.String(required=True, metadata=describe("corpus (shipped) or lab (added here)")),
        "touched": fields.Boolean(required=True, metadata=describe("Shipped, and changed here since.")),
        "held_out": fields.Boolean(required=True, metadata=describe("Kept for blind tests, never learned from.")),
        "retracted": fields.Boolean(required=True, metadata=describe("Not learned from any more.")),
        "added": fields.DateTime(required=True),
        "changed": fields.DateTime(required=True),
    },
    name="Finding",
)
FindingSchema.__doc__ = "A finding as it stands."


class FindingPageSchema(ResponseSchema):
    """A page of findings, in the order in which they were added."""

    findings = fields.List(fields.Nested(FindingSchema))
    next = fields.String(allow_none=True, metadata=describe("The address of the next page."))


class RevisionSchema(ResponseSchema):
    """One state that a finding was in."""

    revision = fields.Integer()
    at = fields.DateTime()
    author = fields.String()
    reason = fields.String()
    held_out = fields.Boolean()
    retracted = fields.Boolean()
    changed = fields.List(fields.String(), metadata=describe("The columns that differ from the state before."))
    finding = fields.Nested(KeptColumnsSchema)


class HistorySchema(ResponseSchema):
    """Every state that a finding was ever in, the first one first."""

    revisions = fields.List(fields.Nested(RevisionSchema))


class PlacedSchema(ResponseSchema):
    """Which finding a row that was sent is."""

    row = fields.Integer(metadata=describe("Which of the rows that were sent, from 0."))
    finding_id = fields.String()
    revision = fields.Integer()
    held_out = fields.Boolean()
    retracted = fields.Boolean()


class ToldSchema(ResponseSchema):
    """One side of a conflict."""

    optional = ("cargo_name", "cancer_type")

    finding_id = fields.String()
    paper = fields.String()
    cargo_name = fields.String()
    cancer_type = fields.String()


class ConflictSchema(ResponseSchema):
    """Two active findings of opposite effect: same source, phenotype and cargo state, cargos of one stem, one tumour."""

    source_cell = fields.String()
    source_phenotype = fields.String()
    cargo_state = fields.String()
    cargo = fields.String(metadata=describe("What the cargos have in common."))
    suppressing = fields.Nested(ToldSchema)
    promoting = fields.Nested(ToldSchema)


class ConflictPageSchema(ResponseSchema):
    """A page of conflicts."""

    conflicts = fields.List(fields.Nested(ConflictSchema))
    next = fields.String(allow_none=True, metadata=describe("The address of the next page."))


class UnreadSchema(ResponseSchema):
    """What of a finding no table knows; it is learned from without it."""

    row = fields.Integer(metadata=describe("Which of the rows that were sent, from 0."))
    field = fields.String()
    given = fields.String()
    done = fields.String()
    nearest = fields.List(fields.String(), metadata=describe("What may have been meant, for the first 100."))


class AddedSchema(ResponseSchema):
    """What became of the findings that were sent, the conflicts that they are in, and what of them could not be read."""

    added = fields.List(fields.Nested(PlacedSchema))
    existing = fields.List(fields.Nested(PlacedSchema), metadata=describe("Here already."))
    conflicts = fields.List(fields.Nested(ConflictSchema))
    warnings = fields.List(fields.Nested(UnreadSchema))
    remarks = fields.List(
        fields.String(), metadata=describe("What was read of a table otherwise than it stands, such as its headings.")
    )
