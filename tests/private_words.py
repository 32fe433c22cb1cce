"""Words that only the makers of Exoscore understand: no page, message or document uses them."""

import re

_PRIVATE = re.compile(
    r"\b(?:told|tells of|parted|doubts?|doubted|mend(?:s|ed|ing)?|faults?|faulty|bad rows?|look at it|of late|asked about|"
    r"what it came to|said of|not known here|kept here|known here|learned from it|hindrance|that there are|turns? the call|"
    r"this call|doors?|judge[ds]?|voices?|goes on|one by one|alike)\b",
    re.IGNORECASE,
)


def private_words(text: str) -> list[str]:
    """Each such word of a text, with what stands around it."""
    return [" ".join(text[max(0, word.start() - 40) : word.end() + 20].split()) for word in _PRIVATE.finditer(text)]
