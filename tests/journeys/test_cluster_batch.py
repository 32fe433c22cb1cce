"""Files scored on a Dask cluster of real processes: the bytes are those of this machine, also when a worker is killed."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from benchmarks.candidates import Candidates
from models.estimator.features import Features
from tests.dask_cluster import Cluster
from tests.journeys.lab import COMMAND
from tests.servers import free_port
from tests.service.batch.files import write


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, features: Features) -> Path:
    """A folder of three files, some rows of which are bad; one of them is large enough for several pieces."""
    folder = tmp_path_factory.mktemp("library")
    for number, count in enumerate((900, 40, 1)):
        rows = [dict(row) for row in Candidates(features, number).draw(count)]
        rows[0] = {"source_phenotype": "M2"}
        write(folder / f"part-{number}.csv", rows * (40 if number == 0 else 1))
    return folder


def batch(var: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "batch", *map(str, words)]
    return subprocess.run(command, env={**os.environ, "EXOSCORE_VAR": str(var)}, capture_output=True, text=True)


def kill_on_the_way(cluster: Cluster, target: Path) -> None:
    """Kills a worker as soon as something was begun."""
    by = time.monotonic() + 120
    while time.monotonic() < by:
        if target.exists() and any(target.glob(".part-0.csv.*")):
            cluster.kill_worker()
            return
        time.sleep(0.01)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".json"}


def test_a_folder_scored_on_a_cluster_is_the_one_scored_here_even_if_a_worker_dies(
    trained_var: Path, tmp_path: Path, library: Path, cluster: Cluster
) -> None:
    here = batch(trained_var, library, tmp_path / "here", "--errors", tmp_path / "bad here")
    assert here.returncode == 3, here.stderr
    killing = threading.Thread(target=kill_on_the_way, args=(cluster, tmp_path / "there"))
    killing.start()
    words = ["--errors", tmp_path / "bad there", "--cluster", cluster.address]
    there = batch(trained_var, library, tmp_path / "there", *words)
    killing.join()
    assert len(cluster.workers) == 1
    assert there.returncode == 3, there.stderr
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert contents(tmp_path / "bad there") == contents(tmp_path / "bad here")
    assert set(contents(tmp_path / "here")) == {"part-0.csv", "part-1.csv", "part-2.csv"}


def test_a_folder_is_taken_up_where_it_was_left_and_only_as_it_was_begun(
    trained_var: Path, tmp_path: Path, library: Path
) -> None:
    assert batch(trained_var, library, tmp_path / "out").returncode == 3
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / "part-1.csv").unlink()
    kept = (tmp_path / "out" / "part-0.csv").stat().st_mtime_ns
    assert batch(trained_var, library, tmp_path / "out", "--resume").returncode == 3
    assert contents(tmp_path / "out") == whole
    assert (tmp_path / "out" / "part-0.csv").stat().st_mtime_ns == kept
    other = batch(trained_var, library, tmp_path / "out", "--resume", "--include", "contributions")
    assert (other.returncode, "include" in other.stderr) == (1, True)
    assert contents(tmp_path / "out") == whole


def test_what_is_wrong_with_a_cluster_or_a_folder_is_told_and_nothing_is_written(
    trained_var: Path, tmp_path: Path, library: Path
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    source = library / "part-0.csv"
    done = batch(trained_var, source, tmp_path / "out.csv", "--cluster", address)
    assert (done.returncode, address in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    assert not (tmp_path / "out.csv").exists()
    (tmp_path / "empty").mkdir()
    done = batch(trained_var, tmp_path / "empty", tmp_path / "out")
    assert (done.returncode, "has no such files" in done.stderr) == (1, True)
    (tmp_path / "file").touch()
    done = batch(trained_var, library, tmp_path / "file")
    assert (done.returncode, "into a folder" in done.stderr) == (1, True)
