"""Requests and jobs are parts of the traces of those who ask: in the log, in answers, and as spans that a collector gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service import Settings, create_app
from service.jobs.process import JOB_HANDLERS, run_job
from service.monitoring.telemetry import ENDPOINTS, Telemetry
from service.trace_context import TraceContext
from service.web.current import installation_of
from tests.collector import Collector, collecting

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "rojo=1"}
GOOD = {"candidates": [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}]}
ABSENT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from service import Settings, create_app
app = create_app(Settings())
answer = app.test_client().get("/healthz", headers={"traceparent": sys.argv[1]})
print(answer.status_code, answer.headers["traceparent"])
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as server:
        yield server


@pytest.fixture(autouse=True)
def _nobody_collects(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def service_of(var: Path) -> Flask:
    return create_app(Settings(var=var, rate_limit=0, log_format="json"))


def lines(logged: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged.splitlines() if line.startswith("{")]


def attributes(span: Any) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def test_an_answer_and_the_log_name_the_trace_of_the_request(own_var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = service_of(own_var).test_client()
    answered = TraceContext.read(client.post("/v1/scores", json=GOOD, headers=SENT).headers["traceparent"])
    assert answered
    assert (answered.trace_id, answered.is_sampled) == (TRACE, True)
    assert answered.span_id != SPAN
    (line,) = (line for line in lines(capsys.readouterr().err) if line["event"] == "request")
    assert (line["trace_id"], line["span_id"]) == (TRACE, answered.span_id)
    malformed = SENT | {"traceparent": f"00-{TRACE}-{SPAN}-01-more"}
    begun = [TraceContext.read(client.get("/", headers=sent).headers["traceparent"]) for sent in ({}, malformed)]
    assert all(one and one.trace_id != TRACE and not one.is_sampled for one in begun)


def test_a_job_goes_on_with_the_trace_of_its_request(own_var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = service_of(own_var)
    jobs, table = installation_of(app).jobs, b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
    sent = app.test_client().post("/v1/batches", data=table, content_type="text/csv", headers=SENT)
    job_id = sent.get_json()["id"]
    lease = jobs.lease(job_id)
    assert lease
    assert lease.trace == sent.headers["traceparent"]
    capsys.readouterr()
    run_job(installation_of(app), lease)
    assert jobs.get(job_id).state == "done"
    document = app.test_client().get(f"/v1/jobs/{job_id}").get_json()
    assert document["trace_id"] == TRACE
    assert TRACE in document["log"][0]
    assert installation_of(app).jobs.get(installation_of(app).jobs.submit("training", {}, "tests")).trace == ""


def test_a_collector_gets_a_span_of_each_request_and_each_job(
    own_var: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    app = service_of(own_var)
    client, installation = app.test_client(), installation_of(app)
    scored = client.post("/v1/scores", json=GOOD, headers=SENT)
    client.get("/v1/jobs/none")
    table = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
    sent = client.post("/v1/batches", data=table, content_type="text/csv", headers=SENT)
    lease = installation.jobs.lease(sent.get_json()["id"])
    assert lease
    run_job(installation, lease)
    installation.close()
    assert collector.services == {"exoscore"}
    spans = {span.name: span for span in collector.spans}
    assert set(spans) == {"POST /v1/scores", "GET /v1/jobs/<job_id>", "POST /v1/batches", "job batch"}
    score = spans["POST /v1/scores"]
    assert (score.trace_id.hex(), score.parent_span_id.hex(), score.trace_state) == (TRACE, SPAN, "rojo=1")
    assert scored.headers["traceparent"] == f"00-{TRACE}-{score.span_id.hex()}-01"
    assert attributes(score) == {
        "http.request.method": "POST",
        "http.route": "/v1/scores",
        "http.response.status_code": 200,
    }
    assert spans["GET /v1/jobs/<job_id>"].parent_span_id == b""
    job, parent = spans["job batch"], spans["POST /v1/batches"]
    assert (job.trace_id, job.parent_span_id) == (parent.trace_id, parent.span_id)


def test_what_the_caller_does_not_sample_is_not_sent(
    own_var: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{collector.address}/v1/traces")
    app = service_of(own_var)
    answer = app.test_client().get("/v1/models", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    app.test_client().get("/healthz", headers=SENT)
    installation_of(app).close()
    assert collector.spans == []
    assert answer.headers["traceparent"].startswith(f"00-{TRACE}-")


def test_nothing_is_collected_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Telemetry().is_on
    for name in ENDPOINTS:
        with monkeypatch.context() as environment:
            environment.setenv(name, "http://127.0.0.1:1")
            assert Telemetry().is_on
            environment.setenv("OTEL_SDK_DISABLED", "true")
            assert not Telemetry().is_on


def test_without_the_packages_requests_are_answered_and_it_is_said_why_nothing_is_sent(tmp_path: Path) -> None:
    environment = {**os.environ, "EXOSCORE_VAR": str(tmp_path), ENDPOINTS[1]: "http://127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-c", ABSENT, SENT["traceparent"]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.startswith(f"200 00-{TRACE}-"), done.stderr
    assert "install exoscore[telemetry]" in done.stderr


def test_what_a_job_logs_when_it_fails_names_its_trace(
    own_var: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> dict[str, object]:
        raise RuntimeError("a defect")

    monkeypatch.setitem(JOB_HANDLERS, "training", fail)
    app = service_of(own_var)
    installation = installation_of(app)
    key = {"Authorization": f"Bearer {installation.keys.create('tests', ['train'], 'tests')}"}
    job_id = app.test_client().post("/v1/trainings", json={}, headers=SENT | key).get_json()["id"]
    lease = installation.jobs.lease(job_id)
    assert lease
    capsys.readouterr()
    run_job(installation, lease)
    (line,) = (line for line in lines(capsys.readouterr().err) if line["event"] == "defect in a job")
    assert (line["trace_id"], line["job"]) == (TRACE, job_id)
