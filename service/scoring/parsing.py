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
_decode = msgspec.json.Decoder().decode
_NOT_AN_OBJECT = FieldError("", "wrong_type", "A candidate must be an object with fields such as cargo_type")


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises ValueError that says where the text is wrong, and why."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The standard library says where a text is wrong, and reads half surrogates, which names may hold.
        return _parse_or_explain(body)


def parse_candidates(
    raws: Iterable[object], reader: CandidateParser, strict: bool = False
) -> Iterator[ParsedCandidate | CandidateError]:
    """Each candidate as understood by `reader`, or its errors in its place; where `strict`, what is warned of is an error."""
    return (_parse(raw, reader, strict) for raw in raws)


def _parse(raw: object, reader: CandidateParser, strict: bool) -> ParsedCandidate | CandidateError:
    if not isinstance(raw, dict):
        return CandidateError([_NOT_AN_OBJECT])
    try:
        return reader.parse(raw, strict=strict)
    except CandidateError as error:
        # Its traceback would keep the frames alive that keep it, until a collector comes.
        return error.with_traceback(None)


def _parse_or_explain(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_parse_float)
    except UnicodeDecodeError as error:
        raise ValueError(f"The body is not UTF-8: byte {error.start + 1} is invalid.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"The body is not JSON: {error.msg} at {where}.") from error
    except (ValueError, RecursionError) as error:
        raise ValueError("The body is not readable JSON: " + (str(error) or "it is nested too deeply") + ".") from error


def _parse_float(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _refuse_constant(text[:20])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
