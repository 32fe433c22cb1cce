"""Some rows of a file as columns, ready to be scored: what every format is read into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.candidates.candidate import RawValue
from models.candidates.headings import others_of
from models.columnar.arrow import combine_chunks, encode_lists, encode_texts, is_list, is_scored
from models.columnar.scorer import RawColumn
from models.errors import FieldError

# Marks a kept column whose texts are JSON.
IS_JSON = {b"exoscore": b"json"}


@dataclass(frozen=True)
class Chunk:
    """The rows of a block that could be read, and the faults of those that could not.

    `places` are those of the former among all rows of the block; `fields` are the columns of the fields but the id, `ids` that
    of the ids (None where there is no such column), `kept` the columns that are carried over to the scores.
    """

    rows: int
    places: NDArray[np.intp]
    fields: Mapping[str, RawColumn]
    ids: pa.Array | None
    kept: pa.Table
    unread: Mapping[int, Sequence[FieldError]] = field(default_factory=dict)

    @classmethod
    def from_table(
        cls,
        table: pa.Table,
        rows: int,
        places: NDArray[np.intp],
        keep: bool,
        unread: Mapping[int, Sequence[FieldError]] | None = None,
    ) -> Chunk:
        """The chunk of a table that has the rows at `places`. Its columns that are no fields are carried over, and where `keep`
        says so all others too."""
        columns = {name: combine_chunks(table[name]) for name in table.column_names if is_scored(name)}
        fields = {
            name: encode_lists(column) if is_list(column.type) else encode_texts(column)
            for name, column in columns.items()
        }
        ids = combine_chunks(table["id"].cast(pa.string())) if "id" in table.column_names else None
        return cls(
            rows, places, fields, ids, table if keep else table.select(others_of(table.column_names)), unread or {}
        )

    def fill(self, constants: Mapping[str, str], states_nothing: Callable[[str, RawValue], bool]) -> Chunk:
        """The chunk with the constants in the rows that state nothing in those fields."""
        fields = dict(self.fields)
        for name, constant in constants.items():
            values, codes = fields.get(name) or RawColumn((None,), np.zeros(len(self.places), dtype=np.int32))
            fields[name] = RawColumn([constant if states_nothing(name, value) else value for value in values], codes)
        return replace(self, fields=fields)


def to_stream(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    buffer = pa.BufferOutputStream()
    with pa.ipc.new_stream(buffer, table.schema) as stream:
        stream.write_table(table)
    content: bytes = buffer.getvalue().to_pybytes()
    return content


def replace_matching(texts: pa.Array, matching: pa.Array, function: Callable[[str], str]) -> pa.Array:
    """Texts with some of them replaced by what a function gives for them; `matching` says which, null for none."""
    matching = matching.fill_null(False)
    if not pc.any(matching).as_py():
        return texts
    replaced = pa.array([function(text) for text in texts.filter(matching).to_pylist()], texts.type)
    return pc.replace_with_mask(texts, matching, replaced)
