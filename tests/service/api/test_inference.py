"""`/v2` speaks the Open Inference Protocol: its documented shapes, binary tensors, and `{"error": …}` that names what is wrong.

The shapes are those of the protocol's own OpenAPI document (kserve/open-inference-protocol, open_inference_rest.yaml).
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from models.candidates.candidate import FIELD_BY_NAME
from models.scorer import Scorer
from service import Settings, create_app
from service.auth.keys import SCOPES
from service.scoring.parsing import MAX_CANDIDATES
from service.web.current import installation_of

INFER = "/v2/models/exoscore/infer"
HEADER_LENGTH = "Inference-Header-Content-Length"
TEXT, TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
PARAMETERS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
SHAPE = {"type": "array", "items": {"type": "integer"}}
TENSOR_METADATA = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {"name": TEXT, "datatype": TEXT, "shape": SHAPE},
}
SERVER_METADATA = {
    "type": "object",
    "required": ["name", "version", "extensions"],
    "properties": {"name": TEXT, "version": TEXT, "extensions": TEXTS},
}
MODEL_METADATA = {
    "type": "object",
    "required": ["name", "platform", "inputs", "outputs"],
    "properties": {
        "name": TEXT,
        "platform": {"type": "string", "pattern": "^[a-z0-9]+_[a-z0-9]+$"},
        "versions": TEXTS,
        "inputs": {"type": "array", "items": TENSOR_METADATA},
        "outputs": {"type": "array", "items": TENSOR_METADATA},
    },
}
RESPONSE = {
    "type": "object",
    "required": ["model_name", "outputs"],
    "properties": {
        "model_name": TEXT,
        "model_version": TEXT,
        "id": TEXT,
        "parameters": PARAMETERS,
        "outputs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "shape", "datatype", "data"],
                "properties": {
                    "name": TEXT,
                    "shape": SHAPE,
                    "datatype": {"enum": ["BOOL", "FP64", "BYTES"]},
                    "parameters": PARAMETERS,
                    "data": {"type": "array", "items": {"type": ["number", "string", "boolean"]}},
                },
            },
        },
    },
}
ERROR = {"type": "object", "required": ["error"], "properties": {"error": TEXT}, "additionalProperties": False}
CANDIDATES: list[dict[str, str]] = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"},
    {"source_phenotype": "M1", "cargo_type": "protein", "cargo_name": "PTEN", "polarisation": "LPS;IFN-γ"},
    {"source_phenotype": "TAM", "cargo_type": "whole_vesicle", "cargo_name": "", "cancer_type": "gastrc cancer"},
    {"source_cell": "BM-MSC", "cargo_type": "drug", "cargo_name": "Taxol", "cargo_state": "loaded"},
]


def check(schema: Mapping[str, Any], document: object) -> None:
    """Raises where a document is not of a shape of the protocol."""
    Draft202012Validator(schema).validate(document)


def column(name: str, texts: Sequence[object], **changed: Any) -> dict[str, Any]:
    """An input in JSON."""
    return {"name": name, "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)} | changed


def columns(candidates: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The inputs of candidates."""
    names = dict.fromkeys(name for candidate in candidates for name in candidate)
    return [column(name, [candidate.get(name, "") for candidate in candidates]) for name in names]


