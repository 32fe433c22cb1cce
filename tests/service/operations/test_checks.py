"""Readiness says yes where requests can be answered; each check says that all is well, or what to do."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.db.database import HEAD
from service.db.tables import Job, ModelRow, now
from service.installation import Installation
from service.operations import checks
from service.operations.checks import FAIL, OK, PATIENCE, WARN
from service.web.current import installation_of
from tests.servers import PostgreSQL

CHECKS = ["database", "migrations", "model", "refused", "queue", "disk"]


def states(installation: Installation) -> dict[str, str]:
    """The state of every check."""
    return {check.name: check.state for check in checks.readiness(installation)}


def says(installation: Installation, name: str) -> str:
    return next(check.says for check in checks.readiness(installation) if check.name == name)


def test_an_installation_that_is_well_is_ready_and_says_so_of_every_check(own_var: Path, produced: Bundle) -> None:
    answer = create_app(Settings(var=own_var)).test_client().get("/readyz")
    document = answer.get_json()
    assert (answer.status_code, document["status"], document["model"]) == (200, "ready", produced.id)
    assert {name: check["state"] for name, check in document["checks"].items()} == dict.fromkeys(CHECKS, OK)


def test_without_a_model_it_says_how_to_make_one_and_is_alive_all_the_same(tmp_path: Path) -> None:
    client = create_app(Settings(var=tmp_path)).test_client()
    answer = client.get("/readyz")
    document = answer.get_json()
    assert (answer.status_code, document["status"], "model" in document) == (503, "not ready", False)
    assert "exoscore train" in document["checks"]["model"]["says"]
    assert (client.get("/healthz").status_code, client.get("/healthz").get_json()) == (200, {"status": "ok"})


def test_a_model_that_was_refused_is_told_while_another_one_serves(own_var: Path, produced: Bundle) -> None:
    opened = Installation.open(Settings(var=own_var))
    other = Bundle(produced.model, {**produced.manifest, "model": "exo-000000000001"})
    opened.registry.save(other, "tests")
    opened.registry.promote(other.id, "tests", reason="to test")
    opened.close()
    opened = Installation.open(Settings(var=own_var))
    with opened.database.write() as session:
        session.get_one(ModelRow, other.id).digest = "another"
    opened.registry.scorer()
    assert states(opened) == dict.fromkeys(CHECKS, OK) | {"refused": WARN}
    assert other.id in says(opened, "refused")
    opened.close()


def test_a_database_that_is_away_fails_its_checks_within_their_patience(postgresql: PostgreSQL, tmp_path: Path) -> None:
    installation = Installation.open(Settings(var=tmp_path, database_url=postgresql.database()))
    postgresql.stop()
    try:
        found = states(installation)
        assert [name for name, state in found.items() if state == FAIL] == ["database", "migrations", "model", "queue"]
        assert "EXOSCORE_DATABASE_URL" in says(installation, "database")
    finally:
        postgresql.start()
        installation.close()


def test_tables_of_another_version_are_told(own_var: Path) -> None:
    installation = Installation.open(Settings(var=own_var))
    with installation.database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    check = checks.migrations(installation.database)
    assert (check.state, "9999" in check.says, HEAD in check.says) == (FAIL, True, True)
    installation.close()


@pytest.mark.parametrize(("waited", "state"), [(timedelta(seconds=5), OK), (2 * PATIENCE, WARN)])
def test_a_job_that_nobody_takes_is_told_after_a_while(own_var: Path, waited: timedelta, state: str) -> None:
    installation = Installation.open(Settings(var=own_var))
    job_id = installation.jobs.submit("training", {}, "tests")
    with installation.database.write() as session:
        session.get_one(Job, job_id).created = now() - waited
    found = checks.queue(installation.database)
    assert (found.state, "exoscore worker" in found.says) == (state, state == WARN)
    with installation.database.write() as session:
        session.get_one(Job, job_id).state = "running"
    assert checks.queue(installation.database).says == "no job is waiting"
    installation.close()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert checks.disk(tmp_path / "file").state == FAIL
    assert checks.disk(tmp_path / "gone").state == FAIL
    assert checks.disk(tmp_path).state == OK
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize(("free", "state"), [(10 << 30, OK), (100 << 20, WARN), (1 << 20, FAIL)])
def test_a_disk_that_fills_is_told_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    found = checks.disk(tmp_path)
    assert (found.state, "free some space" in found.says) == (state, state != OK)


def test_a_ready_service_turns_not_ready_when_its_model_fails_its_self_test(
    own_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = create_app(Settings(var=own_var))
    client = service.test_client()
    assert client.get("/readyz").status_code == 200
    kept = installation_of(service).registry.scorer().bundle.manifest["self_test"]
    monkeypatch.setitem(kept, "log_odds", kept["log_odds"] + 1)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["model"]["state"]) == (503, FAIL)
