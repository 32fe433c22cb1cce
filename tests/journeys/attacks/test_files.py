"""Files that are made to hurt, sent to a real service: each is told in words, little memory is taken, and others are answered."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from models.estimator.artifact import Bundle
from service.batch.formats import MEDIA_TYPES, Format
from tests.journeys.lab import Lab, make_lab

FIELDS = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
ROW = b'{"source_phenotype":"M2","cargo_type":"mirna","cargo_name":"miR-21"'
# What a web worker may take beyond what it has at rest.
MOST_MEBIBYTES = 250


def packed(note: pa.Array) -> bytes:
    """A file of Parquet with one more column."""
    file = io.BytesIO()
    fields = {name: pa.array([text] * len(note)) for name, text in FIELDS.items()}
    parquet.write_table(pa.table({**fields, "note": note}), file, compression="zstd")
    return file.getvalue()


def coded(text: str, times: int) -> pa.Array:
    """One text many times, which a file holds once."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), [text])


FILES = {
    "a text of 200 MB": (Format.PARQUET, lambda: packed(pa.array(["x" * 200_000_000]))),
    "a list of 3 GB": (
        Format.PARQUET,
        lambda: packed(pa.ListArray.from_arrays([0, 4_000_000], coded("x" * 700, 4_000_000))),
    ),
    "200,000 columns": (Format.CSV, lambda: b"cargo_type," + b",".join(b"c%d" % at for at in range(200_000)) + b"\n"),
    "lists in lists": (Format.JSONL, lambda: ROW + b',"n":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n"),
    "no object at all": (Format.JSONL, lambda: b"x\n"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Iterator[Lab]:
    lab = make_lab(tmp_path_factory.mktemp("attacked") / "var", produced)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def peak(lab: Lab) -> int:
    """The most memory that a process of the web server ever had, in MiB."""
    kibibytes = [
        int(found[1])
        for process in lab.processes("web")
        if (found := re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text("utf-8")))
    ]
    return max(kibibytes) // 1024


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_looked_at_and_scored_or_refused_in_words(lab: Lab, name: str) -> None:
    form, make = FILES[name]
    content = make()
    with httpx.Client(base_url=lab.address, timeout=30, headers={"Origin": lab.address}, verify=False) as browser:
        token = re.search(r'name="csrf" value="(\w+)"', browser.get("/batch").text)
        assert token
        before = peak(lab)
        files = {"file": (f"in.{form}", content)}
        looked_at = browser.post("/batch", data={"csrf": token[1]}, files=files, follow_redirects=True)
    assert looked_at.status_code == 200, looked_at.text
    assert peak(lab) - before < MOST_MEBIBYTES
    query = "/v1/batches?keep=true&partial=true&bad_rows=keep"
    sent = lab.ask("POST", query, content=content, headers={"Content-Type": MEDIA_TYPES[form]})
    assert sent.status_code == 202
    job = lab.ended(sent.json()["id"], seconds=60)
    assert (job["state"], "defect" in job["failure"]) in (("done", False), ("failed", False)), job
    assert job["state"] == "done" or job["failure"]
    assert lab.client.get("/healthz").status_code == 200
