"""Findings over HTTP, on both databases: added once, paged, changed under If-Match, exported; what is bad is told whole.

An answer to POST is {"added", "existing", "conflicts"}; a page is {"findings", "next"}; an error is a problem document.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from models.candidate import Reader
from service import Settings, create_app
from service.services import Services, services_of
from service.store.tables import AuditRow
from tests.servers import PostgreSQL
from training.findings import COLUMNS, LIST_COLUMNS, check_rows, read_findings
from training.sheet import parse_sheet

numbers = itertools.count()
Cells = dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    address = ""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        address = server.database()
    app = create_app(Settings(var=tmp_path_factory.mktemp("var"), database_url=address))
    yield app
    services_of(app).close()


@pytest.fixture
def installation(app: Flask) -> Services:
    return services_of(app)


@pytest.fixture(scope="module")
def key(app: Flask) -> dict[str, str]:
    return {"Authorization": f"Bearer {services_of(app).keys.create('anna', ['score', 'curate'], 'tests')}"}


@pytest.fixture
def paper() -> str:
    return f"lab:{next(numbers)}"


@pytest.fixture
def good(paper: str) -> Cells:
    return {
        "paper": paper,
        "source_phenotype": "M2",
        "cargo_type": "mirna",
        "cargo_name": "miR-146a",
        "effect": "promoting",
    }


@pytest.fixture
def post(client: FlaskClient, key: dict[str, str]) -> Callable[..., TestResponse]:
    def send(*rows: object, **given: Any) -> TestResponse:
        headers = key | given.pop("headers", {})
        return client.post("/v1/findings", json={"findings": list(rows), **given}, headers=headers)

    return send


@pytest.fixture
def added(post: Callable[..., TestResponse], good: Cells) -> str:
    """The address of a finding of the lab's own."""
    finding_id = post(good).get_json()["added"][0]["finding_id"]
    return f"/v1/findings/{finding_id}"


@pytest.fixture
def patch(client: FlaskClient, key: dict[str, str], added: str) -> Callable[..., TestResponse]:
    def send(revision: object, **body: Any) -> TestResponse:
        return client.patch(added, json=body, headers=key | {"If-Match": f'"{revision}"'})

    return send


def pointers(answer: TestResponse) -> list[str]:
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json"), answer.get_json()
    return [error["pointer"] for error in answer.get_json()["errors"]]


def test_writing_needs_a_key_that_may_curate(app: Flask, client: FlaskClient, good: Cells, added: str) -> None:
    scores = services_of(app).keys.create("ben", ["score", "train"], "tests")
    for method, address in (("POST", "/v1/findings"), ("PATCH", added)):
        body = {"findings": [good]}
        assert client.open(address, method=method, json=body).status_code == 401
        headers = {"Authorization": f"Bearer {scores}"}
        assert client.open(address, method=method, json=body, headers=headers).status_code == 403
    assert client.get(added).status_code == 200


