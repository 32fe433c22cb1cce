"""Two hundred promotions while eight clients score: no request fails, and no answer mixes two models."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import httpx

from models.estimator.artifact import Bundle
from models.rounding import round_probability
from tests.journeys.lab import Lab

CANDIDATES = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"},
    {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "miR-155-5p", "cargo_state": "loaded"},
    {"source_cell": "fibroblast", "source_phenotype": "CAF", "cargo_type": "lncrna", "cargo_name": "HOTAIR"},
]
CLIENTS = 8
PROMOTIONS = 200


def other_model(bundle: Bundle) -> Bundle:
    """A model with other probabilities for every candidate, so that a mixed answer cannot pass for one of either."""
    test = bundle.manifest["self_test"]
    flatter = {**test, "log_odds": test["log_odds"] / 2}
    fitted = bundle.model
    weights = {name: weight / 2 for name, weight in fitted.weights.items()}
    model = replace(fitted, weights=weights, baseline=fitted.baseline / 2, slope=fitted.slope / 2)
    return Bundle(model, {**bundle.manifest, "model": "exo-0123456789ab", "self_test": flatter})


def test_no_request_fails_and_no_answer_mixes_two_models(lab: Lab, produced: Bundle) -> None:
    opened = lab.open()
    other = other_model(produced)
    opened.registry.save(other, "tests")
    expected = {
        bundle.id: [
            round_probability(opened.registry.scorer(bundle.id).score(candidate).probability_suppressing)
            for candidate in CANDIDATES
        ]
        for bundle in (produced, other)
    }
    opened.close()
    stop = threading.Event()
    seen: list[str] = []
    wrong: list[object] = []

    def score() -> None:
        with httpx.Client(base_url=lab.address, timeout=30, verify=False) as client:
            while not stop.is_set():
                answer = client.post("/v1/scores", json={"candidates": CANDIDATES})
                if answer.status_code != 200:
                    wrong.append(answer.text)
                    continue
                document = answer.json()
                model = document["model"]["id"]
                probabilities = [round_probability(score["probability_suppressing"]) for score in document["scores"]]
                versions = {score["versions"]["model"] for score in document["scores"]}
                if probabilities != expected[model] or versions != {model}:
                    wrong.append(document)
                seen.append(model)

    clients = [threading.Thread(target=score) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    ids = (other.id, produced.id)
    for number in range(PROMOTIONS):
        answer = lab.ask("POST", f"/v1/models/{ids[number % 2]}/promote", json={"force": True, "reason": "to and fro"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["current"] == ids[number % 2]
    time.sleep(2.0)
    settled = len(seen)
    time.sleep(1.0)
    stop.set()
    for client in clients:
        client.join()
    assert not wrong, wrong[0]
    assert set(seen) == set(ids)
    assert set(seen[settled + CLIENTS :]) == {produced.id}, "two seconds after the last promotion every worker has it"
