"""From the bytes of a request to candidates that are understood, or the reasons why they are not."""

import json
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any, NoReturn

import msgspec

from models.candidates.candidate import ParsedCandidate
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError

MAX_CANDIDATES = 10_000
# Of candidates that are sent a line each.
LONGEST_LINE = 1024 * 1024
_BODY = "The body"
_decode = msgspec.json.Decoder().decode
_NOT_AN_OBJECT = FieldError("", "wrong_type", "A candidate must be an object with fields such as cargo_type")


def parse_json(body: bytes, what: str = _BODY) -> Any:
    """The value of a JSON text in UTF-8. Raises ValueError that says where the text, called `what`, is wrong, and why."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The standard library says where a text is wrong, and reads half surrogates, which names may hold.
        return _parse_or_explain(body, what)


def parse_line(line: bytes | None) -> object:
    """The value of a line of JSON as `parse_candidates` takes it: what cannot be read is a CandidateError. None is a line that
    was too long to be taken in."""
    if line is None:
        return CandidateError([FieldError("", "too_long", f"The line is longer than {LONGEST_LINE:,} bytes")])
    try:
        return parse_json(line, "The line")
    except ValueError as error:
        code = "not_utf8" if isinstance(error.__cause__, UnicodeDecodeError) else "not_json"
        return CandidateError([FieldError("", code, str(error).removesuffix("."))])


def parse_candidates(
    raws: Iterable[object], reader: CandidateParser, strict: bool = False
) -> Iterator[ParsedCandidate | CandidateError]:
    """Each candidate as understood by `reader`, or its errors in its place; where `strict`, what is warned of is an error."""
    return (_parse(raw, reader, strict) for raw in raws)


def _parse(raw: object, reader: CandidateParser, strict: bool) -> ParsedCandidate | CandidateError:
    if not isinstance(raw, dict):
        return raw if isinstance(raw, CandidateError) else CandidateError([_NOT_AN_OBJECT])
    try:
        return reader.parse(raw, strict=strict)
    except CandidateError as error:
        # Its traceback would keep the frames alive that keep it, until a collector comes.
        return error.with_traceback(None)


def _parse_or_explain(body: bytes, what: str) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_parse_float)
    except UnicodeDecodeError as error:
        raise ValueError(f"{what} is not UTF-8: byte {error.start + 1} is invalid.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if what == _BODY else f"column {error.colno}"
        raise ValueError(f"{what} is not JSON: {error.msg} at {where}.") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} is not readable JSON: {str(error) or 'it is nested too deeply'}.") from error


def _parse_float(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _refuse_constant(text[:20])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
