"""Numbers and words as a reader wants to see them. The documents keep every digit."""

from __future__ import annotations

import math

_MINUS = "−"
_ISOLATE, _POP = "\u2068", "\u2069"


def percent(share: float) -> str:
    """A share in percent, with two figures of its distance to 0 or 100 where that is below one percent."""
    away = 100.0 * min(share, 1.0 - share)
    decimals = 1 if away >= 1.0 or away <= 0.0 else min(1 - math.floor(math.log10(away)), 9)
    return f"{100.0 * share:.{decimals}f} %"


def signed(value: float) -> str:
    """A number with its sign and two decimals."""
    return f"{value:+.2f}".replace("-", _MINUS)


def plain(value: float) -> str:
    """A number of an axis: as short as it can be."""
    return f"{value:g}".replace("-", _MINUS)


def words(term: str) -> str:
    """A term or a field name as words."""
    return term.replace("_", " ")


def counted(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def short(text: str, limit: int) -> str:
    """A text that fits into a figure, kept from turning the text beside it round."""
    return f"{_ISOLATE}{text if len(text) <= limit else text[: limit - 1] + '…'}{_POP}"
