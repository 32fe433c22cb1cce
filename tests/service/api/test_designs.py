"""A design is one document, whichever way it comes: its scores are those of single candidates, its request gives it again, and a
large one waits for a job."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from models.estimator.artifact import Bundle
from models.scorer import Scorer
from service import Settings, create_app
from service.jobs import designs
from service.jobs.process import run_job
from service.scoring.design_documents import encode_designs
from service.scoring.design_requests import MEMBERS
from service.web.current import installation_of

FIXED = {"source_phenotype": "M1", "cargo_type": "miRNA", "cancer_type": "GBM"}
NAMES = ["miR-21", "miR-34a", "let-7a", "anti-miR-21", "miR-155-5p", "miR-124"]
WANTED: dict[str, Any] = {"fixed": FIXED, "vary": {"cargo_name": NAMES, "cargo_state": ["native", "loaded"]}}
HOSTILE = {
    "fixed": FIXED | {"cargo_type": "protein"},
    "vary": {"cargo_name": ["=HYPERLINK(1)", "+1+1", "@SUM(A1)", "TP53"]},
    "constraints": {"inside_domain": False},
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def propose(client: FlaskClient, wanted: object, **headers: str) -> Any:
    answer = client.post("/v1/designs", json=wanted, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def pointers(client: FlaskClient, wanted: object) -> set[str]:
    answer = client.post("/v1/designs", json=wanted)
    assert answer.status_code == 422
    return {error["pointer"] for error in answer.get_json()["errors"]}


def test_each_score_is_that_of_its_candidate_alone(client: FlaskClient) -> None:
    answer = propose(client, WANTED)
    rows = [*answer["designs"], *answer["test_first"]]
    assert len(answer["designs"]) > 2
    for row in rows:
        alone = client.post("/v1/scores", json={"candidates": [row["score"]["candidate"]]}).get_json()["scores"]
        assert alone == [row["score"]]


@pytest.mark.parametrize(
    "wanted", [WANTED, WANTED | {"goal": "promoting", "limit": 2.0, "constraints": {"max_per_family": 2.0}}, HOSTILE]
)
def test_its_request_gives_the_same_bytes_again(client: FlaskClient, wanted: dict[str, Any]) -> None:
    first = client.post("/v1/designs", json=wanted)
    request = first.get_json()["request"]
    assert tuple(request) == MEMBERS
    assert request["model"].startswith("exo-")
    assert client.post("/v1/designs", json=request).data == first.data


def test_its_addresses_lead_to_the_answer_and_the_comparison(client: FlaskClient) -> None:
    answer = propose(client, WANTED)
    best = answer["designs"][0]
    assert best["score"]["candidate"]["cargo_name"] in client.get(best["answer"]).text
    page = client.get(answer["comparison"])
    assert page.status_code == 200
    assert all(row["score"]["candidate"]["cargo_name"] in page.text for row in answer["designs"])


def test_every_error_is_named_at_once_where_it_stands(client: FlaskClient) -> None:
    wrong = {
        "goal": "healing",
        "colour": 1,
        "fixed": {"cats": 1, "source_cell": "macrophage"},
        "vary": {"cargo_name": [], "a.b/c": ["x"]},
        "constraints": {"min_papers": -1},
        "limit": 0,
        "test_first": "many",
        "model": 3,
    }
    assert pointers(client, wrong) == {
        "/goal",
        "/colour",
        "/fixed/cats",
        "/vary/cargo_name",
        "/vary/a.b~1c",
        "/constraints/min_papers",
        "/limit",
        "/test_first",
        "/model",
    }
    assert pointers(client, {"vary": {"cargo_name": ["miR-21", 3]}, "fixed": FIXED | {"cargo_type": "mirnaa"}}) == {
        "/vary/cargo_name",
        "/fixed/cargo_type",
    }


@pytest.mark.parametrize("member", ["fixed", "vary", "constraints"])
@pytest.mark.parametrize("value", [None, [], "known", 3, True])
def test_what_must_be_an_object_is_refused_as_anything_else(client: FlaskClient, member: str, value: object) -> None:
    assert pointers(client, WANTED | {member: value}) == {f"/{member}"}


@given(
    wanted=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*MEMBERS, "cargo_name", "known", "x"]), inner, max_size=4)
        ),
    )
)
def test_any_json_is_answered_with_designs_or_with_what_is_wrong(app: Flask, wanted: object) -> None:
    sent = json.dumps(wanted)
    answer = app.test_client().post("/v1/designs", data=sent, content_type="application/json")
    # Infinity is no JSON, though Python writes it.
    assert answer.status_code in (200, 404, 422) or "Infinity" in sent


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "", "application/json"),
        ("", "*/*", "application/json"),
        ("", "text/csv", "text/csv"),
        ("", f"application/json;q=0.5, {XLSX}", XLSX),
        ("?format=csv", "application/json", "text/csv"),
        ("?format=xlsx", "", XLSX),
    ],
)
def test_the_query_or_else_the_header_says_the_format(
    client: FlaskClient, query: str, accept: str, media_type: str
) -> None:
    answer = client.post(f"/v1/designs{query}", json=WANTED, headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert client.post("/v1/designs", json=WANTED, headers={"Accept": "image/png"}).status_code == 406


def test_the_table_has_the_digits_of_the_document_and_no_formula(client: FlaskClient) -> None:
    for wanted in (WANTED, HOSTILE):
        answer = propose(client, wanted)
        rows = list(csv.DictReader(io.StringIO(client.post("/v1/designs?format=csv", json=wanted).text)))
        assert len(rows) == len(answer["designs"]) > 2
        for row, design in zip(rows, answer["designs"], strict=True):
            score = design["score"]
            assert float(row["probability_suppressing"]) == score["probability_suppressing"]
            assert (float(row["lower"]), row["label"], row["rank"]) == (
                design["lower"],
                score["label"],
                str(design["rank"]),
            )
            assert row["cargo_name"].lstrip("'") == score["candidate"]["cargo_name"]
            assert not any(cell.startswith(("=", "+", "@")) for cell in row.values())


def test_the_workbook_has_numbers_as_numbers_and_texts_as_texts(client: FlaskClient) -> None:
    for wanted in (WANTED, HOSTILE):
        answer = propose(client, wanted)
        content = client.post("/v1/designs?format=xlsx", json=wanted).data
        assert content == client.post("/v1/designs?format=xlsx", json=wanted).data
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
        assert not any(b"<f>" in sheet for sheet in sheets)
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        assert workbook.sheet_names == ["Designs", "Test first", "Request"]
        header, *rows = workbook.get_sheet_by_name("Designs").to_python()
        for row, design in zip(rows, answer["designs"], strict=True):
            cells = dict(zip(header, row, strict=True))
            assert cells["probability_suppressing"] == design["score"]["probability_suppressing"]
            assert cells["cargo_name"] == design["score"]["candidate"]["cargo_name"]
        requested = dict(workbook.get_sheet_by_name("Request").to_python()[1:])  # type: ignore[arg-type]
        assert requested["model"] == answer["request"]["model"]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any space is taken for a large one."""
    monkeypatch.setattr(designs, "MAX_AT_ONCE", 1)


