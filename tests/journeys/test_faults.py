"""Processes that are really killed, on both databases: what was accepted is done in the end, and nothing is half done."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from models.artifact import Bundle
from service.store.tables import AuditRow, Promotion
from tests.journeys.lab import Lab

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def running(lab: Lab, job_id: str, past: float, attempt: int = 1) -> dict[str, Any]:
    """A job, once an attempt at it has come so far."""
    for _ in range(600):
        job: dict[str, Any] = lab.ask("GET", f"/v1/jobs/{job_id}").json()
        if job["state"] == "running" and job["done"] >= past and job["attempt"] == attempt:
            return job
        time.sleep(0.1)
    raise AssertionError(job)


def test_a_training_survives_the_death_of_its_worker_and_of_its_process(lab: Lab) -> None:
    job_id = lab.ask("POST", "/v1/trainings", json={"seed": 5}).json()["id"]
    running(lab, job_id, 0.05)
    for number in lab.processes("worker"):
        os.kill(number, signal.SIGKILL)
    for _ in range(100):
        if not lab.processes("service.jobs.work"):
            break
        time.sleep(0.1)
    assert not lab.processes("service.jobs.work"), "the work ends with the worker that watches it"
    running(lab, job_id, 0.05, attempt=2)
    for number in lab.processes("service.jobs.work"):
        os.kill(number, signal.SIGKILL)
    job = lab.ended(job_id)
    assert (job["state"], job["attempt"]) == ("done", 3)
    assert sum("silent" in line or "ended with status" in line for line in job["log"]) == 2
    kept = [model["id"] for model in lab.ask("GET", "/v1/models").json()["models"]]
    assert kept.count(job["result"]["model"]) == 1


def test_a_cancelled_training_stops_and_keeps_no_model(lab: Lab) -> None:
    before = lab.ask("GET", "/v1/models").json()["models"]
    first = lab.ask("POST", "/v1/trainings", json={"seed": 6}).json()["id"]
    second = lab.ask("POST", "/v1/trainings", json={"seed": 7}).json()["id"]
    running(lab, first, 0.0)
    assert lab.ask("POST", f"/v1/jobs/{second}/cancel").json()["state"] == "cancelled"
    assert lab.ask("POST", f"/v1/jobs/{first}/cancel").json()["cancelling"]
    assert lab.ended(first)["state"] == "cancelled"
    assert lab.ask("GET", "/v1/models").json()["models"] == before
    assert not lab.processes("service.jobs.work")


def test_promotions_are_whole_whenever_the_web_server_is_killed(lab: Lab, produced: Bundle) -> None:
    opened = lab.open()
    other = Bundle(produced.model, {**produced.manifest, "model": "exo-0123456789ab"})
    opened.registry.keep(other, "tests")
    ids = (produced.id, other.id)
    stop = threading.Event()

    def promote() -> None:
        chooser = random.Random(0)
        while not stop.is_set():
            with contextlib.suppress(httpx.TransportError):
                path = f"/v1/models/{chooser.choice(ids)}/promote"
                lab.ask("POST", path, json={"force": True, "reason": "to and fro"})

    promoting = threading.Thread(target=promote)
    promoting.start()
    chooser = random.Random(1)
    for _ in range(4):
        time.sleep(chooser.uniform(0.5, 2.0))
        for number in lab.processes("web"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        lab.wait_until_ready()
    stop.set()
    promoting.join()
    lab.wait_until_ready()
    with opened.store.read() as session:
        moves = list(session.scalars(select(Promotion).order_by(Promotion.sequence)))
        told = list(
            session.scalars(select(AuditRow).where(AuditRow.action == "model.promote").order_by(AuditRow.sequence))
        )
    assert [move.sequence for move in moves] == list(range(1, len(moves) + 1))
    assert [move.model_id for move in moves] == [row.subject for row in told]
    assert len(moves) > 10
    opened.registry.forget()
    answer = lab.ask("POST", "/v1/scores", json={"candidates": [MIR21]}).json()
    assert answer["model"]["id"] == opened.registry.current_id() == moves[-1].model_id
    opened.close()


@pytest.mark.parametrize("lab", ["postgresql"], indirect=True)
def test_scores_go_on_while_the_database_is_away_and_writing_says_so(lab: Lab, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgresql")
    job_id = lab.ask("POST", "/v1/trainings", json={"seed": 8}).json()["id"]
    running(lab, job_id, 0.05)
    server.stop("immediate")
    try:
        by = time.monotonic() + 10
        while time.monotonic() < by:
            answer = httpx.post(f"{lab.address}/v1/scores", json={"candidates": [MIR21]}, timeout=30)
            assert answer.status_code == 200
        refused = lab.ask("POST", "/v1/trainings")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert httpx.get(f"{lab.address}/readyz", timeout=30).status_code == 503
        assert httpx.get(f"{lab.address}/healthz", timeout=30).status_code == 200
    finally:
        server.start()
    lab.wait_until_ready()
    assert lab.ended(job_id)["state"] == "done"
