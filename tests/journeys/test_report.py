"""Somebody shares the address of a report, and a colleague without the server gets the file."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from tests.journeys.conftest import COMMAND, Served

CANDIDATE = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "胃癌" * 90}


def fetched(served: Served, address: str, accept: str) -> tuple[str, bytes]:
    request = urllib.request.Request(served.address + address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["Content-Type"], answer.read()


def test_an_address_and_a_file_tell_the_same_however_long_the_names(served: Served, tmp_path: Path) -> None:
    query = urlencode({**CANDIDATE, "id": "candidate " * 29, "polarisation": "ß" * 300})
    content_type, page = fetched(served, f"/v1/reports?{query}", "text/html")
    assert (content_type, page[:15]) == ("text/html; charset=utf-8", b"<!doctype html>")
    _, document = fetched(served, f"/v1/reports?{urlencode(CANDIDATE)}", "application/json")
    path = tmp_path / "report.json"
    options = [word for field, text in CANDIDATE.items() for word in (f"--{field.replace('_', '-')}", text)]
    subprocess.run(
        [COMMAND, "score", *options, "--report", path], check=True, capture_output=True, env=served.environment
    )
    assert json.loads(path.read_bytes()) == json.loads(document)
