"""A lab's journey in Python: findings over a line that loses answers, a training, a promotion, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from exoscore_client import Client, ProblemError
from exoscore_client.types.findings import FindingColumns
from exoscore_client.types.scores import Candidate
from tests.journeys.lab import Lab
from tests.journeys.test_lab import own_findings

MIR21: Candidate = {
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "miR-21-5p",
    "cancer_type": "gastric cancer",
    "polarisation": ["IL-4", "IL-13"],
}
OWN: FindingColumns = {
    "paper": "lab:notebook 9",
    "source_phenotype": "M1",
    "cargo_type": "mirna",
    "cargo_name": "miR-155-5p",
    "cancer_type": "melanoma",
    "effect": "suppressing",
}


class Losing(httpx.HTTPTransport):
    """A line that loses the answer to every first request of its kind, after the service has done what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[bytes] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "POST" and request.content not in self.lost:
            self.lost.add(request.content)
            response.close()
            raise httpx.ReadError("the answer was lost", request=request)
        return response


@pytest.fixture
def client(small_lab: Lab) -> Iterator[Client]:
    with Client(small_lab.address, small_lab.key) as client:
        yield client


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lab_does_everything_from_python(small_lab: Lab, client: Client, tmp_path: Path) -> None:
    assert client.readiness()["status"] == "ready"
    first = client.score([MIR21], include=["evidence"])
    before = first["model"]["id"]
    report = client.report(MIR21)
    assert report["score"]["candidate"] == first["scores"][0]["candidate"]
    assert client.report_page(MIR21).startswith("<!doctype html>")
    assert client.vocabulary("cargo_type")["fields"].keys() == {"cargo_type"}
    with pytest.raises(ProblemError) as refused:
        client.score([MIR21, {"source_phenotype": "M9", "cargo_type": "mirna"}])
    assert {fault["pointer"] for fault in refused.value.errors} == {
        "/candidates/1/source_phenotype",
        "/candidates/1/cargo_name",
    }

    streamed = list(client.score_lines(MIR21 if number % 1000 else {} for number in range(1, 12_001)))
    assert [place for place, one in enumerate(streamed, 1) if "line" in one] == list(range(1000, 12_001, 1000))
    assert streamed[0] == client.score([MIR21], store=False)["scores"][0]
    with pytest.raises(ProblemError):
        list(client.score_lines([MIR21], model="none"))

    with Client(small_lab.address, small_lab.key, transport=Losing()) as unlucky:
        added = unlucky.add_findings([OWN, *own_findings(30)], idempotency_key="the notebooks")
    assert (len(added["added"]), len(added["existing"])) == (31, 0)
    assert client.add_findings([OWN, *own_findings(30)], idempotency_key="the notebooks") == added
    mine = list(client.search_findings(origin="lab", limit=7))
    assert [one["finding_id"] for one in mine] == [one["finding_id"] for one in added["added"]]

    one = client.get_finding(added["added"][0]["finding_id"])
    corrected = client.correct_finding(
        one["finding_id"], {"dose": "1 µg"}, reason="as printed", revision=one["revision"]
    )
    with pytest.raises(ProblemError) as stale:
        client.retract_finding(one["finding_id"], "too late", revision=one["revision"])
    assert stale.value.status == 412
    client.retract_finding(one["finding_id"], "the wrong strand", revision=corrected["revision"])
    assert not client.restore_finding(one["finding_id"], reason="the right one")["retracted"]
    assert [state["changed"] for state in client.get_history(one["finding_id"])["revisions"]][1] == ["dose"]
    assert one["finding_id"] in client.export_csv(origin="lab")
    assert client.export_tsv(origin="lab").count("\n") == 1 + len(mine)
    assert client.add_table(client.export_csv(origin="lab"))["added"] == []
    assert all(pair["suppressing"] != pair["promoting"] for pair in client.list_conflicts())

    table = tmp_path / "candidates.csv"
    table.write_text("source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\nM9,mirna,miR-21\n", "utf-8")
    batch = client.send_batch(table, format="jsonl", partial=True)
    client.wait_for_job(batch["id"])
    assert client.get_batch(batch["id"])["state"] == "done"
    client.save_batch_result(batch["id"], tmp_path / "scores.jsonl")
    assert client.get_batch_result(batch["id"]) == (tmp_path / "scores.jsonl").read_bytes()
    assert client.get_batch_result(batch["id"]).count(b"\n") == 1
    assert b"source_phenotype" in client.get_batch_errors(batch["id"])
    client.remove_batch(batch["id"], reason="not needed any more")
    assert client.get_batch(batch["id"])["removed"]

    job = client.wait_for_job(client.train(seed=3)["id"])
    model = job["result"]["model"]
    assert client.get_model(model)["job"] == job["id"] in [one["id"] for one in client.list_jobs()]
    assert client.compare_models(model, before)["findings_added"] == 31
    compared = client.wait_for_job(client.ask_gate(model)["id"])
    assert compared["result"]["replaces"] == before
    assert client.promote_model(model, force=True, reason="the lab trusts it")["current"] == model
    assert client.list_models()["current"] == model
    assert client.roll_back_from(model, reason="to look again")["current"] == before
    with pytest.raises(ProblemError) as refused:
        client.roll_back(reason="there is none before")
    assert refused.value.status == 409
    assert client.retire_model(model, reason="old")["status"] == "retired"
    assert client.restore_model(model, reason="needed")["status"] == "kept"
    assert client.cancel_job(job["id"])["state"] == "done"

    made = client.create_key(name="reader", scopes=["score"])
    with Client(small_lab.address, made["key"]) as reader, pytest.raises(ProblemError) as refused:
        reader.list_keys()
    assert refused.value.status == 403
    assert client.revoke_key(made["id"], reason="lost")["state"] == "revoked"
    assert "reader" in [key["name"] for key in client.list_keys()["keys"]]
    assert [entry["action"] for entry in client.read_audit(subject=made["id"], limit=1)] == ["key.revoke", "key.create"]
    assert client.drift()["model"] == before
    assert "exoscore" in client.metrics()
    assert client.health() == {"status": "ok"}