def packed(texts: Sequence[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def binary(document: Mapping[str, Any], data: bytes = b"") -> dict[str, Any]:
    """What a request with binary data after its JSON is sent with."""
    header = json.dumps(document).encode()
    return {"data": header + data, "headers": {HEADER_LENGTH: str(len(header))}}


def binary_inputs(texts: Mapping[str, Sequence[bytes]]) -> tuple[list[dict[str, Any]], bytes]:
    """Inputs whose data are binary, and the data."""
    inputs, data = [], b""
    for name, elements in texts.items():
        raw = packed(elements)
        parameters = {"binary_data_size": len(raw)}
        inputs.append({"name": name, "shape": [len(elements), 1], "datatype": "BYTES", "parameters": parameters})
        data += raw
    return inputs, data


GOOD = columns(CANDIDATES[:1])


def error_of(response: TestResponse, status: int = 400) -> str:
    assert response.status_code == status, response.get_data()
    assert response.content_type == "application/json"
    check(ERROR, response.get_json())
    return str(response.get_json()["error"])


def test_the_server_and_its_model_describe_themselves(client: FlaskClient, scorer: Scorer) -> None:
    for address in ("/v2", "/v2/"):
        server = client.get(address).get_json()
        check(SERVER_METADATA, server)
        assert server["extensions"] == ["binary_tensor_data"]
    for address in ("/v2/models/exoscore", f"/v2/models/exoscore/versions/{scorer.bundle.id}"):
        model = client.get(address).get_json()
        check(MODEL_METADATA, model)
        assert model["versions"] == [scorer.bundle.id]
        assert [tensor["name"] for tensor in model["inputs"]] == list(FIELD_BY_NAME)
        ready = client.get(f"{address}/ready")
        assert (ready.status_code, ready.get_json()) == (200, {"name": "exoscore", "ready": True})
    assert client.get("/v2/health/live").get_json() == {"live": True}
    assert client.get("/v2/health/ready").get_json() == {"live": True, "ready": True}


def test_an_inference_has_the_digits_of_v1_scores(client: FlaskClient, scorer: Scorer) -> None:
    answer = client.post(INFER, json={"id": "a1", "inputs": columns(CANDIDATES)}).get_json()
    check(RESPONSE, answer)
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("exoscore", scorer.bundle.id, "a1")
    outputs = {tensor["name"]: tensor for tensor in answer["outputs"]}
    metadata = client.get("/v2/models/exoscore").get_json()["outputs"]
    assert {name: tensor["datatype"] for name, tensor in outputs.items()} == {
        tensor["name"]: tensor["datatype"] for tensor in metadata
    }
    scores = client.post("/v1/scores", json={"candidates": CANDIDATES}).get_json()["scores"]
    for name in ("label", "support", "probability_suppressing", "confidence", "credibility", "summary"):
        assert outputs[name]["data"] == [score[name] for score in scores]
        assert outputs[name]["shape"] == [len(scores)]
    assert outputs["interval_low"]["data"] == [score["interval"][0] for score in scores]
    assert outputs["interval_high"]["data"] == [score["interval"][1] for score in scores]
    assert outputs["prediction_set"]["data"] == [";".join(score["prediction_set"]) for score in scores]
    assert outputs["inside_domain"]["data"] == [score["domain"]["inside"] for score in scores]
    assert outputs["percentile_of_all"]["data"] == [score["percentile"]["of_all"] for score in scores]
    assert outputs["known"]["data"] == [score["known"]["says"] for score in scores]
    assert outputs["undetermined_because"]["data"] == [score.get("undetermined_because", "") for score in scores]
    assert [bool(text) for text in outputs["warnings"]["data"]] == [bool(score["warnings"]) for score in scores]
    assert "gastrc cancer" in outputs["warnings"]["data"][2]


def test_binary_and_json_tensors_of_any_accepted_shape_say_the_same(client: FlaskClient) -> None:
    plain = columns(CANDIDATES)
    expected = client.post(INFER, json={"inputs": plain}).get_json()["outputs"]
    parameters = {"content_type": "str", "headers": {"a": []}, "binary_data_size": None}
    null_members = [plain[0] | {"parameters": None}, *(tensor | {"parameters": parameters} for tensor in plain[1:])]
    in_rows = [tensor | {"shape": [4, 1], "data": [[text] for text in tensor["data"]]} for tensor in plain]
    flat = [tensor | {"shape": [4, 1]} for tensor in plain]
    inputs, data = binary_inputs({one["name"]: [text.encode() for text in one["data"]] for one in plain})
    mixed = [*inputs[:-1], plain[-1]]
    without_last = data[: -inputs[-1]["parameters"]["binary_data_size"]]
    for sent in (
        {"json": {"inputs": in_rows}},
        {"json": {"inputs": flat}},
        binary({"inputs": inputs}, data),
        binary({"inputs": mixed}, without_last),
        {"data": json.dumps({"inputs": plain}), "content_type": "text/plain"},
        # As the clients of KServe and MLServer write it: with the name of the model, null for what is not there, and parameters
        # of their own.
        {"json": {"id": None, "model_name": "exoscore", "outputs": None, "parameters": None, "inputs": null_members}},
    ):
        assert client.post(INFER, **sent).get_json()["outputs"] == expected


def test_outputs_are_chosen_and_binary_ones_follow_the_json(client: FlaskClient) -> None:
    outputs = [
        {"name": "label", "parameters": {"binary_data": True}},
        {"name": "probability_suppressing"},
        {"name": "inside_domain"},
        {"name": "interval_low", "parameters": {"binary_data": False}},
    ]
    parameters = {"binary_data_output": True, "priority": 3, "content_type": "str"}
    request = {"inputs": columns(CANDIDATES), "outputs": outputs, "parameters": parameters}
    response = client.post(INFER, json=request)
    assert response.content_type == "application/octet-stream"
    length = int(response.headers[HEADER_LENGTH])
    answer, rest = json.loads(response.data[:length]), response.data[length:]
    label, probability, inside, low = answer["outputs"]
    sizes = [tensor["parameters"]["binary_data_size"] for tensor in (label, probability, inside)]
    assert sum(sizes) == len(rest)
    scores = client.post("/v1/scores", json={"candidates": CANDIDATES}).get_json()["scores"]
    assert rest[: sizes[0]] == packed([score["label"].encode() for score in scores])
    found = struct.unpack("<4d", rest[sizes[0] : sizes[0] + sizes[1]])
    assert list(found) == [score["probability_suppressing"] for score in scores]
    assert list(rest[-4:]) == [score["domain"]["inside"] for score in scores]
    assert low["data"] == [score["interval"][0] for score in scores]
    assert "parameters" not in low


def test_strict_is_a_parameter_and_submissions_are_counted(client: FlaskClient) -> None:
    def counted() -> tuple[float, float]:
        metrics = client.get("/metrics", headers=key).text
        scores = sum(map(float, re.findall(r"(?m)^exoscore_scores_total\{.*\} (.+)$", metrics)))
        installation_of(client.application).submissions.flush()
        fields = client.get("/v1/drift", headers=key).get_json()["fields"]
        return scores, next(field["submitted"] for field in fields if field["field"] == "cargo_type")

    key = {"Authorization": f"Bearer {installation_of(client.application).keys.create('t', SCOPES, 't')}"}
    inputs = columns(CANDIDATES)
    scores, submissions = counted()
    text = error_of(client.post(INFER, json={"inputs": inputs, "parameters": {"strict": True}}))
    assert "cancer_type[2]: " in text
    assert counted() == (scores, submissions)
    client.post(INFER, json={"inputs": inputs})
    assert counted() == (scores + 4, submissions + 4)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([], "Give at least the inputs"),
        ([3], "inputs[0]: "),
        ([{"name": "cargo_type"}], "cargo_type: Object missing required field"),
        ([{"name": 7}], "inputs[0]: Expected `str`"),
        ([column("cargo_type", ["mirna"], colour="red")], "colour"),
        ([column("cargo_typ", ["mirna"])], "cargo_typ: It is not among the inputs"),
        ([*GOOD, GOOD[0]], "source_phenotype: Name it once"),
        ([column("cargo_type", ["mirna"], datatype="FP32")], "cargo_type: Give the datatype BYTES, not FP32"),
        ([column("cargo_type", ["mirna"], shape=[1, 2])], "cargo_type: Give the shape [N] or [N, 1]"),
        ([column("cargo_type", ["mirna"], shape=[1, 1, 1])], "cargo_type: Give the shape"),
        ([column("cargo_type", [], shape=[])], "cargo_type: Give the shape"),
        ([column("cargo_type", [])], "cargo_type: Give the shape"),
        ([column("cargo_type", ["mirna"], shape=[-1])], "cargo_type: Give the shape"),
        ([column("cargo_type", ["mirna"], shape=[10**30])], "from 1 to 10,000, not [1000000"),
        ([column("cargo_type", ["mirna"], shape=[2**63 - 1])], "cargo_type: Give the shape"),
        ([column("cargo_type", ["mirna"], shape=[MAX_CANDIDATES + 1])], "from 1 to 10,000"),
        ([column("cargo_type", ["mirna"], shape=[True])], "got `bool`"),
        ([column("cargo_type", ["mirna"], shape=["1"])], "Expected `int`"),
        ([column("cargo_type", ["mirna"], shape=[2])], "cargo_type: Number of elements: 2 by the shape, 1 in the data"),
        (
            [column("cargo_type", ["mirna", "mirna"], shape=[1])],
            "cargo_type: Number of elements: 1 by the shape, more than 1 in the data",
        ),
        ([column("cargo_type", [3])], "cargo_type: Element 0 is not a text"),
        ([column("cargo_type", [None])], "cargo_type: Element 0 is not a text"),
        ([column("cargo_type", [["mirna"]])], "cargo_type: Element 0 is not a text"),
        ([column("polarisation", [["IL-4", "IL-13"]], shape=[1, 1])], "polarisation: Element 0 is not a text"),
        ([column("cargo_type", ["mirna"], data=None)], "cargo_type: Give either data or"),
        ([column("cargo_type", ["mirna"], data="mirna")], "Expected `array | null`"),
        ([column("cargo_type", ["mirna"], parameters={"binary_data_size": 0})], "cargo_type: Give either data or"),
        ([column("cargo_type", ["mirna"], parameters={"binary_data_size": 9})], "cargo_type: binary_data_size must"),
        ([column("cargo_type", ["mirna"], parameters={"binary_data_size": True})], "cargo_type: binary_data_size"),
        ([column("cargo_type", ["mirna"], parameters={"shared_memory_region": "a"})], "not support the parameter"),
        (
            [column("cargo_type", ["mirna"]), column("cargo_name", ["a", "b"])],
            "cargo_name: Number of elements: 2. All inputs must have as many as cargo_type: 1",
        ),
        ([column("cargo_type", ["mirna"]), column("cargo_name", ["a"])], "source_phenotype[0]: "),
        ([*GOOD, column("cargo_state", ["!"])], "cargo_state[0]: '!' is not"),
        ([column("cargo_type", ["mirnaz", ""])], "cargo_type[0]: 'mirnaz' is not"),
        ([{"name": "x"}] * 100_000, "Give at most 11 inputs, not 100000"),
    ],
)
def test_every_invalid_input_is_named(client: FlaskClient, inputs: list[object], says: str) -> None:
    text = error_of(client.post(INFER, json={"inputs": inputs}))
    assert says in text
    assert len(text) < 50_000


