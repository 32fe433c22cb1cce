"""The beginning of a file of candidates, as it would be read: its columns, its first rows, and the rows that are bad."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME, Normalization, RawValue
from models.candidates.headings import MAX_COLUMNS, meant_field
from models.candidates.warnings import ReadingWarning
from models.columnar.scorer import BatchScorer
from models.columnar.warnings_column import WarnedRows
from models.errors import CandidateError, FieldError, TableError
from models.scorer import Scorer
from service.batch.block_scoring import BlockProcessor
from service.batch.chunk_scoring import ChunkScorer
from service.batch.options import BLOCK_BYTES, BatchSpec
from service.batch.readers import check_reader, open_checked, open_reader
from service.batch.readers.columns import Chunk

JUDGED_BYTES, JUDGED_ROWS = 1024 * 1024, 10_000
SHOWN_ROWS, SHOWN_BAD = 25, 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column and, where it is no field of a candidate, the one that it may be meant for, of those that no column gives."""

    name: str
    meant: str = ""

    @property
    def is_field(self) -> bool:
        """Whether it is a field of a candidate."""
        return self.name in FIELD_BY_NAME


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number and its line (None where there are no lines), what is given, what that is understood as and how, what is
    to be warned of, and its faults."""

    number: int
    line: int | None
    given: Mapping[str, RawValue]
    understood: Mapping[str, Any]
    notes: tuple[Normalization, ...] = ()
    warnings: tuple[ReadingWarning, ...] = ()
    faults: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What the beginning of a file is read as.

    `judged` rows were looked at, `bad` of them are, and `warned` of those that can be scored have something that was not
    understood, which `warnings` counts; `whole` where these are all that there are. `refusal` says why the file cannot be scored
    at all, `remarks` what was read otherwise than it stands.
    """

    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    bad_rows: tuple[Row, ...] = ()
    judged: int = 0
    bad: int = 0
    whole: bool = False
    refusal: TableError | None = None
    remarks: tuple[str, ...] = ()
    warned: int = 0
    warnings: Sequence[WarnedRows] = ()


def preview(scorer: Scorer, spec: BatchSpec) -> Preview:
    """Looks at the beginning of a file as a batch with these options would read it. Raises OSError where it cannot be read."""
    shown = _preview(scorer, spec, JUDGED_BYTES)
    if shown.refusal and any(fault.fault.code == "too_long" for fault in shown.refusal.faults):
        # A batch takes longer rows than are usually looked at.
        return _preview(scorer, spec, BLOCK_BYTES)
    return shown


def refusal(scorer: Scorer, spec: BatchSpec) -> tuple[FieldError, ...]:
    """Why a file cannot be scored with these options, by its columns; nothing where it can."""
    try:
        with open_checked(spec, scorer.parser):
            return ()
    except TableError as error:
        return tuple(fault.fault for fault in error.faults)


def _preview(scorer: Scorer, spec: BatchSpec, block_bytes: int) -> Preview:
    spec = replace(spec, block_bytes=block_bytes, block_rows=JUDGED_ROWS)
    columns: tuple[Column, ...] = ()
    remarks: tuple[str, ...] = ()
    try:
        with open_reader(spec) as reader:
            columns, remarks = _columns(reader.columns[:MAX_COLUMNS]), tuple(reader.remarks)
            check_reader(reader, spec, scorer.parser)
            block = next(reader.read_blocks(reader.start), None)
        options = replace(spec.options, source=reader.form)
        if block is None or not block.rows:
            return Preview(columns, whole=True, remarks=remarks)
        processor = BlockProcessor(scorer, options, reader.headings, reader.columns)
        chunk = processor.read(block)
        scored = ChunkScorer(BatchScorer(scorer), options).score(chunk, block.begin.row)
        faults = scored.faults
    except TableError as error:
        return Preview(columns, refusal=error, remarks=remarks)

    def rows(places: Iterable[int]) -> tuple[Row, ...]:
        listed = list(places)
        indices = {place: index for index, place in enumerate(chunk.places.tolist())}
        return tuple(
            _row(scorer, chunk, indices.get(place), block.begin.row + place, line, tuple(faults.get(place, ())))
            for place, line in zip(listed, processor.lines_of(block, listed), strict=True)
        )

    return Preview(
        columns,
        rows(range(min(block.rows, SHOWN_ROWS))),
        rows(islice(sorted(faults), SHOWN_BAD)),
        block.rows,
        len(faults),
        reader.size is not None and block.after.offset >= reader.size,
        remarks=remarks,
        warned=scored.warned,
        warnings=scored.warnings,
    )


def _row(
    scorer: Scorer, chunk: Chunk, index: int | None, number: int, line: int | None, faults: tuple[FieldError, ...]
) -> Row:
    if index is None:
        return Row(number, line, {}, {}, faults=faults)
    fields: dict[str, RawValue] = {name: column.values[column.codes[index]] for name, column in chunk.fields.items()}
    if chunk.ids is not None:
        fields["id"] = chunk.ids[index].as_py()
    given = {name: value for name, value in fields.items() if value}
    try:
        reading = scorer.parser.parse(given)
    except CandidateError:
        return Row(number, line, given, {}, faults=faults)
    warnings = scorer.parser.warnings.find(reading.notes)
    return Row(number, line, given, reading.candidate.to_dict(), reading.notes, warnings, faults)


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "" if name in FIELD_BY_NAME else meant_field(name, names)) for name in names)
