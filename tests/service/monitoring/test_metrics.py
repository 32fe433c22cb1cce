"""Metrics count what happened, for each application by itself, under names that stay few whatever is sent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.db.database import Database
from service.db.jobs import JobRepository
from service.db.tables import ModelRow
from service.installation import Installation
from service.monitoring.metrics import FOLDER, MAX_MODELS, OTHER, share
from service.scoring.counts import ScoreCounts
from service.web.current import installation_of

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
SCORES = "exoscore_scores_total"
UNKNOWN = GOOD | {"cargo_name": "blorb-7"}
COUNT = """
from service.scoring.counts import ScoreCounts
from service.monitoring.metrics import Metrics

metrics = Metrics()
for _ in range(5):
    metrics.requested("/v1/scores", "POST", 200, 0.01)
metrics.scored(ScoreCounts({("promoting", ""): 1}, {}, {}, {}))
"""
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def service(own_var: Path) -> Flask:
    return create_app(Settings(var=own_var, rate_limit=0))


def samples(service: Flask) -> Samples:
    """Every sample that an application shows."""
    return parsed(service.test_client().get("/metrics").get_data(as_text=True))


def parsed(text: str) -> Samples:
    """Every sample of a text."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    """One sample; nothing counted is zero."""
    return found.get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_route_method_and_status(service: Flask) -> None:
    client = service.test_client()
    for body in ({"candidates": [GOOD]}, {"candidates": [GOOD]}, {}):
        client.post("/v1/scores", json=body)
    found = samples(service)
    count = "exoscore_requests_total"
    assert value(found, count, route="/v1/scores", method="POST", status="200") == 2
    assert value(found, count, route="/v1/scores", method="POST", status="422") == 1
    seconds = "exoscore_request_seconds"
    assert value(found, f"{seconds}_count", route="/v1/scores", method="POST") == 3
    assert value(found, f"{seconds}_bucket", route="/v1/scores", method="POST", le="+Inf") == 3
    assert value(found, f"{seconds}_sum", route="/v1/scores", method="POST") > 0


def test_scores_are_counted_by_model_label_reason_and_field_and_problems_among_them_are_not(
    service: Flask, produced: Bundle
) -> None:
    client = service.test_client()
    client.post("/v1/scores?partial=true", json={"candidates": [GOOD, UNKNOWN, {}, UNKNOWN]})
    found = samples(service)
    assert value(found, "exoscore_scores_total", model=produced.id, label="promoting") == 1
    assert value(found, "exoscore_scores_total", model=produced.id, label="undetermined") == 2
    assert value(found, "exoscore_undetermined_total", model=produced.id, because="domain") == 2
    assert value(found, "exoscore_outside_domain_total", model=produced.id, field="cargo_name") == 2
    counted = sum(count for (name, _), count in found.items() if name == "exoscore_scores_total")
    assert counted == 3


def test_the_distribution_of_probabilities_is_counted_as_it_is_answered(service: Flask, produced: Bundle) -> None:
    client = service.test_client()
    sent = [GOOD, UNKNOWN, GOOD | {"source_phenotype": "M1", "cargo_name": "miR-155"}]
    scores = client.post("/v1/scores", json={"candidates": sent}).get_json()["scores"]
    probabilities = [score["probability_suppressing"] for score in scores]
    found, name = samples(service), "exoscore_probability_suppressing"
    assert value(found, f"{name}_count", model=produced.id) == 3
    assert value(found, f"{name}_sum", model=produced.id) == pytest.approx(sum(probabilities), abs=1e-3)
    for tenths in range(1, 10):
        below = sum(probability <= tenths / 10 for probability in probabilities)
        assert value(found, f"{name}_bucket", model=produced.id, le=str(tenths / 10)) == below


def test_ever_new_models_become_no_endless_labels(service: Flask) -> None:
    metrics = installation_of(service).metrics
    for number in range(3 * MAX_MODELS):
        metrics.scored(ScoreCounts({("promoting", ""): 1}, {}, {}, {}, f"exo-{number}"))
    found = {dict(labels)["model"]: count for (name, labels), count in samples(service).items() if name == SCORES}
    assert len(found) == MAX_MODELS + 1
    assert (found["exo-0"], found[OTHER], sum(found.values())) == (1, 2 * MAX_MODELS, 3 * MAX_MODELS)


def test_rows_of_batches_that_are_done_are_counted_by_model_and_label(database: Database) -> None:
    jobs = JobRepository(database)
    for model, counts, is_done in (
        ("exo-1", {"promoting": 2, "suppressing": 1, "undetermined": 0}, True),
        ("exo-1", {"promoting": 3, "suppressing": 0, "undetermined": 5}, True),
        ("exo-2", {"promoting": 1, "suppressing": 0, "undetermined": 0}, True),
        ("exo-2", {"promoting": 9, "suppressing": 9, "undetermined": 9}, False),
    ):
        lease = jobs.lease(jobs.submit("batch", {"model": model}, "tests"))
        assert lease
        result = {"scored": sum(counts.values()), "labels": counts}
        jobs.finish(lease, result) if is_done else jobs.report(lease, 0.5, "", result)
    assert jobs.count_rows("batch", ("suppressing", "promoting", "undetermined"), 9) == {
        "exo-1": {"suppressing": 1, "promoting": 5, "undetermined": 5},
        "exo-2": {"suppressing": 0, "promoting": 1, "undetermined": 0},
    }
    assert set(jobs.count_rows("batch", ("promoting",), 1)) == {"exo-1"}


def test_metrics_show_the_rows_of_batches(service: Flask) -> None:
    jobs = installation_of(service).jobs
    lease = jobs.lease(jobs.submit("batch", {"model": "exo-1"}, "tests"))
    assert lease
    jobs.finish(lease, {"scored": 3, "labels": {"promoting": 2, "suppressing": 1, "undetermined": 0}})
    assert value(samples(service), "exoscore_batch_rows_total", model="exo-1", label="promoting") == 2


def test_no_address_and_no_made_up_method_becomes_a_label(service: Flask) -> None:
    client = service.test_client()
    for number in range(5):
        client.get(f"/nothing/{number}")
        client.get(f"/v1/jobs/{number}")
        client.open("/healthz", method=f"BREW{number}")
    labels = {labels for name, labels in samples(service) if name == "exoscore_requests_total"}
    assert {dict(each)["route"] for each in labels} == {"(none)", "/v1/jobs/<job_id>"}
    assert {dict(each)["method"] for each in labels} == {"GET", "other"}


def test_two_applications_in_one_process_count_each_for_itself(service: Flask, tmp_path: Path) -> None:
    other = create_app(Settings(var=tmp_path))
    for _ in range(3):
        service.test_client().get("/healthz")
    health = {"route": "/healthz", "method": "GET", "status": "200"}
    assert value(samples(service), "exoscore_requests_total", **health) == 3
    assert value(samples(other), "exoscore_requests_total", **health) == 0


def test_the_model_the_jobs_and_the_store_are_read_when_they_are_asked_for(service: Flask, produced: Bundle) -> None:
    before = samples(service)
    installation_of(service).jobs.submit("training", {}, "tests")
    found = samples(service)
    assert value(found, "exoscore_jobs", state="queued") == value(before, "exoscore_jobs", state="queued") + 1
    assert value(found, "exoscore_store_up") == 1
    assert value(found, "exoscore_models_refused") == 0
    assert value(found, "exoscore_model_age_seconds") >= value(before, "exoscore_model_age_seconds") > 0
    (info,) = (dict(labels) for name, labels in found if name == "exoscore_model_info")
    assert info["model"] == produced.id


def test_without_a_model_or_a_store_what_is_left_is_told(tmp_path: Path, produced: Bundle) -> None:
    empty = create_app(Settings(var=tmp_path / "empty"))
    assert value(samples(empty), "exoscore_store_up") == 1
    assert not [name for name, _ in samples(empty) if name.startswith("exoscore_model_")]
    installation_of(empty).database.close()
    for path in (tmp_path / "empty").glob("exoscore.db*"):
        path.write_bytes(b"no database" * 1000)
    assert value(samples(empty), "exoscore_store_up") == 0

    installation = Installation.open(Settings(var=tmp_path / "changed"))
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    with installation.database.write() as session:
        session.get_one(ModelRow, produced.id).digest = "another"
    installation.close()
    changed = create_app(Settings(var=tmp_path / "changed"))
    assert changed.test_client().get("/readyz").status_code == 503
    assert value(samples(changed), "exoscore_models_refused") == 1


def test_metrics_are_open_unless_keys_are_required(tmp_path: Path) -> None:
    service = create_app(Settings(var=tmp_path, require_key=True))
    keys = installation_of(service).keys
    client = service.test_client()
    assert client.get("/metrics").status_code == 401
    for scope, status in (("score", 403), ("admin", 200)):
        key = keys.create(scope, [scope], "tests")
        assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == status


@pytest.fixture
def unshared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `share` changes in the process is put back."""
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    yield
    values.close_all_multiprocess_files()


