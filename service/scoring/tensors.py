"""Tensors of the Open Inference Protocol: an input for each field of a candidate, an output for each column of scores.

Inputs are BYTES of shape [N] or [N, 1], N candidates; an empty element states nothing. Outputs are read from the documents that
`/v1/scores` answers with, so their digits are the same.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

import msgspec

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.text_fields import truncate
from models.candidates.warnings import ReadingWarning
from models.errors import FieldError
from models.naming.resolver import closest
from service.errors import ParametersError
from service.scoring.documents import select_fields
from service.scoring.parsing import MAX_CANDIDATES, parse_json
from service.scoring.serializer import encode

MODEL = "exoscore"
EXTENSIONS = ("binary_tensor_data",)
_PLATFORM = "sklearn_skops"
# Parameters of other servers that would change an answer, which therefore cannot be left unread as others are.
_NOT_OFFERED = ("classification", "sequence_id", "shared_memory_region")
_LENGTH = struct.Struct("<I")
Scores = Sequence[Mapping[str, Any]]
# As in the whole of a request, null stands for what is not there.
Parameters = dict[str, Any] | None


class _Output(NamedTuple):
    """A column of scores: the type of its elements, the field of a score that it is read from, and how."""

    datatype: str
    field: str
    read: Callable[[Mapping[str, Any]], Any]


OUTPUTS: Mapping[str, _Output] = {
    "label": _Output("BYTES", "label", lambda score: score["label"]),
    "undetermined_because": _Output("BYTES", "label", lambda score: score.get("undetermined_because", "")),
    "support": _Output("BYTES", "support", lambda score: score["support"]),
    "probability_suppressing": _Output(
        "FP64", "probability_suppressing", lambda score: score["probability_suppressing"]
    ),
    "interval_low": _Output("FP64", "interval", lambda score: score["interval"][0]),
    "interval_high": _Output("FP64", "interval", lambda score: score["interval"][1]),
    "prediction_set": _Output("BYTES", "prediction_set", lambda score: ";".join(score["prediction_set"])),
    "confidence": _Output("FP64", "confidence", lambda score: score["confidence"]),
    "credibility": _Output("FP64", "credibility", lambda score: score["credibility"]),
    "percentile_of_all": _Output("FP64", "percentile", lambda score: score["percentile"]["of_all"]),
    "inside_domain": _Output("BOOL", "domain", lambda score: score["domain"]["inside"]),
    "known": _Output("BYTES", "known", lambda score: score["known"]["says"]),
    "warnings": _Output(
        "BYTES", "warnings", lambda score: "; ".join(str(ReadingWarning(**warning)) for warning in score["warnings"])
    ),
    "summary": _Output("BYTES", "summary", lambda score: score["summary"]),
}


class _Tensor(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    parameters: Parameters = None


class _Input(_Tensor, kw_only=True):
    shape: list[int]
    datatype: str
    data: list[Any] | None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    inputs: list[Any]
    outputs: list[Any] | None = None
    parameters: Parameters = None
    id: str | None = None
    # The address decides on these, which some clients repeat.
    model_name: str | None = None
    model_version: str | None = None


Shape = TypeVar("Shape", bound=msgspec.Struct)
Tensor = TypeVar("Tensor", bound=_Tensor)


@dataclass(frozen=True, slots=True)
class InferenceRequest:
    """What a client wants scored: candidates by field, and the names of the outputs, each with whether it is to be binary. Unless
    `store`, nothing is counted."""

    candidates: Sequence[Mapping[str, str]]
    outputs: Mapping[str, bool]
    strict: bool
    store: bool
    id: str | None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a score that the outputs are read from."""
        return select_fields(only={OUTPUTS[name].field for name in self.outputs})


def metadata(versions: Sequence[str]) -> dict[str, Any]:
    """The protocol's description of the model, which has these versions."""
    return {
        "name": MODEL,
        "versions": list(versions),
        "platform": _PLATFORM,
        "inputs": [{"name": name, "datatype": "BYTES", "shape": [-1]} for name in FIELD_BY_NAME],
        "outputs": [{"name": name, "datatype": output.datatype, "shape": [-1]} for name, output in OUTPUTS.items()],
    }


