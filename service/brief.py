"""Answers that tell little of many candidates: scored in columns, to the bytes of the answers that are written one by one.

Where one of the candidates cannot be understood there is no such answer; what is wrong is then told one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.candidate import FIELD
from models.coded import BECAUSE, LABELS, Coded, ColumnScorer, ScoredColumns, counts
from models.scorer import Scorer
from service.counted import CARRIED, Sums, Value
from service.fragments import call_member, encode
from service.given import given_in

# From so many bytes on a body is worth it.
LEAST_BYTES = 8_000
# How many values each web worker keeps; one that names several new cargos takes more than a kilobyte.
MOST_MET = 100_000

# How the members that can be told of many are written, and the columns of pieces that they are written of.
_CALLS = [(label, because) for label in LABELS for because in BECAUSE]
_CALL_PIECES = list(map(call_member, _CALLS))
_MEMBERS: Mapping[str, tuple[bytes, Callable[[ScoredColumns], Sequence[Sequence[bytes]]]]] = {
    "label": (b"%b", lambda found: [[_CALL_PIECES[code] for code in _calls(found).tolist()]]),
    "probability_suppressing": (b'"probability_suppressing":%b', lambda found: [_written(found.probability)]),
    "interval": (b'"interval":[%b,%b]', lambda found: [_written(found.low), _written(found.high)]),
}
_FIELDS = [name for name in FIELD if name != "id"]


class Brief:
    """Brief answers of one scorer."""

    def __init__(self, scorer: Scorer) -> None:
        self._columns = ColumnScorer(scorer, MOST_MET)
        self._lock = Lock()

    @staticmethod
    def tells(told: Sequence[str]) -> bool:
        """Whether these members can be told so."""
        return _MEMBERS.keys() >= set(told)

    def scores(self, body: bytes, told: Sequence[str]) -> tuple[bytes, Sums] | None:
        """The documents of the candidates of a plain body, parted by commas, and what is counted of them.

        None where not all of them can be understood.
        """
        # Columns are scored by one thread at a time; to pass the interpreter to and fro meanwhile would gain nothing.
        with self._lock:
            given = given_in(body)
            if given is None or not all(one is None or one.isprintable() for one in map(attrgetter("id"), given)):
                return None
            every = np.arange(len(given), dtype=np.int32)
            columns = {name: Coded(list(map(attrgetter(name), given)), every) for name in _FIELDS}
            found = self._columns.score(columns)
            if found.bad:
                return None
            form = b"{%b}" % b",".join(_MEMBERS[name][0] for name in told)
            pieces = [column for name in told for column in _MEMBERS[name][1](found)]
            return b",".join(map(form.__mod__, zip(*pieces, strict=True))), self._counted(found)

    def _counted(self, found: ScoredColumns) -> Sums:
        reader, read = self._columns.reader, found.read
        cells: Counter[str] = Counter()
        phenotypes: Counter[str] = Counter()
        for code, count in counts(read.source):
            cell, phenotype = reader.sources[code]
            cells[cell] += count
            phenotypes[phenotype] += count
        values: dict[tuple[str, Value], int] = {
            **{("source_cell", cell): count for cell, count in cells.items()},
            **{("source_phenotype", phenotype): count for phenotype, count in phenotypes.items()},
            **{("cargo_type", reader.types[code]): count for code, count in counts(read.cargo_type)},
            **{("cargo_state", reader.states[code]): count for code, count in counts(read.cargo_state)},
            **{("cancer_type", reader.tumours[code].value): count for code, count in counts(read.tumour)},
            **{("engineering", reader.engineered[code]): count for code, count in counts(read.engineered)},
        }
        calls = {_CALLS[code]: count for code, count in counts(_calls(found))}
        cargos = {CARRIED[code]: count for code, count in counts(reader.recognised.of(read.cargo))}
        return Sums(calls, self._columns.outside(read), values, cargos)


def _calls(found: ScoredColumns) -> NDArray[np.int8]:
    calls: NDArray[np.int8] = found.label * np.int8(len(BECAUSE)) + found.because
    return calls


def _written(numbers: NDArray[np.float64]) -> Sequence[bytes]:
    """Each number as JSON has it."""
    return encode(numbers.tolist())[1:-1].split(b",")
