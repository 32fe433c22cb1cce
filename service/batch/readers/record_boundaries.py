"""Where the records of a block of text begin and end, found in arrays.

A record of CSV ends at a line end outside quotes; `\n`, `\r\n` and a lone `\r` end lines, whichever way they are mixed. A cell is
quoted where its first character is a quote. Tab-separated files are not quoted, and lines of JSON end at `\n` only.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.batch.formats import Format

Places = NDArray[np.intp]
_TAB, _NEWLINE, _RETURN, _SPACE, _QUOTE = b"\t\n\r "[0], 10, 13, 32, 34

_QUOTED_CELL = re.compile(rb'(?:(?<=[\r\n,])|\A)"[^"]*(?:""[^"]*)*("?)')


@dataclass(frozen=True)
class Records:
    """The records of a block: where each that is not blank begins, where the last whole one ends (0 for none), all line ends,
    and where a quoted cell begins that the block does not end (-1 for none)."""

    starts: Places
    end: int
    breaks: Places
    open_quote: int

    def lines_of(self, places: Places) -> Places:
        """The lines of places of the block, its first being line 0."""
        lines: Places = np.searchsorted(self.breaks, places)
        return lines

    @property
    def lines(self) -> int:
        """How many lines end before the last whole record does."""
        return int(np.searchsorted(self.breaks, self.end))


def find_records(block: bytes, form: Format, last: bool) -> Records:
    """The records of a block that begins with one. The `last` block of a file may end without a line end."""
    array = np.frombuffer(block, dtype=np.uint8)
    breaks = _find_breaks(block, array, form, last)
    opens, closes = _find_quoted(block, array) if form is Format.CSV else (_NOWHERE, _NOWHERE)
    ends = breaks
    if len(opens):
        # Those behind the end of the last quoted cell that begins before them.
        closed = np.append(closes, len(block)) if len(opens) > len(closes) else closes
        ends = breaks[np.append(-1, closed).take(np.searchsorted(opens, breaks)) < breaks]
    starts = np.concatenate(([0], ends + 1))
    end = int(starts[-1])
    open_quote = int(opens[-1]) if len(opens) > len(closes) else -1
    if last and end < len(block):
        end = len(block)
    else:
        starts = starts[:-1]
    return Records(starts[~_is_blank(block, array, starts, form)], end, breaks, open_quote)


_NOWHERE = np.empty(0, dtype=np.intp)
# By the byte before a quote, whether a quoted cell may begin with it; a quote is doubled in one.
_BEFORE_QUOTED = np.isin(np.arange(256), np.frombuffer(b',\r\n"', dtype=np.uint8))


def _find_breaks(block: bytes, array: NDArray[np.uint8], form: Format, last: bool) -> Places:
    newlines = np.flatnonzero(array == _NEWLINE)
    if form is Format.JSONL or b"\r" not in block:
        return newlines
    returns = np.flatnonzero(array == _RETURN)
    # At the end of a block that is not the last, it may be the first half of a line end.
    after = np.append(array[1:], np.uint8(0 if last else _NEWLINE))
    return np.sort(np.concatenate((newlines, returns[after[returns] != _NEWLINE])))


def _is_blank(block: bytes, array: NDArray[np.uint8], starts: Places, form: Format) -> NDArray[np.bool_]:
    """Which records are empty lines; of JSON, lines of white space."""
    first = array[starts] if len(starts) else np.empty(0, dtype=np.uint8)
    blank: NDArray[np.bool_] = (first == _NEWLINE) | (first == _RETURN)
    if form is Format.JSONL:
        for place in np.flatnonzero(blank | (first == _SPACE) | (first == _TAB)):
            start = int(starts[place])
            end = block.find(b"\n", start)
            blank[place] = not block[start : end if end >= 0 else None].strip()
    return blank


def _find_quoted(block: bytes, array: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Where quoted cells begin and end; of a doubled quote, one ends and one begins."""
    if b'"' not in block:
        return _NOWHERE, _NOWHERE
    marks = np.flatnonzero(array == _QUOTE)
    opens, closes = marks[0::2], marks[1::2]
    before = array[np.maximum(opens - 1, 0)]
    begins = (opens == 0) | _BEFORE_QUOTED.take(before)
    if begins.all():
        return opens, closes
    # A quote stands inside a cell that is not quoted, so what comes after does not simply alternate.
    cells = [(match.start(), match.end() - 1, match[1]) for match in _QUOTED_CELL.finditer(block)]
    return (
        np.array([start for start, _, _ in cells], dtype=np.intp),
        np.array([end for _, end, is_closed in cells if is_closed], dtype=np.intp),
    )
