"""The shape of the gate's verdict."""

from marshmallow import fields

from service.schemas import ResponseSchema, describe


class MeasuredSchema(ResponseSchema):
    """A figure: its mean over repeated folds, the 5th and 95th percentile over them, and its interval."""

    optional = ("low", "high")

    mean = fields.Float()
    low = fields.Float()
    high = fields.Float()
    interval = fields.List(
        fields.Float(),
        allow_none=True,
        metadata=describe("95 % bootstrap interval over papers; null if there are too few."),
    )


def _figures() -> fields.Dict:
    return fields.Dict(values=fields.Float(allow_none=True))


class TrialSchema(ResponseSchema):
    """Challenger and champion on the same findings."""

    findings = fields.Integer()
    papers = fields.Integer()
    challenger = _figures()
    champion = _figures()
    difference = fields.Dict(
        values=fields.Nested(MeasuredSchema, allow_none=True), metadata=describe("Challenger minus champion.")
    )


class ChangedPaperSchema(ResponseSchema):
    """A paper with findings that changed, and what they change alone: the model is trained again without them."""

    paper = fields.String()
    added = fields.List(fields.String())
    corrected = fields.List(fields.String())
    gone = fields.List(fields.String())
    largest_effect = fields.Float(
        allow_none=True,
        metadata=describe("The largest change of a probability by these findings; null beyond the first 20 papers."),
    )
    candidate = fields.Dict(allow_none=True, metadata=describe("The curated candidate that has it."))


class TracedSchema(ResponseSchema):
    """The paper that moved a candidate furthest, and how far its changed findings do so alone."""

    paper = fields.String()
    change = fields.Float()


class ChangedPredictionSchema(ResponseSchema):
    """A curated candidate for which the model predicts otherwise than the one before (`other_`)."""

    candidate = fields.Dict()
    label = fields.String()
    other_label = fields.String()
    probability_suppressing = fields.Float()
    other_probability_suppressing = fields.Float()
    traced_to = fields.Nested(TracedSchema, allow_none=True)


class ChangedWeightSchema(ResponseSchema):
    """A weight, in log-odds, before and after."""

    field = fields.String()
    level = fields.String()
    before = fields.Float()
    after = fields.Float()
    findings = fields.Integer(metadata=describe("How many of the changed findings have this level."))


class ChangedStratumSchema(ResponseSchema):
    """A stratum of curated candidates, and how far their probabilities moved on average."""

    source_cell = fields.String()
    source_phenotype = fields.String()
    cargo_state = fields.String()
    candidates = fields.Integer()
    mean_change = fields.Float()


class ChangesSchema(ResponseSchema):
    """What findings changed that are new, corrected or gone since the model before; figures are in `on_folds`."""

    previous = fields.String(metadata=describe("The model before."))
    added = fields.Integer()
    corrected = fields.Integer()
    retracted = fields.Integer()
    removed = fields.Integer(metadata=describe("Findings that are gone and were not retracted."))
    reproduced = fields.Boolean(
        metadata=describe(
            "Whether training without these changes gives the model before exactly, so that all that changed follows from them."
        )
    )
    candidates = fields.Integer()
    changed = fields.Integer(metadata=describe("Curated candidates with another prediction."))
    largest_change = fields.Float()
    papers = fields.List(fields.Nested(ChangedPaperSchema), metadata=describe("The first 50."))
    predictions = fields.List(
        fields.Nested(ChangedPredictionSchema), metadata=describe("The 20 with the largest change of the probability.")
    )
    weights = fields.List(fields.Nested(ChangedWeightSchema), metadata=describe("The 10 that moved most."))
    strata = fields.List(fields.Nested(ChangedStratumSchema), metadata=describe("The 10 that moved most."))
    says = fields.List(fields.String(), metadata=describe("The same in sentences."))


class VerdictSchema(ResponseSchema):
    """The promotion check (gate) of a model against the one in use."""

    optional = ("changes",)

    recommends = fields.Boolean()
    says = fields.List(fields.String(), metadata=describe("The verdict and its reasons, in words."))
    margin = fields.Float(metadata=describe("In nats of log loss."))
    on_folds = fields.Nested(TrialSchema, allow_none=True)
    shared = fields.Nested(TrialSchema, allow_none=True)
    held_out = fields.Nested(TrialSchema, allow_none=True)
    changes = fields.Nested(
        ChangesSchema,
        metadata=describe(
            "What new findings changed. Not in checks of earlier versions, nor in the list of promotions."
        ),
    )
