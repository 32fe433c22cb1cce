"""What is sent wrongly costs no more than 2 s and 64 MiB for each MiB of it, whatever it is, and is answered with the first
hundred faults and a count of the others."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.candidates.candidate import FIELD_BY_NAME
from models.errors import MAX_FAULTS
from service.auth.keys import SCOPES
from service.web.current import installation_of

SECONDS_PER_MIB, MIB_PER_MIB = 2.0, 64.0
GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
FINDING = GOOD | {"effect": "promoting", "paper": "lab:1"}
LISTS = ("species", "engineering", "recipient_cell")
CHANCE = random.Random(14)


def name(length: int = 8) -> str:
    """A name that nobody uses."""
    return "".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyz0123456789-", k=length))


def numbered(count: int) -> dict[str, int]:
    """So many members that nobody knows."""
    return {f"f{number}": number for number in range(count)}


def unknown_terms() -> dict[str, object]:
    """A candidate of which every term is unknown."""
    fields = ("source_cell", "source_phenotype", "cargo_type", "cargo_state")
    return {**{field: name() for field in fields}, **{field: [name()] for field in LISTS}, "foo": "bar"}


def candidates(count: int, make: Callable[[], object]) -> bytes:
    return json.dumps({"candidates": [make() for _ in range(count)]}, ensure_ascii=False).encode()


def findings(count: int, make: Callable[[], object]) -> bytes:
    return json.dumps({"findings": [make() for _ in range(count)]}, ensure_ascii=False).encode()


def tensor(field: str, texts: list[Any], **changed: Any) -> dict[str, Any]:
    """An input of the Open Inference Protocol."""
    return {"name": field, "shape": [len(texts)], "datatype": "BYTES", "data": texts} | changed


def tensors(inputs: list[dict[str, Any]]) -> bytes:
    return json.dumps({"inputs": inputs}, ensure_ascii=False).encode()


INFER = "/v2/models/exoscore/infer"
HEADER = b"source_phenotype,cargo_type,cargo_name,effect"
SHAPES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "unknown fields": ("/v1/scores", lambda: candidates(1, lambda: numbered(100_000))),
    "unknown terms": ("/v1/scores", lambda: candidates(4_000, unknown_terms)),
    "lists of unknown terms": (
        "/v1/scores",
        lambda: candidates(800, lambda: GOOD | {field: [name(4) for _ in range(50)] for field in LISTS}),
    ),
    "wrong types": ("/v1/scores", lambda: candidates(5_000, lambda: dict.fromkeys(FIELD_BY_NAME, 7))),
    "no candidates": ("/v1/scores", lambda: candidates(10_000, lambda: 0)),
    "too many candidates": ("/v1/scores", lambda: b'{"candidates":[' + b",".join([b"0"] * 500_000) + b"]}"),
    "long texts": ("/v1/scores", lambda: candidates(100, lambda: GOOD | {"cargo_name": "x" * 10_000})),
    "long terms": ("/v1/scores", lambda: candidates(3_000, lambda: GOOD | {"cargo_type": name(300)})),
    "letters that become many": (
        "/v1/scores",
        lambda: candidates(1_000, lambda: GOOD | {"cargo_type": "\ufdfa" * 290 + name()}),
    ),
    "members of the body": ("/v1/scores", lambda: json.dumps(numbered(80_000)).encode()),
    "a long member": ("/v1/scores", lambda: candidates(1, lambda: {"x" * 1_000_000: 1})),
    "arrays in arrays": ("/v1/scores", lambda: b'{"candidates":' + b"[" * 1_000_000),
    "inputs": (INFER, lambda: tensors([{"name": name(), "shape": [1], "datatype": "BYTES"} for _ in range(150_000)])),
    "elements that are no texts": (
        INFER,
        lambda: tensors([tensor(field, [0] * 500_000) for field in FIELD_BY_NAME]),
    ),
    "rows in rows": (INFER, lambda: tensors([tensor(field, [[[]]] * 100_000) for field in FIELD_BY_NAME])),
    "a long shape": (INFER, lambda: tensors([tensor("cargo_type", [], shape=[1] * 2_000_000)])),
    "parameters of an input": (INFER, lambda: tensors([tensor("cargo_type", [""], parameters=numbered(80_000))])),
    "unknown terms of inputs": (
        INFER,
        lambda: tensors([tensor(field, [name(2) for _ in range(9_000)]) for field in FIELD_BY_NAME]),
    ),
    "members of a training": ("/v1/trainings", lambda: json.dumps(numbered(80_000)).encode()),
    "unknown columns of a finding": ("/v1/findings", lambda: findings(1, lambda: numbered(100_000))),
    "empty findings": ("/v1/findings", lambda: findings(5_000, dict)),
    "unknown terms of findings": (
        "/v1/findings",
        lambda: findings(300, lambda: FINDING | {"processes": ";".join(name(2) for _ in range(600))}),
    ),
    "marks without letters": (
        "/v1/findings",
        lambda: findings(1, lambda: FINDING | {"effect": "\u0301\u0323" * 100_000, "title": "\u0301\u0323" * 100_000}),
    ),
    "cut rows": ("/v1/findings", lambda: HEADER + b"\n" + b"a\n" * 500_000),
    "unknown columns": (
        "/v1/findings",
        lambda: HEADER + b"," + b",".join(b"c%d" % number for number in range(150_000)) + b"\n1,2\n",
    ),
}


@pytest.fixture
def key(app: Flask) -> dict[str, str]:
    return {"Authorization": f"Bearer {installation_of(app).keys.create('tests', SCOPES, 'tests')}"}


def sent(client: FlaskClient, shape: str, key: dict[str, str], query: str = "") -> tuple[Any, float, float, float]:
    """The answer, the MiB that were sent, and the seconds and MiB that this took."""
    address, make = SHAPES[shape]
    body = make()
    kind = "text/csv" if body.startswith(HEADER) else "application/json"
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, began = most_memory(), process_time()
    response = client.post(address + query, data=body, content_type=kind, headers=key)
    seconds = process_time() - began
    return response, max(1.0, len(body) / 2**20), seconds, most_memory() - before


def most_memory() -> float:
    """The most MiB that this process took since that was last cleared."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_refused_costs_little(client: FlaskClient, key: dict[str, str], shape: str) -> None:
    response, mib, seconds, memory = sent(client, shape, key)
    assert 400 <= response.status_code < 500
    assert seconds < SECONDS_PER_MIB * mib
    assert memory < MIB_PER_MIB * mib
    assert len(response.get_json().get("errors", ())) <= MAX_FAULTS


