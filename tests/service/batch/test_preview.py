"""The beginning of a file is judged as the whole of it is scored, and what cannot be scored at all says what is wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.scorer import Scorer
from service.batch.formats import Format, format_of, recognised
from service.batch.options import BatchSpec, Options
from service.batch.preview import JUDGED_BYTES, SHOWN_ROWS, Preview, preview
from service.batch.run import run
from tests.service.batch.files import write
from tests.service.candidates import CANDIDATES

SUFFIXES = ("csv", "tsv", "jsonl", "parquet")
WRONG = [
    {"source_phenotype": "M7", "cargo_type": "mirna", "cargo_name": "miR-21"},
    {"source_phenotype": "M2", "cargo_type": "mirnaa", "cargo_name": "miR-21"},
]


def looked_at(scorer: Scorer, path: Path) -> Preview:
    form = format_of(path)
    assert form
    return preview(scorer, BatchSpec(Options(form, Format.JSONL), path, None))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_preview_has_the_faults_and_the_candidates_of_the_batch(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"in.{suffix}"
    rows = write(path, [*CANDIDATES, *WRONG, *CANDIDATES])
    found = looked_at(scorer, path)
    form = format_of(path)
    assert form
    errors = tmp_path / "errors.jsonl"
    run(scorer, BatchSpec(Options(form, Format.CSV), path, tmp_path / "out.csv", errors))
    told = [json.loads(line) for line in errors.read_text("utf-8").splitlines()]
    assert found.refusal is None
    assert (found.judged, found.bad, found.whole) == (len(rows), len(WRONG), True)
    assert [
        (row.number, row.line, fault.field, fault.code, fault.remedy) for row in found.bad_rows for fault in row.faults
    ] == [(one["row"], one.get("line"), one["field"], one["code"], one["detail"]) for one in told]
    for row, given in zip(found.rows, rows, strict=True):
        assert row.faults or row.understood == scorer.parser.parse(given).candidate.to_dict()


def test_of_a_large_file_only_the_beginning_is_looked_at(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    line = b"M2,mirna,miR-21-5p\n"
    path.write_bytes(b"source_phenotype,cargo_type,cargo_name\n" + line * (2 * JUDGED_BYTES // len(line)))
    found = looked_at(scorer, path)
    assert (found.whole, len(found.rows), found.bad) == (False, SHOWN_ROWS, 0)
    assert found.judged == JUDGED_BYTES // len(line)


def test_a_row_longer_than_what_is_looked_at_is_looked_at_whole(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"source_phenotype,cargo_type,note\nM2,whole_vesicle," + b"x" * 2 * JUDGED_BYTES + b"\n")
    found = looked_at(scorer, path)
    assert (found.refusal, found.judged, found.bad) == (None, 1, 0)


def test_columns_that_are_no_fields_are_told_with_what_they_may_be_meant_for(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("source_phenotype,cargo_type,cargo_name,canser_type,plate,label\nM2,mirna,miR-21,HCC,P1,x\n")
    found = looked_at(scorer, path)
    assert {one.name: (one.is_field, one.meant) for one in found.columns} == {
        "source_phenotype": (True, ""),
        "cargo_type": (True, ""),
        "cargo_name": (True, ""),
        "canser_type": (False, "cancer_type"),
        "plate": (False, ""),
        "input_label": (False, ""),
    }
    assert found.bad == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'"source_phenotype|cargo_type"\nM2|mirna\n', "separated by bars"),
        (b"source_phenotype,cargo\nM2,mirna\n", "cargo_type is missing"),
        (b"source_phenotype,cargo_type\nM2,\x81\n", "UTF-8"),
        (b'source_phenotype,cargo_type\nM2,"mirna\n', "quoted cell"),
    ],
)
def test_a_file_that_cannot_be_scored_says_what_is_wanted(
    scorer: Scorer, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    found = looked_at(scorer, path)
    assert found.refusal
    assert says in str(found.refusal)


@pytest.mark.parametrize(
    ("name", "beginning", "form"),
    [
        ("a.csv", b"a,b\n", Format.CSV),
        ("a.csv", b"a\tb\n", Format.TSV),
        ("a.txt", b"\xef\xbb\xbfa\tb, c\td\n", Format.TSV),
        ("a", b' {"source_phenotype": "M2"}\n', Format.JSONL),
        ("a.ndjson", b"[1]\n", Format.JSONL),
        ("a.csv", b"PAR1\x15", Format.PARQUET),
        ("a.xlsx", b"PK\x03\x04", Format.CSV),
    ],
)
def test_a_format_is_recognised_by_name_and_content(name: str, beginning: bytes, form: Format) -> None:
    assert recognised(name, beginning) is form
