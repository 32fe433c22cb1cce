"""The shapes of findings, made from the corpus' own table of columns."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.text_fields import MAX_TEXT
from service.db.idempotency import LONGEST_KEY
from service.findings.search import MAX_PAGE
from service.findings.serializers import NUMBER_COLUMNS
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.candidate import terms, text_limits
from service.schemas.fields import READABLE, PassThrough, PrintableString, StrictBoolean
from training.data.findings import COLUMNS, LIST_COLUMNS, REQUIRED_COLUMNS
from training.data.validation import MAX_CELL, MAX_PAPER

MAX_FINDINGS = 10_000
DEFAULT_PAGE = 50
_REQUIRED = tuple(name for name in REQUIRED_COLUMNS if name != "cargo_name")

HELP = {
    "finding_id": "Its id, by default made from its content.",
    "paper": "The key of its paper: pmid:, doi:, pmcid:, title: or lab: and the key. By default made from the citation.",
    "effect": "The effect on the tumour: suppressing or promoting.",
    "cell_model": "The cells in words, such as THP-1.",
    "targets": "What changed in the recipient cell: names with + (up) or - (down).",
    "pathways": "Pathways that changed.",
    "mechanism": "The mechanism: terms of /v1/vocabulary?field=mechanism.",
    "processes": "The tumour processes that changed: terms of /v1/vocabulary?field=processes.",
    "evidence": "How it was tested: a term of /v1/vocabulary?field=evidence.",
    "grade": "How directly the text states the effect: A, B or C.",
    "isolation_method": "How the vesicles were isolated (MISEV).",
    "markers": "Markers shown on the vesicles (MISEV).",
    "dose": "The dose, in words (MISEV).",
    "ev_track_id": "The id of the experiment in EV-TRACK.",
}


def _make_sent_field(column: str) -> fields.Field[Any]:
    help_text = _look_up_help(column)
    limits = {"maxLength": MAX_PAPER if column == "paper" else MAX_CELL}
    text = {"type": "string", **(text_limits(column) if column in FIELD_BY_NAME else limits)}
    kinds: list[dict[str, Any]] = [text]
    if column in FIELD_BY_NAME and column in LIST_COLUMNS:
        kinds = terms()
    elif column in LIST_COLUMNS:
        kinds = [{"type": "array", "items": {"type": "string"}}, text | {"description": "The terms separated by ;"}]
    elif column in NUMBER_COLUMNS:
        kinds = [text, {"type": "integer"}]
    return fields.Raw(
        required=column in _REQUIRED, metadata={"description": help_text, "anyOf": [*kinds, {"type": "null"}]}
    )


def _make_returned_field(column: str) -> fields.Field[Any]:
    described = {"description": _look_up_help(column)}
    if column in LIST_COLUMNS:
        return fields.List(fields.String(), metadata=described)
    return fields.String(required=column in (*_REQUIRED, "finding_id", "paper"), metadata=described)


def _look_up_help(column: str) -> str:
    return HELP.get(column) or (FIELD_BY_NAME[column].help if column in FIELD_BY_NAME else "Of the paper.")


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
        metadata=describe(
            "Reserve them for blind tests: neither they nor other findings of their papers are used for training."
        ),
    )


class TableQuerySchema(StrictSchema):
    """The options of a table of findings."""

    held_out = fields.Boolean(metadata=describe("Like held_out of the JSON body, for a table."))
    sheet = PrintableString(load_default="", metadata=describe("The sheet of a workbook, by default the first."))


class OnceSchema(Schema):
    """The header of a request that can be repeated safely."""

    class Meta:
        """There are other headers."""

        unknown = EXCLUDE

    key = fields.String(
        data_key="Idempotency-Key",
        load_default="",
        metadata={
            "description": "Identifies this request: sent again with the same key, it is not repeated; the response is the same.",
            "maxLength": LONGEST_KEY,
            "pattern": "^[ -~]*$",
        },
    )


class FindingChangeSchema(StrictSchema):
    """A correction (`changes`), a retraction (`retracted`: true) or its undoing (false); one of them."""

    changes = PassThrough(FindingChangesSchema, metadata=describe("Columns and their new values; null clears one."))
    retracted = StrictBoolean()
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=MAX_CELL),
        metadata={"description": "The reason; a retraction needs one.", "pattern": READABLE},
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
    """A filter of findings."""

    source_cell = _filter("A source cell, by any of its names.")
    source_phenotype = _filter("A phenotype, by any of its names.")
    cargo_type = _filter("A type of cargo, by any of its names.")
    cargo_name = _filter("A cargo under any name: miR21 finds miR-21-5p.")
    cargo_state = _filter("A state of the cargo.")
    cancer_type = _filter("A tumour by any of its names, and every kind of it.")
    effect = _filter("suppressing or promoting")
    paper = _filter("A paper: its key, or its PMID, DOI or PMCID.")
    origin = _filter("corpus for shipped ones, lab for those added here.")
    held_out = fields.Boolean(metadata=describe("Only those reserved for blind tests, or (false) none of them."))
    retracted = fields.Boolean(load_default=False, metadata=describe("Retracted findings instead of active ones."))
    q = _filter("Words of the title.")


class ExportQuerySchema(FilterQuerySchema):
    """A filter of findings. A table has no column for held out ones, so both kinds are never in one."""

    held_out = fields.Boolean(
        load_default=False, metadata=describe("Those reserved for blind tests, instead of those used for training.")
    )


class _Paged(StrictSchema):
    limit = fields.Integer(
        load_default=DEFAULT_PAGE, validate=validate.Range(1, MAX_PAGE), metadata=describe("The number per page.")
    )
    cursor = PrintableString(load_default="", metadata=describe("The cursor of the page, from the previous page."))


class FindingQuerySchema(FilterQuerySchema, _Paged):
    """A filter of findings, and the page."""


class ConflictQuerySchema(_Paged):
    """The page of conflicts."""


FindingSchema = Schema.from_dict(
    {
        **{name: _make_returned_field(name) for name in COLUMNS},
        "revision": fields.Integer(required=True, metadata=describe("The number of its revisions, which is its ETag.")),
        "origin": fields.String(required=True, metadata=describe("corpus (shipped) or lab (added here)")),
        "touched": fields.Boolean(required=True, metadata=describe("Shipped with Exoscore and changed here since.")),
        "held_out": fields.Boolean(
            required=True, metadata=describe("Reserved for blind tests, never used for training.")
        ),
        "retracted": fields.Boolean(required=True, metadata=describe("No longer used for training.")),
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
    """One revision of a finding."""

    revision = fields.Integer()
    at = fields.DateTime()
    author = fields.String()
    reason = fields.String()
    held_out = fields.Boolean()
    retracted = fields.Boolean()
    changed = fields.List(fields.String(), metadata=describe("The columns that differ from the previous revision."))
    finding = fields.Nested(KeptColumnsSchema)


class HistorySchema(ResponseSchema):
    """All revisions of a finding, the first one first."""

    revisions = fields.List(fields.Nested(RevisionSchema))


class PlacedSchema(ResponseSchema):
    """The finding that a row became."""

    row = fields.Integer(metadata=describe("The number of the row sent, from 0."))
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
    """Two active findings of opposite effect: same source, phenotype and cargo state, cargos of one stem, one cancer type."""

    source_cell = fields.String()
    source_phenotype = fields.String()
    cargo_state = fields.String()
    cargo = fields.String(metadata=describe("The cargo that they share."))
    suppressing = fields.Nested(ToldSchema)
    promoting = fields.Nested(ToldSchema)


class ConflictPageSchema(ResponseSchema):
    """A page of conflicts."""

    conflicts = fields.List(fields.Nested(ConflictSchema))
    next = fields.String(allow_none=True, metadata=describe("The address of the next page."))


class UnreadSchema(ResponseSchema):
    """A value of a finding that is not known. The finding is used without it."""

    row = fields.Integer(metadata=describe("The number of the row sent, from 0."))
    field = fields.String()
    given = fields.String()
    done = fields.String()
    nearest = fields.List(fields.String(), metadata=describe("The nearest known names, for the first 100."))


class AddedSchema(ResponseSchema):
    """The findings that were added, their conflicts, and the values that were not understood."""

    added = fields.List(fields.Nested(PlacedSchema))
    existing = fields.List(fields.Nested(PlacedSchema), metadata=describe("Stored already."))
    conflicts = fields.List(fields.Nested(ConflictSchema))
    warnings = fields.List(fields.Nested(UnreadSchema))
    remarks = fields.List(fields.String(), metadata=describe("How a table was read, such as its headings."))
