"""A file that is sent leaves a batch and its folder, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from service.batch.formats import Format
from service.errors import IdempotencyError, StoreError
from service.installation import Installation
from service.jobs import batch_uploads
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
