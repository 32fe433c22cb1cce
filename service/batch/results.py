"""The scores of a batch by the page: some of its rows, filtered and sorted, read from the file without holding it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import and_
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow import csv
from pyarrow import json as pa_json

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.warnings import ReadingWarning
from models.columnar.table import ROW, WARNINGS, decoded_type, score_types
from models.formulas import unmark_formulas
from models.scoring.percentiles import Percentiles
from service.batch.formats import Format
from service.batch.readers.delimited import parse_options
from service.batch.writers import error_report

ROWS = 25
# Beyond this many rows, the file itself is the better answer.
DEEPEST_PAGE = 100
SORTS = ("probability_suppressing", "confidence", "credibility", "percentile_of_all")
UNSCORED = "none"
_PERCENTILES = tuple(f"percentile_{among}" for among in Percentiles._fields)
_NOT_SHOWN = ("prediction_set", *_PERCENTILES[1:], "agrees", "model", "decision_because", "decision_cost")
_SHOWN = {
    name: decoded_type(kind) for name, kind in score_types(decisions=True, ranks=True).items() if name not in _NOT_SHOWN
}
_WARNINGS_IN_JSON = pa.list_(
    pa.struct({"field": pa.string(), "given": pa.string(), "done": pa.string(), "nearest": pa.list_(pa.string())})
)
# Blocks that are read before they are asked for: enough for two cores.
_READ_AHEAD = 2
# Lines by which it is found which fields are lists.
_SAMPLED_LINES = 1000
_JSON_BLOCK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ResultQuery:
    """Which rows, in which order: of a label (UNSCORED for rows without scores), undetermined because of something, by a column
    of SORTS or else as in the file; `page` counts from 1."""

    label: str = ""
    because: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows, each with the fields of its candidate that the file gave where the result keeps them (`has_candidates`), and
    whether there are more rows."""

    rows: Sequence[Mapping[str, Any]]
    has_candidates: bool
    further: bool

    @staticmethod
    def candidate_of(row: Mapping[str, Any]) -> dict[str, str | list[str]]:
        """What the file gave of a candidate."""
        return {name: row[name] for name in FIELD_BY_NAME if row.get(name)}


def read_page(path: Path, form: Format, query: ResultQuery) -> Rows:
    """A page of the scores in a file that a batch wrote. Raises ArrowException where it cannot be read."""
    dataset = ds.dataset(path, format=_format_of(path, form))
    present = set(dataset.schema.names)
    fields = [name for name in FIELD_BY_NAME if name in present]
    first = (query.page - 1) * ROWS
    last = first + ROWS + 1
    scanner = dataset.scanner(
        columns=[*fields, *present.intersection(_SHOWN)],
        filter=_filter_of(query),
        batch_readahead=_READ_AHEAD,
        fragment_readahead=1,
    )
    table = _sorted(scanner, query, last) if query.sort else scanner.head(last)
    rows = table.slice(first).to_pylist()
    if form.is_table:
        rows = [row | {name: _given(name, row[name]) for name in fields} for row in rows]
    if form is Format.JSONL:
        rows = [row | {WARNINGS: _joined_warnings(row[WARNINGS])} for row in rows]
    return Rows(rows[:ROWS], "cargo_type" in fields, len(rows) > ROWS)


def _given(name: str, cell: str | None) -> str | list[str] | None:
    """What a cell of a table gives of a field; a list, that a file of another format held, stands in it as JSON."""
    text = cell and unmark_formulas(cell)
    if text and FIELD_BY_NAME[name].many and text.startswith("["):
        with suppress(ValueError):
            return list(map(str, json.loads(text)))
    return text


def errors_as_csv(path: Path) -> Iterator[bytes]:
    """A file of errors as lines of CSV."""
    yield error_report.header(Format.CSV)
    with path.open("rb") as file:
        for line in file:
            yield error_report.lines(Format.CSV, [dict.fromkeys(error_report.COLUMNS) | json.loads(line)])


def read_errors(path: Path, first: int, most: int) -> list[dict[str, Any]]:
    """At most so many errors of a file of them, from one on."""
    with path.open("rb") as file:
        return [json.loads(line) for line in islice(file, first, first + most)]


def _joined_warnings(documents: Sequence[Mapping[str, Any]] | None) -> str:
    return "; ".join(str(ReadingWarning(**document)) for document in documents or ())


def _filter_of(query: ResultQuery) -> ds.Expression | None:
    label = ds.field("label")
    conditions = []
    if query.label:
        conditions.append(label.is_null() if query.label == UNSCORED else label == query.label)
    if query.because:
        conditions.append(ds.field("undetermined_because") == query.because)
    if query.sort:
        conditions.append(ds.field(query.sort).is_valid())
    return reduce(and_, conditions) if conditions else None


def _sorted(scanner: ds.Scanner, query: ResultQuery, count: int) -> pa.Table:
    """The first rows by a column. Only so many are held at a time."""
    order = "descending" if query.descending else "ascending"
    keys = [(query.sort, order), (ROW, "ascending")]
    best = scanner.projected_schema.empty_table()
    for batch in scanner.to_batches():
        joined = pa.concat_tables([best, pa.Table.from_batches([batch])])
        best = joined.take(pc.select_k_unstable(joined, k=count, sort_keys=keys)) if len(joined) > count else joined
    return best.sort_by(keys)


def _format_of(path: Path, form: Format) -> ds.FileFormat:
    if form is Format.PARQUET:
        return ds.ParquetFileFormat()
    types = {**_SHOWN, **dict.fromkeys(FIELD_BY_NAME, pa.string())}
    if form is Format.JSONL:
        types |= {name: pa.list_(pa.string()) for name in _lists_in(path)} | {WARNINGS: _WARNINGS_IN_JSON}
        parse = pa_json.ParseOptions(pa.schema(types.items()), unexpected_field_behavior="ignore")
        return ds.JsonFileFormat(parse_options=parse, read_options=pa_json.ReadOptions(block_size=_JSON_BLOCK_BYTES))
    return ds.CsvFileFormat(
        parse_options=parse_options(form),
        convert_options=csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True),
    )


def _lists_in(path: Path) -> set[str]:
    """The fields of candidates that lines of JSON give as lists, by the first lines."""
    with path.open("rb") as file:
        rows = [json.loads(line) for line in islice(file, _SAMPLED_LINES)]
    return {name for row in rows for name in FIELD_BY_NAME if isinstance(row.get(name), list)}
