"""A batch that was accepted is scored to its end, also where the disk was full meanwhile."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from service.batch import run as batch_run
from service.batch.formats import Format
from service.batch.options import BatchSpec
from service.batch.progress import Progress
from service.installation import Installation
from service.jobs import batch, batch_uploads
from service.settings import Settings

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
REQUEST = batch_uploads.BatchRequest(Format.CSV, Format.JSONL, (), keep=False, bad_rows="drop", partial=True, model="")


@pytest.fixture
def installation(own_var: Path) -> Iterator[Installation]:
    opened = Installation.open(Settings(var=own_var))
    yield opened
    opened.close()


@pytest.mark.parametrize("full", [errno.ENOSPC, errno.EDQUOT], ids=["disk", "quota"])
def test_it_waits_for_room_and_goes_on(installation: Installation, monkeypatch: pytest.MonkeyPatch, full: int) -> None:
    monkeypatch.setattr(batch, "ROOM_SECONDS", 0.001)
    sent = batch_uploads.create(installation, BytesIO(TABLE), REQUEST, "anna")
    job = installation.jobs.get(sent["id"])
    scored, tries, told = batch_run.run, [], []

    def run_on_a_full_disk(scorer: Any, spec: BatchSpec, report: Any) -> Progress:
        tries.append(spec.resume)
        if len(tries) < 3:
            raise OSError(full, "full")
        return scored(scorer, spec, report)

    def report(done: float, message: str, result: Mapping[str, Any]) -> None:
        told.append(message)

    monkeypatch.setattr(batch_run, "run", run_on_a_full_disk)
    counts = batch.score_file(installation, job, report)
    assert (counts["scored"], tries) == (1, [True, True, True])
    assert told[:2] == ["the disk is full: waiting for room"] * 2


def test_what_else_the_system_refuses_is_not_waited_for(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = batch_uploads.create(installation, BytesIO(TABLE), REQUEST, "anna")
    job = installation.jobs.get(sent["id"])

    def run_without_right(*_: Any) -> Progress:
        raise PermissionError(errno.EACCES, "no right")

    monkeypatch.setattr(batch_run, "run", run_without_right)
    with pytest.raises(PermissionError):
        batch.score_file(installation, job, lambda *_: None)
