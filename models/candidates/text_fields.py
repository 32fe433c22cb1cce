"""What may be typed into a field: texts that can be read, not too long and not too many."""

from collections.abc import Sequence
from functools import partial
from typing import TypeGuard

from models.errors import CandidateError, FieldError
from models.vocabulary.vocabulary import Vocabulary

MAX_TEXT = 300
MAX_LIST = 50
# Of more admissible terms only the nearest are listed.
MAX_LISTED = 25


def parse_text_list(field: str, many: bool, given: object) -> list[str]:
    """The non-empty texts of a value, `many` saying whether it may be several. Raises CandidateError with the fault."""
    if given is None:
        return []
    if many and isinstance(given, (list, tuple)):
        parts: list[object] = list(given)
    elif isinstance(given, str):
        parts = list(given.split(";")) if many else [given]
    else:
        admitted = "a text, or a list of texts" if many else "a text"
        raise _fault(field, "wrong_type", f"Give {admitted}, not {json_type(given)}", given)
    if len(parts) > MAX_LIST:
        raise _fault(field, "too_many", f"Give at most {MAX_LIST} terms, not {len(parts)}")
    texts = []
    for part in parts:
        if not isinstance(part, str):
            raise _fault(field, "wrong_type", f"Give texts, not {json_type(part)}", part)
        text = part if field == "id" else " ".join(part.split())
        if len(text) > MAX_TEXT:
            raise _fault(field, "too_long", f"Give at most {MAX_TEXT} characters, not {len(text)}", truncate(text))
        if not text.isprintable():
            raise _fault(field, "control_character", "Remove control characters", text)
        if text:
            texts.append(text)
    return texts


def _fault(field: str, code: str, remedy: str, given: object = None) -> CandidateError:
    return CandidateError([FieldError(field, code, remedy, given=given)])


def is_within_limit(given: object) -> TypeGuard[str]:
    """Whether a value is a text that is not too long."""
    return isinstance(given, str) and len(given) <= MAX_TEXT


def truncate(text: str, limit: int = 80) -> str:
    """The beginning of a text, as it is quoted in a message."""
    return text if len(text) <= limit else text[:limit] + "…"


def json_type(value: object) -> str:
    """What a value is called in JSON, with its article."""
    names = {bool: "a boolean", int | float: "a number", list | tuple: "a list", dict: "an object"}
    other = "null" if value is None else f"a {type(value).__name__}"
    return next((name for kind, name in names.items() if isinstance(value, kind)), other)


def unknown_term(vocabulary: Vocabulary, field: str, text: str, admitted: tuple[str, ...]) -> FieldError:
    """The fault of a text that is none of the terms admitted in a field."""
    suggest = partial(vocabulary.nearest, field, text, admitted)
    return FieldError(
        field, "unknown_term", f"{truncate(text)!r} is not a known {field}", text, readable(admitted), suggest
    )


def readable(admitted: Sequence[str]) -> tuple[str, ...]:
    """All admitted terms, where that is a list that can be read."""
    return tuple(admitted) if len(admitted) <= MAX_LISTED else ()
