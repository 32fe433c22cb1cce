"""`GET /v1/reports`: the answer of `/v1/scores` to the last bit with all that stands behind it, at an address to share."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.candidates.candidate import FIELDS
from models.estimator.artifact import Bundle
from models.scorer import Scorer
from service import Settings, create_app
from service.installation import Installation
from service.registry.model_registry import POLL_SECONDS
from service.scoring import report
from tests.service.candidates import CANDIDATES, FULL, MIR21, asked, named
from training.report.model_card import card, card_text

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_a_report_gives_the_score_of_every_other_door_to_the_last_bit(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    answer = client.post(
        "/v1/scores?include=evidence,contributions,flips,missing", json={"candidates": [candidate]}
    ).get_json()
    assert json.dumps(found["score"]) == json.dumps(answer["scores"][0])
    assert found["model"] == answer["model"]


def test_every_field_of_a_candidate_is_taken_from_the_query(client: FlaskClient) -> None:
    assert set(FULL) == {one.name for one in FIELDS}
    assert set(client.get(asked(FULL)).get_json()["score"]["candidate"]) == set(FULL)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_the_request_and_the_address_in_a_report_give_it_again(client: FlaskClient, candidate: dict[str, Any]) -> None:
    first = client.get(asked(candidate))
    replay = first.get_json()["replay"]
    request = replay["request"]
    again = client.open(request["path"], method=request["method"], json=request["body"]).get_json()
    assert json.dumps(again["scores"][0]) == json.dumps(first.get_json()["score"])
    assert client.get(replay["report"]).get_data() == first.get_data()
    page = client.get(replay["report"], headers={"Accept": "text/html"})
    assert page.get_data() == client.get(asked(candidate, format="html")).get_data()


def test_the_same_address_gives_the_same_bytes_and_they_are_not_sent_twice(
    client: FlaskClient, trained_var: Path
) -> None:
    for form in ("html", "json"):
        first = client.get(asked(MIR21, format=form))
        elsewhere = create_app(Settings(var=trained_var)).test_client().get(asked(MIR21, format=form))
        assert (elsewhere.get_data(), elsewhere.headers["ETag"]) == (first.get_data(), first.headers["ETag"])
        again = client.get(asked(MIR21, format=form), headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
    assert first.headers["ETag"] != client.get(asked(MIR21, format="html")).headers["ETag"]


@pytest.mark.parametrize(
    ("accept", "form", "status", "content_type"),
    [
        (None, None, 200, "application/json"),
        ("*/*", None, 200, "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", None, 200, "text/html; charset=utf-8"),
        ("application/json", None, 200, "application/json"),
        ("application/json", "html", 200, "text/html; charset=utf-8"),
        ("text/html", "json", 200, "application/json"),
        ("image/png", None, 406, "application/problem+json"),
        ("text/html", "pdf", 422, "application/problem+json"),
    ],
)
def test_the_form_is_what_the_query_says_or_else_what_the_reader_accepts(
    client: FlaskClient, accept: str | None, form: str | None, status: int, content_type: str
) -> None:
    more = {"format": form} if form else {}
    response = client.get(asked(MIR21, **more), headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.content_type) == (status, content_type)
    if status == 200:
        assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"source_phenotype": "M9", "cargo_type": "mirn", "cargo_state": "natif"},
        {**MIR21, "source_phenotype": "CAF", "species": "mouze"},
        {**MIR21, "cargo_name": "x" * 10_000},
        {**MIR21, "cancer_type": "\u202etumour"},
        {**MIR21, "cargo_type": "whole_vesicle"},
        {**MIR21, "engineering": ["drug_loading"] * 51},
        {**MIR21, "source_cell": "macrofage", "recipient_cell": ["t_cel", "blorb"]},
    ],
)
def test_faults_are_told_as_thoroughly_as_those_of_scores_by_their_parameter(
    client: FlaskClient, bad: dict[str, Any]
) -> None:
    response = client.get(asked(bad))
    posted = client.post("/v1/scores", json={"candidates": [bad]}).get_json()
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    expected = [
        {"parameter": error["pointer"].rpartition("/")[2]} | {k: v for k, v in error.items() if k != "pointer"}
        for error in posted["errors"]
    ]
    assert response.get_json()["errors"] == expected


def test_unknown_parameters_and_an_unknown_model_are_refused(client: FlaskClient, scorer: Scorer) -> None:
    problem = client.get(asked(MIR21, colour="red", modle="x", model="exo-000000000000")).get_json()
    assert {error["parameter"]: error["code"] for error in problem["errors"]} == {
        "colour": "unknown_parameter",
        "modle": "unknown_parameter",
        "model": "unknown_model",
    }
    response = client.get(asked(MIR21, model="exo-000000000000"))
    assert response.status_code == 404
    assert scorer.bundle.id in response.get_json()["errors"][0]["detail"]


def test_a_pinned_model_stays_when_another_is_promoted(tmp_path: Path, produced: Bundle) -> None:
    installation = Installation.open(Settings(var=tmp_path))
    registry = installation.registry
    renamed = Bundle(produced.model, {**produced.manifest, "model": "exo-0123456789ab"})
    for bundle in (produced, renamed):
        registry.save(bundle, "tests")
    registry.promote(produced.id, "tests", reason="to test")
    client = create_app(Settings(var=tmp_path)).test_client()
    before = client.get(asked(MIR21, model=produced.id)).get_data()
    unpinned = client.get(asked(MIR21)).get_json()
    registry.promote(renamed.id, "tests", reason="to test")
    installation.close()
    time.sleep(POLL_SECONDS)
    assert client.get(asked(MIR21, model=produced.id)).get_data() == before
    assert client.get(asked(MIR21)).get_json()["model"]["id"] != unpinned["model"]["id"]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_every_finding_that_is_named_is_among_the_references_once(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    listed = [one["finding_id"] for one in found["references"]]
    assert set(listed) == set(re.findall(r"EXF-[0-9a-f]{8}", json.dumps(found["score"])))
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_the_position_counts_every_finding_and_encloses_the_candidate(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    counts, edges = found["position"]["of_all"], found["position"]["edges"]
    assert sum(counts["suppressing"] + counts["promoting"]) == found["model"]["findings"]
    assert edges[0] <= found["score"]["contributions"]["log_odds"] <= edges[-1]
    assert ("of_cargo_type" in found["position"]) == ("of_cargo_type" in found["score"]["percentile"])
    lower = sum(
        counts[effect][column]
        for effect in counts
        for column, right in enumerate(edges[1:])
        if right <= found["score"]["contributions"]["log_odds"]
    )
    assert lower <= found["score"]["percentile"]["of_all"] / 100 * found["model"]["findings"] + 1


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_each_change_that_turns_the_call_has_a_report_of_its_own(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    assert len(found["flips"]) == len(found["score"]["flips"])
    for flip, ways in zip(found["score"]["flips"], found["flips"], strict=True):
        turned = client.get(ways["report"]).get_json()["score"]
        assert turned["probability_suppressing"] == flip["probability_suppressing"]
        assert turned["candidate"] == {name: value for name, value in flip["candidate"].items() if name != "id"}
        assert turned["label"] == flip["label"] != found["score"]["label"]


def test_the_addresses_in_the_manual_are_reports(client: FlaskClient) -> None:
    addresses = re.findall(
        r"/v1/reports\?[^\s'`)]+", (ROOT / "docs" / "how-to" / "use-over-http.md").read_text("utf-8")
    )
    assert addresses
    for address in addresses:
        assert client.get(address).status_code == 200


def test_a_report_says_how_the_candidates_cargo_type_was_calibrated(scorer: Scorer) -> None:
    metrics = scorer.bundle.manifest["metrics"]
    (measured,) = (each for each in metrics["calibration_by_cargo_type"] if each["cargo_type"] == "mirna")
    calibration = report.performance(scorer.bundle, "mirna")["calibration"]
    assert calibration.items() >= {name: measured[name] for name in ("findings", "papers", "predicted")}.items()
    assert f"of {measured['findings']} microRNA findings suppressed the tumour" in calibration["says"]
    few = report.performance(scorer.bundle, "sirna")["calibration"]
    assert few["observed"] is None
    assert "fewer than 20 findings or 10 papers" in few["says"]
    assert "not known" in report.performance(scorer.bundle, "lipid")["calibration"]["says"]


def test_a_model_of_an_earlier_version_says_that_its_calibration_was_not_measured(scorer: Scorer) -> None:
    metrics = {name: of for name, of in scorer.bundle.manifest["metrics"].items() if not name.startswith("calibration")}
    older = Bundle(scorer.bundle.model, {**scorer.bundle.manifest, "metrics": metrics})
    calibration = report.performance(older, "mirna")["calibration"]
    assert calibration["observed"] is None
    assert "not measured when this model was trained" in calibration["says"]
    assert "not measured" in card_text(card(older.manifest))
