"""Cursors: where a page of a list ended, as a word that says nothing to whoever passes it on."""

import base64
import binascii
import re

from models.errors import FieldError
from service.errors import ParametersError

_SHAPE = re.compile(r"after((?:-\d{1,15})+)")


def encode_cursor(*numbers: int) -> str:
    """The cursor of a place in a list."""
    return base64.urlsafe_b64encode(f"after-{'-'.join(map(str, numbers))}".encode()).decode().rstrip("=")


def decode_cursor(text: str, count: int = 1) -> tuple[int, ...]:
    """The `count` numbers of a cursor, zeros where it is empty. Raises ParametersError where it is none."""
    if not text:
        return (0,) * count
    try:
        shaped = _SHAPE.fullmatch(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii"))
    except (binascii.Error, ValueError):
        shaped = None
    numbers = tuple(map(int, shaped[1].split("-")[1:])) if shaped else ()
    if len(numbers) != count:
        raise ParametersError(
            [FieldError("cursor", "malformed", "Give the cursor of a previous response, or none", text[:80])]
        )
    return numbers