@pytest.fixture
def own_app(address: str, tmp_path: Path, produced: Bundle) -> Iterator[Flask]:
    """An application of its own, on SQLite and on PostgreSQL."""
    app = create_app(Settings(var=tmp_path / "var", database_url=address, batch_days=1))
    installation = installation_of(app)
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    yield app
    installation.close()


def work(app: Flask, job_id: str) -> None:
    lease = installation_of(app).jobs.lease(job_id)
    assert lease
    run_job(installation_of(app), lease)


def test_a_large_design_is_made_by_a_job_with_the_same_bytes(own_app: Flask, scorer: Scorer, large: None) -> None:
    client = own_app.test_client()
    answer = client.post("/v1/designs", json=WANTED)
    job = answer.get_json()
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/v1/jobs/{job['id']}")
    assert (job["kind"], job["state"], job["request"]["model"]) == ("design", "queued", scorer.bundle.id)
    waiting = client.get(f"/v1/designs/{job['id']}")
    assert (waiting.status_code, waiting.get_json()["type"]) == (409, "urn:exoscore:problem:unfinished-design")
    work(own_app, job["id"])
    at_once = encode_designs(scorer, scorer.design(WANTED["vary"], WANTED["fixed"]))
    assert json.loads(client.get(f"/v1/designs/{job['id']}").data) == json.loads(at_once)
    assert list(client.get(f"/v1/designs/{job['id']}").get_json()) == list(json.loads(at_once))
    done = client.get(f"/v1/jobs/{job['id']}").get_json()
    assert (done["state"], done["result"]["variants"]) == ("done", 12)
    assert "designs" not in done["result"]
    assert client.get(f"/v1/designs/{job['id']}?format=csv").mimetype == "text/csv"


