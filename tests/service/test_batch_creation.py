"""A file that is sent leaves a batch and its folder, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from service import batches
from service.batch.formats import Format
from service.errors import IdempotencyError, StoreError
from service.services import Services
from service.settings import Settings

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
REQUEST = batches.BatchRequest(Format.CSV, Format.JSONL, (), keep=False, bad_rows="drop", partial=True, model="")


@pytest.fixture
def services(own_var: Path) -> Iterator[Services]:
    opened = Services.open(Settings(var=own_var))
    yield opened
    opened.close()


def folders(services: Services) -> list[str]:
    return [folder.name for folder in (services.settings.var / batches.FOLDER).iterdir()]


def test_a_batch_whose_job_is_not_committed_leaves_no_folder(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Session) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", fail)
        with pytest.raises(StoreError, match="full"):
            batches.create(services, BytesIO(TABLE), REQUEST, "anna")
    assert folders(services) == []
    assert services.jobs.queued() == []


def test_a_file_that_is_sent_again_with_its_key_is_the_same_batch(services: Services) -> None:
    batch = batches.create(services, BytesIO(TABLE), REQUEST, "anna", "key-1")
    assert batches.create(services, BytesIO(TABLE), REQUEST, "anna", "key-1") == batch
    with pytest.raises(IdempotencyError):
        batches.create(services, BytesIO(TABLE + b"\n"), REQUEST, "anna", "key-1")
    assert folders(services) == services.jobs.queued() == [batch["id"]]
    job = services.jobs.get(batch["id"])
    assert batches.BatchRequest.from_job(job).model == services.registry.current_id()
    assert batches.files_of(services.settings.var, job).candidates.read_bytes() == TABLE
