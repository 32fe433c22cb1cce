"""A design as a file: its shortlist as CSV, as a workbook or as JSON, and all of its variants as candidates to score."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from xlsxwriter import Workbook

from models.candidates.candidate import FIELD_BY_NAME
from models.designs.designs import Design, Designs
from models.designs.space import DesignSpace
from models.formulas import mark_formulas
from models.rounding import round_number, round_probability
from models.scorer import Scorer

_SCORE = ("label", "support", "probability_suppressing", "interval_low", "interval_high", "lower")
_COLUMNS = ("rank", *list(FIELD_BY_NAME)[1:], *_SCORE, "novelty", "papers", "family", "reason", "model")
_BLOCK = 1 << 16
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def write(scorer: Scorer, designs: Designs, form: str) -> bytes:
    """The shortlist in a format; as JSON with what to test first. Formulas are marked in CSV, and texts in a workbook."""
    rows = [_cells(design, scorer.versions.model) for design in designs.designs]
    if form == "csv":
        return _table([_COLUMNS, *rows])
    return _workbook(rows) if form == "xlsx" else json.dumps(_document(designs, rows)).encode()


def write_candidates(space: DesignSpace) -> bytes:
    """Every variant of a space that can be made, as a file of candidates."""
    return _table(_candidates(space))


def _candidates(space: DesignSpace) -> Iterator[list[str]]:
    names = None
    for start in range(0, len(space), _BLOCK):
        columns = space.block(start, start + _BLOCK).columns
        if names is None:
            names = list(columns)
            yield names
        texts = [[_text(value) for value in column.values] for column in columns.values()]
        codes = [column.codes.tolist() for column in columns.values()]
        yield from ([of[code] for of, code in zip(texts, row, strict=True)] for row in zip(*codes, strict=True))


def _cells(design: Design, model: str) -> list[Any]:
    score = design.score
    candidate = score.candidate.to_dict()
    low, high = score.interval
    return [
        design.rank,
        *(_text(candidate.get(name)) for name in list(FIELD_BY_NAME)[1:]),
        score.label,
        score.support,
        *map(round_probability, (score.probability_suppressing, low, high, design.lower)),
        design.novelty,
        design.papers,
        design.family,
        design.reason,
        model,
    ]


def _table(rows: Iterator[list[str]] | list[Any]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([mark_formulas(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return file.getvalue().encode("utf-8", "replace")


def _text(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _workbook(rows: Sequence[list[Any]]) -> bytes:
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("Shortlist")
        for place, row in enumerate([_COLUMNS, *rows]):
            sheet.write_row(place, 0, row)
    return file.getvalue()


def _document(designs: Designs, rows: Sequence[list[Any]]) -> dict[str, Any]:
    return {
        "model": designs.versions.model,
        "goal": designs.request.goal,
        "variants": designs.variants,
        "scored": designs.scored,
        "predictions": dict(designs.of_label),
        "left_out": dict(designs.left_out),
        "designs": [dict(zip(_COLUMNS, row, strict=True)) for row in rows],
        "test_first": [
            {
                "candidate": test.score.candidate.to_dict(),
                "novelty": test.novelty,
                "reduction": round_number(test.reduction),
                "information": round_number(test.information),
                "controls": list(test.controls),
            }
            for test in designs.test_first
        ],
        "replicates": designs.replicates,
    }
