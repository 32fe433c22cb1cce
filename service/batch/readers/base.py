"""A file of candidates in blocks: whole records, few enough to be held in memory, each block scored by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.batch.formats import Format


@dataclass(frozen=True, slots=True)
class Position:
    """A position between two records of a file: the `offset` in bytes, or in rows of Parquet, and the numbers of the row and
    line that come next, both from 1; `line` is 0 where there are no lines."""

    offset: int = 0
    row: int = 1
    line: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file, from the position `begin` to `after`: text, or an Arrow stream of a table. `last`: no text follows."""

    begin: Position
    after: Position
    content: bytes
    last: bool = False

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.after.row - self.begin.row


class BlockReader(Protocol):
    """A file that is read in blocks. Opening and reading raise TableError where the file as a whole is wrong."""

    form: Format
    """How it holds rows, whatever its name says."""
    headings: Sequence[str]
    """What the file calls its columns; of lines of JSON, the members of the rows of the first block."""
    columns: Sequence[str]
    """The columns that these are read as."""
    header_line: int
    """The line of the header; 0 where there are no lines."""
    remarks: Sequence[str]
    """How the file is read."""
    size: int | None
    """The offset of the end of the file; None where it is not known."""
    start: Position
    """The position of the first row."""

    def read_blocks(self, begin: Position) -> Iterator[Block]:
        """The blocks from a position on, which is `start` or one where a block ended."""

    def empty_block(self) -> Block:
        """A block without rows."""
