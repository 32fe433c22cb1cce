"""The shape of a figure with its doubt."""

from __future__ import annotations

from marshmallow import Schema, fields


class MeasuredSchema(Schema):
    """A figure: its mean over repeated folds, the 5th and 95th percentile over them, and its interval."""

    mean = fields.Float(required=True)
    low = fields.Float()
    high = fields.Float()
    interval = fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={"description": "95 %, from papers drawn anew; null where there are too few."},
    )
