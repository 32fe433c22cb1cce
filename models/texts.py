"""What may be typed into a field: texts that can be read, not too long and not too many."""

from __future__ import annotations

from models.errors import Fault

MAX_TEXT = 300
MAX_LIST = 50


def texts_of(field: str, many: bool, given: object, faults: list[Fault]) -> list[str] | None:
    """The non-empty texts of a value; None, with the fault noted, where it is no text or list of texts."""
    if given is None:
        return []
    if many and isinstance(given, (list, tuple)):
        parts: list[object] = list(given)
    elif isinstance(given, str):
        parts = list(given.split(";")) if many else [given]
    else:
        wanted = "a text, or a list of texts" if many else "a text"
        faults.append(Fault(field, "wrong_type", f"give {wanted}, not {_json_type(given)}", given=given))
        return None
    if len(parts) > MAX_LIST:
        faults.append(Fault(field, "too_many", f"give at most {MAX_LIST} terms, not {len(parts)}"))
        return None
    texts = []
    for part in parts:
        if not isinstance(part, str):
            faults.append(Fault(field, "wrong_type", f"give texts, not {_json_type(part)}", given=part))
            return None
        text = part if field == "id" else " ".join(part.split())
        if fault := _unreadable(field, text):
            faults.append(fault)
            return None
        if text:
            texts.append(text)
    return texts


def is_short(given: object) -> bool:
    """Whether a value is a text that is not too long."""
    return isinstance(given, str) and len(given) <= MAX_TEXT


def short(text: str, limit: int = 80) -> str:
    """The beginning of a text, as it is quoted in a message."""
    return text if len(text) <= limit else text[:limit] + "…"


def _unreadable(field: str, text: str) -> Fault | None:
    if len(text) > MAX_TEXT:
        return Fault(field, "too_long", f"give at most {MAX_TEXT} characters, not {len(text)}", given=short(text))
    if not text.isprintable():
        return Fault(field, "control_character", "leave out control characters", given=text)
    return None


def _json_type(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), f"a {type(value).__name__}")
