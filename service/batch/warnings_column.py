"""What is to be warned of in each candidate, as a column, and how many rows have each warning."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.candidates.candidate import Normalization
from models.candidates.warnings import ReadingWarning, WarningFinder
from models.columnar.scorer import BatchScores
from service.batch.formats import Format
from service.batch.progress import SHOWN_WARNINGS, WarnedRows
from service.scoring.serializer import encode, warning_document

# To find what may have been meant takes up to a millisecond, so that of a block this is done for the most frequent warnings.
MAX_SUGGESTED = 100


class WarningsColumn:
    """Writes warnings: lines of JSON have the documents of the API, other formats a text that is absent where there are none."""

    def __init__(self, finder: WarningFinder, form: Format) -> None:
        self._finder = finder
        self._is_json = form is Format.JSONL

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

    def _text(self, warnings: Sequence[ReadingWarning]) -> str:
        if self._is_json:
            return encode([warning_document(warning) for warning in warnings]).decode()
        return "; ".join(map(str, warnings))
