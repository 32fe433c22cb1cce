"""Ids of candidates: which of them are invalid, by the rule that every candidate's id is read by."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.text_fields import MAX_TEXT, parse_text_list
from models.errors import CandidateError, FieldError


def find_id_faults(ids: pa.Array) -> Mapping[int, Sequence[FieldError]]:
    """The faults of invalid ids, by their place."""
    plain = pc.and_(pc.ascii_is_printable(ids), pc.less_equal(pc.utf8_length(ids), MAX_TEXT))
    doubtful = np.flatnonzero(~plain.fill_null(True).to_numpy(zero_copy_only=False))
    faults = {}
    for place in doubtful.tolist():
        try:
            parse_text_list("id", FIELD_BY_NAME["id"].many, ids[place].as_py())
        except CandidateError as error:
            faults[place] = error.faults
    return faults
