"""The shapes of findings, made from the corpus' own table of columns."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.cargo import FUNCTIONS
from models.candidates.text_fields import MAX_TEXT
from service.db.idempotency import LONGEST_KEY
from service.findings.listing import ORDERS
from service.findings.search import MAX_PAGE
from service.findings.serializers import NUMBER_COLUMNS
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.candidate import terms, text_limits
from service.schemas.fields import PassThrough, PrintableString, Reason, StrictBoolean
from service.schemas.score import component
from training.data.columns import describe_column
from training.data.findings import COLUMNS, LIST_COLUMNS, REQUIRED_COLUMNS
from training.data.validation import max_length

MAX_FINDINGS = 10_000
DEFAULT_PAGE = 50
_REQUIRED = tuple(name for name in REQUIRED_COLUMNS if name != "cargo_name")


def _make_sent_field(column: str) -> fields.Field[Any]:
    help_text = describe_column(column)
    limits = text_limits(column) if column in FIELD_BY_NAME else {"maxLength": max_length(column)}
    text = {"type": "string", **limits}
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
    described = {"description": describe_column(column)}
    if column in LIST_COLUMNS:
        return fields.List(fields.String(), metadata=described)
    return fields.String(required=column in (*_REQUIRED, "finding_id", "paper"), metadata=described)


# What is sent is only documented by marshmallow; the checks of the corpus validate it, as they validate files.
FindingColumnsSchema = StrictSchema.from_dict({name: _make_sent_field(name) for name in COLUMNS}, name="FindingColumns")
FindingChangesSchema = StrictSchema.from_dict(
    {name: fields.Raw(metadata=_make_sent_field(name).metadata) for name in COLUMNS if name != "finding_id"},
    name="FindingChanges",
)
KeptColumnsSchema = Schema.from_dict({name: _make_returned_field(name) for name in COLUMNS}, name="KeptColumns")
FindingColumnsSchema.__doc__ = "A candidate, the reported effect, what was observed, and the citation."
FindingChangesSchema.__doc__ = "Columns of a finding and their new values."
KeptColumnsSchema.__doc__ = "A finding as it was stored."


class FindingsRequestSchema(StrictSchema):
    """Findings to add. All of them are added, or none."""

    findings = fields.List(
        PassThrough(FindingColumnsSchema),
        required=True,
        validate=validate.Length(1, MAX_FINDINGS, error=f"Give 1 to {MAX_FINDINGS} findings."),
        metadata=describe("1 to 10,000 findings."),
    )
    held_out = StrictBoolean(
        load_default=False,
        metadata=describe(
            "Reserve them for blind tests: models are not trained on them, nor on other findings of their papers."
        ),
    )


class TableQuerySchema(StrictSchema):
    """Options of a table of findings."""

    held_out = fields.Boolean(metadata=describe("As `held_out` of the JSON body, for a table."))
    sheet = PrintableString(load_default="", metadata=describe("The sheet of a workbook. By default the first."))


class OnceSchema(Schema):
    """The header of a request that can be repeated safely."""

    class Meta:
        """There are other headers."""

        unknown = EXCLUDE

    key = fields.String(
        data_key="Idempotency-Key",
        load_default="",
        metadata={
            "description": "A name of this request. If it is sent again with the same key, it is not done twice.",
            "maxLength": LONGEST_KEY,
            "pattern": "^[ -~]*$",
        },
    )


class FindingChangeSchema(StrictSchema):
    """A correction (`changes`), a retraction (`retracted`: true) or a restoration (false); one of them."""

    changes = PassThrough(
        FindingChangesSchema, metadata=describe("Columns and their new values; null removes a value.")
    )
    retracted = StrictBoolean()
    reason = Reason()

    @validates_schema
    def _one_of_them(self, body: dict[str, Any], **kwargs: Any) -> None:
        if ("changes" in body) == ("retracted" in body):
            raise ValidationError("Give either changes or retracted.")
        if "changes" in body and not (isinstance(body["changes"], dict) and body["changes"]):
            raise ValidationError("Give the columns to change, with their new values.", "changes")


def _filter(help_text: str) -> PrintableString:
    return PrintableString(metadata={"description": help_text, "maxLength": MAX_TEXT})


class FilterQuerySchema(StrictSchema):
    """Filters of findings."""

    source_cell = _filter("A source cell, by any of its names.")
    source_phenotype = _filter("A phenotype, by any of its names.")
    cargo_type = _filter("A cargo type, by any of its names.")
    cargo_name = _filter("A cargo name in any spelling: miR21 finds miR-21-5p.")
    cargo_state = _filter("A cargo state.")
    function = _filter("Gain or loss of function of the cargo: gain, loss, gain_and_loss or as_found.")
    cancer_type = _filter("A cancer type, by any of its names, with its subtypes.")
    effect = _filter("The effect: suppressing or promoting.")
    paper = _filter("A paper, by its key, PMID, DOI or PMCID.")
    origin = _filter("The origin: corpus (shipped) or lab (added here).")
    held_out = fields.Boolean(
        metadata=describe("True for findings reserved for blind tests only, false for the others.")
    )
    retracted = fields.Boolean(load_default=False, metadata=describe("Retracted findings instead of active ones."))
    q = _filter("Words in the title, all of which must occur.")


class ExportQuerySchema(FilterQuerySchema):
    """Filters of findings. A table cannot state which are held out, so both kinds are never in one."""

    held_out = fields.Boolean(
        load_default=False, metadata=describe("Findings reserved for blind tests, instead of those used for training.")
    )


class _Paged(StrictSchema):
    limit = fields.Integer(
        load_default=DEFAULT_PAGE,
        validate=validate.Range(1, MAX_PAGE),
        metadata=describe("The number of results on a page."),
    )
    cursor = PrintableString(load_default="", metadata=describe("The cursor of the previous page."))


class FindingQuerySchema(FilterQuerySchema, _Paged):
    """Filters of findings, and the page."""


class FindingListSchema(FilterQuerySchema):
    """Filters of findings, their order, and the page of the list."""

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
    """The page of conflicts."""


FindingSchema = Schema.from_dict(
    {
        **{name: _make_returned_field(name) for name in COLUMNS},
        "function": fields.String(
            required=True,
            validate=validate.OneOf(FUNCTIONS),
            metadata=describe(
                "Whether it tested gain or loss of function, by the state of the cargo: gain (delivered or raised), loss (taken "
                "out or silenced), gain_and_loss (of several cargos) or as_found (no change is stated)."
            ),
        ),
        "completeness": component("Completeness", required=True),
        "revision": fields.Integer(
            required=True, metadata=describe("The number of the revision, which is the ETag too.")
        ),
        "origin": fields.String(required=True, metadata=describe("The origin: corpus (shipped) or lab (added here).")),
        "touched": fields.Boolean(required=True, metadata=describe("Whether a shipped finding was changed here.")),
        "held_out": fields.Boolean(
            required=True, metadata=describe("Whether it is reserved for blind tests and not used for training.")
        ),
        "retracted": fields.Boolean(
            required=True, metadata=describe("Whether it is retracted and no longer used for training.")
        ),
        "added": fields.DateTime(required=True),
        "changed": fields.DateTime(required=True),
    },
    name="Finding",
)
FindingSchema.__doc__ = "A finding in its newest revision."


class FindingPageSchema(ResponseSchema):
    """A page of findings, in the order in which they were added."""

    findings = fields.List(fields.Nested(FindingSchema))
    next = fields.String(allow_none=True, metadata=describe("The address of the next page, or null."))


class RevisionSchema(ResponseSchema):
    """A revision of a finding."""

    revision = fields.Integer()
    at = fields.DateTime()
    author = fields.String()
    reason = fields.String()
    held_out = fields.Boolean()
    retracted = fields.Boolean()
    changed = fields.List(fields.String(), metadata=describe("The columns that differ from the revision before."))
    finding = fields.Nested(KeptColumnsSchema)


class HistorySchema(ResponseSchema):
    """Every revision of a finding, the first one first."""

    revisions = fields.List(fields.Nested(RevisionSchema))


class PlacedSchema(ResponseSchema):
    """The finding of a row that was sent."""

    row = fields.Integer(metadata=describe("The index of the row that was sent, from 0."))
    finding_id = fields.String()
    revision = fields.Integer()
    held_out = fields.Boolean()
    retracted = fields.Boolean()


class ConflictSideSchema(ResponseSchema):
    """One side of a conflict."""

    optional = ("cargo_name", "cancer_type")

    finding_id = fields.String()
    paper = fields.String()
    cargo_name = fields.String()
    cancer_type = fields.String()


class ConflictSchema(ResponseSchema):
    """Two active findings of opposite effect on the same source cell, phenotype, cargo, cargo state and cancer type."""

    source_cell = fields.String()
    source_phenotype = fields.String()
    cargo_state = fields.String()
    cargo = fields.String(metadata=describe("The cargo that both share."))
    suppressing = fields.Nested(ConflictSideSchema)
    promoting = fields.Nested(ConflictSideSchema)


class ConflictPageSchema(ResponseSchema):
    """A page of conflicts."""

    conflicts = fields.List(fields.Nested(ConflictSchema))
    next = fields.String(allow_none=True, metadata=describe("The address of the next page, or null."))


class UnreadSchema(ResponseSchema):
    """A value of a finding that is not known. Models are trained on the finding without it."""

    row = fields.Integer(metadata=describe("The index of the row that was sent, from 0."))
    field = fields.String()
    given = fields.String()
    done = fields.String()
    nearest = fields.List(
        fields.String(), metadata=describe("Known values that are similar, for the first 100 warnings.")
    )


class AddedSchema(ResponseSchema):
    """The findings that were added or already stored, their conflicts, and warnings."""

    added = fields.List(fields.Nested(PlacedSchema))
    existing = fields.List(fields.Nested(PlacedSchema), metadata=describe("Findings that were already stored."))
    conflicts = fields.List(fields.Nested(ConflictSchema))
    warnings = fields.List(fields.Nested(UnreadSchema))
    remarks = fields.List(
        fields.String(),
        metadata=describe("How a table was read where it is not in the standard form, such as its headings."),
    )
