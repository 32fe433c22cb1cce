"""The columns of the scores: their names, in their order, and how they are made of what a column scorer gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from models.coded import AGREES, BECAUSE, LABELS, SAYS, SETS, ScoredColumns
from service.batch.options import CONTRIBUTIONS, EVIDENCE

ROW, MODEL = "row", "model"
FLOATS: Mapping[str, str] = {
    "probability_suppressing": "probability",
    "interval_low": "low",
    "interval_high": "high",
    "confidence": "confidence",
    "credibility": "credibility",
    "percentile_of_all": "percentile",
}
CONTRIBUTING = ("source_cell", "source_phenotype", "cargo_state", "cargo_name")
_TERM = pa.dictionary(pa.int8(), pa.string())

_TYPES: Mapping[str, pa.DataType] = {
    ROW: pa.int64(),
    "label": _TERM,
    "undetermined_because": _TERM,
    "probability_suppressing": pa.float64(),
    "interval_low": pa.float64(),
    "interval_high": pa.float64(),
    "prediction_set": _TERM,
    "confidence": pa.float64(),
    "credibility": pa.float64(),
    "percentile_of_all": pa.float64(),
    "percentile_of_cargo_type": pa.float64(),
    "inside_domain": pa.bool_(),
    "known": _TERM,
    "agrees": pa.bool_(),
    MODEL: _TERM,
}
_INCLUDED: Mapping[str, Mapping[str, pa.DataType]] = {
    CONTRIBUTIONS: {
        "baseline": pa.float64(),
        **{f"contribution_{name}": pa.float64() for name in CONTRIBUTING},
        "log_odds": pa.float64(),
    },
    EVIDENCE: {EVIDENCE: pa.string()},
}


def columns_of_scores(include: Sequence[str]) -> dict[str, pa.DataType]:
    """The columns that the scores have, with what to include."""
    found = dict(_TYPES)
    for name in _INCLUDED:
        if name in include:
            found |= _INCLUDED[name]
    return found


def arrays_of(scored: ScoredColumns, model: str, include: Sequence[str]) -> dict[str, pa.Array]:
    """The columns of scores, but for the rows and the evidence."""
    count = len(scored.good)
    nan = np.isnan(scored.percentile_of_type)
    found = {
        "label": _terms(scored.label, LABELS),
        "undetermined_because": _terms(scored.because, BECAUSE, scored.because == 0),
        **{name: pa.array(getattr(scored, attribute)) for name, attribute in FLOATS.items()},
        "prediction_set": _terms(scored.prediction_set, SETS),
        "percentile_of_cargo_type": pa.array(scored.percentile_of_type, mask=nan),
        "inside_domain": pa.array(scored.inside),
        "known": _terms(scored.known, SAYS),
        "agrees": pa.array(scored.agrees == AGREES.index("true"), mask=scored.agrees == AGREES.index("")),
        MODEL: _terms(np.zeros(count, dtype=np.int8), (model,)),
    }
    if CONTRIBUTIONS in include:
        found["baseline"] = pa.array(np.full(count, scored.baseline))
        nothing = np.zeros(count)
        by_field = scored.contributions
        found |= {f"contribution_{name}": pa.array(by_field.get(name, nothing)) for name in CONTRIBUTING}
        found["log_odds"] = pa.array(scored.log_odds)
    return found


def _terms(codes: Any, terms: Sequence[str], absent: Any = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=absent), pa.array(terms, pa.string()))