def test_all_invalid_inputs_are_named_at_once(client: FlaskClient) -> None:
    inputs = [
        column("cargo_type", ["mirna"], datatype="INT8"),
        column("cargo_name", ["a"], shape=[7]),
        column("species", [1]),
    ]
    text = error_of(client.post(INFER, json={"inputs": inputs}))
    assert all(f"{name}: " in text for name in ("cargo_type", "cargo_name", "species"))
    candidates = [CANDIDATES[0], CANDIDATES[0] | {"cargo_type": "mirnaz", "source_phenotype": "M9"}]
    text = error_of(client.post(INFER, json={"inputs": columns(candidates)}))
    assert "in 1 of 2 candidates" in text
    assert "cargo_type[1]: " in text
    assert "source_phenotype[1]: " in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"outputs": [{"name": "labels"}]}, "Did you mean label"),
        ({"outputs": [{"name": "label"}] * 2}, "label: Name it once"),
        ({"outputs": [{}]}, "outputs[0]: "),
        ({"outputs": [{"name": "label", "parameters": {"binary_data": "yes"}}]}, "label: The parameter binary_data"),
        ({"outputs": [{"name": "label", "parameters": {"classification": 3}}]}, "label: This server does not"),
        ({"outputs": {}}, "outputs"),
        ({"parameters": {"binary_data_output": 1}}, "binary_data_output"),
        ({"parameters": {"strict": "true"}}, "strict"),
        ({"parameters": {"sequence_id": 3}}, "sequence_id"),
        ({"parameters": []}, "parameters"),
        ({"id": 7}, "id"),
        ({"ouputs": []}, "ouputs"),
        ({"inputs": None}, "inputs"),
    ],
)
def test_every_other_invalid_member_is_named(client: FlaskClient, change: dict[str, Any], says: str) -> None:
    assert says in error_of(client.post(INFER, json={"inputs": GOOD} | change))


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"{", b'{"inputs": [{}', b"\xff", b"[" * 100_000, b"{}"])
def test_a_body_that_is_no_request_is_refused(client: FlaskClient, body: bytes) -> None:
    error_of(client.post(INFER, data=body))


