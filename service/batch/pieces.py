"""A file of candidates in pieces: whole records, few enough to be held in memory, each scored by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two records of a file: how far it is in (bytes, or rows of Parquet), and the number of the row and of
    the line that come next, both from 1; `line` is 0 where there are no lines."""

    offset: int = 0
    row: int = 1
    line: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file: text, or an Arrow stream of a table. `after` is the place after it."""

    number: int
    begin: Place
    after: Place
    content: bytes
    last: bool = False

    @property
    def rows(self) -> int:
        """How many."""
        return self.after.row - self.begin.row


class Source(Protocol):
    """A file that pieces are read from. What is wrong with it as a whole raises SheetError, when it is opened or on the way."""

    columns: Sequence[str] | None
    """The columns that it says it has; None where each row may have its own."""

    size: int | None
    """How far in its end is, by the measure of `Place.offset`; None where that is not known."""

    @property
    def start(self) -> Place:
        """The place of its first row."""

    def pieces(self, begin: Place, number: int = 0) -> Iterator[Piece]:
        """The pieces from a place on, which is one where a piece ended before; `number` is that of the first."""

    def nothing(self) -> Piece:
        """A piece without rows."""