@pytest.mark.usefixtures("unshared")
def test_sharing_starts_afresh_and_takes_away_what_dead_servers_left(tmp_path: Path) -> None:
    host = socket.gethostname()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = [tmp_path / FOLDER / f"{host}-{number}" for number in (ended.pid, os.getpid())]
    living = [tmp_path / FOLDER / name for name in (f"{host}-{os.getppid()}", "another-host-7")]
    for folder in (*left, *living):
        folder.mkdir(parents=True)
        (folder / "counter_1.db").touch()
    shared = share(tmp_path)
    assert shared == left[1]
    assert list(shared.iterdir()) == []
    assert not left[0].exists()
    assert all((folder / "counter_1.db").exists() for folder in living)


@pytest.mark.usefixtures("unshared")
def test_processes_that_share_a_folder_show_the_sum_whoever_is_asked(own_var: Path, tmp_path: Path) -> None:
    share(tmp_path)
    service = create_app(Settings(var=own_var, rate_limit=0))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT], check=True)
    service.test_client().post("/v1/scores", json={"candidates": [GOOD]})
    found = samples(service)
    assert value(found, "exoscore_requests_total", route="/v1/scores", method="POST", status="200") == 11
    labelled = {
        dict(labels)["model"]: count for (name, labels), count in found.items() if name == "exoscore_scores_total"
    }
    assert (labelled[""], sum(labelled.values())) == (2, 3)
    assert value(found, "exoscore_request_seconds_count", route="/v1/scores", method="POST") == 11
