"""A batch that was accepted is scored to its end, also where the disk was full meanwhile."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from service.batch import run as batch_run
from service.batch.errors import BatchError
from service.batch.formats import Format
from service.batch.options import BatchSpec
from service.batch.progress import Progress
from service.installation import Installation
from service.jobs import batch, batch_uploads
from service.settings import Settings
from tests import workbooks

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
    assert told[:2] == ["The disk is full: waiting for space"] * 2


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


def test_a_sheet_of_a_workbook_is_scored_and_how_it_was_read_is_kept(installation: Installation) -> None:
    rows = [["Phenotype", "Cargo type", "miRNA"], ["M2", "mirna", "miR-21"]]
    content = workbooks.xlsx({"Notes": [["none"]], "Plate 2": rows})
    sent = batch_uploads.create(installation, BytesIO(content), replace(REQUEST, sheet="Plate 2"), "anna")
    counts = batch.score_file(installation, installation.jobs.get(sent["id"]), lambda *_: None)
    assert (counts["scored"], counts["remarks"][0]) == (1, "Column Phenotype is read as source_phenotype")
    assert batch_uploads.to_document(installation, installation.jobs.get(sent["id"]))["request"]["sheet"] == "Plate 2"
    other = batch_uploads.create(installation, BytesIO(content), replace(REQUEST, sheet="Plate 3"), "anna")
    with pytest.raises(BatchError, match=r"^The workbook has no sheet 'Plate 3'; it has 'Notes', 'Plate 2'.$"):
        batch.score_file(installation, installation.jobs.get(other["id"]), lambda *_: None)


def test_a_workbook_that_unpacks_to_more_than_may_be_sent_is_refused(own_var: Path) -> None:
    installation = Installation.open(Settings(var=own_var, batch_mebibytes=1))
    content = workbooks.archive({"xl/workbook.xml": bytes(2 * 1024 * 1024)})
    sent = batch_uploads.create(installation, BytesIO(content), REQUEST, "anna")
    with pytest.raises(BatchError, match=r"The workbook cannot be read: .* is larger than 1,048,576 bytes"):
        batch.score_file(installation, installation.jobs.get(sent["id"]), lambda *_: None)
    installation.close()
