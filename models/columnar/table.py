"""The columns of the scores: their names, in their order, and how they are made of what a column scorer gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.arrays import Rows
from models.columnar.scorer import (
    AGREEMENT,
    CONSENSUS,
    LABELS,
    PREDICTION_SETS,
    SUPPORT,
    UNDETERMINED_REASONS,
    BatchScores,
)
from models.rounding import round_number, round_probability
from models.scoring.percentiles import Percentiles

ROW, WARNINGS, MODEL = "row", "warnings", "model"
CONTRIBUTING = ("source_cell", "source_phenotype", "cargo_state", "cargo_name", "recipient_cell")
_TERM = pa.dictionary(pa.int8(), pa.string())

_TYPES: Mapping[str, pa.DataType] = {
    ROW: pa.int64(),
    "label": _TERM,
    "undetermined_because": _TERM,
    "support": _TERM,
    "probability_suppressing": pa.float64(),
    "interval_low": pa.float64(),
    "interval_high": pa.float64(),
    "prediction_set": _TERM,
    "confidence": pa.float64(),
    "credibility": pa.float64(),
    **{f"percentile_{among}": pa.float64() for among in Percentiles._fields},
    "inside_domain": pa.bool_(),
    "known": _TERM,
    "agrees": pa.bool_(),
    WARNINGS: pa.dictionary(pa.int32(), pa.string()),
    MODEL: _TERM,
}
_CONTRIBUTION_TYPES: Mapping[str, pa.DataType] = {
    "baseline": pa.float64(),
    **{f"contribution_{name}": pa.float64() for name in CONTRIBUTING},
    "log_odds": pa.float64(),
}
_DECISION_TYPES: Mapping[str, pa.DataType] = {
    "decision": _TERM,
    "decision_because": _TERM,
    "decision_cost": pa.float64(),
    "decision_sure": pa.bool_(),
}
RANK, RANK_TO = "rank", "rank_to"
_RANK_TYPES: Mapping[str, pa.DataType] = {RANK: pa.int64(), RANK_TO: pa.int64()}


def score_types(contributions: bool = False, decisions: bool = False, ranks: bool = False) -> dict[str, pa.DataType]:
    """The columns of the scores with their types, and where wanted those of the contributions, decisions and ranks."""
    wanted = ((contributions, _CONTRIBUTION_TYPES), (decisions, _DECISION_TYPES), (ranks, _RANK_TYPES))
    return dict(_TYPES) | {name: kind for is_wanted, types in wanted if is_wanted for name, kind in types.items()}


def decoded_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values of a column, where they are coded by a dictionary."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def score_arrays(scored: BatchScores, model: str, contributions: bool = False) -> dict[str, pa.Array]:
    """The columns of the scores, but for the rows and the warnings."""
    count = len(scored.good)
    agrees = scored.agrees
    arrays = {
        "label": terms_array(scored.label, LABELS),
        "undetermined_because": terms_array(scored.because, UNDETERMINED_REASONS, scored.because == 0),
        "support": terms_array(scored.support, SUPPORT),
        "probability_suppressing": pa.array(round_probability(scored.probability)),
        "interval_low": pa.array(round_probability(scored.low)),
        "interval_high": pa.array(round_probability(scored.high)),
        "prediction_set": terms_array(scored.prediction_set, PREDICTION_SETS),
        "confidence": _numbers(scored.confidence),
        "credibility": _numbers(scored.credibility),
        **{f"percentile_{among}": _numbers(values) for among, values in scored.percentiles.items()},
        "inside_domain": pa.array(scored.inside),
        "known": terms_array(scored.known, CONSENSUS),
        "agrees": pa.array(agrees == AGREEMENT.index("true"), mask=agrees == AGREEMENT.index("")),
        MODEL: terms_array(np.zeros(count, dtype=np.int8), (model,)),
    }
    if contributions:
        arrays["baseline"] = _numbers(np.full(count, scored.baseline))
        for name in CONTRIBUTING:
            arrays[f"contribution_{name}"] = _numbers(scored.contributions.get(name, np.zeros(count)))
        arrays["log_odds"] = _numbers(scored.log_odds)
    return arrays


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    """Rounded numbers; NaN is absent."""
    return pa.array(round_number(values), from_pandas=True)


def terms_array(codes: NDArray[Any], terms: Sequence[str], absent: NDArray[np.bool_] | None = None) -> pa.Array:
    """Terms by their codes."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8(), mask=absent), pa.array(terms, pa.string()))


def spread(count: int, places: Rows, values: Rows) -> pa.Array:
    """So many places, with the values at some of them and nothing at the others."""
    spread = np.full(count, -1, dtype=np.int64)
    spread[places] = values
    return pa.array(spread, mask=spread < 0)