@pytest.mark.parametrize(
    ("size", "data", "says"),
    [
        (4, packed([b"mirna"]), "cargo_type: The binary data end within element 0"),
        (9, packed([b"mirna"])[:-1], "at most the 8 that are left"),
        (9, packed([b"mirna"]) + b"x", "more binary data than its inputs: 1 bytes"),
        (9, struct.pack("<I", 2**32 - 1) + b"mirna", "cargo_type: The binary data end within element 0"),
        (3, b"abc", "cargo_type: The binary data end within element 0"),
        (0, b"", "cargo_type: Number of elements: 1 by the shape, 0 in the data"),
        (9, packed([b"\xff\xfe123"]), "cargo_type: Element 0 is not UTF-8"),
        (8, packed([b"\xed\xa0\x80", b""])[:-3] + b"\0", "cargo_type: Element 0 is not UTF-8"),
        (400_000, b"\0" * 400_000, "cargo_type: Number of elements: 1 by the shape, more than 1 in the data"),
        (-1, b"", "cargo_type: binary_data_size must"),
    ],
)
def test_binary_data_that_do_not_match_are_refused(client: FlaskClient, size: int, data: bytes, says: str) -> None:
    tensor = {"name": "cargo_type", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": size}}
    assert says in error_of(client.post(INFER, **binary({"inputs": [tensor]}, data)))


@pytest.mark.parametrize("length", ["", "-1", "x", "99999", "1.5", "9" * 5_000])
def test_a_length_of_the_json_that_is_none_is_refused(client: FlaskClient, length: str) -> None:
    response = client.post(INFER, data=json.dumps({"inputs": GOOD}), headers={HEADER_LENGTH: length})
    assert HEADER_LENGTH in error_of(response)


def test_compressed_and_large_bodies_are_refused_by_name(client: FlaskClient) -> None:
    assert "gzip" in error_of(client.post(INFER, data=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), 415)
    assert "16 MiB" in error_of(client.post(INFER, data=b" " * (16 * 1024 * 1024 + 1)), 413)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/v2/models/other", 404),
        ("GET", "/v2/models/other/ready", 404),
        ("POST", "/v2/models/other/infer", 404),
        ("GET", "/v2/models/exoscore/versions/exo-000000000000", 404),
        ("GET", "/v2/models/exoscore/versions/1/ready", 404),
        ("POST", "/v2/models/exoscore/versions/..%2F1/infer", 404),
        ("GET", "/v2/models/exoscore/infer", 405),
        ("POST", "/v2", 405),
        ("GET", "/v2/repository/index", 404),
        ("GET", "/v2/%00", 404),
    ],
)
def test_what_is_not_there_is_an_error_of_the_protocol(
    client: FlaskClient, method: str, address: str, status: int
) -> None:
    for headers in ({}, {"Accept": "text/html"}):
        error_of(client.open(address, method=method, json={"inputs": GOOD}, headers=headers), status)


