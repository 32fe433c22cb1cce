"""The findings nearest to each candidate, as a column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.candidate import Reading
from models.memo import Memo
from models.rounding import round_number
from models.scorer import Scorer
from service.batch.chunk import Chunk
from service.batch.formats import Format
from service.scoring.serializer import encode, neighbour


class Nearest:
    """Looks up findings by one scorer. Each candidate is looked at by itself, so this takes far longer than to score it."""

    def __init__(self, scorer: Scorer, form: Format) -> None:
        """Lines of JSON tell the whole findings; other formats `FINDING=LIKENESS`, joined by `;`."""
        self._scorer = scorer
        self._told = _documents if form is Format.JSONL else _ids

    def of(self, chunk: Chunk, places: NDArray[np.intp]) -> pa.Array:
        """Of each candidate at one of the places, which can be understood."""
        columns = [column.codes[places].tolist() for column in chunk.fields.values()]
        told = Memo[tuple[int, ...], str](lambda codes: self._of(chunk, codes))
        return pa.array(told.of_all(zip(*columns, strict=True)), pa.string())

    def _of(self, chunk: Chunk, codes: tuple[int, ...]) -> str:
        given = {name: column.values[code] for (name, column), code in zip(chunk.fields.items(), codes, strict=True)}
        return self._told(self._scorer, self._scorer.reader.read(given))


def _documents(scorer: Scorer, reading: Reading) -> str:
    return encode([neighbour(near) for near in scorer.nearest(reading)]).decode()


def _ids(scorer: Scorer, reading: Reading) -> str:
    return ";".join(f"{one.evidence.finding_id}={round_number(one.likeness)!r}" for one in scorer.nearest(reading))
