"""The shape of a request for designs. The core reads it, since it alone knows what a name means, and answers with every fault."""

from typing import Any

from marshmallow import Schema, fields, validate

from models.candidates.candidate import FIELD_BY_NAME
from models.designs.request import (
    DEFAULT_LIMIT,
    DEFAULT_TESTS,
    DESIGN_FIELDS,
    KNOWN,
    MAX_LIMIT,
    MAX_TESTS,
    MAX_VALUES,
    Constraints,
)
from models.estimator.conformal import LABELS
from service.schemas import StrictSchema, describe
from service.schemas.candidate import terms, text_limits
from service.schemas.fields import PrintableString
from service.scoring.design_tables import FORMATS

_DEFAULT = Constraints()


def _value(name: str) -> dict[str, Any]:
    """The shape of one value of a field."""
    if FIELD_BY_NAME[name].many:
        return {"anyOf": [*terms(), {"type": "null"}]}
    return {"type": ["string", "null"], **text_limits(name)}


def _values(name: str) -> dict[str, Any]:
    """The shape of what may vary: a list of values, or the word that stands for all that are known."""
    values = {"type": "array", "items": _value(name), "minItems": 1, "maxItems": MAX_VALUES}
    return {**describe(FIELD_BY_NAME[name].help), "anyOf": [values, {"type": "string", "enum": [KNOWN]}]}


def _constraint(
    kind: type[fields.Field[Any]], text: str, default: object, least: int | None = None
) -> fields.Field[Any]:
    checks = [] if least is None else [validate.Range(least)]
    return kind(load_default=default, validate=checks, metadata=describe(text))


DesignFixedSchema = Schema.from_dict(
    {name: fields.Raw(metadata={**describe(FIELD_BY_NAME[name].help), **_value(name)}) for name in DESIGN_FIELDS},
    name="DesignFixed",
)
DesignFixedSchema.__doc__ = "The fields of a candidate that all proposals have, with one value each."
DesignVarySchema = Schema.from_dict(
    {name: fields.Raw(metadata=_values(name)) for name in DESIGN_FIELDS}, name="DesignVary"
)
DesignVarySchema.__doc__ = "The fields that may vary: lists of values, or known for all that reports or findings have."


class DesignConstraintsSchema(StrictSchema):
    """What every proposal must satisfy."""

    inside_domain = _constraint(fields.Boolean, "Only candidates inside the domain.", _DEFAULT.inside_domain)
    min_papers = _constraint(
        fields.Integer,
        "Only sources with at least so many papers with findings in the same state.",
        _DEFAULT.min_papers,
        0,
    )
    exclude_published = _constraint(
        fields.Boolean,
        "Leave out every source with a cargo that a finding is about, in any cancer type.",
        _DEFAULT.exclude_published,
    )
    exclude_cargos = fields.List(
        fields.String(),
        load_default=[],
        validate=validate.Length(max=MAX_VALUES),
        metadata=describe("Names of cargos to leave out, in any usual spelling."),
    )
    validated_targets = _constraint(
        fields.Boolean,
        "Only cargos with a target in the imported table of validated targets.",
        _DEFAULT.validated_targets,
    )
    max_per_family = _constraint(
        fields.Integer, "At most so many of one family of cargos; 0 for no limit.", _DEFAULT.max_per_family, 0
    )
    max_per_source = _constraint(
        fields.Integer, "At most so many from one source; 0 for no limit.", _DEFAULT.max_per_source, 0
    )


class DesignRequestSchema(StrictSchema):
    """What is wanted: the goal, what is fixed, what may vary, and what a proposal must satisfy."""

    goal = fields.String(
        load_default=LABELS[0], validate=validate.OneOf(LABELS), metadata=describe("The effect on the tumour.")
    )
    fixed = fields.Nested(DesignFixedSchema)
    vary = fields.Nested(DesignVarySchema, required=True)
    constraints = fields.Nested(DesignConstraintsSchema)
    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, MAX_LIMIT),
        metadata=describe("The length of the shortlist."),
    )
    test_first = fields.Integer(
        load_default=DEFAULT_TESTS,
        validate=validate.Range(0, MAX_TESTS),
        metadata=describe("How many experiments to propose beside it."),
    )
    model = PrintableString(
        load_default="", metadata=describe("The id of the model to score with; empty for the one in use.")
    )

    def load(self, data: Any, **_: Any) -> Any:
        """The body as it was sent."""
        return data


class DesignQuerySchema(StrictSchema):
    """The form of the answer."""

    form = fields.String(
        data_key="format",
        validate=validate.OneOf(FORMATS),
        metadata=describe("The format of the designs; by default what the header Accept prefers, else JSON."),
    )
