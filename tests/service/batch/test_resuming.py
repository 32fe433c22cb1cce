"""A batch that was interrupted goes on where it stopped: no row is scored twice or lost, and the files are those of one that was
not. What stood under the final name stays until all of the new file is there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.candidates import Candidates
from models.candidates.candidate import FIELD_BY_NAME
from models.errors import TableError
from models.estimator.features import Features
from models.scorer import Scorer
from service.batch.checkpoint import Checkpoint
from service.batch.errors import BatchError, ResumeError
from service.batch.formats import Format, format_of
from service.batch.options import BatchSpec, Options
from service.batch.progress import Progress
from service.batch.run import run
from tests import workbooks
from tests.service.batch.files import write

# A batch of small blocks, which waits a little after each, as a process of its own.
SLOW = """
import sys, time
from pathlib import Path
from service import open_scorer
from service.batch.formats import Format, format_of
from service.batch.options import BatchSpec, Options
from service.batch.run import run

var, source, target, errors = map(Path, sys.argv[1:5])
options = Options(format_of(source), format_of(target), format_of(errors), rank=sys.argv[6] == "ranked")
spec = BatchSpec(options, source, target, errors, workers=int(sys.argv[5]), resume=True, block_bytes=4000, block_rows=40)
print("begun", flush=True)
run(open_scorer(var), spec, lambda progress: time.sleep(0.01))
"""


class StoppedError(Exception):
    """What interrupts a batch."""


@pytest.fixture(params=["csv", "jsonl", "parquet", "csv ranked", "parquet ranked"])
def spec(request: pytest.FixtureRequest, tmp_path: Path, features: Features) -> BatchSpec:
    """A batch of 600 rows, some of them bad, in many blocks."""
    rows = [dict(row) for row in Candidates(features, 9).draw(600)]
    for place in range(0, 600, 37):
        rows[place] = {"source_phenotype": "M2", "id": f"bad {place}"}
    form, _, ranked = request.param.partition(" ")
    source, target = tmp_path / f"in.{form}", tmp_path / f"out.{form}"
    write(source, rows)
    options = Options(*map(format_of, (source, target)), rank=bool(ranked))  # type: ignore[arg-type]
    return BatchSpec(options, source, target, tmp_path / "bad.jsonl", block_bytes=8000, block_rows=50)


def contents(spec: BatchSpec) -> list[bytes]:
    return [path.read_bytes() for path in (spec.target, spec.errors_path) if path]


def names(spec: BatchSpec) -> set[str]:
    assert spec.target
    return {path.name for path in spec.target.parent.iterdir()}


def interrupt(scorer: Scorer, spec: BatchSpec, after: int) -> None:
    """Begins a batch and stops it after so many blocks."""
    blocks = iter(range(after))

    def tell(progress: Progress) -> None:
        if next(blocks, None) is None:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(scorer, spec, tell)


@pytest.mark.parametrize(
    "write_table",
    [
        lambda rows: workbooks.table(rows, ";").encode("utf-16"),
        lambda rows: workbooks.xlsx({"A": rows}),
        lambda rows: workbooks.ods({"A": rows}),
    ],
    ids=["UTF-16", "xlsx", "ods"],
)
def test_a_table_that_has_to_be_made_plain_goes_on_to_the_same_bytes(
    scorer: Scorer, tmp_path: Path, features: Features, write_table: Callable[[list[list[str]]], bytes]
) -> None:
    rows = [dict(row) for row in Candidates(features, 9).draw(300)]
    columns = [name for name in FIELD_BY_NAME if all(isinstance(row.get(name, ""), str) for row in rows)]
    table = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    source = tmp_path / "in.csv"
    source.write_bytes(write_table(table))
    options = Options(Format.CSV, Format.CSV)
    spec = BatchSpec(options, source, tmp_path / "out.csv", tmp_path / "bad.jsonl", block_bytes=3000)
    run(scorer, spec)
    undisturbed = contents(spec)
    interrupt(scorer, spec, 1)
    interrupt(scorer, replace(spec, resume=True), 1)
    progress = run(scorer, replace(spec, resume=True))
    assert progress.resumed
    assert contents(spec) == undisturbed


def test_it_goes_on_where_it_stopped(scorer: Scorer, spec: BatchSpec) -> None:
    run(scorer, spec)
    undisturbed, whole = contents(spec), names(spec)
    interrupt(scorer, replace(spec, resume=False), 3)
    interrupt(scorer, replace(spec, resume=True), 2)
    assert contents(spec) == undisturbed
    progress = run(scorer, replace(spec, resume=True))
    assert (progress.rows, progress.bad) == (600, 17)
    assert 0 < progress.resumed < 600
    assert contents(spec) == undisturbed
    assert names(spec) == whole


def test_with_nothing_to_go_on_with_it_begins(scorer: Scorer, spec: BatchSpec) -> None:
    assert run(scorer, replace(spec, resume=True)).resumed == 0


def test_without_resume_it_begins_anew(scorer: Scorer, spec: BatchSpec) -> None:
    interrupt(scorer, spec, 3)
    assert run(scorer, spec).resumed == 0


def test_a_changed_input_is_refused_by_name_and_nothing_is_lost(scorer: Scorer, spec: BatchSpec) -> None:
    interrupt(scorer, spec, 3)
    left = names(spec)
    assert spec.source
    changed = spec.source.stat().st_mtime_ns
    os.utime(spec.source, ns=(changed, changed + 10**9))
    with pytest.raises(ResumeError, match="input changed was") as refused:
        run(scorer, replace(spec, resume=True))
    assert refused.value.differs == ("input changed",)
    os.utime(spec.source, ns=(changed, changed))
    assert names(spec) == left
    assert run(scorer, replace(spec, resume=True)).resumed > 0


def test_other_options_are_refused_by_name(scorer: Scorer, spec: BatchSpec) -> None:
    interrupt(scorer, spec, 3)
    others = replace(spec, resume=True, options=replace(spec.options, bad_rows="keep"))
    with pytest.raises(ResumeError, match="bad_rows was drop, now keep"):
        run(scorer, others)


@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
def test_bytes_that_are_not_there_are_written_again(scorer: Scorer, spec: BatchSpec, harm: str) -> None:
    run(scorer, spec)
    undisturbed = contents(spec)
    interrupt(scorer, spec, 4)
    assert spec.target
    # What there is of Parquet, and of ranks, is kept as blocks until the file is whole.
    kept = "blocks" if spec.options.target is Format.PARQUET else "unfinished"
    suffix = "ranked" if spec.options.rank else kept
    left = spec.target.with_name(f".{spec.target.name}.{suffix}")
    if harm == "gone":
        left.unlink()
    elif harm == "cut":
        os.truncate(left, left.stat().st_size // 2)
    else:
        with left.open("r+b") as file:
            file.seek(left.stat().st_size // 2)
            file.write(b"?")
    run(scorer, replace(spec, resume=True))
    assert contents(spec) == undisturbed


def test_a_line_of_the_journal_that_was_cut_short_does_not_count(scorer: Scorer, spec: BatchSpec) -> None:
    run(scorer, spec)
    undisturbed = contents(spec)
    interrupt(scorer, spec, 4)
    assert spec.target
    journal = spec.target.with_name(f".{spec.target.name}.journal")
    journal.write_bytes(journal.read_bytes()[:-20])
    run(scorer, replace(spec, resume=True))
    assert contents(spec) == undisturbed


def test_nothing_is_left_where_nothing_was_finished(scorer: Scorer, spec: BatchSpec) -> None:
    before = names(spec)
    assert spec.source
    with pytest.raises(TableError):
        run(scorer, replace(spec, options=replace(spec.options, source=Format.PARQUET), source=Path(__file__)))
    # The folder of the faults is not there, so nothing can begin.
    with pytest.raises(BatchError):
        run(scorer, replace(spec, errors_path=spec.source.parent / "none" / "bad.jsonl"))
    assert names(spec) == before


def test_what_was_left_stays_where_another_batch_cannot_begin(scorer: Scorer, spec: BatchSpec) -> None:
    interrupt(scorer, spec, 3)
    left = names(spec)
    assert spec.errors_path
    blocked = spec.errors_path.with_name("blocked.jsonl")
    blocked.with_name(f".{blocked.name}.unfinished").mkdir()
    with pytest.raises(IsADirectoryError):
        run(scorer, replace(spec, errors_path=blocked))
    assert names(spec) == left | {".blocked.jsonl.unfinished"}
    assert run(scorer, replace(spec, resume=True)).resumed > 0


def test_two_at_once_do_not_write_one_file(scorer: Scorer, spec: BatchSpec) -> None:
    assert spec.target
    held = Checkpoint(spec.target)
    with pytest.raises(BatchError, match="Another process is writing"):
        run(scorer, spec)
    held.close()


@pytest.mark.parametrize("workers", [1, 4])
def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    scorer: Scorer, spec: BatchSpec, trained_var: Path, workers: int, thoroughly: bool
) -> None:
    small = replace(spec, block_bytes=4000, block_rows=40)
    run(scorer, small)
    undisturbed = contents(small)
    for path in (small.target, small.errors_path):
        assert path
        path.unlink()
    chance = random.Random(workers)
    kills = 0
    for process in attempts(small, trained_var, workers):
        time.sleep(chance.uniform(0.0, 0.15))
        if kills < (8 if thoroughly else 1):
            process.send_signal(signal.SIGKILL)
            kills += process.wait(60) == -signal.SIGKILL
            if process.returncode != 0:
                assert not any(path.exists() for path in (small.target, small.errors_path) if path)
    assert contents(small) == undisturbed


def attempts(spec: BatchSpec, var: Path, workers: int) -> Iterator[subprocess.Popen[str]]:
    """Processes that begin or go on with a batch, until one has ended well."""
    while True:
        words = [
            sys.executable,
            "-c",
            SLOW,
            *map(
                str, (var, spec.source, spec.target, spec.errors_path, workers, "ranked" if spec.options.rank else "")
            ),
        ]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            yield process
            if process.wait(120) == 0:
                return


def test_the_journal_tells_what_it_is_of(scorer: Scorer, spec: BatchSpec) -> None:
    interrupt(scorer, spec, 2)
    assert spec.target
    first = spec.target.with_name(f".{spec.target.name}.journal").read_bytes().splitlines()[0]
    document = json.loads(first.rpartition(b" ")[0])
    assert document["model"] == scorer.bundle.id
    assert spec.source
    assert document["input size"] == spec.source.stat().st_size