def test_the_same_large_design_under_one_key_is_one_job(own_app: Flask, large: None) -> None:
    client = own_app.test_client()

    def send(wanted: Mapping[str, Any]) -> Any:
        return client.post("/v1/designs", json=wanted, headers={"Idempotency-Key": "1"})

    assert send(WANTED).get_json()["id"] == send(WANTED).get_json()["id"]
    other = send(WANTED | {"limit": 3})
    assert (other.status_code, other.get_json()["type"]) == (422, "urn:exoscore:problem:idempotency")


def test_a_design_is_seen_by_the_key_that_sent_it_alone(own_app: Flask, large: None) -> None:
    client, keys = own_app.test_client(), installation_of(own_app).keys
    owner, other, admin = (
        {"Authorization": f"Bearer {keys.create(name, scopes, 'tests')}"}
        for name, scopes in (("anna", ["score"]), ("ben", ["score", "train"]), ("carl", ["admin"]))
    )
    job_id = client.post("/v1/designs", json=WANTED, headers=owner).get_json()["id"]
    work(own_app, job_id)
    address = f"/v1/designs/{job_id}"
    assert [client.get(address, headers=whose).status_code for whose in (owner, other, {}, admin)] == [
        200,
        404,
        404,
        200,
    ]
    assert client.post(f"/v1/jobs/{job_id}/cancel", headers=other).status_code == 404
    listed = [client.get("/v1/jobs", headers=whose).get_json()["jobs"] for whose in (owner, other, {}, admin)]
    assert [len(jobs) for jobs in listed] == [1, 0, 0, 1]
    training = installation_of(own_app).jobs.submit("training", {}, "tests")
    assert client.get(f"/v1/designs/{training}").status_code == 404


def test_a_cancelled_design_says_so_and_an_old_one_is_gone(
    own_app: Flask, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, jobs = own_app.test_client(), installation_of(own_app).jobs
    first, second = (client.post("/v1/designs", json=WANTED).get_json()["id"] for _ in range(2))
    jobs.cancel(first, "anna")
    work(own_app, second)
    assert "cancelled" in client.get(f"/v1/designs/{first}").get_json()["detail"]
    right = designs.now
    monkeypatch.setattr(designs, "now", lambda: right() + designs.timedelta(days=2))
    client.post("/v1/designs", json=WANTED)
    assert [client.get(f"/v1/designs/{job_id}").status_code for job_id in (first, second)] == [404, 404]


def test_the_page_of_its_job_shows_how_it_stands(own_app: Flask, large: None) -> None:
    client = own_app.test_client()
    job_id = client.post("/v1/designs", json=WANTED).get_json()["id"]
    assert "<h1>Design</h1>" in client.get(f"/models/jobs/{job_id}").text
    work(own_app, job_id)
    assert client.get(f"/models/jobs/{job_id}").status_code == 200


def test_an_unusable_key_is_refused_for_a_small_design_too(client: FlaskClient) -> None:
    answer = client.post("/v1/designs", json=WANTED, headers={"Idempotency-Key": "x" * 201})
    assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:exoscore:problem:idempotency")


def test_progress_is_told_in_variants(own_app: Flask, large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = installation_of(own_app)
    monkeypatch.setattr(designs, "REPORT_SECONDS", 0.0)
    job = installation.jobs.get(own_app.test_client().post("/v1/designs", json=WANTED).get_json()["id"])
    reports: list[tuple[Any, ...]] = []
    designs.propose_designs(installation, job, lambda *report: reports.append(report))
    assert reports == [(1.0, "12 of 12 variants", {"variants": 12})]
