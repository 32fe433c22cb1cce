"""Processes that are really killed, on both databases: what was accepted is done in the end, and nothing is half done."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from models.estimator.artifact import Bundle
from service.db.tables import AuditRow, FindingRevision, FindingRow, Promotion
from tests.journeys.lab import COMMAND, Lab, make_lab
from tests.servers import Redis

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def running(lab: Lab, job_id: str, past: float, attempt: int = 1) -> dict[str, Any]:
    """A job, once an attempt at it has come so far."""
    for _ in range(600):
        job: dict[str, Any] = lab.ask("GET", f"/v1/jobs/{job_id}").json()
        if job["state"] == "running" and job["done"] >= past and job["attempt"] == attempt:
            return job
        time.sleep(0.1)
    raise AssertionError(job)


def test_a_training_survives_the_death_of_its_worker_and_of_its_process(small_lab: Lab) -> None:
    job_id = small_lab.ask("POST", "/v1/trainings", json={"seed": 5}).json()["id"]
    running(small_lab, job_id, 0.05)
    for number in small_lab.processes("worker"):
        os.kill(number, signal.SIGKILL)
    pool = "joblib.externals.loky.backend.popen_loky_posix"
    for _ in range(200):
        if not small_lab.processes("service.jobs.process") and not small_lab.processes(pool):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the work and its pool outlive the worker that watched them")
    running(small_lab, job_id, 0.05, attempt=2)
    for number in small_lab.processes("service.jobs.process"):
        os.kill(number, signal.SIGKILL)
    job = small_lab.ended(job_id)
    assert (job["state"], job["attempt"]) == ("done", 3)
    assert sum("stopped responding" in line or "ended with status" in line for line in job["log"]) == 2
    kept = [model["id"] for model in small_lab.ask("GET", "/v1/models").json()["models"]]
    assert kept.count(job["result"]["model"]) == 1


def test_a_cancelled_training_stops_and_keeps_no_model(small_lab: Lab) -> None:
    before = small_lab.ask("GET", "/v1/models").json()["models"]
    first = small_lab.ask("POST", "/v1/trainings", json={"seed": 6}).json()["id"]
    second = small_lab.ask("POST", "/v1/trainings", json={"seed": 7}).json()["id"]
    running(small_lab, first, 0.0)
    assert small_lab.ask("POST", f"/v1/jobs/{second}/cancel").json()["state"] == "cancelled"
    assert small_lab.ask("POST", f"/v1/jobs/{first}/cancel").json()["cancelling"]
    assert small_lab.ended(first)["state"] == "cancelled"
    assert small_lab.ask("GET", "/v1/models").json()["models"] == before
    assert not small_lab.processes("service.jobs.process")


def test_promotions_are_whole_whenever_the_web_server_is_killed(lab: Lab, produced: Bundle) -> None:
    opened = lab.open()
    other = Bundle(produced.model, {**produced.manifest, "model": "exo-0123456789ab"})
    opened.registry.save(other, "tests")
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
    with opened.database.read() as session:
        moves = list(session.scalars(select(Promotion).order_by(Promotion.sequence)))
        told = list(
            session.scalars(select(AuditRow).where(AuditRow.action == "model.promote").order_by(AuditRow.sequence))
        )
    assert [move.sequence for move in moves] == list(range(1, len(moves) + 1))
    assert [move.model_id for move in moves] == [row.subject for row in told]
    assert len(moves) > 10
    opened.registry.invalidate()
    answer = lab.ask("POST", "/v1/scores", json={"candidates": [MIR21]}).json()
    assert answer["model"]["id"] == opened.registry.current_id() == moves[-1].model_id
    opened.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_scores_go_on_while_the_database_is_away_and_writing_says_so(
    small_lab: Lab, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgresql")
    job_id = small_lab.ask("POST", "/v1/trainings", json={"seed": 8}).json()["id"]
    running(small_lab, job_id, 0.05)
    server.stop("immediate")
    try:
        by = time.monotonic() + 10
        while time.monotonic() < by:
            answer = small_lab.client.post("/v1/scores", json={"candidates": [MIR21]})
            assert answer.status_code == 200
        refused = small_lab.ask("POST", "/v1/trainings")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert small_lab.client.get("/readyz").status_code == 503
        assert small_lab.client.get("/healthz").status_code == 200
    finally:
        server.start()
    small_lab.wait_until_ready()
    assert small_lab.ended(job_id)["state"] == "done"


def test_a_findings_import_is_whole_or_not_there_whenever_the_web_server_is_killed(small_lab: Lab) -> None:
    chooser = random.Random(2)
    for attempt in range(3):
        findings = [
            {
                "paper": f"lab:import {attempt}",
                "source_phenotype": "M2",
                "cargo_type": "mirna",
                "cargo_name": f"invented-{number}",
                "effect": "promoting",
            }
            for number in range(400)
        ]
        answers: list[int] = []

        def post(findings: list[dict[str, str]] = findings, answers: list[int] = answers) -> None:
            with contextlib.suppress(httpx.TransportError):
                answers.append(small_lab.ask("POST", "/v1/findings", json={"findings": findings}).status_code)

        posting = threading.Thread(target=post)
        posting.start()
        time.sleep(chooser.uniform(0.0, 1.0))
        for number in small_lab.processes("web"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        posting.join()
        small_lab.wait_until_ready()
        opened = small_lab.open()
        with opened.database.read() as session:
            paper = FindingRow.paper == f"lab:import {attempt}"
            kept = session.scalar(select(func.count()).select_from(FindingRow).where(paper))
            revisions = session.scalar(
                select(func.count())
                .select_from(FindingRevision)
                .join(FindingRow, FindingRow.finding_id == FindingRevision.finding_id)
                .where(paper)
            )
        opened.close()
        assert kept == revisions
        assert kept in ((400,) if answers == [201] else (0, 400))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_scores_go_on_while_sqlite_is_locked_and_writing_waits_or_says_so(small_lab: Lab) -> None:
    opened = small_lab.open()
    with opened.database.write():
        by = time.monotonic() + 10
        while time.monotonic() < by:
            answer = small_lab.client.post("/v1/scores", json={"candidates": [MIR21]})
            assert answer.status_code == 200
        refused = small_lab.ask("POST", "/v1/trainings")
        assert (refused.status_code, "locked" in refused.json()["detail"]) == (503, True)
    assert small_lab.ask("GET", "/v1/jobs").json()["jobs"] == []
    assert small_lab.ask("POST", "/v1/trainings").status_code == 202
    opened.close()


def test_jobs_are_done_while_redis_is_away(tmp_path: Path, produced: Bundle, redis_server: Redis) -> None:
    lab = make_lab(tmp_path / "var", produced, papers=70, redis_url=redis_server.address)
    lab.start()
    redis_server.stop()
    try:
        submitted = lab.ask("POST", "/v1/trainings", json={"seed": 2})
        assert submitted.status_code == 202
        assert lab.ended(submitted.json()["id"])["state"] == "done"
    finally:
        redis_server.start()
        lab.stop()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_trainings_side_by_side_are_both_done(small_lab: Lab) -> None:
    with subprocess.Popen([COMMAND, "worker"], env=small_lab.environment, stderr=subprocess.DEVNULL) as another:
        ids = [small_lab.ask("POST", "/v1/trainings", json={"seed": seed}).json()["id"] for seed in (1, 2)]
        jobs = [small_lab.ended(job_id) for job_id in ids]
        another.terminate()
    assert [job["state"] for job in jobs] == ["done", "done"]
    kept = [model["id"] for model in small_lab.ask("GET", "/v1/models").json()["models"]]
    assert {job["result"]["model"] for job in jobs} < set(kept)
