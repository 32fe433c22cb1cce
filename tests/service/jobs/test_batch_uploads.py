"""A file that is sent leaves a batch and its folder, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from service.auth.keys import Principal
from service.batch.formats import Format
from service.errors import IdempotencyError, StoreError, UnknownDraftError
from service.installation import Installation
from service.jobs import batch_drafts, batch_uploads
from service.jobs.process import run_job
from service.settings import Settings

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
REQUEST = batch_uploads.BatchRequest(Format.CSV, Format.JSONL, (), keep=False, bad_rows="drop", partial=True, model="")


@pytest.fixture
def installation(own_var: Path) -> Iterator[Installation]:
    opened = Installation.open(Settings(var=own_var))
    yield opened
    opened.close()


def folders(installation: Installation) -> list[str]:
    return [folder.name for folder in (installation.settings.var / batch_uploads.FOLDER).iterdir()]


def test_a_batch_whose_job_is_not_committed_leaves_no_folder(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Session) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", fail)
        with pytest.raises(StoreError, match="full"):
            batch_uploads.create(installation, BytesIO(TABLE), REQUEST, "anna")
    assert folders(installation) == []
    assert installation.jobs.queued() == []


def test_a_file_that_is_sent_again_with_its_key_is_the_same_batch(installation: Installation) -> None:
    batch = batch_uploads.create(installation, BytesIO(TABLE), REQUEST, "anna", "key-1")
    assert batch_uploads.create(installation, BytesIO(TABLE), REQUEST, "anna", "key-1") == batch
    with pytest.raises(IdempotencyError):
        batch_uploads.create(installation, BytesIO(TABLE + b"\n"), REQUEST, "anna", "key-1")
    assert folders(installation) == installation.jobs.queued() == [batch["id"]]
    job = installation.jobs.get(batch["id"])
    assert batch_uploads.BatchRequest.from_job(job).model == installation.registry.current_id()
    assert batch_uploads.files_of(installation.settings.var, job).candidates.read_bytes() == TABLE


def test_nothing_of_a_removed_file_stays_in_its_job(installation: Installation) -> None:
    secret = TABLE + b"M2,mirna,secret-cargo\n"
    batch_id = batch_uploads.create(installation, BytesIO(secret), REQUEST, "anna")["id"]
    lease = installation.jobs.lease(batch_id)
    assert lease
    run_job(installation, lease)
    assert "secret" in str(installation.jobs.get(batch_id).result)
    batch_uploads.remove(installation, batch_id, Principal("", "", ("admin",)), "to test")
    job = installation.jobs.get(batch_id)
    assert "secret" not in str((job.result, job.log, job.failure, job.request))
    assert job.result["scored"] == 2


def test_a_file_that_waits_is_there_for_the_key_that_it_was_sent_with(installation: Installation) -> None:
    anna, ben = Principal("a" * 10, "anna", ("score",)), Principal("b" * 10, "ben", ("score",))
    own, open_to_all = (
        batch_drafts.keep(installation, "library.csv", BytesIO(TABLE), author) for author in (anna.author, "anyone")
    )
    assert batch_drafts.find(installation, own.draft_id, anna) == own
    for other in (ben, Principal()):
        with pytest.raises(UnknownDraftError):
            batch_drafts.find(installation, own.draft_id, other)
        assert batch_drafts.find(installation, open_to_all.draft_id, other) == open_to_all
