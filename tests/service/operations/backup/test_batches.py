"""A back-up leaves the files of batches out unless they are asked for; batches without their files read as removed."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.batch.formats import Format
from service.db.database import Database
from service.installation import Installation
from service.jobs import batch_drafts, batch_uploads
from service.jobs.process import run_job
from service.operations import backup, checks
from service.operations.restore import restore
from service.web.current import installation_of
from tests.service.operations.backup.installations import fill

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
REQUEST = batch_uploads.BatchRequest(Format.CSV, Format.JSONL, (), keep=False, bad_rows="drop", partial=True, model="")


def work(installation: Installation, job_id: str) -> str:
    lease = installation.jobs.lease(job_id)
    assert lease
    run_job(installation, lease)
    return installation.jobs.get(job_id).state


@pytest.fixture
def batches(tmp_path: Path, produced: Bundle) -> tuple[Settings, str, str]:
    """An installation with a batch that is done, and one that waits."""
    settings = Settings(var=tmp_path / "source")
    fill(settings, produced)
    installation = Installation.open(settings)
    done, waiting = (batch_uploads.create(installation, BytesIO(TABLE), REQUEST, "anyone")["id"] for _ in range(2))
    assert work(installation, done) == "done"
    batch_drafts.keep(installation, "secret.csv", BytesIO(TABLE), "anyone")  # type: ignore[arg-type]
    installation.close()
    return settings, done, waiting


def back_up(settings: Settings, path: Path, with_batches: bool) -> list[str]:
    database = Database(settings.database)
    backup.write(path, database, settings.var, with_batches)
    database.close()
    return zipfile.ZipFile(path).namelist()


@pytest.mark.parametrize("again", [False, True], ids=["elsewhere", "in the same place"])
def test_batches_without_their_files_read_as_removed(
    batches: tuple[Settings, str, str], tmp_path: Path, again: bool
) -> None:
    source, done, waiting = batches
    path = tmp_path / "backup.zip"
    assert not [name for name in back_up(source, path, with_batches=False) if "batches" in name]
    target = source if again else Settings(var=tmp_path / "target")
    database = Database(target.database)
    restore(path, database, target.var, "to test", force=True)
    database.close()

    app = create_app(target)
    client, installation = app.test_client(), installation_of(app)
    batch = client.get(f"/v1/batches/{done}").get_json()
    assert (batch["state"], batch["removed"]) == ("done", True)
    for part in ("result", "errors"):
        assert client.get(f"/v1/batches/{done}/{part}").status_code == 410
        assert client.get(f"/batch/{done}/{part}").status_code == 410
    assert client.get(f"/batch/{done}").status_code == 200
    assert checks.is_ready(checks.readiness(installation))
    assert work(installation, waiting) == "failed"
    assert "--with-batches" in installation.jobs.get(waiting).failure
    assert client.get(f"/v1/batches/{waiting}/result").status_code == 410
    assert client.delete(f"/v1/batches/{done}?reason=published").status_code == 204
    sent = client.post("/v1/batches?format=jsonl&partial=true", data=TABLE, headers={"Content-Type": "text/csv"})
    assert sent.get_json()["duplicate"] is False
    installation.close()


def test_they_are_there_where_they_are_asked_for(batches: tuple[Settings, str, str], tmp_path: Path) -> None:
    source, done, waiting = batches
    back_up(source, tmp_path / "backup.zip", with_batches=True)
    target = Settings(var=tmp_path / "target")
    database = Database(target.database)
    restore(tmp_path / "backup.zip", database, target.var, "to test")
    database.close()
    app = create_app(target)
    assert app.test_client().get(f"/v1/batches/{done}/result", buffered=True).status_code == 200
    assert work(installation_of(app), waiting) == "done"
    installation_of(app).close()