def test_a_finding_is_added_once_and_told_in_canonical_terms(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells
) -> None:
    sent = good | {"cargo_name": "hsa-mir-146a", "species": ["human", "mouse"], "targets": "PTEN-;STAT3+", "year": 2020}
    first, again = post(sent), post(good | {"species": "human;mouse"})
    (placed,) = first.get_json()["added"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == {"added": [], "existing": [placed], "conflicts": []}
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
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
        assert all(error["line"] == 1 for error in broken.get_json()["errors"])


def test_other_kinds_of_body_are_refused_with_those_that_are_read(client: FlaskClient, key: dict[str, str]) -> None:
    answer = client.post("/v1/findings", data=b"<a/>", content_type="text/xml", headers=key)
    assert (answer.status_code, "text/csv" in answer.get_json()["detail"]) == (415, True)


def test_the_same_request_with_the_same_key_is_answered_with_the_same_bytes(
    client: FlaskClient, app: Flask, key: dict[str, str], post: Callable[..., TestResponse], good: Cells, paper: str
) -> None:
    named = {"Idempotency-Key": f"import of {paper}"}
    first = post(good, headers=named)
    other = post(good | {"paper": f"{paper}-2"})
    again = post(good, headers=named)
    assert (first.status_code, other.status_code) == (201, 201)
    assert (again.status_code, again.data) == (201, first.data)
    reused = post(good | {"paper": f"{paper}-3"}, headers=named)
    assert (reused.status_code, reused.get_json()["errors"][0]["parameter"]) == (422, "Idempotency-Key")
    assert post(good, held_out=True, headers=named).status_code == 422
    bens = {"Authorization": f"Bearer {services_of(app).keys.create('ben', ['curate'], 'tests')}"}
    assert post(good, headers=named | bens).status_code == 200


def test_a_refused_request_does_not_use_up_its_key(post: Callable[..., TestResponse], good: Cells, paper: str) -> None:
    named = {"Idempotency-Key": paper}
    refused = [post(good | {"effect": "curing"}, headers=named) for _ in range(2)]
    assert [one.status_code for one in refused] == [422, 422]
    said = [one.get_json() | {"request_id": ""} for one in refused]
    assert said[0] == said[1]
    assert post(good, headers=named).status_code == 201


@pytest.mark.parametrize("name", ["x" * 201, "käse", "a\tb"])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(
    post: Callable[..., TestResponse], good: Cells, name: str
) -> None:
    assert post(good, headers={"Idempotency-Key": name}).status_code == 422
    assert post(good).status_code == 201


def test_of_the_same_request_sent_at_once_one_is_done_and_all_are_answered_alike(
    app: Flask, key: dict[str, str], good: Cells, paper: str
) -> None:
    answers = []
    start = threading.Barrier(6)

    def send() -> None:
        client = app.test_client()
        start.wait()
        answer = client.post("/v1/findings", json={"findings": [good]}, headers=key | {"Idempotency-Key": paper})
        answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    ((status, _),) = set(answers)
    assert status == 201


def test_papers_are_on_one_side_and_what_is_held_out_is_not_learned_from(
    client: FlaskClient, installation: Services, post: Callable[..., TestResponse], good: Cells, paper: str
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


def test_pages_follow_their_links_to_every_finding_once(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells
) -> None:
    post(*(good | {"cargo_name": f"miR-{number}"} for number in range(1, 8)))
    address = f"/v1/findings?limit=3&paper={good['paper']}&effect=promoting"
    sizes, seen = [], []
    while address:
        answer = client.get(address)
        listed = answer.get_json()["findings"]
        sizes.append(len(listed))
        seen += [one["cargo_name"] for one in listed]
        address = answer.get_json()["next"]
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    assert (sizes, seen) == ([3, 3, 1], [f"miR-{number}" for number in range(1, 8)])


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("limit=0", {"limit"}),
        ("limit=501", {"limit"}),
        ("limit=many", {"limit"}),
        ("cursor=nonsense", {"cursor"}),
        ("cursor=%00", {"cursor"}),
        ("cursor=YWZ0ZXItMS0y", {"cursor"}),
        ("colour=red", {"colour"}),
        (
            "source_cell=makrophag&effect=x&cancer_type=hepatom&origin=y",
            {"source_cell", "effect", "cancer_type", "origin"},
        ),
        ("q=%00", {"q"}),
        ("paper=a%00", {"paper"}),
        ("retracted=perhaps", {"retracted"}),
    ],
)
def test_a_query_that_means_nothing_is_told_by_parameter(client: FlaskClient, query: str, parameters: set[str]) -> None:
    answer = client.get(f"/v1/findings?{query}")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert {error["parameter"] for error in answer.get_json()["errors"]} == parameters


