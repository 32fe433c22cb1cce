"""The disk is filled to its last byte under a running installation, on both databases.

Scores go on. What writes is done whole or told with 507, and nothing of it is there. All goes on when there is room again.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from models.estimator.artifact import Bundle
from service.db.tables import FindingRow
from service.installation import Installation
from service.settings import Settings
from tests.journeys.faults.disk import Disk, small_disk
from tests.journeys.lab import COMMAND, Lab, make_lab
from tests.servers import PostgreSQL, free_port

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
PAPER = "lab:too much"
# More than a database has to spare in files that it holds already.
TOO_MUCH = [
    {
        "paper": PAPER,
        "source_phenotype": "M2",
        "cargo_type": "mirna",
        "cargo_name": f"invented-{number}",
        "effect": "promoting",
        "dose": "1" * 400,
    }
    for number in range(2000)
]


@pytest.fixture
def disk() -> Iterator[Disk]:
    with small_disk() as disk:
        yield disk


@pytest.fixture
def database(request: pytest.FixtureRequest, disk: Disk) -> Iterator[str]:
    """As elsewhere, but on the small disk: SQLite in `var`, PostgreSQL in a tablespace of its own."""
    if request.param == "sqlite":
        yield ""
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.tablespace(disk.folder / "tables") as tablespace:
        yield server.database(tablespace)


both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def lab(tmp_path: Path, disk: Disk, database: str, produced: Bundle) -> Iterator[Lab]:
    """A running installation whose database and `var` are on the small disk, and its log elsewhere."""
    lab = make_lab(disk.folder / "var", produced, database, papers=70)
    lab.log = tmp_path / "serve.log"
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def kept_of_the_paper(opened: Installation) -> int:
    with opened.database.read() as session:
        return session.scalar(select(func.count()).where(FindingRow.paper == PAPER)) or 0


def fill(disk: Disk, lab: Lab) -> None:
    """Fills the disk, SQLite's log having been emptied so that nothing is to spare in it."""
    if not lab.settings.database_url:
        with closing(sqlite3.connect(lab.settings.var / "exoscore.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    disk.fill()


@both
def test_scores_go_on_and_what_writes_is_whole_or_told(lab: Lab, disk: Disk, produced: Bundle) -> None:
    opened = lab.open()
    other = Bundle(produced.model, {**produced.manifest, "model": "exo-0123456789ab"})
    opened.registry.save(other, "tests")
    fill(disk, lab)
    workers = lab.processes("web")
    for _ in range(20):
        assert lab.client.post("/v1/scores", json={"candidates": [MIR21]}).status_code == 200
    told = lab.ask("POST", "/v1/findings", json={"findings": TOO_MUCH})
    assert (told.status_code, told.json()["type"]) == (507, "urn:exoscore:problem:no-room"), told.text
    assert "Nothing was changed" in told.json()["detail"]
    assert kept_of_the_paper(opened) == 0
    promoted = lab.ask("POST", f"/v1/models/{other.id}/promote", json={"force": True, "reason": "to see"})
    # A PostgreSQL that has no room for its log stops, and is back a moment later.
    refused = [(507, produced.id), (503, produced.id)]
    assert (promoted.status_code, opened.registry.read_current_id()) in [*refused, (200, other.id)]
    asked = lab.ask("POST", "/v1/trainings", json={"seed": 9})
    jobs = [job["id"] for job in lab.ask("GET", "/v1/jobs").json()["jobs"]]
    assert (asked.status_code, jobs) in ((507, []), (202, [asked.json().get("id")]))
    unready = lab.client.get("/readyz")
    assert (unready.status_code, unready.json()["checks"]["disk"]["state"]) == (503, "fail")
    assert lab.client.get("/metrics").status_code == 200
    assert lab.processes("web") == workers, "no worker died of it"
    for job_id in jobs:
        lab.ask("POST", f"/v1/jobs/{job_id}/cancel")

    disk.make_room()
    lab.wait_until_ready()
    taken = lab.ask("POST", "/v1/findings", json={"findings": TOO_MUCH[:200]})
    assert taken.status_code == 201, taken.text
    assert kept_of_the_paper(opened) == 200
    back = lab.ask("POST", f"/v1/models/{produced.id}/promote", json={"force": True, "reason": "to see"})
    assert (back.status_code, opened.registry.read_current_id()) == (200, produced.id)
    opened.close()


@both
def test_a_model_that_finds_no_room_waits_for_it_and_is_kept_once(lab: Lab, disk: Disk) -> None:
    job_id = lab.ask("POST", "/v1/trainings", json={"seed": 9}).json()["id"]
    while lab.ask("GET", f"/v1/jobs/{job_id}").json()["state"] == "queued":
        time.sleep(0.05)
    fill(disk, lab)
    for _ in range(600):
        told = "it is tried again" in lab.log.read_text("utf-8")
        # PostgreSQL may have room to spare in files that it has already.
        if told or (lab.settings.database_url and lab.ask("GET", f"/v1/jobs/{job_id}").json()["state"] == "done"):
            break
        time.sleep(0.1)
    else:
        raise AssertionError(lab.log.read_text("utf-8"))
    disk.make_room()
    job = lab.ended(job_id)
    assert (job["state"], job["attempt"]) == ("done", 1), job
    kept = [model["id"] for model in lab.ask("GET", "/v1/models").json()["models"]]
    assert kept.count(job["result"]["model"]) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_start_without_room_serves_or_says_why_not_and_harms_nothing(lab: Lab, disk: Disk, tmp_path: Path) -> None:
    lab.stop()
    disk.fill()
    said = tmp_path / "said"
    with said.open("wb") as log:
        process = subprocess.Popen([COMMAND, "serve"], env=lab.environment, stdout=log, stderr=log)
    lab.__post_init__()
    for _ in range(600):
        if process.poll() is not None:
            assert process.returncode == 1
            assert "Error: the disk of the database is full" in said.read_text("utf-8")
            break
        with suppress(httpx.TransportError):
            if lab.client.post("/v1/scores", json={"candidates": [MIR21]}).status_code == 200:
                process.terminate()
                assert process.wait(60) == 0, said.read_text("utf-8")
                break
        time.sleep(0.1)
    else:
        raise AssertionError(said.read_text("utf-8"))
    assert "Traceback" not in said.read_text("utf-8")
    assert not lab.processes()
    disk.make_room()
    lab.log = disk.folder / "serve.log"
    lab.start()
    assert lab.client.post("/v1/scores", json={"candidates": [MIR21]}).status_code == 200


@pytest.mark.parametrize("room", [0, 30_000])
@both
def test_a_command_without_room_says_so_in_a_sentence_and_leaves_nothing_half_done(
    disk: Disk, database: str, produced: Bundle, tmp_path: Path, room: int
) -> None:
    lab = make_lab(disk.folder / "var", produced, database, papers=70)
    backup = tmp_path / "backup"
    assert run_command(lab, "backup", backup).returncode == 0
    many = tmp_path / "many.json"
    many.write_text(json.dumps(TOO_MUCH), encoding="utf-8")
    library = tmp_path / "library.csv"
    library.write_text("source_phenotype,cargo_type,cargo_name\n" + "M2,mirna,miR-21-5p\n" * 20_000, encoding="utf-8")
    targets = tmp_path / "targets.txt"
    rows = "".join(f"hsa-miR-21-5p\tPTEN{number}\t12\n" for number in range(9_000))
    targets.write_text(f"mirna\tgene\tn_pmid\n{rows}", encoding="utf-8")
    score = ["--source-phenotype", "M2", "--cargo-type", "mirna", "--cargo-name", "miR-21-5p"]
    here = disk.folder / "here"
    here.mkdir()
    disk.fill()
    with (disk.folder / "ballast").open("r+b") as ballast:
        ballast.truncate((disk.folder / "ballast").stat().st_size - room)
    for words in (
        ("findings", "add", many),
        ("backup", here / "copy"),
        ("knowledge", "import", "mirtarbase", targets, "--reason", "new"),
        ("score", *score, "--report", here / "report.html"),
        ("batch", library, here / "scores.csv"),
        ("findings", "export", here / "findings.tsv"),
        ("models", "export", produced.id, here / "model"),
        ("restore", backup, "--force", "--reason", "to see"),
        ("train", "--report", here / "report"),
    ):
        done = run_command(lab, *words)
        assert (done.returncode, done.stderr.splitlines()[-1][:7]) == (1, "Error: "), (words, done)
        assert re.search("full|No space left", done.stderr), done.stderr
        assert re.search("Free some (disk )?space", done.stderr)
        # An empty folder for a report may stay, and what a batch has done so far, for --resume.
        assert {path.name for path in here.iterdir() if not path.name.startswith(".scores.csv")} <= {"report"}
    disk.make_room()
    assert run_command(lab, "findings", "add", many).returncode == 0
    opened = lab.open()
    assert kept_of_the_paper(opened) == len(TOO_MUCH)
    assert opened.registry.ids() == [produced.id]
    opened.close()


def run_command(lab: Lab, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *map(str, words)], env=lab.environment, capture_output=True, text=True)


def test_a_first_start_without_room_says_so_and_the_next_one_is_sound(disk: Disk) -> None:
    lab = Lab(Settings(var=disk.folder / "var", port=free_port()))
    disk.fill()
    done = subprocess.run([COMMAND, "serve"], env=lab.environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in done.stderr
    disk.make_room()
    for command in (["keys", "list"], ["doctor"]):
        done = subprocess.run([COMMAND, *command], env=lab.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_log_that_cannot_be_written_fails_no_request(tmp_path: Path, produced: Bundle) -> None:
    lab = make_lab(tmp_path / "var", produced)
    lab.log = Path("/dev/full")
    lab.start()
    try:
        for _ in range(10):
            assert lab.client.post("/v1/scores", json={"candidates": [MIR21]}).status_code == 200
    finally:
        lab.stop()


@both
def test_a_batch_that_was_accepted_waits_for_room_and_goes_on(lab: Lab, disk: Disk) -> None:
    line = b"M2,mirna,miR-21-5p," + b"x" * 60 + b"\n"
    table = b"source_phenotype,cargo_type,cargo_name,note\n" + line * 400_000
    # Enough for what is sent, and too little for the scores of it.
    free = shutil.disk_usage(disk.folder).free
    (disk.folder / "ballast").write_bytes(b"-" * (free - 75 * 1024 * 1024))
    sent = lab.ask("POST", "/v1/batches?keep=true", content=table, headers={"Content-Type": "text/csv"})
    assert sent.status_code == 202, sent.text
    lab.wait_until(lambda: "a batch waits for room on the disk" in lab.log.read_text("utf-8"))
    disk.make_room()
    job = lab.ended(sent.json()["id"])
    assert (job["state"], job["result"]["scored"]) == ("done", 400_000), job
    assert lab.ask("GET", sent.json()["links"]["result"]).content.count(b"\n") == 400_001
