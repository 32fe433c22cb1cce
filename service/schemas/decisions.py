"""Stated costs, as parameters of a query."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.scoring.decisions import COST_FIELDS, NEEDED_COSTS, Costs, CostsError
from service.schemas import StrictSchema, describe

RANK_HELP = (
    "Rank the candidates by their probability of suppressing, from the most suppressing: `rank` and `rank_to`, between which a "
    "candidate is tied."
)
COST_HELP = dict(
    zip(
        COST_FIELDS,
        (
            "What it costs to decide that a candidate suppresses when it does not. With `cost_wrong_promoting`, a score has a "
            "`decision`: the choice that costs least in expectation.",
            "What it costs to decide that a candidate promotes when it does not, in the same unit.",
            "What it costs to leave a candidate undetermined, in the same unit. Without it, only a candidate outside the domain, "
            "or one for which both effects cost the same, is left so.",
        ),
        strict=True,
    )
)


def shape_of_cost(name: str) -> dict[str, Any]:
    """The JSON Schema of a cost: what is needed is above 0."""
    return {"type": "number", "exclusiveMinimum" if name in NEEDED_COSTS else "minimum": 0}


def _cost(name: str) -> fields.Raw:
    # Read by `Costs`, which names every error at once, missing costs too.
    return fields.Raw(metadata={**shape_of_cost(name), **describe(COST_HELP[name])})


class CostsQuerySchema(StrictSchema):
    """What decisions cost."""

    cost_wrong_suppressing = _cost("cost_wrong_suppressing")
    cost_wrong_promoting = _cost("cost_wrong_promoting")
    cost_undetermined = _cost("cost_undetermined")

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_costs(self, loaded: Any, original: Mapping[str, Any], **_: Any) -> None:
        """Raises ValidationError with every error of the costs."""
        try:
            Costs.parse({name: original[name] for name in COST_FIELDS if name in original})
        except CostsError as error:
            raise ValidationError({fault.field: [fault] for fault in error.faults}) from error
