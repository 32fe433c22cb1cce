"""What two spellings of one name have in common."""

import re
import unicodedata
from collections.abc import Iterable

_LETTERS = "αβγδεζηθικλμνξπρστυφχψω"
_NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega"
# A final sigma is folded to the usual one.
GREEK = dict(zip(_LETTERS, _NAMES.split(), strict=True))
_LETTER_OF = {name: name[0] for name in ("alpha", "beta", "gamma", "delta", "epsilon", "kappa", "lambda", "zeta")}
_GREEK_WORD = re.compile("|".join(sorted(_LETTER_OF, key=len, reverse=True)))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_ASCII_PUNCTUATION = {code: None for code in range(128) if not chr(code).isalnum()}
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_PARTED_NUMBERS = re.compile(r"\d[\W_]+\d")
_NUMBER = re.compile(r"\d+")


def plain(text: str) -> str:
    """`text` in lower case with plain hyphens, Greek letters spelled out and single spaces; nothing else is dropped."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    text = text.casefold()
    if not text.isascii():
        text = "".join(GREEK.get(letter, letter) for letter in text)
    return " ".join(text.split())


def fold(text: str) -> str:
    """The key under which a name is looked up: `plain` without anything but letters and digits.

    `PD-L1`, `pd l1` and `PDL1` share one key, as do `IFN-γ` and `ifn gamma`.
    """
    if text.isascii():
        return text.lower().translate(_ASCII_PUNCTUATION)
    return _NOT_ALPHANUMERIC.sub("", plain(text))


def greek_as_letters(key: str) -> str:
    """A folded key with its spelled-out Greek letter cut to a Latin one, as gene symbols write it: TGF-β1, TGFB1. What has two
    of them, such as an integrin, is no gene."""
    latin, count = _GREEK_WORD.subn(lambda match: _LETTER_OF[match.group()], key)
    return latin if count == 1 else key


def keeps_numbers(text: str, spellings: Iterable[str]) -> bool:
    """Whether one of the spellings has the numbers of `text`: `IL-1/3` is not IL-13, though both have one key."""
    if not _PARTED_NUMBERS.search(text):
        return True
    numbers = _NUMBER.findall(plain(text))
    return any(_NUMBER.findall(plain(spelling)) == numbers for spelling in spellings)
