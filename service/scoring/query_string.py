"""A candidate as the query of an address: how one is read, and how one is written so that it reads the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl, urlencode

from models.candidates.candidate import FIELD_BY_NAME, ParsedCandidate, stated
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError, unknown_names
from models.naming.resolver import closest
from models.scoring.decisions import COST_FIELDS, Costs, CostsError
from service.errors import ParametersError

Given = Mapping[str, str | list[str]]

FORMATS = ("html", "json")
PARAMETERS = (*FIELD_BY_NAME, "model", "format", *COST_FIELDS)
_KEPT = "surrogateescape"


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    """What a query asks for: the candidate as given and as understood, and the model, format and costs (None where not said)."""

    given: Given
    reading: ParsedCandidate
    model: str | None
    format: str | None
    costs: Costs | None = None


def read(
    query: bytes, reader: CandidateParser, models: Sequence[str] = (), others: Collection[str] = ()
) -> CandidateQuery:
    """The candidate of a query string, percent-encoded UTF-8.

    Several terms of a list field are given by repeating the parameter, or joined by `;`, or by commas where there is no
    `;`. Parameters named in `others` are somebody else's to read. Raises ParametersError with every fault of every parameter
    at once; a model that is none of `models` is among them, but is no fault by itself.
    """
    texts = {name: values for name, values in parameters(query).items() if name not in others}
    faults = unknown_names([name for name in texts if name not in PARAMETERS], _unknown)
    faults += [
        FieldError(name, "repeated", f"Give {name} once, not {len(values)} times")
        for name, values in texts.items()
        if len(values) > 1 and name in PARAMETERS and not _many(name)
    ]
    form = texts.get("format", [""])[0]
    if form and form not in FORMATS:
        faults.append(FieldError("format", "unknown_term", "Give html or json", given=form, allowed=FORMATS))
    candidate = given(query)
    try:
        reading = reader.parse(candidate)
    except CandidateError as error:
        faults += error.faults
    costs = None
    try:
        costs = Costs.parse({name: values[0] for name, values in texts.items()})
    except CostsError as error:
        faults += error.faults
    model = texts.get("model", [""])[0]
    if faults or not model.isprintable():
        if model and model not in models:
            faults.append(
                FieldError(
                    "model", "unknown_model", f"No such model. Stored models: {', '.join(models[-5:])}", given=model
                )
            )
        raise ParametersError(faults)
    return CandidateQuery(candidate, reading, model or None, form or None, costs)


def given(query: bytes) -> Given:
    """What a query gives of a candidate, whether or not it can be understood."""
    texts = parameters(query).items()
    return {name: _parts(values) if _many(name) else values[0] for name, values in texts if name in FIELD_BY_NAME}


def write(given: Given, model: str = "", costs: Mapping[str, str] | None = None) -> str:
    """The query string of a candidate, a model and costs by their names; `read` understands it as the same."""
    pairs = []
    for name, value in stated(given).items():
        # A term with a comma in it ends in ; so that it is not taken for several.
        parts = [f"{part};" if "," in part else part for part in value] if isinstance(value, list) else [value]
        pairs += [(name, part) for part in parts]
    pairs += [("model", model)] if model else []
    return urlencode([*pairs, *(costs or {}).items()], errors=_KEPT)


def write_comparison(candidates: Sequence[Given], model: str = "") -> str:
    """The query string of several candidates side by side, the fields of each with its number."""
    parts = [
        f"c{number}.{part}"
        for number, given in enumerate(candidates, start=1)
        for part in write(given).split("&")
        if part
    ]
    return "&".join([*parts, f"model={model}"] if model else parts)


def parameters(query: bytes) -> dict[str, list[str]]:
    """The texts of each parameter of a query string. A byte that is no UTF-8 becomes a lone surrogate, which the reader of
    candidates refuses like a control character."""
    texts: dict[str, list[str]] = {}
    for name, text in parse_qsl(query.decode("utf-8", _KEPT), keep_blank_values=True, errors=_KEPT):
        texts.setdefault(name, []).append(text)
    return texts


def _many(name: str) -> bool:
    return name in FIELD_BY_NAME and FIELD_BY_NAME[name].many


def _parts(texts: Sequence[str]) -> list[str]:
    return [part for text in texts for part in _filled(text.split(";" if ";" in text else ","))]


def _filled(parts: Sequence[str]) -> list[str]:
    return [part for part in parts if part.strip()]


def _unknown(name: str) -> FieldError:
    known = f"{name[:80]!r} is not a parameter of a report"
    suggest = partial(closest, name, PARAMETERS)
    return FieldError(name, "unknown_parameter", known, allowed=PARAMETERS, suggest=suggest)
