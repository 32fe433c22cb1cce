"""Whatever is wrong with a file is told with the line that it is on; nothing stands under the final name that did not before."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from service.cli import main
from tests import workbooks
from tests.service.batch.files import read

HEAD = b"source_phenotype,cargo_type,cargo_name\n"
GOOD = b"M2,mirna,miR-21\n"
ROW = b'{"source_phenotype":"M2","cargo_type":"mirna","cargo_name":"miR-21"}\n'
# A file, its content, and what is said of it.
UNUSABLE = [
    ("empty.csv", b"", "Line 1: The file is empty. Give a header"),
    ("blank.csv", b"\n\r\n\n", "The file is empty"),
    (
        "nameless.csv",
        GOOD * 2,
        "its 3 columns are, in order (--columns, or columns= over HTTP): source_phenotype,cargo_type,",
    ),
    ("sourceless.csv", GOOD.replace(b"M2", b"cargo_type") * 2, "The column source_phenotype is missing"),
    ("misspelt.csv", b"source_phenotyp,cargo_type\nM2,whole_vesicle\n", "did you mean source_phenotype"),
    ("doubled.csv", HEAD.replace(b"\n", b",cargo_name\n"), "There are 2 columns named cargo_name"),
    ("latin.csv", HEAD + GOOD + b"M2,mirna,caf\x81\n", "Line 3: Byte 13 of the line (0x81) is not UTF-8"),
    ("latin head.csv", b"caf\x81," + HEAD, "Line 1: Byte 4 of the line (0x81) is not UTF-8"),
    ("latin.tsv", (HEAD + GOOD + b"M2,mirna,caf\x81\n").replace(b",", b"\t"), "Line 3: Byte 13 of the line"),
    ("latin.jsonl", ROW + b"\n" + ROW.replace(b"miR", b"\xff"), "Line 3: Byte 61 of the line (0xff) is not UTF-8"),
    ("cut.csv", HEAD + GOOD + b'M2,mirna,"miR-21\nM2', "Line 3: The quoted cell that begins here has no closing quote"),
    ("long.csv", HEAD + GOOD + b"M2,mirna," + b"x" * 13_000_000, "Line 3: The row that begins here is longer than"),
    ("long.jsonl", ROW + b'{"id":"' + b"x" * 13_000_000, "Line 2: The row that begins here is longer than"),
    (
        "open.csv",
        HEAD + b'M2,mirna,"' + b"x\n" * 7_000_000,
        "Line 2: The row that begins here is longer than 12,582,912 bytes. A quoted cell in it has no closing quote",
    ),
    ("none.parquet", b"", "not a readable Parquet file"),
    ("half.parquet", b"PAR1" + b"\0" * 100, "not a readable Parquet file"),
]
TYPES: list[tuple[str, pa.Array, str]] = [
    ("cargo_name", pa.array([1, 2]), "The column cargo_name holds int64, but must hold texts"),
    ("cancer_type", pa.array([1.5, 2.0]), "The column cancer_type holds double, but must hold texts"),
    ("species", pa.array([[1], [2]]), "must hold texts, or lists of texts"),
    ("cargo_name", pa.array([["a"], ["b"]]), "The column cargo_name holds list<"),
    ("cargo_state", pa.array([datetime(2026, 1, 1)] * 2), "The column cargo_state holds timestamp"),
    ("id", pa.array([True, False]), "The column id holds bool, but must hold texts or whole numbers"),
    ("polarisation", pa.array([{"a": 1}, {"a": 2}]), "The column polarisation holds struct"),
]


class Batch:
    """`exoscore batch` in a folder, where an older OUT stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out.csv"
        self.out.write_text("older")

    def __call__(self, source: Path | str, *more: str, out: Path | str = "", given: bytes = b"") -> Result:
        words = ["batch", str(source), str(out or self.out), "--workers", "1", *more]
        return CliRunner().invoke(main, words, input=given)

    def is_untouched(self) -> bool:
        """Whether nothing was written."""
        return self.out.read_text() == "older" and not list(self.folder.glob(".*"))


