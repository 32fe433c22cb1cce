"""The clock is put back and forward under a running installation, on both databases; nothing that was accepted is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.estimator.artifact import Bundle
from service.db.tables import AuditRow, Promotion
from tests.journeys.faults.clock import Clock
from tests.journeys.lab import COMMAND, Lab, make_lab

HOURS = 3600
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
FINDING = {"paper": "lab:clock", "source_phenotype": "M1", "cargo_type": "mirna", "effect": "suppressing"}


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock.made_in(tmp_path)


@pytest.fixture
def lab(tmp_path: Path, database: str, produced: Bundle, clock: Clock) -> Iterator[Lab]:
    """A running installation that goes by `clock`."""
    lab = make_lab(tmp_path / "var", produced, database, papers=70, variables=clock.variables)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def put(lab: Lab, clock: Clock, seconds: int) -> None:
    """Puts the clock, and sees by the line of a request in the log that the service goes by it."""
    clock.put(seconds)
    assert lab.client.get("/v1/models").status_code == 200
    line = json.loads(lab.log.read_text("utf-8").splitlines()[-1])
    logged = datetime.fromisoformat(line["time"])
    assert abs(logged - datetime.now(UTC) - timedelta(seconds=seconds)) < timedelta(seconds=30)


def started(lab: Lab, job_id: str, attempt: int) -> None:
    for _ in range(900):
        job = lab.ask("GET", f"/v1/jobs/{job_id}").json()
        if (job["state"], job["attempt"]) == ("running", attempt) and job["done"] > 0:
            return
        time.sleep(0.1)
    raise AssertionError(job)


def test_trainings_go_on_and_are_taken_back_from_dead_workers_whatever_the_clock_says(lab: Lab, clock: Clock) -> None:
    first = lab.ask("POST", "/v1/trainings", json={"seed": 1}).json()["id"]
    started(lab, first, attempt=1)
    put(lab, clock, -2 * HOURS)
    second = lab.ask("POST", "/v1/trainings", json={"seed": 2}).json()["id"]
    assert [lab.ended(first)[of] for of in ("state", "attempt")] == ["done", 1], "nobody took it for silent"

    started(lab, second, attempt=1)
    for number in lab.processes("worker"):
        os.kill(number, signal.SIGKILL)
    put(lab, clock, 40 * 24 * HOURS)
    job = lab.ended(second)
    assert (job["state"], job["attempt"]) == ("done", 2), job
    pages, cursor = [], ""
    while cursor is not None:
        page = lab.ask("GET", f"/v1/jobs?limit=1&cursor={cursor}").json()
        pages += [job["id"] for job in page["jobs"]]
        cursor = page["next"]
    assert sorted(pages) == sorted([first, second])


def test_promotions_and_the_audit_keep_their_order(lab: Lab, clock: Clock, produced: Bundle) -> None:
    opened = lab.open()
    other = Bundle(produced.model, {**produced.manifest, "model": "exo-0123456789ab"})
    opened.registry.save(other, "tests")
    wanted = [produced.id]
    for hours, model_id in ((0, other.id), (-2, produced.id), (1, other.id), (-30 * 24, produced.id)):
        put(lab, clock, hours * HOURS)
        body = {"force": True, "reason": f"{hours} hours"}
        answer = lab.ask("POST", f"/v1/models/{model_id}/promote", json=body)
        assert (answer.status_code, answer.json()["current"]) == (200, model_id)
        wanted.append(model_id)
    lab.wait_for_model(produced.id)
    assert lab.ask("POST", "/v1/models/rollback", json={"reason": "worse"}).json()["current"] == other.id
    wanted.append(other.id)
    lab.wait_for_model(other.id)
    told = lab.ask("GET", "/v1/models").json()
    assert [move["model"] for move in reversed(told["promotions"])] == wanted
    assert told["current"] == other.id
    with opened.database.read() as session:
        moves = list(session.scalars(select(Promotion).order_by(Promotion.sequence)))
        subjects = list(
            session.scalars(
                select(AuditRow.subject)
                .where(AuditRow.action.in_(("model.promote", "model.roll_back")))
                .order_by(AuditRow.sequence)
            )
        )
    opened.close()
    assert [move.sequence for move in moves] == list(range(1, len(wanted) + 1))
    assert subjects == wanted
    assert [move.at for move in moves] != sorted(move.at for move in moves), "the clock did go back"


def test_findings_keys_and_repeated_requests_stand_the_clock(lab: Lab, clock: Clock) -> None:
    once = {"Idempotency-Key": "notebook 7"}
    body = {"findings": [{**FINDING, "cargo_name": "invented-1"}]}
    first = lab.ask("POST", "/v1/findings", json=body, headers=once)
    assert first.status_code == 201
    expires = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    key = lab.ask("POST", "/v1/keys", json={"name": "an hour", "scopes": ["score"], "expires": expires})
    assert key.status_code == 201, key.text
    bearer = {"Authorization": f"Bearer {key.json()['key']}"}

    def known() -> int:
        return lab.client.post("/v1/scores", json={"candidates": [MIR21]}, headers=bearer).status_code

    ids = [first.json()["added"][0]["finding_id"]]
    for number, (hours, status) in enumerate(((-2, 200), (2, 401), (-48, 200), (0, 200)), start=2):
        put(lab, clock, hours * HOURS)
        time.sleep(0.01)
        assert known() == status, f"{hours} hours"
        again = lab.ask("POST", "/v1/findings", json=body, headers=once)
        assert (again.status_code, again.content) == (201, first.content)
        another = {"findings": [{**FINDING, "cargo_name": f"invented-{number}"}]}
        ids.append(lab.ask("POST", "/v1/findings", json=another).json()["added"][0]["finding_id"])
    paged, address = [], "/v1/findings?paper=lab:clock&limit=2"
    while address:
        page = lab.ask("GET", address).json()
        paged += [one["finding_id"] for one in page["findings"]]
        address = page["next"]
    assert paged == ids, "in the order in which they were added"
    for command in (["audit"], ["jobs", "list"], ["models", "list"]):
        done = subprocess.run([COMMAND, *command], env=lab.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_limit_holds_and_nobody_is_kept_waiting_longer_than_a_minute(
    tmp_path: Path, produced: Bundle, clock: Clock, database: str
) -> None:
    lab = make_lab(tmp_path / "var", produced, database, variables=clock.variables, rate_limit=5, workers=1)
    lab.start()
    try:
        for hours in (0, -2, -4, 3, -3):
            put(lab, clock, hours * HOURS)
            answers = [lab.client.get("/v1/vocabulary") for _ in range(15)]
            codes = " ".join(str(answer.status_code) for answer in answers)
            # The minute of the clock may end meanwhile: then up to five more of those that are left are let through.
            assert re.fullmatch("(200 ?){4,5}(429 ?)*(200 ?){0,5}(429 ?)*", codes)
            refused = [int(answer.headers["Retry-After"]) for answer in answers if answer.status_code == 429]
            assert refused
            assert all(0 < seconds <= 60 for seconds in refused)
        assert lab.client.get("/readyz").status_code == 200
    finally:
        lab.stop()
