"""A lab's journey: start, add forty findings, retrain, read the gate's words, promote, score, roll back, replay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.journeys.lab import Lab

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}


def own_findings(number: int) -> list[dict[str, Any]]:
    """What a lab might have seen, a notebook each."""
    seen = []
    for page in range(number):
        loaded = page % 2 == 0
        seen.append(
            {
                "paper": f"lab:notebook {page}",
                "source_cell": "macrophage",
                "source_phenotype": "M1" if loaded else "M2",
                "cargo_type": "mirna",
                "cargo_name": ("miR-155-5p", "miR-21-5p", "miR-34a-5p", "miR-223-3p")[page % 4],
                "cargo_state": "loaded" if loaded else "native",
                "cancer_type": ("gastric cancer", "breast cancer", "glioma", "melanoma", "lung cancer")[page % 5],
                "effect": "suppressing" if loaded else "promoting",
                "year": "2026",
            }
        )
    return seen


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lab_adds_findings_retrains_promotes_rolls_back_and_replays(lab: Lab) -> None:
    first = lab.ask("POST", "/v1/scores?include=contributions,evidence", json={"candidates": [MIR21]})
    before = first.json()["model"]["id"]

    added = lab.ask("POST", "/v1/findings", json={"findings": own_findings(40)})
    assert (added.status_code, len(added.json()["added"])) == (201, 40)
    again = lab.ask("POST", "/v1/findings", json={"findings": own_findings(40)})
    assert (again.status_code, len(again.json()["added"]), len(again.json()["existing"])) == (200, 0, 40)

    training = lab.ask("POST", "/v1/trainings", json={"seed": 0})
    assert training.status_code == 202
    job = lab.ended(training.json()["id"])
    assert job["state"] == "done", job
    gate = job["result"]["gate"]
    assert job["result"]["replaces"] == before
    assert gate["says"][0] in ("Promotion is recommended", "Promotion is not recommended")
    assert gate["on_folds"]["papers"] - gate["shared"]["papers"] == 40
    assert any("On the same folds" in line for line in gate["says"])
    assert (gate["changes"]["added"], gate["changes"]["reproduced"]) == (40, True)

    model = job["result"]["model"]
    assert lab.ask("POST", "/v1/scores", json={"candidates": [MIR21]}).json()["model"]["id"] == before
    promoted = lab.ask("POST", f"/v1/models/{model}/promote", json=FORCED | {"force": not gate["recommends"]})
    assert (promoted.status_code, promoted.json()["current"]) == (200, model), promoted.text

    lab.wait_for_model(model)
    second = lab.ask("POST", "/v1/scores", json={"candidates": [MIR21]}).json()
    assert second["scores"][0]["versions"]["model"] == model
    difference = lab.ask("GET", f"/v1/models/{model}/difference?to={before}").json()
    assert difference["findings_added"] == 40
    datasheet = lab.ask("GET", f"/v1/models/{model}/datasheet").json()
    assert datasheet["lab"]["findings"] == 40
    assert lab.ask("GET", f"/v1/models/{model}").json()["gate"]["changes"] == gate["changes"]

    rolled = lab.ask("POST", "/v1/models/rollback", json={"reason": "to replay"})
    assert (rolled.status_code, rolled.json()["current"]) == (200, before)
    lab.wait_for_model(before)
    replayed = lab.ask("POST", "/v1/scores?include=contributions,evidence", json={"candidates": [MIR21]})
    assert replayed.content == first.content
    pinned = lab.ask("POST", f"/v1/scores?model={model}", json={"candidates": [MIR21]}).json()
    assert json.dumps(pinned) == json.dumps(second)


FORCED = {"force": True, "reason": "the lab trusts its notebooks"}
