"""What is to be warned of in each candidate, as a column, and how many rows have each warning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.candidates.candidate import Normalization
from models.candidates.warnings import ReadingWarning, WarningFinder
from models.columnar.scorer import BatchScores

# How many different warnings are counted of a file, and of a block of it.
SHOWN_WARNINGS = 20
# To find what may have been meant takes up to a millisecond, so that of a block this is done for the most frequent warnings.
MAX_SUGGESTED = 100


@dataclass(frozen=True, slots=True)
class WarnedRows:
    """A warning, and how many rows have it."""

    warning: ReadingWarning
    rows: int


def join_warnings(warnings: Sequence[ReadingWarning]) -> str:
    """Warnings as one text."""
    return "; ".join(map(str, warnings))


class WarningsColumn:
    """Writes the warnings of each row as a text by `to_text`, which is absent where that is empty."""

    def __init__(
        self, finder: WarningFinder, to_text: Callable[[Sequence[ReadingWarning]], str] = join_warnings
    ) -> None:
        self._finder = finder
        self._text = to_text

    def build(self, scored: BatchScores, rows: NDArray[np.intp]) -> tuple[pa.Array, int, Sequence[WarnedRows]]:
        """The column of all scores; how many of some `rows` of it have warnings, and how many have each of the most frequent."""
        values, codes = scored.warned
        counts = np.bincount(codes[rows], minlength=len(values))
        present = np.flatnonzero(counts).tolist()
        counted: Counter[Normalization] = Counter()
        for code in present:
            counted.update(dict.fromkeys(values[code], int(counts[code])))
        warnings = self._warnings(counted)
        texts = [self._text([warnings[note] for note in values[code]]) for code in present]
        # In the order of the texts, so that the bytes do not depend on what was met before.
        places = {text: place for place, text in enumerate(sorted(set(filter(None, texts))))}
        place_of_code = np.full(len(values), -1, dtype=np.int32)
        place_of_code[present] = [places.get(text, -1) for text in texts]
        indices = place_of_code[codes]
        column = pa.DictionaryArray.from_arrays(
            pa.array(indices, mask=indices < 0), pa.array(list(places), pa.string())
        )
        warned = int(sum(counts[code] for code in present if values[code]))
        most = [WarnedRows(warning, counted[note]) for note, warning in warnings.items()][:SHOWN_WARNINGS]
        return column, warned, most

    def _warnings(self, counted: Mapping[Normalization, int]) -> dict[Normalization, ReadingWarning]:
        """The warning of each note, the most frequent first."""
        notes = sorted(counted, key=lambda note: (-counted[note], note.field, note.given))
        return {
            note: warning
            for place, note in enumerate(notes)
            for warning in self._finder.find((note,), suggest=place < MAX_SUGGESTED)
        }
