"""A design as the query of an address, short enough to read:
`cancer_type=glioblastoma&source=M1&source=MSC&cargo_type=mirna&cargo_name=known&cargo_state=loaded`.

A field with one value is fixed, one with several varies, and `known` stands for all that are known. Constraints go by their
own names, and whatever has its default is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from models.candidates.text_fields import truncate
from models.designs.request import CONSTRAINTS, DESIGN_FIELDS, KNOWN, Constraints, DesignRequest
from models.errors import DesignError, FieldError, unknown_names
from models.naming.resolver import closest

SOURCE, EXCLUDED, MODEL = "source", "exclude_cargos", "model"
# A source is a cell, with or without its state, in one text; elsewhere that field is called after the cell.
_SHORT = {"source_cell": SOURCE}
_LONG = {short: name for name, short in _SHORT.items()}
# Stands for no value among several.
_UNSTATED = "not stated"
_FIELDS = tuple(_SHORT.get(name, name) for name in DESIGN_FIELDS)
_LISTS = (*_FIELDS, EXCLUDED)
_DEFAULTS: Mapping[str, Any] = {
    spec.name: spec.default
    for spec in (*fields(DesignRequest), *fields(Constraints))
    if isinstance(spec.default, str | int)
}
PARAMETERS = (*_FIELDS, "goal", "limit", "test_first", *CONSTRAINTS, MODEL)
_KEPT = "surrogateescape"
_LINES = re.compile(r"[\r\n]+")
_NUMBER = re.compile(r"[0-9]{1,9}")
_FLAGS = {"true": True, "false": False}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class DesignQuery:
    """What a query asks for: the texts of each parameter that has any, and the errors of those that a design has not.

    `pairs` are the parameters as they were sent.
    """

    values: Mapping[str, Sequence[str]]
    faults: tuple[FieldError, ...]
    pairs: Sequence[tuple[str, str]]

    @property
    def model(self) -> str:
        """The model to design with; empty for the one in use."""
        return self.values.get(MODEL, ("",))[0]

    def parse(self) -> DesignRequest:
        """The request. Raises DesignError with every fault of every parameter."""
        faults = list(self.faults)
        stated = {_LONG.get(name, name): values for name, values in self.values.items() if name in _FIELDS}
        constraints = {name: self._value(name) for name in CONSTRAINTS if name in self.values}
        others = {name: self._value(name) for name in ("goal", "limit", "test_first") if name in self.values}
        try:
            request = DesignRequest.parse(
                {name: KNOWN if KNOWN in values else values for name, values in stated.items() if _varies(values)},
                {name: values[0] for name, values in stated.items() if not _varies(values)},
                constraints=constraints,
                **others,
            )
        except DesignError as error:
            faults += error.faults
        if faults:
            raise DesignError(faults)
        return request

    def is_written_as(self, request: DesignRequest) -> bool:
        """Whether the query is as `write` would have it, so that its address is the one to share."""
        return list(self.pairs) == _parse(write(request, self.model))

    def _value(self, name: str) -> Any:
        values = self.values[name]
        if name in _LISTS:
            return values
        text = values[0]
        return int(text) if _NUMBER.fullmatch(text) else _FLAGS.get(text, text)


def read(query: bytes) -> DesignQuery:
    """The design of a query string, percent-encoded UTF-8.

    Values of a list are repeated, or stand on lines of their own. Of names of cargos none means all that are known, as in a form
    that was left empty there.
    """
    pairs = _parse(query.decode("utf-8", _KEPT))
    values: dict[str, list[str]] = {}
    for name, text in pairs:
        short = _SHORT.get(name, name)
        parts = _LINES.split(text) if short in _LISTS else [text]
        values.setdefault(short, []).extend(part for part in (_plain(part) for part in parts) if part)
    if values.get("cargo_name") == []:
        values["cargo_name"] = [KNOWN]
    faults = unknown_names([name for name in values if name not in PARAMETERS], _unknown)
    faults += [
        FieldError(name, "repeated", f"Give {name} once, not {len(texts)} times")
        for name, texts in values.items()
        if len(texts) > 1 and name in PARAMETERS and name not in _LISTS
    ]
    return DesignQuery({name: texts for name, texts in values.items() if texts}, tuple(faults), pairs)


def write(request: DesignRequest, model: str = "") -> str:
    """The query string of a request and a model; `read` understands it as the same request."""
    pairs = [*_of_fields(request)]
    pairs += [(name, str(getattr(request, name))) for name in ("goal", "limit", "test_first")]
    for name in CONSTRAINTS:
        value = getattr(request.constraints, name)
        texts = map(_plain, value) if isinstance(value, tuple) else [str(value).lower()]
        pairs += [(name, text) for text in texts if text]
    stated = [(name, text) for name, text in pairs if name in _LISTS or text != str(_DEFAULTS[name]).lower()]
    return urlencode([*stated, (MODEL, model)] if model else stated, errors=_KEPT)


def _of_fields(request: DesignRequest) -> Iterator[tuple[str, str]]:
    for name in DESIGN_FIELDS:
        values = request.vary.get(name, [request.fixed.get(name)])
        texts = [KNOWN] if values == KNOWN else [_text(value) for value in values]
        if any(texts):
            yield from ((_SHORT.get(name, name), text or _UNSTATED) for text in texts)


def _varies(values: Sequence[str]) -> bool:
    return len(values) > 1 or KNOWN in values


def _text(value: object) -> str:
    """One value as a text; of a field that has several terms these are joined."""
    if isinstance(value, list | tuple):
        return ";".join(filter(None, map(_text, value)))
    return "" if value is None else _plain(str(value))


def _plain(text: str) -> str:
    """A text as scoring reads it, without spaces that say nothing."""
    return _SPACES.sub(" ", text).strip()


def _parse(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, errors=_KEPT)


def _unknown(name: str) -> FieldError:
    says = f"{truncate(name)!r} is not a parameter of a design"
    return FieldError(name, "unknown_parameter", says, allowed=PARAMETERS, suggest=partial(closest, name, PARAMETERS))
