"""A service whose workers are forked, and whose jobs are processes of their own, is whole in the traces of its callers."""

from __future__ import annotations

import json
from pathlib import Path

from models.estimator.artifact import Bundle
from tests.collector import collecting
from tests.journeys.lab import make_lab

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
CANDIDATES = {"candidates": [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}]}


def test_every_request_and_job_of_a_service_is_collected_before_it_stops(tmp_path: Path, produced: Bundle) -> None:
    traces = [f"{number:032x}" for number in range(1, 41)]
    with collecting() as collector:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address}
        lab = make_lab(tmp_path / "var", produced, variables=variables, log_format="json")
        lab.start()
        for trace in traces:
            sent = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
            answer = lab.ask("POST", "/v1/scores", json=CANDIDATES, headers=sent)
            assert answer.headers["traceparent"].startswith(f"00-{trace}-")
        headers = {"traceparent": f"00-{'a' * 32}-00f067aa0ba902b7-01", "Content-Type": "text/csv"}
        job_id = lab.ask("POST", "/v1/batches", content=TABLE, headers=headers).json()["id"]
        assert lab.ended(job_id)["state"] == "done"
        lab.stop()
        spans = collector.spans
    assert {span.trace_id.hex() for span in spans} >= {*traces, "a" * 32}
    assert [span.trace_id.hex() for span in spans if span.name == "job batch"] == ["a" * 32]
    assert sum(span.name == "POST /v1/scores" for span in spans) == len(traces)
    lines = [json.loads(line) for line in lab.log.read_text("utf-8").splitlines() if line.startswith("{")]
    of_job = {line["event"] for line in lines if line.get("trace_id") == "a" * 32}
    assert {"request", "a job begins", "a job ended"} <= of_job