@pytest.fixture
def batch(trained_var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    monkeypatch.setenv("EXOSCORE_VAR", str(trained_var))
    return Batch(tmp_path)


@pytest.mark.parametrize(("name", "content", "says"), UNUSABLE, ids=[name for name, _, _ in UNUSABLE])
def test_a_file_that_cannot_be_used_says_why(batch: Batch, name: str, content: bytes, says: str) -> None:
    path = batch.folder / name
    path.write_bytes(content)
    done = batch(path)
    assert says in done.stderr
    assert done.exit_code == 1
    assert batch.is_untouched()


@pytest.mark.parametrize(("name", "column", "says"), TYPES, ids=[f"{name} {one.type}" for name, one, _ in TYPES])
def test_columns_of_other_types_are_named(batch: Batch, name: str, column: pa.Array, says: str) -> None:
    columns: dict[str, Any] = {"source_phenotype": ["M2"] * 2, "cargo_type": ["whole_vesicle"] * 2, name: column}
    parquet.write_table(pa.table(columns), batch.folder / "in.parquet")
    done = batch(batch.folder / "in.parquet")
    assert says in done.stderr
    assert done.exit_code == 1
    assert batch.is_untouched()


def test_texts_of_every_type_and_whole_numbers_as_ids_are_read(batch: Batch) -> None:
    columns = {
        "id": pa.array([7, 8]),
        "source_phenotype": pa.array(["M2", "M2"]).dictionary_encode(),
        "cargo_type": pa.array(["mirna"] * 2, pa.large_string()),
        "cargo_name": pa.array(["miR-21"] * 2, pa.string_view()),
        "cargo_state": pa.nulls(2),
        "species": pa.array([["human", "mouse"], []], pa.large_list(pa.string())),
        "engineering": pa.array([["a\x1fb"], None]),
    }
    parquet.write_table(pa.table(columns), batch.folder / "in.parquet")
    done = batch(batch.folder / "in.parquet", "--errors", str(batch.folder / "bad.jsonl"))
    assert done.exit_code == 3
    (fault,) = map(json.loads, (batch.folder / "bad.jsonl").read_text().splitlines())
    assert (fault["id"], fault["row"], fault["code"]) == ("7", 1, "unknown_term")
    assert [row["id"] for row in read(batch.out)] == ["8"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet"])
def test_a_header_only_gives_no_rows(batch: Batch, form: str, end: str) -> None:
    source, out = batch.folder / "in.csv", batch.folder / f"rows.{form}"
    source.write_bytes(b"\xef\xbb\xbf" + HEAD.strip() + end.encode())
    assert batch(source, out=out).exit_code == 0
    assert read(out) == []


def test_line_ends_may_be_mixed_and_lines_of_faults_are_those_of_an_editor(batch: Batch) -> None:
    rows = [
        b"M2,mirna,miR-21\r\n",
        b"\n",
        b'M2,mirna,"miR-21\r\n+\nmiR-22"\n',
        b"\r\n",
        b"M9,mirna,miR-21\r",
        b"M2,mirna\n",
    ]
    source = batch.folder / "in.csv"
    source.write_bytes(b"\xef\xbb\xbf" + HEAD + b"".join(rows) + HEAD + b'M2,mirna,5" x "\nM2,mirna,"\nM2')
    done = batch(source, "--errors", str(batch.folder / "bad.csv"))
    # The last quoted cell has no end.
    assert "Line 12: The quoted cell that begins here has no closing quote" in done.stderr
    source.write_bytes(source.read_bytes().replace(b'"\nM2', b"x\nM2"))
    assert batch(source, "--errors", str(batch.folder / "bad.jsonl")).exit_code == 3
    told = [json.loads(line) for line in (batch.folder / "bad.jsonl").read_text().splitlines()]
    assert [(one["line"], one["row"], one["code"]) for one in told] == [
        (8, 3, "unknown_term"),
        (9, 4, "truncated"),
        (10, 5, "repeated_header"),
        (13, 8, "truncated"),
    ]
    assert "The file ends in this row" in told[-1]["detail"]
    assert [row["row"] for row in read(batch.out)] == [1, 2, 6, 7]


def test_bad_rows_are_summed_up_where_no_file_is_named_for_them(batch: Batch) -> None:
    source = batch.folder / "in.csv"
    source.write_bytes(HEAD + GOOD + b"M9,mirna,miR-21\n" * 9)
    done = batch(source)
    assert done.exit_code == 3
    assert done.stderr.count("Did you mean M0 or M1?") == 5
    assert "9 rows with errors" in done.stderr
    assert "--errors FILE lists every error" in done.stderr
    summary = json.loads(batch(source, "--json").stdout)
    assert (summary["rows"], summary["scored"], summary["bad"], len(summary["first_faults"])) == (10, 1, 9, 5)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["missing.csv", "out.csv"], 1, "No such file"),
        (["in.csv", "in.csv"], 1, "is both the input and the output"),
        (["in.csv", "link.csv"], 1, "is both the input and the output"),
        (["in.csv", "out.csv", "--errors", "bad.parquet"], 2, "must end in"),
        (["in.csv", "new.jsonl", "--errors", "new.jsonl"], 1, "is both the output and the file of errors"),
        (["in.csv", "none/out.csv"], 1, "The folder "),
        (["in.csv", "/dev/null", "--to", "csv"], 1, "is not a file that can be replaced"),
        (["in.csv", "out.xlsx"], 2, "give --to FORMAT"),
        (["-", "out.csv"], 2, "give --from FORMAT"),
        (["-", "out.csv", "--from", "csv", "--resume"], 2, "A pipe cannot be resumed"),
        (["in.csv", "-", "--to", "csv", "--json"], 2, "--json would be mixed with the scores"),
        (["in.csv", "out.csv", "--model", "none"], 1, "There is no model 'none'"),
    ],
)
def test_what_cannot_be_done_says_why(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, words: list[str], status: int, says: str
) -> None:
    monkeypatch.chdir(batch.folder)
    Path("in.csv").write_bytes(HEAD + GOOD)
    Path("link.csv").symlink_to("in.csv")
    done = CliRunner().invoke(main, ["batch", *words])
    assert (done.exit_code, says in done.stderr) == (status, True), done.stderr
    assert Path("in.csv").read_bytes() == HEAD + GOOD
    assert batch.is_untouched()