def test_without_a_model_or_a_key_the_protocol_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = create_app(Settings(var=tmp_path_factory.mktemp("inference"), require_key=True))
    client = app.test_client()
    refused = client.post(INFER, json={"inputs": GOOD})
    assert "Authorization: Bearer" in error_of(refused, 401)
    assert refused.headers["WWW-Authenticate"]
    assert client.get("/v2/health/live").status_code == 200
    assert client.get("/v2/health/ready").status_code == 503
    keys = installation_of(app).keys
    key, other = ({"Authorization": f"Bearer {keys.create('t', [scope], 't')}"} for scope in ("score", "curate"))
    assert "score" in error_of(client.post(INFER, json={"inputs": GOOD}, headers=other), 403)
    for method, address in (("GET", "/v2"), ("GET", "/v2/models/exoscore/ready"), ("POST", INFER)):
        assert "no model" in error_of(client.open(address, method=method, json={"inputs": GOOD}, headers=key), 503)


def test_the_rate_limit_holds_here_too(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    limited = create_app(Settings(var=tmp_path_factory.mktemp("limited"), rate_limit=2)).test_client()
    answers = [limited.post(INFER, json={"inputs": GOOD}) for _ in range(4)]
    assert answers[-1].headers["Retry-After"]
    error_of(answers[-1], 429)
    assert [limited.get("/v2/health/live").status_code for _ in range(9)] == [200] * 9


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.sampled_from(["id", "inputs", "outputs", "parameters", "name", "shape", "datatype", "data", "model_name"])
TENSOR = st.fixed_dictionaries(
    {
        "name": st.sampled_from([*FIELD_BY_NAME, "label", "x"]),
        "shape": JSON | st.lists(st.integers(-1, 3), max_size=3),
        "datatype": st.just("BYTES") | JSON,
    },
    optional={
        "data": JSON | st.lists(st.text() | st.lists(st.text(), max_size=2), max_size=3),
        "parameters": JSON | st.fixed_dictionaries({"binary_data_size": st.integers(-1, 20)}),
    },
)
BODY = st.dictionaries(MEMBERS, JSON, max_size=4) | st.fixed_dictionaries(
    {"inputs": st.lists(TENSOR | JSON, max_size=4)}, optional={"outputs": st.lists(TENSOR | JSON, max_size=3)}
)


@given(body=BODY, data=st.binary(max_size=30), cut=st.integers(-5, 5))
def test_no_request_is_a_defect(app: Flask, body: object, data: bytes, cut: int) -> None:
    header = json.dumps(body).encode()
    headers = {HEADER_LENGTH: str(max(0, len(header) + cut))}
    response = app.test_client().post(INFER, data=header + data, headers=headers)
    if response.status_code != 200:
        error_of(response)


@given(texts=st.lists(st.binary(max_size=20), min_size=1, max_size=4), flip=st.integers(0, 60), to=st.integers(0, 255))
def test_no_binary_data_are_a_defect(app: Flask, texts: list[bytes], flip: int, to: int) -> None:
    inputs, data = binary_inputs({"cargo_type": [b"mirna"] * len(texts), "cargo_name": texts})
    spoilt = bytearray(data)
    spoilt[min(flip, len(data) - 1)] = to
    response = app.test_client().post(INFER, **binary({"inputs": inputs}, bytes(spoilt)))
    if response.status_code != 200:
        error_of(response)
