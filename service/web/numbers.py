"""Numbers as others write them."""

MAX_DIGITS = 9


def parse_number(text: str) -> int | None:
    """The whole number that a text is; None where it is none, or longer than any that counts something here."""
    return int(text) if len(text) <= MAX_DIGITS and text.isascii() and text.isdecimal() else None