def test_a_finding_has_its_revision_for_an_etag_and_is_not_sent_twice(client: FlaskClient, added: str) -> None:
    answer = client.get(added)
    assert answer.headers["ETag"] == '"1"'
    again = client.get(added, headers={"If-None-Match": '"0", "1"'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", '"1"')
    assert client.get(added, headers={"If-None-Match": '"2"'}).status_code == 200


@pytest.mark.parametrize("finding_id", ["none", "%00", "%ff", "x" * 500])
def test_a_finding_that_is_not_here_is_told_so(client: FlaskClient, key: dict[str, str], finding_id: str) -> None:
    address = f"/v1/findings/{finding_id}"
    for answer in (
        client.get(address),
        client.get(f"{address}/history"),
        client.patch(address, json={"retracted": True, "reason": "x"}, headers=key | {"If-Match": "*"}),
    ):
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_change_needs_the_revision_that_it_changes(
    client: FlaskClient, key: dict[str, str], added: str, patch: Callable[..., TestResponse]
) -> None:
    body = {"changes": {"year": "2021"}, "reason": "as printed"}
    assert client.patch(added, json=body, headers=key).status_code == 428
    changed = patch(1, **body)
    assert (changed.status_code, changed.headers["ETag"], changed.get_json()["year"]) == (200, '"2"', "2021")
    stale = patch(1, **body)
    assert (stale.status_code, "revision 2" in stale.get_json()["detail"]) == (412, True)
    for tag in ('W/"2"', '"two"', '"02x"'):
        assert client.patch(added, json=body, headers=key | {"If-Match": tag}).status_code == 412
    assert client.patch(added, json=body, headers=key | {"If-Match": "*"}).status_code == 200
    assert client.patch(added, json=body, headers=key | {"If-Match": '"9", "2"'}).status_code == 200
    assert client.get(added).headers["ETag"] == '"2"'


def test_a_finding_is_retracted_put_back_and_keeps_its_history(
    client: FlaskClient, installation: Services, added: str, patch: Callable[..., TestResponse]
) -> None:
    finding_id = added.rpartition("/")[2]
    assert patch(1, retracted=True, reason="image duplicated").get_json()["retracted"]
    assert patch(2, changes={"title": "Retracted: x", "species": ["human"], "cargo_name": "let-7a"}).status_code == 200
    assert not patch(3, retracted=False).get_json()["retracted"]
    revisions = client.get(f"{added}/history").get_json()["revisions"]
    assert [(one["revision"], one["retracted"], one["reason"]) for one in revisions] == [
        (1, False, ""),
        (2, True, "image duplicated"),
        (3, True, ""),
        (4, False, ""),
    ]
    assert revisions[2]["changed"] == ["species", "cargo_name", "title"]
    assert all(one["author"].endswith("(anna)") for one in revisions)
    with installation.store.read() as session:
        audit = session.query(AuditRow).filter(AuditRow.subject == finding_id).order_by(AuditRow.sequence)
        actions = [row.action for row in audit]
    assert actions == ["finding.add", "finding.retract", "finding.correct", "finding.restore"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [""]),
        ({"changes": {"year": "2020"}, "retracted": True, "reason": "x"}, [""]),
        ({"changes": {}}, ["/changes"]),
        ({"changes": ["year"]}, ["/changes"]),
        ({"changes": {"colour": "red", "year": ["2020"]}}, ["/changes/colour", "/changes/year"]),
        (
            {"changes": {"effect": "x", "grade": "Z", "year": "20"}},
            ["/changes/year", "/changes/effect", "/changes/grade"],
        ),
        ({"changes": {"finding_id": "other"}}, ["/changes/finding_id"]),
        ({"changes": {"title": "a\0b"}, "reason": "a\0b"}, ["/reason", "/changes/title"]),
        ({"changes": {"title": "\udfff"}, "reason": "x" * 2001}, ["/reason"]),
        ({"retracted": True}, ["/reason"]),
        ({"retracted": True, "reason": " "}, ["/reason"]),
        ({"retracted": "yes", "reason": "x"}, ["/retracted"]),
        ({"retracted": 2, "reason": "x"}, ["/retracted"]),
        ({"retracted": True, "reason": "\ud800"}, ["/reason"]),
        ({"retracted": True, "reason": None}, ["/reason"]),
        ({"held_out": True}, ["/held_out"]),
    ],
)
def test_a_change_that_makes_no_sense_is_told_and_changes_nothing(
    client: FlaskClient, added: str, patch: Callable[..., TestResponse], body: Cells, expected: list[str]
) -> None:
    assert sorted(pointers(patch(1, **body))) == sorted(expected)
    assert client.get(added).headers["ETag"] == '"1"'


