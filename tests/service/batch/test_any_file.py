"""Whatever a file holds is a fault of a row or of the file, in words: neither a batch nor a preview ends in another way."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.candidates.headings import MAX_COLUMNS
from models.errors import TableError
from models.scorer import Scorer
from service.batch.errors import BatchError
from service.batch.formats import Format
from service.batch.options import BAD_ROWS, BatchSpec, Options
from service.batch.preview import preview
from service.batch.progress import Progress
from service.batch.run import run

GOOD = b'{"source_phenotype":"M2","cargo_type":"mirna","cargo_name":"miR-21"'
NESTED = 50_000
ODD_LINES = [
    b"x",
    b"null",
    b"[]",
    b"5",
    b'{"candidates":' * 2 * NESTED,
    GOOD + b',"note":' + b"[" * NESTED + b"]" * NESTED + b"}",
    GOOD + b',"engineering":' + b"[" * 900 + b"]" * 900 + b"}",
    GOOD + b',"note":' + b"[" * 970 + b"]" * 970 + b"}",
    GOOD + b',"id":"\\ud800"}',
    GOOD + b',"note":"\\ud800"}',
    GOOD + b',"\\ud800":"note"}',
    GOOD + b',"note":NaN}',
    GOOD + b',"cargo_state":1e999}',
    GOOD + b',"cargo_state":' + b"9" * 5000 + b"}",
    GOOD + b',"id":' + b"9" * 4000 + b"}",
    GOOD + b"".join(b',"n%d":0' % number for number in range(20_000)) + b"}",
    b"\0" * 1000,
]


def score(scorer: Scorer, path: Path, source: Format, target: Format, keep: bool, bad_rows: str) -> Progress:
    """Looks at a file, then scores it."""
    options = Options(source, target, keep_columns=keep, bad_rows=bad_rows)
    preview(scorer, BatchSpec(options, path, None))
    folder = path.parent
    return run(scorer, BatchSpec(options, path, folder / f"out.{target}", folder / "errors.jsonl"))


@pytest.mark.parametrize("line", ODD_LINES, ids=range(len(ODD_LINES)))
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("bad_rows", BAD_ROWS)
@pytest.mark.parametrize("target", Format)
def test_an_odd_line_of_json_is_a_fault_of_its_row(
    scorer: Scorer, tmp_path: Path, line: bytes, keep: bool, bad_rows: str, target: Format
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(line + b"\n")
    progress = score(scorer, path, Format.JSONL, target, keep, bad_rows)
    faults = [json.loads(text) for text in (tmp_path / "errors.jsonl").read_text("utf-8").splitlines()]
    assert progress.bad == progress.rows == len({fault["row"] for fault in faults}) == 1
    assert all(fault["detail"] for fault in faults)


@pytest.mark.parametrize("form", [Format.CSV, Format.TSV, Format.JSONL])
def test_a_file_with_too_many_columns_is_refused_at_once(scorer: Scorer, tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"in.{form}"
    names = ["source_phenotype", "cargo_type", "cargo_name", *(f"unknown{number}" for number in range(200_000))]
    if form is Format.JSONL:
        parts = [names[start : start + MAX_COLUMNS] for start in range(0, len(names), MAX_COLUMNS)]
        path.write_text("".join(json.dumps(dict.fromkeys(part, "x")) + "\n" for part in parts), "utf-8")
    else:
        path.write_text(("," if form is Format.CSV else "\t").join(names) + "\n", "utf-8")
    begun = time.process_time()
    shown = preview(scorer, BatchSpec(Options(form, Format.CSV, keep_columns=True), path, None))
    assert shown.refusal
    assert len(shown.columns) <= MAX_COLUMNS
    with pytest.raises(TableError, match=r"columns, but at most 1,000 are allowed"):
        score(scorer, path, form, Format.CSV, True, "keep")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'M2,mirna,"miR-2', 4), (b"M2,mir", 4), (b'M2,mirna,"a\nb', 4)],
    ids=["within quotes", "too few cells", "within two lines"],
)
def test_a_file_that_ends_within_a_row_says_in_which_line(
    scorer: Scorer, tmp_path: Path, content: bytes, line: int
) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n\n" + content)
    found: list[tuple[int, str]]
    try:
        score(scorer, path, Format.CSV, Format.CSV, False, "drop")
    except TableError as refused:
        found = [(fault.line, fault.fault.code) for fault in refused.faults]
    else:
        told = [json.loads(text) for text in (tmp_path / "errors.jsonl").read_text("utf-8").splitlines()]
        found = [(fault["line"], fault["code"]) for fault in told]
    assert found == [(line, "truncated")]


ATOMS = st.sampled_from(
    [
        "M2",
        "mirna",
        "miR-21",
        "source_phenotype",
        "cargo_type",
        "cargo_name",
        "id",
        "note",
        "'=1",
        "\ud800",
        "\0",
        "label",
    ]
)
TEXTS = ATOMS | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TABLES = st.lists(st.lists(TEXTS, max_size=5), max_size=5)


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(list(Format)), st.booleans(), st.sampled_from(BAD_ROWS))
def test_any_lines_of_json_are_scored_or_refused(
    scorer: Scorer, tmp_path: Path, data: st.DataObject, target: Format, keep: bool, bad_rows: str
) -> None:
    rows = data.draw(st.lists(st.dictionaries(TEXTS, VALUES, max_size=5) | VALUES | st.binary(max_size=9), max_size=5))
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(lines))
    with suppress(TableError, BatchError):
        score(scorer, path, Format.JSONL, target, keep, bad_rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(TABLES, st.binary(max_size=60)),
    st.sampled_from([Format.CSV, Format.TSV]),
    st.sampled_from(list(Format)),
    st.booleans(),
    st.sampled_from(BAD_ROWS),
    st.booleans(),
)
def test_any_table_is_scored_or_refused(
    scorer: Scorer,
    tmp_path: Path,
    rows: list[list[str]] | bytes,
    form: Format,
    target: Format,
    keep: bool,
    bad_rows: str,
    has_header: bool,
) -> None:
    delimiter = "," if form is Format.CSV else "\t"
    content = rows if isinstance(rows, bytes) else encode("\n".join(delimiter.join(row) for row in rows))
    header = (
        encode(delimiter.join(["source_phenotype", "cargo_type", "cargo_name", "note"]) + "\n") if has_header else b""
    )
    path = tmp_path / f"in.{form}"
    path.write_bytes(header + content)
    with suppress(TableError, BatchError):
        score(scorer, path, form, target, keep, bad_rows)
