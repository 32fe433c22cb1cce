"""Answers that tell little of many candidates: scored in columns, to the bytes of the answers that are written one by one.

Where one of the candidates cannot be understood there is no such answer; what is wrong is then told one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from itertools import count, repeat
from operator import attrgetter
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.candidate import FIELD
from models.coded import BECAUSE, LABELS, Coded, ColumnScorer, counts
from models.coded_reader import ReadCodes
from models.lookup import Growing
from models.scorer import Scorer
from service.counted import CARRIED, Sums, Value
from service.fragments import call_member, encode
from service.given import given_in, texts_of

# From so many bytes on a body is worth it.
LEAST_BYTES = 8_000
# How many values each web worker keeps; one that names several new cargos takes more than a kilobyte.
MOST_MET = 100_000

# Of the texts of candidates that were scored last, their scores and what was written of them, in each web worker: some seventy
# thousand. With room for fewer than a client sends in turn, none is met again.
REMEMBERED_BYTES = 48 * 1024 * 1024
# What a candidate takes beside its text and the first document that is written of it, and a further one beside its bytes.
PER_CANDIDATE_BYTES, PER_TEXT_BYTES = 300, 50

_CODES = [(one.name, np.bool_ if one.name in ("hypoxic", "bad") else np.int32) for one in fields(ReadCodes)]
# A scored candidate: its call, as a code into _CALLS, what is told of it, and what it was understood as.
_ROW = np.dtype([("call", np.int8), ("probability", "f8"), ("low", "f8"), ("high", "f8"), *_CODES])
Rows = NDArray[np.void]

# How the members that can be told of many are written, and the columns of pieces that they are written of.
_CALLS = [(label, because) for label in LABELS for because in BECAUSE]
_CALL_PIECES = list(map(call_member, _CALLS))
_MEMBERS: Mapping[str, tuple[bytes, Callable[[Rows], Sequence[Sequence[bytes]]]]] = {
    "label": (b"%b", lambda rows: [[_CALL_PIECES[code] for code in rows["call"].tolist()]]),
    "probability_suppressing": (b'"probability_suppressing":%b', lambda rows: [_written(rows["probability"])]),
    "interval": (b'"interval":[%b,%b]', lambda rows: [_written(rows["low"]), _written(rows["high"])]),
}
_NOWHERE = -1
_FIELDS = [name for name in FIELD if name != "id"]


class Brief:
    """Brief answers of one scorer. Bodies all of whose candidates are among those met last are answered by look-up."""

    def __init__(self, scorer: Scorer, most_bytes: int = REMEMBERED_BYTES) -> None:
        """`most_bytes`: of what is remembered; with 0, every candidate is scored anew."""
        self._columns = ColumnScorer(scorer, MOST_MET)
        self._most = most_bytes
        self._lock = Lock()
        self._forget()

    @staticmethod
    def tells(told: Sequence[str]) -> bool:
        """Whether these members can be told so."""
        return _MEMBERS.keys() >= set(told)

    def scores(self, body: bytes, told: tuple[str, ...]) -> tuple[bytes, Sums] | None:
        """The documents of the candidates of a plain body, parted by commas, and what is counted of them.

        None where not all of them can be understood.
        """
        # Columns are scored by one thread at a time; to pass the interpreter to and fro meanwhile would gain nothing.
        with self._lock:
            texts = texts_of(body)
            if texts is None:
                return None
            places = list(map(self._places.get, texts, repeat(_NOWHERE)))
            if _NOWHERE in places:
                rows = self._scored(body)
                if rows is None:
                    return None
                documents = _documents(rows, told)
                self._keep(texts, rows, told, documents)
            else:
                rows = self._rows.array[places]
                documents = self._remembered(places, told)
            return b",".join(documents), self._counted(rows)

    def _scored(self, body: bytes) -> Rows | None:
        given = given_in(body)
        if given is None or not "".join(filter(None, map(attrgetter("id"), given))).isprintable():
            return None
        every = np.arange(len(given), dtype=np.int32)
        found = self._columns.score({name: Coded(list(map(attrgetter(name), given)), every) for name in _FIELDS})
        if self._columns.reader is not self._reader:
            # What was met before has other codes.
            self._forget()
        if found.bad:
            return None
        rows = np.empty(len(given), dtype=_ROW)
        rows["call"] = found.label * np.int8(len(BECAUSE)) + found.because
        for name in ("probability", "low", "high"):
            rows[name] = getattr(found, name)
        for name, _ in _CODES:
            rows[name] = getattr(found.read, name)
        return rows

    def _remembered(self, places: Sequence[int], told: tuple[str, ...]) -> Sequence[bytes]:
        """The documents of candidates met before, by their places; those of which something else was told are written now."""
        written = self._kept(told)
        documents = [written[place] for place in places]
        if b"" in documents:
            fresh = [place for place in dict.fromkeys(places) if not written[place]]
            for place, document in zip(fresh, _documents(self._rows.array[fresh], told), strict=True):
                written[place] = document
            documents = [written[place] for place in places]
            self._bytes += sum(len(written[place]) + PER_TEXT_BYTES for place in fresh)
            if self._bytes > self._most:
                self._forget()
        return documents

    def _keep(self, texts: Sequence[bytes], rows: Rows, told: tuple[str, ...], documents: Sequence[bytes]) -> None:
        size = sum(map(len, texts)) + sum(map(len, documents)) + len(texts) * PER_CANDIDATE_BYTES
        if self._bytes + size > self._most:
            self._forget()
        if size <= self._most:
            self._kept(told).extend(documents)
            self._places.update(zip(texts, count(self._rows.extend(rows))))
            self._bytes += size

    def _kept(self, told: tuple[str, ...]) -> list[bytes]:
        """The documents that tell so much of the candidates remembered, by their places; empty where none was written yet."""
        written = self._documents[told]
        written.extend(repeat(b"", len(self._rows) - len(written)))
        return written

    def _forget(self) -> None:
        self._reader = self._columns.reader
        self._places: dict[bytes, int] = {}
        self._rows = Growing(kind=_ROW)
        self._documents: defaultdict[tuple[str, ...], list[bytes]] = defaultdict(list)
        self._bytes = 0

    def _counted(self, rows: Rows) -> Sums:
        reader = self._reader
        read = ReadCodes(*(rows[name] for name, _ in _CODES))
        columns: Mapping[str, tuple[Sequence[Value], NDArray[np.int32]]] = {
            "source_cell": (reader.cells, reader.cell_of.of(read.source)),
            "source_phenotype": (reader.phenotypes, reader.phenotype_of.of(read.source)),
            "cargo_type": (reader.types, read.cargo_type),
            "cargo_state": (reader.states, read.cargo_state),
            "cancer_type": ([tumour.value for tumour in reader.tumours], read.tumour),
            "engineering": (reader.engineered, read.engineered),
        }
        values = {
            (name, terms[code]): often for name, (terms, codes) in columns.items() for code, often in counts(codes)
        }
        calls = {_CALLS[code]: often for code, often in counts(rows["call"])}
        cargos = {CARRIED[code]: often for code, often in counts(reader.recognised.of(read.cargo))}
        return Sums(calls, self._columns.outside(read), values, cargos)


def _documents(rows: Rows, told: Sequence[str]) -> Sequence[bytes]:
    """What is told of candidates, of each as a document."""
    form = b"{%b}" % b",".join(_MEMBERS[name][0] for name in told)
    pieces = [column for name in told for column in _MEMBERS[name][1](rows)]
    return list(map(form.__mod__, zip(*pieces, strict=True)))


def _written(numbers: NDArray[np.float64]) -> Sequence[bytes]:
    """Each number as JSON has it."""
    return encode(numbers.tolist())[1:-1].split(b",")
