"""A lab designs candidates from Python: a small space at once, a larger one by the worker, and one that is given up."""

from __future__ import annotations

import time

import pytest

from exoscore_client import Client
from exoscore_client.errors import JobError
from exoscore_client.types.designs import DesignRequest
from tests.journeys.lab import Lab
from tests.journeys.test_client import Losing

SMALL: DesignRequest = {
    "fixed": {"source_phenotype": "M1", "cargo_type": "mirna", "cancer_type": "glioblastoma"},
    "vary": {"cargo_name": ["miR-21", "miR-34a", "miR-124", "let-7a"]},
}
LARGE: DesignRequest = {
    "fixed": {"cargo_type": "mirna", "cancer_type": "glioblastoma"},
    "vary": {"source_cell": "known", "source_phenotype": "known", "cargo_name": "known"},
}
LARGEST: DesignRequest = {
    "fixed": {"cargo_type": "mirna"},
    "vary": {**LARGE["vary"], "cargo_state": ["native", "enriched", "loaded"], "cancer_type": "known"},
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_designs_come_at_once_or_from_the_worker_and_can_be_given_up(lab: Lab) -> None:
    with Client(lab.address, lab.key) as client, Client(lab.address, lab.key, transport=Losing()) as unlucky:
        answer = client.create_design(**SMALL)
        assert answer["designs"][0]["rank"] == 1
        assert client.create_design(**answer["request"]) == answer
        assert client.create_design(format="csv", **SMALL).startswith(b"rank,source_cell")

        large = unlucky.create_design(**LARGE)
        assert large["counts"]["variants"] > 100_000
        (job,) = client.list_jobs(kind="design")
        assert job["result"]["variants"] == large["counts"]["variants"]
        assert client.get_design(job["id"]) == large
        assert client.get_design(job["id"], format="xlsx").startswith(b"PK")

        with pytest.raises(TimeoutError):
            client.create_design(seconds=0.0, **LARGEST)
        running = next(iter(client.list_jobs(kind="design")))["id"]
        by = time.monotonic() + 120
        while not client.get_job(running)["done"] and time.monotonic() < by:
            time.sleep(0.2)
        assert "variants" in client.get_job(running)["log"][-1]
        client.cancel_job(running)
        with pytest.raises(JobError):
            client.wait_for_job(running, seconds=60)
        assert client.get_job(running)["state"] == "cancelled"
