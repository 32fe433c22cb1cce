"""The findings nearest to each candidate, as a column."""

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.rounding import round_number
from models.scorer import Scorer
from service.batch.formats import Format
from service.batch.readers.columns import Chunk
from service.scoring.serializer import encode, neighbour


class EvidenceColumn:
    """Looks up findings by one scorer. Each candidate is looked at by itself, which takes far longer than to score it."""

    def __init__(self, scorer: Scorer, form: Format) -> None:
        """Lines of JSON have the whole findings; other formats `FINDING=LIKENESS`, joined by `;`."""
        self._scorer = scorer
        self._whole = form is Format.JSONL

    def build(self, chunk: Chunk, places: NDArray[np.intp]) -> pa.Array:
        """The texts of the candidates at some places, all of which can be understood."""

        @cache
        def text_of(codes: tuple[int, ...]) -> str:
            columns = zip(chunk.fields.items(), codes, strict=True)
            return self._text({name: column.values[code] for (name, column), code in columns})

        rows = zip(*(column.codes[places].tolist() for column in chunk.fields.values()), strict=True)
        return pa.array(map(text_of, rows), pa.string())

    def _text(self, fields: dict[str, object]) -> str:
        nearest = self._scorer.nearest(self._scorer.parser.parse(fields))
        if self._whole:
            return encode([neighbour(finding) for finding in nearest]).decode()
        return ";".join(f"{finding.evidence.finding_id}={round_number(finding.likeness)}" for finding in nearest)