def parse_request(body: bytes, json_bytes: int) -> InferenceRequest:
    """The request of a body: so many bytes of JSON, then the binary data of its inputs.

    Raises ValueError where it is not JSON, ParametersError with every fault of every input and output.
    """
    parser = _RequestParser()
    request = parser.convert("", parse_json(body[:json_bytes]), _Body)
    if request is None:
        raise ParametersError(parser.faults)
    inputs = parser.tensors("inputs", request.inputs, _Input, tuple(FIELD_BY_NAME))
    outputs = parser.tensors("outputs", request.outputs or [], _Tensor, tuple(OUTPUTS))
    all_binary = parser.flag("", request.parameters, "binary_data_output")
    binary = {output.name: parser.flag(output.name, output.parameters, "binary_data", all_binary) for output in outputs}
    strict = parser.flag("", request.parameters, "strict")
    store = parser.flag("", request.parameters, "store", default=True)
    parser.refuse_extensions("", request.parameters)
    # Where an input is malformed, it is not known where the binary data of the next one begins.
    columns = {} if parser.faults else parser.columns(inputs, memoryview(body)[json_bytes:])
    if parser.faults:
        raise ParametersError(parser.faults)
    candidates = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return InferenceRequest(candidates, binary or dict.fromkeys(OUTPUTS, all_binary), strict, store, request.id)


def write_response(request: InferenceRequest, version: str, scores: Scores) -> tuple[bytes, int | None]:
    """The body that answers a request, and how many bytes of it are JSON where binary data follow."""
    tensors, binary = [], []
    for name, is_binary in request.outputs.items():
        datatype, _, read = OUTPUTS[name]
        values = [read(score) for score in scores]
        tensor: dict[str, Any] = {"name": name, "datatype": datatype, "shape": [len(values)]}
        if is_binary:
            binary.append(_pack(datatype, values))
            tensor["parameters"] = {"binary_data_size": len(binary[-1])}
        else:
            tensor["data"] = values
        tensors.append(tensor)
    returned = {} if request.id is None else {"id": request.id}
    header = encode({"model_name": MODEL, "model_version": version, **returned, "outputs": tensors})
    return b"".join([header, *binary]), len(header) if binary else None


