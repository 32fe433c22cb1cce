"""A batch that was interrupted goes on where it stopped: no row is scored twice or lost, and the files are those of one that was
not. What stood under the final name stays until all of the new file is there."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.candidates import Candidates
from models.errors import SheetError
from models.features import Features
from models.scorer import Scorer
from service.batch.errors import BatchError, ResumeError, SilentWorkerError
from service.batch.formats import Format, format_of
from service.batch.journal import Journal
from service.batch.options import Asked, Options
from service.batch.pool import MOST_THREADS
from service.batch.progress import Far
from service.batch.running import run
from tests.service.batch.files import write

# A batch of small pieces, which waits a little after each, as a process of its own.
SLOW = """
import sys, time
from pathlib import Path
from service import open_scorer
from service.batch.formats import Format, format_of
from service.batch.options import Asked, Options
from service.batch.running import run

var, source, target, errors = map(Path, sys.argv[1:5])
options = Options(format_of(source), format_of(target), format_of(errors))
asked = Asked(options, source, target, errors, workers=int(sys.argv[5]), resume=True, piece_bytes=4000, piece_rows=40)
print("begun", flush=True)
run(open_scorer(var), asked, lambda far: time.sleep(0.01))
"""


class StoppedError(Exception):
    """What interrupts a batch."""


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def asked(request: pytest.FixtureRequest, tmp_path: Path, features: Features) -> Asked:
    """A batch of 600 rows, some of them bad, in many pieces."""
    rows = [dict(row) for row in Candidates(features, 9).draw(600)]
    for place in range(0, 600, 37):
        rows[place] = {"source_phenotype": "M2", "id": f"bad {place}"}
    source, target = tmp_path / f"in.{request.param}", tmp_path / f"out.{request.param}"
    write(source, rows)
    options = Options(*map(format_of, (source, target)))  # type: ignore[arg-type]
    return Asked(options, source, target, tmp_path / "bad.jsonl", piece_bytes=8000, piece_rows=50)


def contents(asked: Asked) -> list[bytes]:
    return [path.read_bytes() for path in (asked.target, asked.faults) if path]


def names(asked: Asked) -> set[str]:
    assert asked.target
    return {path.name for path in asked.target.parent.iterdir()}


def interrupt(scorer: Scorer, asked: Asked, after: int) -> None:
    """Begins a batch and stops it after so many pieces."""
    pieces = iter(range(after))

    def tell(far: Far) -> None:
        if next(pieces, None) is None:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(scorer, asked, tell)


def test_it_goes_on_where_it_stopped(scorer: Scorer, asked: Asked) -> None:
    run(scorer, asked)
    undisturbed, whole = contents(asked), names(asked)
    interrupt(scorer, replace(asked, resume=False), 3)
    interrupt(scorer, replace(asked, resume=True), 2)
    assert contents(asked) == undisturbed
    far = run(scorer, replace(asked, resume=True))
    assert (far.rows, far.bad) == (600, 17)
    assert 0 < far.resumed < 600
    assert contents(asked) == undisturbed
    assert names(asked) == whole


def test_with_nothing_to_go_on_with_it_begins(scorer: Scorer, asked: Asked) -> None:
    assert run(scorer, replace(asked, resume=True)).resumed == 0


def test_without_resume_it_begins_anew(scorer: Scorer, asked: Asked) -> None:
    interrupt(scorer, asked, 3)
    assert run(scorer, asked).resumed == 0


def test_a_changed_input_is_refused_by_name_and_nothing_is_lost(scorer: Scorer, asked: Asked) -> None:
    interrupt(scorer, asked, 3)
    left = names(asked)
    assert asked.source
    changed = asked.source.stat().st_mtime_ns
    os.utime(asked.source, ns=(changed, changed + 10**9))
    with pytest.raises(ResumeError, match="input changed was") as refused:
        run(scorer, replace(asked, resume=True))
    assert refused.value.differs == ("input changed",)
    os.utime(asked.source, ns=(changed, changed))
    assert names(asked) == left
    assert run(scorer, replace(asked, resume=True)).resumed > 0


def test_other_options_are_refused_by_name(scorer: Scorer, asked: Asked) -> None:
    interrupt(scorer, asked, 3)
    others = replace(asked, resume=True, options=replace(asked.options, bad_rows="keep"))
    with pytest.raises(ResumeError, match="bad_rows was drop, now keep"):
        run(scorer, others)


@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
def test_bytes_that_are_not_there_are_written_again(scorer: Scorer, asked: Asked, harm: str) -> None:
    run(scorer, asked)
    undisturbed = contents(asked)
    interrupt(scorer, asked, 4)
    assert asked.target
    left = asked.target.with_name(f".{asked.target.name}.unfinished")
    if harm == "gone":
        left.unlink()
    elif harm == "cut":
        os.truncate(left, left.stat().st_size // 2)
    else:
        with left.open("r+b") as file:
            file.seek(left.stat().st_size // 2)
            file.write(b"?")
    run(scorer, replace(asked, resume=True))
    assert contents(asked) == undisturbed


def test_a_line_of_the_journal_that_was_cut_short_does_not_count(scorer: Scorer, asked: Asked) -> None:
    run(scorer, asked)
    undisturbed = contents(asked)
    interrupt(scorer, asked, 4)
    assert asked.target
    journal = asked.target.with_name(f".{asked.target.name}.journal")
    journal.write_bytes(journal.read_bytes()[:-20])
    run(scorer, replace(asked, resume=True))
    assert contents(asked) == undisturbed


def test_nothing_is_left_where_nothing_was_finished(scorer: Scorer, asked: Asked) -> None:
    before = names(asked)
    assert asked.source
    with pytest.raises(SheetError):
        run(scorer, replace(asked, options=replace(asked.options, source=Format.PARQUET), source=Path(__file__)))
    # The folder of the faults is not there, so nothing can begin.
    with pytest.raises(BatchError):
        run(scorer, replace(asked, faults=asked.source.parent / "none" / "bad.jsonl"))
    assert names(asked) == before


def test_what_was_left_stays_where_another_batch_cannot_begin(scorer: Scorer, asked: Asked) -> None:
    interrupt(scorer, asked, 3)
    left = names(asked)
    assert asked.faults
    blocked = asked.faults.with_name("blocked.jsonl")
    blocked.with_name(f".{blocked.name}.unfinished").mkdir()
    with pytest.raises(IsADirectoryError):
        run(scorer, replace(asked, faults=blocked))
    assert names(asked) == left | {".blocked.jsonl.unfinished"}
    assert run(scorer, replace(asked, resume=True)).resumed > 0


def test_two_at_once_do_not_write_one_file(scorer: Scorer, asked: Asked) -> None:
    assert asked.target
    held = Journal(asked.target)
    with pytest.raises(BatchError, match="another process is writing"):
        run(scorer, asked)
    held.close()


@pytest.mark.parametrize("workers", [1, MOST_THREADS, MOST_THREADS + 1])
def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    scorer: Scorer, asked: Asked, trained_var: Path, workers: int
) -> None:
    small = replace(asked, piece_bytes=4000, piece_rows=40)
    run(scorer, small)
    undisturbed = contents(small)
    for path in (small.target, small.faults):
        assert path
        path.unlink()
    chance = random.Random(workers)
    kills = 0
    for process in attempts(small, trained_var, workers):
        time.sleep(chance.uniform(0.0, 0.15))
        if kills < 4:
            process.send_signal(signal.SIGKILL)
            kills += process.wait(60) == -signal.SIGKILL
            if process.returncode != 0:
                assert not any(path.exists() for path in (small.target, small.faults) if path)
    assert contents(small) == undisturbed


def test_a_worker_that_is_killed_is_told_and_nothing_of_it_is_lost(scorer: Scorer, asked: Asked) -> None:
    run(scorer, asked)
    undisturbed = contents(asked)

    def kill(far: Far) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    with pytest.raises(SilentWorkerError):
        run(scorer, replace(asked, workers=MOST_THREADS + 1), kill)
    assert contents(asked) == undisturbed
    assert run(scorer, replace(asked, workers=MOST_THREADS + 1, resume=True)).resumed > 0
    assert contents(asked) == undisturbed


def attempts(asked: Asked, var: Path, workers: int) -> Iterator[subprocess.Popen[str]]:
    """Processes that begin or go on with a batch, until one has ended well."""
    while True:
        words = [sys.executable, "-c", SLOW, *map(str, (var, asked.source, asked.target, asked.faults, workers))]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            yield process
            if process.wait(120) == 0:
                return


def test_the_journal_tells_what_it_is_of(scorer: Scorer, asked: Asked) -> None:
    interrupt(scorer, asked, 2)
    assert asked.target
    first = asked.target.with_name(f".{asked.target.name}.journal").read_bytes().splitlines()[0]
    document = json.loads(first.rpartition(b" ")[0])
    assert document["model"] == scorer.bundle.id
    assert asked.source
    assert document["input size"] == asked.source.stat().st_size
