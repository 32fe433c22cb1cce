"""Candidates as texts of JSON give them: cut out of plain bodies, and read without the schemas, which say what is wrong.

What the schemas would refuse is never taken for plain, so there is one set of problems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from models.candidate import FIELDS, MAX_LIST, MAX_TEXT
from service.limits import MAX_CANDIDATES

# What reading a text raises that turns out to be no JSON.
NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
_Texts = _Text | Annotated[tuple[_Text, ...], msgspec.Meta(max_length=MAX_LIST)]
_Given = msgspec.defstruct(
    "Given",
    [(one.name, (_Texts if one.many else _Text) | None, None) for one in FIELDS],
    forbid_unknown_fields=True,
    # Texts and tuples of texts make no cycles, so there is no need to search for any.
    gc=False,
)


class _Cut(msgspec.Struct, forbid_unknown_fields=True):
    candidates: list[msgspec.Raw]


# That a struct made while running is a type, mypy cannot know.
_Read = msgspec.defstruct("Read", [("candidates", list[_Given])], forbid_unknown_fields=True)  # type: ignore[valid-type]

# The fields of one candidate as attributes, None where not given. Raises one of NO_JSON, of which msgspec.ValidationError says
# that it is JSON, but no such candidate.
read_given: Callable[[bytes], Any] = msgspec.json.Decoder(_Given).decode
_cut = msgspec.json.Decoder(_Cut).decode
_read = msgspec.json.Decoder(_Read).decode


def texts_of(body: bytes) -> Sequence[bytes] | None:
    """The candidates of a plain body, each as its text, which may turn out to be no JSON; None of any other body."""
    candidates = _candidates(body, _cut)
    return None if candidates is None else list(map(bytes, candidates))


def given_in(body: bytes) -> Sequence[Any] | None:
    """The candidates of a plain body, each as `read_given` reads it; None where not all of them can be read, and of any other
    body."""
    return _candidates(body, _read)


def _candidates(body: bytes, read: Callable[[bytes], Any]) -> Sequence[Any] | None:
    # Of members of one name JSON takes the last, so nothing must hide behind another one.
    if body.count(b'"candidates"') != 1:
        return None
    try:
        candidates: Sequence[Any] = read(body).candidates
    except NO_JSON:
        return None
    return candidates if 1 <= len(candidates) <= MAX_CANDIDATES else None
