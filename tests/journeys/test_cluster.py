"""Trainings on a Dask cluster of real processes: the same model as here, also when a worker is killed on the way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from models.estimator.features import Features
from tests.dask_cluster import Cluster
from tests.journeys.lab import COMMAND
from tests.servers import free_port
from training.compute import ClusterError, connected, worker_pool
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.pipeline import train_model


@pytest.fixture(scope="module")
def few(corpus: tuple[Finding, ...]) -> list[Finding]:
    papers = sorted({finding.paper for finding in corpus})[:90]
    return [finding for finding in corpus if finding.paper in papers]


def test_a_model_trained_on_a_cluster_is_the_one_trained_here_even_if_a_worker_dies(
    cluster: Cluster, few: list[Finding], features: Features
) -> None:
    with worker_pool():
        here, _ = train_model(few, features, EvaluationPlan(repeats=3))
    done: list[int] = []

    def progress(steps: int) -> None:
        if not done:
            cluster.kill_worker()
        done.append(steps)

    with worker_pool(cluster.address):
        there, _ = train_model(few, features, EvaluationPlan(repeats=3), progress=progress)
    assert done
    assert there.id == here.id
    assert there.manifest["metrics"]["figures"] == here.manifest["metrics"]["figures"]


def test_a_command_says_what_is_wrong_with_a_cluster_that_is_not_there(tmp_path: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    environment = {**os.environ, "EXOSCORE_VAR": str(tmp_path), "EXOSCORE_DASK_ADDRESS": address}
    done = subprocess.run([COMMAND, "train"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert address in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_without_workers_or_with_another_version_is_refused_by_name(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.compute.version", lambda name: "0.0.0")
    with pytest.raises(ClusterError, match=r"exoscore .*, this machine 0\.0\.0"), connected(cluster.address):
        pass
    while cluster.workers:
        cluster.kill_worker()
    with pytest.raises(ClusterError, match="no workers"), connected(cluster.address):
        pass
