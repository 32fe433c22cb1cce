"""Ranks as columns beside scores: all rows are counted first, then each block of them is ranked."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.arrays import Floats, Rows
from models.columnar.arrow import combine_chunks
from models.columnar.table import RANK, RANK_TO, spread
from models.scoring.ranking import Ranking

# What a row has to have to be ranked.
BAND_COLUMNS = ("interval_low", "interval_high", "undetermined_because")


def count_bands(ranking: Ranking, scores: pa.Table) -> None:
    """Counts the rows that have a rank: those with a score, inside the domain."""
    low, high, _ = _bands(scores)
    ranking.add(low, high)


def add_ranks(ranking: Ranking, scores: pa.Table) -> pa.Table:
    """Rows that were counted, with the columns of their ranks."""
    low, high, rows = _bands(scores)
    for name, ranks in zip((RANK, RANK_TO), ranking.ranks(low, high), strict=True):
        scores = scores.append_column(name, spread(len(scores), rows, ranks))
    return scores


def _bands(scores: pa.Table) -> tuple[Floats, Floats, Rows]:
    low, high, because = (combine_chunks(scores[name]) for name in BAND_COLUMNS)
    is_outside = pc.fill_null(pc.equal(because.cast(pa.string()), "domain"), False)
    rows = np.flatnonzero(pc.and_(pc.is_valid(low), pc.invert(is_outside)).to_numpy(zero_copy_only=False))
    return low.to_numpy(zero_copy_only=False)[rows], high.to_numpy(zero_copy_only=False)[rows], rows
