"""Numbers as they come: in headers, forms and addresses."""

# `int` refuses texts of thousands of digits, and digits that have no place value.
_MOST_DIGITS = 9


def read_count(text: str | None) -> int | None:
    """The number that a text is, from 0; None where it is none, or larger than anything that is counted here."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
