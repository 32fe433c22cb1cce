"""Findings are added over HTTP once, in canonical terms, or not at all; what is bad is told whole."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from service.installation import Installation
from service.web.current import installation_of
from tests import workbooks
from tests.service.api.findings.answers import Cells, pointers
from training.data.findings import COLUMNS


def test_writing_needs_a_key_that_may_curate(app: Flask, client: FlaskClient, good: Cells, added: str) -> None:
    scores = installation_of(app).keys.create("ben", ["score", "train"], "tests")
    for method, address in (("POST", "/v1/findings"), ("PATCH", added)):
        body = {"findings": [good]}
        assert client.open(address, method=method, json=body).status_code == 401
        headers = {"Authorization": f"Bearer {scores}"}
        assert client.open(address, method=method, json=body, headers=headers).status_code == 403
    assert client.get(added).status_code == 200


def test_what_no_table_knows_is_warned_of_by_the_place_of_its_finding(
    post: Callable[..., TestResponse], good: Cells
) -> None:
    unread = {**good, "cargo_name": "miR-155-5p", "cancer_type": "glioblastomma"}
    answer = post(good, unread).get_json()
    assert len(answer["added"]) == 2
    (warning,) = answer["warnings"]
    assert (warning["row"], warning["field"], warning["given"]) == (1, "cancer_type", "glioblastomma")
    assert "glioblastoma" in warning["nearest"]


def test_a_finding_is_added_once_and_told_in_canonical_terms(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells
) -> None:
    sent = good | {"cargo_name": "hsa-mir-146a", "species": ["human", "mouse"], "targets": "PTEN-;STAT3+", "year": 2020}
    first, again = post(sent), post(good | {"species": "human;mouse"})
    (placed,) = first.get_json()["added"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == {"added": [], "existing": [placed], "conflicts": [], "warnings": [], "remarks": []}
    told = client.get(f"/v1/findings/{placed['finding_id']}").get_json()
    assert (told["cargo_name"], told["species"], told["targets"], told["year"]) == (
        "miR-146a",
        ["human", "mouse"],
        ["PTEN-", "STAT3+"],
        "2020",
    )
    assert (told["origin"], told["revision"], told["held_out"], told["retracted"]) == ("lab", 1, False, False)


def test_every_fault_of_every_finding_has_its_pointer_and_nothing_is_added(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells, paper: str
) -> None:
    answer = post(
        good,
        7,
        good | {"effect": None, "cargo_type": "mirnaz"},
        good | {"cargo_name": ["miR-21"], "targts": "PTEN-", "a/b~c": ""},
        good | {"species": ["human", 3], "title": "a\0b", "dose": "\ud800", "polarisation": ["a\0b"]},
        good | {"effect": "suppressing"},
        good,
    )
    assert pointers(answer) == [
        "/findings/1",
        "/findings/2/cargo_type",
        "/findings/2/effect",
        "/findings/3/cargo_name",
        "/findings/3/targts",
        "/findings/3/a~1b~0c",
        "/findings/4/species",
        "/findings/4/polarisation",
        "/findings/4/title",
        "/findings/4/dose",
        "/findings/5/effect",
        "/findings/6",
    ]
    (targts,) = (error for error in answer.get_json()["errors"] if error["pointer"] == "/findings/3/targts")
    assert targts["nearest"][0] == "targets"
    assert "/findings/0" in answer.get_json()["errors"][-1]["detail"]
    assert client.get(f"/v1/findings?paper={paper}").get_json()["findings"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"findings": []}', 422),
        (b'{"findings": {}}', 422),
        (b'{"findings": [{}], "held_out": "true"}', 422),
        (b'{"findings": [{}], "colour": 1}', 422),
        (json.dumps({"findings": [{}] * 10_001}).encode(), 422),
        (b'{"findings": [{"paper": "\xff"}]}', 400),
        (b'{"findings": ' + b"[" * 100_000, 400),
        (b'{"findings": [{"year": 1' + b"0" * 5000 + b"}]}", 400),
    ],
)
def test_a_body_that_is_no_list_of_findings_is_told_so(
    client: FlaskClient, key: dict[str, str], body: bytes, status: int
) -> None:
    answer = client.post("/v1/findings", data=body, content_type="application/json", headers=key)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


# Each example writes to a database.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 4)
@given(
    st.dictionaries(
        st.sampled_from(COLUMNS) | st.text(max_size=5),
        st.text(max_size=30) | st.lists(st.text(max_size=9), max_size=3) | st.none() | st.integers() | st.booleans(),
        max_size=6,
    )
)
def test_no_text_is_too_much_for_the_service(
    post: Callable[..., TestResponse], client: FlaskClient, good: Cells, cells: Cells
) -> None:
    for one in (cells, good | cells):
        answer = post(one)
        assert answer.status_code in (200, 201, 422), answer.get_json()
        for placed in (answer.get_json().get("added") or [])[:1]:
            told = client.get(f"/v1/findings/{placed['finding_id']}").get_json()
            sent = {name: told[name] for name in COLUMNS if name in told}
            again = post(sent).get_json()
            assert [one["finding_id"] for one in again["existing"]] == [placed["finding_id"]]


@pytest.mark.parametrize(("kind", "separator"), [("text/csv", ","), ("text/tab-separated-values", "\t")])
def test_a_table_is_taken_as_json_is_and_its_faults_have_lines(
    client: FlaskClient, key: dict[str, str], good: Cells, kind: str, separator: str
) -> None:
    def send(*rows: Cells, query: str = "") -> TestResponse:
        lines = [separator.join(good), *(separator.join((good | row).values()) for row in rows)]
        return client.post(f"/v1/findings{query}", data="\n".join(lines).encode(), content_type=kind, headers=key)

    bad = send({}, {"effect": "curing"}, {"effect": "suppressing"})
    assert [(error["line"], error["column"]) for error in bad.get_json()["errors"]] == [(3, "effect"), (4, "effect")]
    answer = send({}, {"cargo_name": "let-7a"}, query="?held_out=true")
    assert (answer.status_code, [one["row"] for one in answer.get_json()["added"]]) == (201, [0, 1])
    assert all(one["held_out"] for one in answer.get_json()["added"])
    for body in (b"", b"PK\x03\x04\xff", b"effect\n"):
        broken = client.post("/v1/findings", data=body, content_type=kind, headers=key)
        assert broken.status_code == 422
        assert all(error["line"] == (not body.startswith(b"PK")) for error in broken.get_json()["errors"])


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbooks.xlsx),
        ("application/vnd.oasis.opendocument.spreadsheet", workbooks.ods),
    ],
)
def test_a_sheet_of_a_workbook_is_taken_and_what_was_read_otherwise_is_said(
    client: FlaskClient, key: dict[str, str], paper: str, kind: str, write: Callable[[workbooks.Sheets], bytes]
) -> None:
    headings = ("Paper", "Phenotype", "Cargo type", "miRNA", "Outcome", "Year")
    found = [headings, (paper, "M2", "mirna", "miR-146a", "promoting", 2019.0)]
    content = write({"Notes": [["none"]], "Found": found})

    def send(query: str) -> TestResponse:
        return client.post(f"/v1/findings{query}", data=content, content_type=kind, headers=key)

    answer = send("?sheet=Found")
    assert answer.status_code == 201
    assert "Column Outcome is read as effect" in answer.get_json()["remarks"]
    (placed,) = answer.get_json()["added"]
    assert client.get(f"/v1/findings/{placed['finding_id']}").get_json()["year"] == "2019"
    (error,) = send("?sheet=found").get_json()["errors"]
    assert (error["line"], error["code"]) == (0, "unknown_sheet")
    assert error["detail"] == "The workbook has no sheet 'found'; it has 'Notes', 'Found'."
    (error,) = send("").get_json()["errors"]
    assert (error["code"], "there is also 'Found'" in error["detail"]) == ("wrong_sheet", True)


def test_other_kinds_of_body_are_refused_with_those_that_are_read(client: FlaskClient, key: dict[str, str]) -> None:
    answer = client.post("/v1/findings", data=b"<a/>", content_type="text/xml", headers=key)
    assert (answer.status_code, "text/csv" in answer.get_json()["detail"]) == (415, True)


def test_papers_are_on_one_side_and_what_is_held_out_is_not_learned_from(
    client: FlaskClient, installation: Installation, post: Callable[..., TestResponse], good: Cells, paper: str
) -> None:
    (blind,) = post(good, held_out=True).get_json()["added"]
    assert pointers(post(good | {"cargo_name": "let-7a"})) == ["/findings/0/paper"]
    assert pointers(post(good)) == ["/findings/0/paper"]
    exports = [client.get(f"/v1/findings.tsv?paper={paper}{query}").data for query in ("", "&held_out=true")]
    assert [blind["finding_id"].encode() in one for one in exports] == [False, True]
    assert blind["finding_id"] in {one.finding_id for one in installation.findings.held_out()}
    assert paper not in {one.paper for one in installation.findings.for_training()}


def test_conflicts_are_reported_with_both_papers_and_not_refused(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells, paper: str
) -> None:
    mine = good | {"source_cell": "milk", "source_phenotype": "unspecified", "cargo_name": f"blorb{paper}"}
    post(mine)
    answer = post(mine | {"paper": f"{paper}-b", "effect": "suppressing", "cancer_type": "HCC"})
    (conflict,) = answer.get_json()["conflicts"]
    assert (answer.status_code, conflict["promoting"]["paper"], conflict["suppressing"]["paper"]) == (
        201,
        paper,
        f"{paper}-b",
    )
    everyone, address = [], "/v1/conflicts?limit=2"
    while address:
        page = client.get(address)
        everyone += page.get_json()["conflicts"]
        address = page.get_json()["next"]
        assert page.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    assert everyone.count(conflict) == 1
