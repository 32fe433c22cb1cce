"""What is reported, as JSON has it."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def to_document(value: object) -> Any:
    """`value` ready for JSON: an object by its `as_dict` or else by its fields, tuples as lists, NaN as None."""
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if is_dataclass(value):
        return fields_document(value)
    if isinstance(value, Mapping):
        return {name: to_document(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_document(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def fields_document(value: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, each as `to_document` gives it."""
    return {field.name: to_document(getattr(value, field.name)) for field in fields(value)}