def test_pipes_bring_and_take_every_format(batch: Batch) -> None:
    given = HEAD + GOOD * 3
    words = ("-", "-", "--workers", "1", "--keep")
    parquet_file = CliRunner().invoke(main, ["batch", *words, "--from", "csv", "--to", "parquet"], input=given)
    assert parquet_file.exit_code == 0
    path = batch.folder / "piped.parquet"
    path.write_bytes(parquet_file.stdout_bytes)
    words = ("-", "-", "--workers", "1")
    narrow = parquet.read_table(path, columns=["source_phenotype", "cargo_type", "cargo_name"])
    parquet.write_table(narrow, path)
    lines = CliRunner().invoke(main, ["batch", *words, "--from", "parquet", "--to", "jsonl"], input=path.read_bytes())
    assert [json.loads(line)["row"] for line in lines.stdout.splitlines()] == [1, 2, 3]


def test_a_full_disk_leaves_what_stood_there_and_what_can_be_gone_on_with(batch: Batch, trained_var: Path) -> None:
    source = batch.folder / "in.jsonl"
    source.write_bytes(ROW * 150_000 * 2)
    words = [sys.executable, "-m", "service.cli", "batch", str(source), str(batch.out), "--workers", "1"]
    environment = {**os.environ, "EXOSCORE_VAR": str(trained_var)}

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000_000, 30_000_000))

    done = subprocess.run(words, env=environment, preexec_fn=limited, capture_output=True, text=True)
    assert (done.returncode, "File too large" in done.stderr) == (1, True), done.stderr
    assert batch.out.read_text() == "older"
    resumed = subprocess.run(
        [*words, "--resume", "--json"], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(resumed.stdout)["resumed_after_rows"] > 0
    assert batch.out.read_bytes().count(b"\n") == 300_001
    assert not list(batch.folder.glob(".*"))


def test_a_sheet_is_named_on_the_command_line(batch: Batch) -> None:
    rows = [["Phenotype", "Cargo type", "miRNA"], ["M2", "mirna", "miR-21"]]
    book = batch.folder / "plates.xlsx"
    book.write_bytes(workbooks.xlsx({"Notes": [["none"]], "Plate 2": rows}))
    done = batch(book, "--sheet", "Plate 2", "--json")
    assert (done.exit_code, json.loads(done.stdout)["rows"]) == (0, 1)
    assert "plates.xlsx: Column Phenotype is read as source_phenotype." in done.stderr
    assert json.loads(done.stdout)["remarks"][0] == "Column Phenotype is read as source_phenotype"
    assert batch("-", "--from", "csv", "--sheet", "Plate 2", given=book.read_bytes()).exit_code == 0
    refused = batch(book, "--sheet", "Plate 3")
    assert (refused.exit_code, refused.stderr.splitlines()[-2:]) == (
        1,
        [
            f"{book}: The workbook has no sheet 'Plate 3'; it has 'Notes', 'Plate 2'.",
            f"Error: Nothing was written, since {book} cannot be scored.",
        ],
    )


def test_workbooks_are_read_and_not_written(batch: Batch) -> None:
    folder = batch.folder / "books"
    folder.mkdir()
    for number in range(2):
        rows = [["source_phenotype", "cargo_type"], *[["M2", "whole_vesicle"]] * (number + 1)]
        (folder / f"{number}.ods").write_bytes(workbooks.ods({"A": rows}))
    assert batch(folder, out=batch.folder / "scores").exit_code == 0
    assert [len(read(batch.folder / "scores" / f"{number}.csv")) for number in range(2)] == [1, 2]
    refused = batch(folder / "0.ods", out=batch.folder / "scores.xlsx")
    assert (refused.exit_code, "must end in .csv" in refused.stderr) == (2, True)


def test_a_batch_ends_with_a_summary_on_standard_error(batch: Batch) -> None:
    source = batch.folder / "in.csv"
    source.write_bytes(HEAD + GOOD * 3 + b"M9,mirna,miR-21\n")
    done = batch(source)
    *_, counts, where = done.stderr.splitlines()
    assert re.fullmatch(r"Scored 3 of 4 rows in \d+\.\d s: \d suppressing, \d promoting, \d undetermined\.", counts)
    assert where == f"1 row with errors, 0 rows with warnings. Scores are in {batch.out}."
