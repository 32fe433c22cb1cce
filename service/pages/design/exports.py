"""A design as a file: its shortlist in any format, and all of its variants as candidates to score."""

import csv
import io
from collections.abc import Iterator

from models.designs.designs import Designs
from models.designs.space import DesignSpace
from models.scorer import Scorer
from service.scoring.design_documents import encode_designs
from service.scoring.design_tables import JSON, WRITERS
from service.scoring.score_cells import as_text
from service.scoring.serializer import decode

_BLOCK = 1 << 16


def write(scorer: Scorer, designs: Designs, form: str) -> bytes:
    """The shortlist and what to test first, in a format."""
    return convert(encode_designs(scorer, designs), form)


def convert(document: bytes, form: str) -> bytes:
    """Designs in JSON, in another format."""
    return document if form == JSON else WRITERS[form](decode(document))


def write_candidates(space: DesignSpace) -> bytes:
    """Every variant of a space that can be made, as a file of candidates. Formulas are marked."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(_candidates(space))
    return file.getvalue().encode("utf-8", "replace")


def _candidates(space: DesignSpace) -> Iterator[list[str]]:
    for start in range(0, len(space), _BLOCK):
        columns = space.block(start, start + _BLOCK).columns
        if start == 0:
            yield list(columns)
        texts = [[_cell(value) for value in column.values] for column in columns.values()]
        codes = [column.codes.tolist() for column in columns.values()]
        yield from ([of[code] for of, code in zip(texts, row, strict=True)] for row in zip(*codes, strict=True))


def _cell(value: object) -> str:
    return as_text(list(value) if isinstance(value, tuple) else value)
