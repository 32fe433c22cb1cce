"""The beginning of a file of candidates, as it would be read: its columns, its first rows, and the rows that are bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from rapidfuzz import process

from models.candidate import FIELD, Given, Note, Reader
from models.coded import ColumnScorer
from models.errors import CandidateError, Fault, SheetError
from models.scorer import Scorer
from service.batch.chunk import Chunk
from service.batch.header import check_columns
from service.batch.json_lines import members_of
from service.batch.opening import opened, source_of
from service.batch.options import PIECE_BYTES, Asked
from service.batch.pieces import Piece
from service.batch.scoring import ChunkScorer
from service.batch.work import Work

JUDGED_BYTES, JUDGED_ROWS = 1024 * 1024, 10_000
SHOWN_ROWS, SHOWN_BAD = 25, 100
# How like a field (of 100) the name of a column must be to be taken for a slip.
_LIKE = 80


@dataclass(frozen=True, slots=True)
class Column:
    """A column: whether it is a field of a candidate and, where it is not, the one that it may be meant for, of those that no
    column gives."""

    name: str
    is_field: bool
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number and its line (None where there are no lines), what is given, what that is understood as with what is
    worth a note, and its faults."""

    number: int
    line: int | None
    given: Mapping[str, Given]
    understood: Mapping[str, Any]
    notes: tuple[Note, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What the beginning of a file is read as. `judged` rows were looked at, `bad` of them are; `whole` where these are all
    that there are. `refusal` says why the file cannot be scored at all."""

    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    bad_rows: tuple[Row, ...] = ()
    judged: int = 0
    bad: int = 0
    whole: bool = False
    refusal: SheetError | None = None


def preview(scorer: Scorer, asked: Asked) -> Preview:
    """Looks at the beginning of a file as a batch with these options would read it, but for other columns, which are no fault
    here. Raises OSError where it cannot be read."""
    found = _preview(scorer, asked, JUDGED_BYTES)
    if found.refusal and any(one.fault.code == "too_long" for one in found.refusal.faults):
        # A batch takes longer rows than are usually looked at.
        return _preview(scorer, asked, PIECE_BYTES)
    return found


def refusal(asked: Asked) -> tuple[Fault, ...]:
    """Why a file cannot be scored with these options, as far as its columns tell; nothing where it can."""
    try:
        with opened(asked):
            return ()
    except SheetError as error:
        return tuple(one.fault for one in error.faults)


def _preview(scorer: Scorer, asked: Asked, judged_bytes: int) -> Preview:
    asked = replace(asked, options=replace(asked.options, keep=True), piece_bytes=judged_bytes, piece_rows=JUDGED_ROWS)
    columns: tuple[Column, ...] = ()
    try:
        with ExitStack() as files:
            source = source_of(asked, files)
            columns = _columns(source.columns or ())
            if source.columns is not None:
                check_columns(source.columns, True, (), source.header_line)
            piece = next(source.pieces(source.start), None)
        if piece is None or not piece.rows:
            return Preview(columns, whole=True)
        names = members_of(piece) if source.columns is None else source.columns
        columns = _columns(names)
        work = Work(ColumnScorer(scorer), asked.options, names)
        chunk = work.read(piece)
        faults = ChunkScorer(ColumnScorer(scorer), asked.options).score(chunk, piece.begin.row).faults
    except SheetError as error:
        return Preview(columns, refusal=error)
    whole = source.size is not None and piece.after.offset >= source.size
    rows = _Rows(scorer.reader, work, piece, chunk, faults, asked.options.source.is_text)
    return Preview(
        columns,
        rows.of(range(min(piece.rows, SHOWN_ROWS))),
        rows.of(list(islice(sorted(faults), SHOWN_BAD))),
        piece.rows,
        len(faults),
        whole,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    reader: Reader
    work: Work
    piece: Piece
    chunk: Chunk
    faults: Mapping[int, Sequence[Fault]]
    has_lines: bool

    def of(self, places: Sequence[int]) -> tuple[Row, ...]:
        lines: Sequence[int | None] = self.work.lines(self.piece, places) if self.has_lines else [None] * len(places)
        among = {place: index for index, place in enumerate(self.chunk.places.tolist())}
        return tuple(self._row(place, line, among.get(place)) for place, line in zip(places, lines, strict=True))

    def _row(self, place: int, line: int | None, index: int | None) -> Row:
        number, faults = self.piece.begin.row + place, tuple(self.faults.get(place, ()))
        if index is None:
            return Row(number, line, {}, {}, faults=faults)
        given: dict[str, Given] = {
            name: column.values[column.codes[index]] for name, column in self.chunk.fields.items()
        }
        if self.chunk.ids is not None:
            given["id"] = self.chunk.ids[index].as_py()
        given = {name: value for name, value in given.items() if value}
        try:
            reading = self.reader.read(given)
        except CandidateError:
            return Row(number, line, given, {}, faults=faults)
        return Row(number, line, given, reading.candidate.stated(), reading.notes, faults)


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    absent = [name for name in FIELD if name not in names]

    def meant(name: str) -> str:
        found = process.extractOne(name.lower(), absent, score_cutoff=_LIKE)
        return found[0] if found else ""

    return tuple(Column(name, name in FIELD, "" if name in FIELD else meant(name)) for name in names)
