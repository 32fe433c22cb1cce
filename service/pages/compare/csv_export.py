"""A comparison as CSV: one candidate a row, its fields as they were understood, then its score."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME
from service.pages.compare.query import Entry
from service.scoring.score_cells import SCORE_COLUMNS, as_text, cells_of

ERRORS = "errors"


def to_csv(entries: Sequence[Entry], scores: Mapping[int, Mapping[str, Any]]) -> str:
    """The table of candidates, `scores` by their numbers. Where one could not be understood, a last column says why, and its
    fields are as they were given.

    Formulas are marked.
    """
    columns = (*FIELD_BY_NAME, *SCORE_COLUMNS, *((ERRORS,) if any(entry.faults for entry in entries) else ()))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for entry in entries:
        score = scores.get(entry.number)
        row = {**entry.given, ERRORS: "; ".join(map(str, entry.faults))} if score is None else cells_of(score)
        writer.writerow([as_text(row.get(name)) for name in columns])
    return file.getvalue()
