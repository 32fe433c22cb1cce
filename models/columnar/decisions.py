"""Decisions by stated costs in columns: each distinct probability is decided once, by `models/scoring/decisions.py`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa

from models.arrays import Flags, Floats, Rows
from models.columnar.scorer import UNDETERMINED_REASONS, BatchScores
from models.columnar.table import terms_array
from models.rounding import STEPS, steps_of
from models.scoring.decisions import CHOICES, DOMAIN, REASONS, Costs, decide


def decision_arrays(scored: BatchScores, costs: Costs) -> dict[str, pa.Array]:
    """The columns of the decisions on candidates."""
    choices, reasons, cost = _decided(costs)
    steps = steps_of(scored.probability)
    outside = scored.because == UNDETERMINED_REASONS.index("domain")
    is_sure: Flags = np.ones(len(steps), dtype=np.bool_)
    for end in (steps_of(scored.low), steps_of(scored.high)):
        is_sure &= (choices[end] == choices[steps]) & (reasons[end] == reasons[steps])
    whole = decide(costs, 0.5, (0.5, 0.5), outside=True)
    of_outside = np.nan if whole.cost is None else whole.cost
    return {
        "decision": terms_array(np.where(outside, CHOICES.index(whole.choice), choices[steps]), CHOICES),
        "decision_because": terms_array(np.where(outside, REASONS.index(DOMAIN), reasons[steps]), REASONS),
        "decision_cost": pa.array(np.where(outside, of_outside, cost[steps]), from_pandas=True),
        "decision_sure": pa.array(is_sure, mask=outside),
    }


@lru_cache(8)
def _decided(costs: Costs) -> tuple[Rows, Rows, Floats]:
    """What is decided at each probability that documents can have, why (codes into CHOICES and REASONS), and what it costs."""
    decided = [decide(costs, share, (share, share), outside=False) for share in np.arange(STEPS + 1) / STEPS]
    return (
        np.array([CHOICES.index(each.choice) for each in decided]),
        np.array([REASONS.index(each.because) for each in decided]),
        np.array([np.nan if each.cost is None else each.cost for each in decided]),
    )
