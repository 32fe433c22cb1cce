"""Numbers and words as a reader wants to see them. The documents keep every digit."""

from __future__ import annotations

import math

# Terms that people spell with capitals.
_SPELLED = {
    "mirna": "miRNA",
    "lncrna": "lncRNA",
    "circrna": "circRNA",
    "mrna": "mRNA",
    "sirna": "siRNA",
    "emt": "EMT",
    "mdsc": "MDSC",
    "hek293": "HEK293",
    "t_cell": "T cell",
    "b_cell": "B cell",
}
_MINUS = "−"
_NARROW = "\u202f"
_ISOLATE, _POP = "\u2068", "\u2069"


def percent(share: float) -> str:
    """A share in percent, with two figures of its distance to 0 or 100 where that is below one percent."""
    away = 100.0 * min(share, 1.0 - share)
    decimals = 1 if away >= 1.0 or away <= 0.0 else min(1 - math.floor(math.log10(away)), 9)
    return f"{100.0 * share:.{decimals}f}{_NARROW}%"


def signed(value: float) -> str:
    """A number with its sign and two decimals."""
    return f"{value:+.2f}".replace("-", _MINUS)


def plain(value: float) -> str:
    """A number of an axis: as short as it can be."""
    return f"{value:g}".replace("-", _MINUS)


def words(term: str) -> str:
    """A term or a field name as words."""
    return _SPELLED.get(term, term.replace("_", " "))


def observed(name: str) -> str:
    """Something that findings saw, a target lowered with the sign for it."""
    return f"{name[:-1]}{_MINUS}" if name.endswith("-") else words(name)


def accession(identifier: str) -> str:
    """An identifier as its registry writes it, without the name of the registry where the number tells that by itself."""
    return identifier.removeprefix("mirbase.mature:").removeprefix("circbase:")


def counted(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def short(text: str, limit: int) -> str:
    """A text that fits into a figure, kept from turning the text beside it round."""
    return f"{_ISOLATE}{text if len(text) <= limit else text[: limit - 1] + '…'}{_POP}"
