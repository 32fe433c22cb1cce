"""Ids of candidates: which of them are invalid, by the rule that every candidate's id is read by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.candidate import FIELD
from models.errors import CandidateError, Fault
from models.texts import MAX_TEXT, texts_of


def find_id_faults(ids: pa.Array) -> Mapping[int, Sequence[Fault]]:
    """The faults of invalid ids, by their place."""
    plain = pc.and_(pc.ascii_is_printable(ids), pc.less_equal(pc.utf8_length(ids), MAX_TEXT))
    doubtful = np.flatnonzero(~plain.fill_null(True).to_numpy(zero_copy_only=False))
    faults = {}
    for place in doubtful.tolist():
        try:
            texts_of("id", FIELD["id"].many, ids[place].as_py())
        except CandidateError as error:
            faults[place] = error.faults
    return faults