def test_a_correction_into_another_finding_is_a_conflict(
    client: FlaskClient,
    post: Callable[..., TestResponse],
    patch: Callable[..., TestResponse],
    added: str,
    good: Cells,
) -> None:
    other = post(good | {"cargo_name": "let-7a"}).get_json()["added"][0]["finding_id"]
    for changes in ({"cargo_name": "let7a"}, {"cargo_name": "let-7a", "effect": "suppressing"}):
        answer = patch(1, changes=changes)
        assert (answer.status_code, other in answer.get_json()["detail"]) == (409, True)
    assert client.get(added).headers["ETag"] == '"1"'


def test_a_shipped_finding_that_the_lab_changed_says_so(client: FlaskClient, key: dict[str, str]) -> None:
    one = client.get("/v1/findings?origin=corpus&limit=1").get_json()["findings"][0]
    address = f"/v1/findings/{one['finding_id']}"
    changed = client.patch(address, json={"changes": {"dose": "1 µg"}}, headers=key | {"If-Match": '"1"'}).get_json()
    assert (one["touched"], changed["touched"], changed["origin"]) == (False, True, "corpus")
    client.patch(address, json={"changes": {"dose": None}}, headers=key | {"If-Match": '"2"'})
    last = client.get(address).get_json()
    assert {name: text for name, text in last.items() if name in COLUMNS} == {
        name: text for name, text in one.items() if name in COLUMNS
    }


@pytest.mark.parametrize(("suffix", "kind"), [("tsv", "text/tab-separated-values"), ("csv", "text/csv")])
def test_an_export_passes_the_check_and_says_the_same_findings(
    client: FlaskClient,
    key: dict[str, str],
    post: Callable[..., TestResponse],
    good: Cells,
    reader: Reader,
    tmp_path: Path,
    suffix: str,
    kind: str,
) -> None:
    post(good | {"title": 'With "quotes", commas\nand lines', "targets": ["PTEN-"], "markers": ["CD63", "CD81"]})
    exported = client.get(f"/v1/findings.{suffix}")
    assert exported.mimetype == kind
    assert f"findings.{suffix}" in exported.headers["Content-Disposition"]
    path = tmp_path / f"export.{suffix}"
    path.write_bytes(exported.data)
    read = {one.finding_id: one.content for one in read_findings(path, reader)}
    told: dict[str, str] = {}
    address = "/v1/findings?limit=500&held_out=false"
    while address:
        page = client.get(address).get_json()
        for one in page["findings"]:
            cells = {name: one[name] for name in COLUMNS if name in one}
            joined = {name: ";".join(text) if name in LIST_COLUMNS else text for name, text in cells.items()}
            (finding,) = check_rows(_rows(joined), reader)
            told[finding.finding_id] = finding.content
        address = page["next"]
    assert read == told
    of_paper = client.get(f"/v1/findings.{suffix}?paper={good['paper']}").data
    assert len(parse_sheet(of_paper, suffix == "csv", COLUMNS, ())) == 1
    again = client.post("/v1/findings", data=of_paper, content_type=kind, headers=key)
    assert (again.status_code, len(again.get_json()["existing"])) == (200, 1)
    assert client.get(f"/v1/findings.{suffix}?effect=x").status_code == 422
    assert client.get(f"/v1/findings.{suffix}?limit=3").status_code == 422


def _rows(cells: dict[str, str]) -> Any:
    out = io.StringIO()
    writer = csv.DictWriter(out, cells)
    writer.writeheader()
    writer.writerow(cells)
    return parse_sheet(out.getvalue().encode(), True, COLUMNS, ())
