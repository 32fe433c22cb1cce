"""A file of candidates is sent to a running service, scored while its processes are killed, fetched, and removed."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from benchmarks.candidates import Candidates
from models.estimator.features import Features
from models.scorer import Scorer
from service.batch.formats import Format
from service.batch.options import BatchSpec, Options
from service.batch.run import run
from service.db.tables import Job
from service.jobs import batch_uploads
from tests.journeys.lab import Lab
from tests.service.batch.files import write

CSV = {"Content-Type": "text/csv"}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, features: Features) -> Path:
    """A file of so many rows that scoring them takes a while, one of them bad."""
    rows = [dict(row) for row in Candidates(features, 2).draw(4000)]
    path = tmp_path_factory.mktemp("many") / "in.csv"
    write(path, [{"source_phenotype": "M9", "cargo_type": "mirna", "cargo_name": "miR-21", "id": "bad"}, *rows])
    header, _, body = path.read_bytes().partition(b"\n")
    path.write_bytes(header + b"\n" + body * 60)
    return path


def send(lab: Lab, content: bytes | Iterator[bytes], query: str = "", **headers: str) -> Any:
    return lab.ask("POST", f"/v1/batches?{query}", content=content, headers=CSV | headers)


def test_a_sent_file_is_scored_as_on_the_command_line_though_its_process_is_killed(
    lab: Lab, many: Path, scorer: Scorer, tmp_path: Path
) -> None:
    undisturbed = BatchSpec(
        Options(Format.CSV, Format.PARQUET, keep_columns=True),
        many,
        tmp_path / "out.parquet",
        tmp_path / "bad.jsonl",
        workers=2,
    )
    run(scorer, undisturbed)
    answer = send(lab, many.read_bytes(), "format=parquet&keep=true&partial=true")
    assert answer.status_code == 202, answer.text
    batch = answer.json()
    assert answer.headers["Location"] == f"/v1/jobs/{batch['id']}"
    kill(lab, batch["id"])
    job = lab.ended(batch["id"])
    assert (job["state"], job["attempt"]) == ("done", 2), job
    assert (job["result"]["rows"], job["result"]["bad"]) == (240_060, 60)
    shown = lab.ask("GET", f"/v1/batches/{batch['id']}").json()
    assert shown["counts"] == job["result"]
    fetched = lab.ask("GET", shown["links"]["result"])
    assert fetched.headers["Content-Type"] == Format.PARQUET.media_type
    assert undisturbed.target
    assert undisturbed.errors_path
    assert fetched.content == undisturbed.target.read_bytes()
    assert lab.ask("GET", shown["links"]["errors"]).content == undisturbed.errors_path.read_bytes()
    part = lab.ask("GET", shown["links"]["result"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PAR1")
    assert parquet.read_metadata(undisturbed.target).num_rows == 240_000
    assert lab.ask("DELETE", f"/v1/batches/{batch['id']}?reason=published").status_code == 204
    assert lab.ask("GET", shown["links"]["result"]).status_code == 410
    assert list((lab.settings.var / batch_uploads.FOLDER).iterdir()) == []


def kill(lab: Lab, job_id: str) -> None:
    """Kills the process of a job, with which those that score for it end, once it has finished a piece."""
    journal = lab.settings.var / batch_uploads.FOLDER / job_id / ".scores.parquet.journal"
    by = time.monotonic() + 60
    while time.monotonic() < by:
        with contextlib.suppress(OSError):
            if journal.read_bytes().count(b"\n") > 1:
                running = lab.processes("service.jobs.process", job_id)
                (process,) = (one for one in running if parent(one) not in running)
                os.kill(process, signal.SIGKILL)
                return
        time.sleep(0.01)
    raise AssertionError(lab.log.read_text("utf-8"))


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[1])


def test_a_bad_row_fails_a_batch_that_was_not_asked_for_the_good_ones_alone(small_lab: Lab) -> None:
    lab = small_lab
    table = b"id,source_phenotype,cargo_type,cargo_name\na,M2,mirna,miR-21\nb,M9,mirna,miR-21\n"
    first = send(lab, table, **{"Idempotency-Key": "one"}).json()
    assert send(lab, table, **{"Idempotency-Key": "one"}).json()["id"] == first["id"]
    assert send(lab, table + b"\n", **{"Idempotency-Key": "one"}).status_code == 422
    job = lab.ended(first["id"])
    assert job["state"] == "failed"
    assert "1 of 2 rows have errors" in job["failure"]
    assert lab.ask("GET", first["links"]["result"]).status_code == 409
    errors = lab.ask("GET", first["links"]["errors"]).text
    assert ('"line": 3' in errors, "unknown_term" in errors) == (True, True)

    second = send(lab, table, "partial=true&bad_rows=keep").json()
    assert lab.ended(second["id"])["state"] == "done"
    rows = list(csv.DictReader(lab.ask("GET", second["links"]["result"]).text.splitlines()))
    assert [(row["id"], bool(row["label"])) for row in rows] == [("a", True), ("b", False)]

    broken = send(lab, "source_phenotype,cargo_type\nMé,\n".encode() + b"M2,\xff\n").json()
    assert "Line 3: Byte 4 of the line (0xff) is not UTF-8" in lab.ended(broken["id"])["failure"]

    opened = lab.open()
    with opened.database.write() as session:
        job_row = session.get(Job, second["id"])
        assert job_row
        assert job_row.finished
        job_row.finished -= timedelta(days=opened.settings.batch_days + 1)
    # The worker does so too, now and then.
    for name in batch_uploads.list_expired(opened):
        batch_uploads.remove_folder(opened, name)
    assert lab.ask("GET", second["links"]["result"]).status_code == 410
    assert lab.ask("GET", first["links"]["errors"]).status_code == 200
    actions = [row["action"] for row in lab.ask("GET", "/v1/audit").json()["entries"]]
    assert {"job.batch", "batch.remove"} <= set(actions)
    opened.close()
