"""`POST /v1/scores` in lines of JSON: a score or a problem for each line, in order, whatever the other lines are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from service.scoring.parsing import LONGEST_LINE, MAX_CANDIDATES
from service.web.access import LINES
from service.web.lines import number_lines

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
SHORT = "?fields=label,probability_suppressing"


def send(client: FlaskClient, body: bytes, query: str = "", **headers: str) -> TestResponse:
    return client.post(f"/v1/scores{query}", data=body, headers={"Content-Type": LINES, **headers})


def lines_of(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.mimetype == LINES
    assert response.data.endswith(b"\n")
    return [json.loads(line) for line in response.data.splitlines()]


def written(candidates: Iterable[object]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in candidates)


def test_lines_have_the_bytes_that_the_scores_of_a_json_body_have(client: FlaskClient) -> None:
    candidates = [MIR21 | {"id": str(number), "cargo_name": f"miR-{number + 20}"} for number in range(520)]
    for query in ("", "?include=contributions", "?fields=label,interval"):
        answer = client.post(f"/v1/scores{query}", json={"candidates": candidates}).data
        in_lines = send(client, written(candidates), query).data
        scores = answer[answer.index(b'"scores":[') + len(b'"scores":[') : -2]
        assert in_lines.replace(b"\n", b",").removesuffix(b",") == scores


def test_there_may_be_more_lines_than_a_json_body_may_have_candidates(client: FlaskClient) -> None:
    count = MAX_CANDIDATES + 500
    scores = lines_of(send(client, written([MIR21]) * count, "?fields=label"))
    assert len(scores) == count
    assert {score["label"] for score in scores} == {scores[0]["label"]}


BAD_LINES = {
    "no JSON": (b"{not json", "not_json"),
    "cut": (b'{"cargo_type": "mir', "not_json"),
    "a text": (b'"miR-21"', "wrong_type"),
    "a list": (b"[1, 2]", "wrong_type"),
    "null": (b"null", "wrong_type"),
    "no UTF-8": (b'{"cargo_name": "\xff"}', "not_utf8"),
    "NaN": (b'{"cargo_name": NaN}', "not_json"),
    "deep": (b"[" * 5000, "not_json"),
    "two on a line": (b"{} {}", "not_json"),
    "too long": (b'{"cargo_name": "' + b"a" * LONGEST_LINE + b'"}', "too_long"),
    "an unknown field": (json.dumps(MIR21 | {"colour": "red"}).encode(), "unknown_field"),
    "an unknown term": (json.dumps(MIR21 | {"cargo_type": "rna?"}).encode(), "unknown_term"),
}


@pytest.mark.parametrize(("line", "code"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_line_with_errors_is_a_problem_in_its_place(client: FlaskClient, line: bytes, code: str) -> None:
    good = json.dumps(MIR21).encode()
    first, bad, last = lines_of(send(client, b"\n".join([good, line, b"", good]), SHORT))
    assert first == last == {"label": first["label"], "probability_suppressing": first["probability_suppressing"]}
    assert (bad["line"], bad["status"]) == (2, 422)
    assert {"type", "title", "detail"} <= bad.keys()
    assert code in [error["code"] for error in bad["errors"]]


def test_line_numbers_count_blank_lines_which_are_not_answered(client: FlaskClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(MIR21).encode() + b"\r\n\r\n  \n{}\r\n"
    score, problem = lines_of(send(client, body, SHORT))
    assert score["label"]
    assert problem["line"] == 4


def test_warnings_are_errors_where_that_is_asked_for(client: FlaskClient) -> None:
    odd = MIR21 | {"cancer_type": "blorbitis"}
    assert "warnings" in lines_of(send(client, written([odd])))[0]
    assert lines_of(send(client, written([odd]), "?strict=true"))[0]["status"] == 422


def test_slow_fields_come_along_for_any_number_of_lines(client: FlaskClient) -> None:
    scores = lines_of(send(client, written([MIR21]) * 255, "?fields=flips"))
    assert len(scores) == 255
    assert all(score["flips"] for score in scores)


@pytest.mark.parametrize("query", ["?include=colour", "?fields=none", "?model=exo-000000000000", "?colour=red"])
def test_a_query_with_errors_is_refused_before_anything_is_answered(client: FlaskClient, query: str) -> None:
    response = send(client, written([MIR21]), query)
    assert response.status_code in (404, 422)
    assert response.mimetype == "application/problem+json"


def test_an_empty_body_has_an_empty_answer(client: FlaskClient) -> None:
    response = send(client, b"\n\n")
    assert (response.status_code, response.data) == (200, b"")


ACCEPTED = {
    (LINES, None): 200,
    (LINES, "*/*"): 200,
    (LINES, "application/*"): 200,
    (LINES, f"application/json, {LINES};q=0.1"): 200,
    (LINES, "application/json"): 406,
    (LINES, f"{LINES};q=0, */*"): 406,
    ("application/json", "*/*"): 200,
    ("application/json", f"{LINES}, application/json"): 200,
    ("application/json", LINES): 406,
    ("application/json", "text/html"): 200,
}


@pytest.mark.parametrize(("sent", "accepted"), ACCEPTED, ids=map(str, ACCEPTED))
def test_the_answer_has_the_format_of_the_body(client: FlaskClient, sent: str, accepted: str | None) -> None:
    body = written([MIR21]) if sent == LINES else json.dumps({"candidates": [MIR21]}).encode()
    headers = {"Content-Type": sent} | ({"Accept": accepted} if accepted else {})
    response = client.post("/v1/scores", data=body, headers=headers)
    assert response.status_code == ACCEPTED[sent, accepted]
    assert response.mimetype == (sent if response.status_code == 200 else "application/problem+json")


@given(
    lines=st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=12),
    cuts=st.lists(st.integers(0, 100), max_size=8),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_lines_have_their_numbers_wherever_a_body_is_cut_into_pieces(lines: Sequence[bytes], cuts: list[int]) -> None:
    longest, body = 8, b"\n".join(lines)
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = (body[start:end] for start, end in pairwise(places))
    numbered = [line for block in number_lines(pieces, longest) for line in block]
    expected = [
        (number, line if len(line) <= longest else None)
        for number, line in enumerate(lines, 1)
        if line.strip() or len(line) > longest
    ]
    assert numbered == expected
