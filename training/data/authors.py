"""Names of authors as PubMed writes them: the family name and initials, such as `Zhang Y`."""

import re

_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,4}")
_FAMILY = re.compile(r"[^\W\d_][^\d_,;]*[^\W\d_]")
_BETWEEN = re.compile(r"[\s.-]+")
_SUFFIX = re.compile(r"\s+(?:Jr|Sr|2nd|3rd)\.?$")


def read_author(text: str) -> str:
    """The family name and initials of one author; empty where it cannot be seen which of several words is which."""
    family, comma, given = (part.strip(" ;") for part in _SUFFIX.sub("", " ".join(text.split())).partition(","))
    words = family.split()
    if not comma and len(words) > 1:
        leading = next((place for place, word in enumerate(words) if not _are_initials(word, dotted=True)), 0)
        if _are_initials(words[-1]) and not leading:
            family, given = " ".join(words[:-1]), words[-1]
        elif leading:
            family, given = " ".join(words[leading:]), " ".join(words[:leading])
    parts = [part for part in _BETWEEN.split(given) if part]
    initials = "".join(part if _are_initials(part) else part[0] for part in parts)[:4]
    return (
        f"{family} {initials.upper()}" if initials and _FAMILY.fullmatch(family) and not {",", ";"} & set(given) else ""
    )


def _are_initials(word: str, dotted: bool = False) -> bool:
    """Whether a word is nothing but initials; `dotted`, one letter alone or with dots."""
    return bool(_INITIALS.fullmatch(word)) and word.upper() == word and (not dotted or "." in word or len(word) == 1)