@pytest.mark.parametrize("shape", ["unknown fields", "unknown terms", "lists of unknown terms", "wrong types"])
def test_what_is_refused_in_part_costs_little(client: FlaskClient, key: dict[str, str], shape: str) -> None:
    response, mib, seconds, memory = sent(client, shape, key, "?partial=true&fields=label")
    assert response.status_code == 200
    assert seconds < SECONDS_PER_MIB * mib
    assert memory < MIB_PER_MIB * mib


@pytest.mark.parametrize(
    "make",
    [
        lambda: name(300),
        lambda: "\u2057" * 290 + name(),
        lambda: "\u2026" * 290 + name(),
        lambda: "+".join(name(3) for _ in range(70)),
        lambda: "-" * 280 + name() + " inhibitor",
    ],
    ids=["long", "one letter becomes four", "one becomes three", "many cargos", "hyphens"],
)
def test_names_that_nobody_uses_cost_little(client: FlaskClient, make: Callable[[], str]) -> None:
    body = candidates(1_000, lambda: GOOD | {"cargo_name": make()})
    began = process_time()
    response = client.post("/v1/scores?partial=true&fields=label", data=body, content_type="application/json")
    assert response.status_code == 200
    assert process_time() - began < SECONDS_PER_MIB * max(1.0, len(body) / 2**20)


def test_of_many_faults_the_first_are_told_and_the_others_counted(client: FlaskClient) -> None:
    bad = {"species": ["zz"] * 3} | numbered(150)
    problem = client.post("/v1/scores", json={"candidates": [bad, GOOD, bad]}).get_json()
    assert len(problem["errors"]) == MAX_FAULTS
    assert problem["errors_left_out"] == {"unknown_field": 200, "unknown_term": 6, "missing": 4}
    assert problem["detail"] == "310 errors in 2 of 3 candidates."


def test_few_faults_are_told_with_nothing_left_out(client: FlaskClient) -> None:
    problem = client.post("/v1/scores", json={"candidates": [numbered(90)]}).get_json()
    assert len(problem["errors"]) == 92
    assert "errors_left_out" not in problem


def test_a_partial_answer_suggests_for_its_first_faults_and_tells_all_bad_candidates(client: FlaskClient) -> None:
    bad = GOOD | {"species": ["humen"] * 20}
    answer = client.post("/v1/scores?partial=true&fields=label", json={"candidates": [bad] * 30 + [GOOD]}).get_json()
    *problems, score = answer["scores"]
    assert score["label"]
    assert [len(problem["errors"]) for problem in problems] == [20] * 30
    suggested = [["nearest" in error for error in problem["errors"]] for problem in problems]
    assert suggested == [[True] * 20] * 5 + [[False] * 20] * 25


def test_a_candidate_with_many_faults_has_its_first_ones_in_a_partial_answer(client: FlaskClient) -> None:
    (problem,) = client.post("/v1/scores?partial=true", json={"candidates": [numbered(1_000)]}).get_json()["scores"]
    assert len(problem["errors"]) == MAX_FAULTS
    assert problem["errors_left_out"] == {"unknown_field": 900, "missing": 2}