class _RequestParser:
    """Reads the parts of a request, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[FieldError] = []

    def convert(self, place: str, sent: object, shape: type[Shape]) -> Shape | None:
        """What was sent as the shape that it must have; None where it has another."""
        try:
            return msgspec.convert(sent, shape)
        except msgspec.ValidationError as error:
            self.refuse(place, str(error))
            return None

    def tensors(self, member: str, sent: list[Any], shape: type[Tensor], names: tuple[str, ...]) -> list[Tensor]:
        """The inputs or outputs that were sent, each with a name of its own among `names`."""
        if len(sent) > len(names):
            self.refuse(member, f"Give at most {len(names)} {member}, not {len(sent)}")
            return []
        tensors: dict[str, Tensor] = {}
        for position, each in enumerate(sent):
            named = isinstance(each, dict) and isinstance(each.get("name"), str)
            place = truncate(each["name"]) if named else f"{member}[{position}]"
            tensor = self.convert(place, each, shape)
            if tensor is None:
                continue
            if tensor.name not in names:
                says = f"It is not among the {member} of this model: {', '.join(names)}"
                self.faults.append(FieldError(place, "unknown_field", says, suggest=partial(closest, place, names)))
            elif tensor.name in tensors:
                self.refuse(tensor.name, f"Name it once among the {member}")
            else:
                tensors[tensor.name] = tensor
                self.refuse_extensions(tensor.name, tensor.parameters)
        return list(tensors.values())

    def flag(self, place: str, parameters: Parameters, name: str, default: bool = False) -> bool:
        """A parameter that is true or false."""
        value = (parameters or {}).get(name)
        if not isinstance(value, bool | None):
            self.refuse(place or name, f"The parameter {name} must be true or false")
        return default if value is None else value is True

    def refuse_extensions(self, place: str, parameters: Parameters) -> None:
        """Refuses what other servers can do and this one cannot; further parameters are left unread."""
        for name in _NOT_OFFERED:
            if name in (parameters or {}):
                self.refuse(place or name, f"This server does not support the parameter {name}")

    def columns(self, inputs: Sequence[_Input], binary: memoryview) -> dict[str, list[str]]:
        """The texts of each input by its name, as many of each."""
        if not inputs:
            self.refuse("inputs", "Give at least the inputs that every candidate needs, such as cargo_type")
        columns: dict[str, list[str]] = {}
        for tensor in inputs:
            size = (tensor.parameters or {}).get("binary_data_size")
            if size is not None and not (type(size) is int and 0 <= size <= len(binary)):
                says = f"binary_data_size must be a number of bytes, at most the {len(binary):,} that are left"
                self.refuse(tensor.name, says)
                return columns
            raw, binary = (None, binary) if size is None else (binary[:size], binary[size:])
            try:
                columns[tensor.name] = _texts(tensor, raw)
            except ValueError as error:
                self.refuse(tensor.name, str(error))
        if binary:
            self.refuse("inputs", f"The body has more binary data than its inputs: {len(binary):,} bytes")
        for name, column in columns.items():
            first, count = next((first, len(texts)) for first, texts in columns.items())
            if len(column) != count:
                self.refuse(
                    name, f"Number of elements: {len(column):,}. All inputs must have as many as {first}: {count:,}"
                )
        return columns

    def refuse(self, place: str, says: str) -> None:
        """Collects an error of the tensor or the member of the body that `place` names."""
        self.faults.append(FieldError(place, "invalid", says))


def _texts(tensor: _Input, raw: memoryview | None) -> list[str]:
    """The elements of an input, which has binary data or none. Raises ValueError."""
    if tensor.datatype != "BYTES":
        raise ValueError(f"Give the datatype BYTES, not {truncate(tensor.datatype)}")
    count, *further = tensor.shape or [0]
    if further not in ([], [1]) or not 1 <= count <= MAX_CANDIDATES:
        shown = truncate(str(tensor.shape))
        raise ValueError(f"Give the shape [N] or [N, 1], with N from 1 to {MAX_CANDIDATES:,}, not {shown}")
    if (raw is None) == (tensor.data is None):
        raise ValueError("Give either data or the parameter binary_data_size")
    texts = _flatten(tensor.data or [], bool(further)) if raw is None else _unpack(raw, count)
    if len(texts) != count:
        counted = f"more than {count:,}" if len(texts) > count else len(texts)
        raise ValueError(f"Number of elements: {count:,} by the shape, {counted} in the data")
    return texts


def _flatten(elements: list[Any], in_rows: bool) -> list[str]:
    """The texts of data in JSON, each alone or, where the shape has two dimensions, in a row. Raises ValueError."""
    if in_rows and all(isinstance(row, list) and len(row) == 1 for row in elements):
        elements = [row[0] for row in elements]
    for place, element in enumerate(elements):
        if not isinstance(element, str):
            raise ValueError(f"Element {place} is not a text")
    return elements


def _unpack(raw: memoryview, count: int) -> list[str]:
    """The texts of binary data, each behind its length; at most one more than `count`. Raises ValueError."""
    texts: list[str] = []
    begin = 0
    while begin < len(raw) and len(texts) <= count:
        begin += _LENGTH.size
        length = _LENGTH.unpack(raw[begin - _LENGTH.size : begin])[0] if begin <= len(raw) else len(raw)
        if begin + length > len(raw):
            raise ValueError(f"The binary data end within element {len(texts)}")
        try:
            texts.append(str(raw[begin : begin + length], "utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(f"Element {len(texts)} is not UTF-8") from error
        begin += length
    return texts


def _pack(datatype: str, values: Sequence[Any]) -> bytes:
    """Binary data of one of the types of OUTPUTS."""
    if datatype == "FP64":
        return struct.pack(f"<{len(values)}d", *values)
    if datatype == "BOOL":
        return bytes(values)
    encoded = [value.encode("utf-8") for value in values]
    return b"".join(_LENGTH.pack(len(text)) + text for text in encoded)
