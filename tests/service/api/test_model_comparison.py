"""Two models side by side on candidates that are sent, as JSON, as a table or as a workbook: each scores as it would alone."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.installation import Installation
from tests import workbooks
from training.data.findings import Finding

NEWER = "exo-000000000004"
HEADER = "id,cargo_type,cargo_name,source_cell,source_phenotype,cargo_state,cancer_type"


@pytest.fixture
def client(tmp_path: Path, produced: Bundle) -> FlaskClient:
    installation = Installation.open(Settings(var=tmp_path / "var", rate_limit=0))
    raised = replace(produced.model, baseline=produced.model.baseline + 1.5)
    probe = produced.manifest["self_test"]
    moved = {**probe, "log_odds": probe["log_odds"] + 1.5}
    for bundle in (produced, Bundle(raised, {**produced.manifest, "model": NEWER, "self_test": moved})):
        installation.registry.save(bundle, "tests")
    installation.registry.promote(produced.id, "tests")
    installation.close()
    return create_app(installation.settings).test_client()


@pytest.fixture
def candidates(corpus: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [{**finding.candidate.to_dict(), "id": finding.finding_id} for finding in corpus[:60]]


def table(candidates: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER.split(","), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(candidates)
    return out.getvalue()


def test_each_model_scores_as_it_would_alone(client: FlaskClient, candidates: list[dict[str, Any]]) -> None:
    document = client.post(f"/v1/models/{NEWER}/difference", json={"candidates": candidates}).get_json()
    assert (document["rows"], document["compared"], document["errors"]) == (60, 60, [])
    assert document["changed"] > 0
    for model, prefix in ((NEWER, ""), (document["other"], "other_")):
        scores = client.post(f"/v1/scores?model={model}", json={"candidates": candidates}).get_json()["scores"]
        for each, score in zip(document["results"], scores, strict=True):
            assert each[f"{prefix}label"] == score["label"]
            assert each[f"{prefix}probability_suppressing"] == score["probability_suppressing"]
        assert sum(document[f"{prefix}labels"].values()) == 60
    turned = client.post(
        f"/v1/models/{document['other']}/difference?to={NEWER}", json={"candidates": candidates}
    ).get_json()
    assert [each["label"] for each in turned["results"]] == [each["other_label"] for each in document["results"]]


def test_a_table_says_the_same_as_json_and_comes_back_as_csv(
    client: FlaskClient, candidates: list[dict[str, Any]]
) -> None:
    address, text = f"/v1/models/{NEWER}/difference", table(candidates)
    sent = client.post(address, data=text, content_type="text/csv").get_json()
    same = [{name: each.get(name, "") for name in HEADER.split(",")} for each in candidates]
    as_json = client.post(address, json={"candidates": same}).get_json()
    for each, other in zip(sent["results"], as_json["results"], strict=True):
        assert each["label"] == other["label"]
        assert each["probability_suppressing"] == other["probability_suppressing"]
    for answer in (
        client.post(f"{address}?format=csv", data=text, content_type="text/csv"),
        client.post(address, data=text, content_type="text/csv", headers={"Accept": "text/csv"}),
    ):
        assert answer.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["id"] for row in rows] == [each["id"] for each in candidates]
        assert [row["other_label"] for row in rows] == [each["other_label"] for each in sent["results"]]
    book = workbooks.xlsx({"Plate 1": [HEADER.split(","), ["x", "mirna", "miR-21", "", "M2", "", ""]]})
    answer = client.post(
        f"{address}?sheet=Plate+1",
        data=book,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    assert answer.get_json()["compared"] == 1


def test_rows_with_errors_are_listed_apart_and_a_table_without_columns_is_refused(client: FlaskClient) -> None:
    address = f"/v1/models/{NEWER}/difference"
    body = {
        "candidates": [
            {"cargo_type": "protin"},
            3,
            {"cargo_type": "mirna", "cargo_name": "miR-21", "source_phenotype": "M2"},
        ]
    }
    document = client.post(address, json=body).get_json()
    assert [error["row"] for error in document["errors"]][:1] == [1]
    assert {error["row"] for error in document["errors"]} == {1, 2}
    assert [each["row"] for each in document["results"]] == [3]
    refused = client.post(address, data="a,b\n1,2\n", content_type="text/csv")
    assert (refused.status_code, refused.get_json()["type"]) == (422, "urn:exoscore:problem:invalid-table")
    many = HEADER + "\n" + "x,mirna,miR-21,,M2,,\n" * 10_001
    assert client.post(address, data=many, content_type="text/csv").status_code == 422
    assert client.post(address, data=b"x", content_type="image/png").status_code == 415
    assert client.post(address, json={"candidates": []}).status_code == 422
    assert client.post("/v1/models/none/difference", json=body).status_code == 404


def test_the_page_compares_a_file_and_hands_it_out_as_csv(
    client: FlaskClient, candidates: list[dict[str, Any]]
) -> None:
    address = f"/models/{NEWER}/difference"
    shown = client.get(address).text
    token = re.search(r'name="token" value="([^"]+)"', shown)
    fields = {"token": token[1]} if token else {}
    for name in re.findall(r'name="(csrf[^"]*)" value="', shown):
        fields[name] = re.findall(rf'name="{name}" value="([^"]+)"', shown)[0]

    def send(content: bytes, **more: str) -> Any:
        data = {**fields, **more, "file": (io.BytesIO(content), "own <b>.csv")}
        return client.post(address, data=data, headers={"Origin": "http://localhost"})

    content = table(candidates).encode() + b"bad,protin,PTEN,,M2,,\n"
    page = send(content)
    assert page.status_code == 200
    document = client.post(f"/v1{address}", data=content, content_type="text/csv").get_json()
    assert f"differs for {document['changed']} of 60 candidates" in page.text
    assert "own &lt;b&gt;.csv" in page.text
    assert "1 of 61 rows could not be scored" in page.text
    kept = send(content, format="csv")
    assert kept.mimetype == "text/csv"
    assert len(kept.text.splitlines()) == 61
    assert send(b"nothing here").status_code == 422
    assert client.post(address, data=fields, headers={"Origin": "http://localhost"}).status_code == 422
