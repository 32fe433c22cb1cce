"""`exoscore score --report FILE`: a page or a document beside the answer, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from models.files import atomic_write
from service.cli import main

ROOT = Path(__file__).parent.parent.parent.parent
MIR21 = (
    "--source-phenotype",
    "M2",
    "--cargo-type",
    "mirna",
    "--cargo-name",
    "miR-21-5p",
    "--polarisation",
    "IL4;IL-13",
)
QUERY = [
    ("source_phenotype", "M2"),
    ("polarisation", "IL4"),
    ("polarisation", "IL-13"),
    ("cargo_type", "mirna"),
    ("cargo_name", "miR-21-5p"),
]

Run = Callable[..., Result]


@pytest.fixture
def run(trained_var: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EXOSCORE_VAR", str(trained_var))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_document_is_that_of_the_api_and_the_answer_is_printed_beside_it(
    run: Run, client: FlaskClient, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    done = run("score", *MIR21, "--report", path, "--json")
    assert done.exit_code == 0
    assert json.loads(path.read_text("utf-8")) == client.get(f"/v1/reports?{urlencode(QUERY)}").get_json()
    assert json.loads(done.stdout) == json.loads(run("score", *MIR21, "--json").stdout)


def test_the_command_in_a_report_gives_its_score_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert run("score", *MIR21, "--id=--json", "--cancer-type", "it's a TNBC; or so", "--report", path).exit_code == 0
    found = json.loads(path.read_text("utf-8"))
    name, *arguments = shlex.split(found["replay"]["command"])
    assert name == "exoscore"
    assert json.loads(run(*arguments).stdout)["scores"] == [found["score"]]
    for ways in found["flips"]:
        assert run(*shlex.split(ways["command"])[1:]).exit_code == 0


def test_the_page_is_one_file_with_the_permissions_of_any_new_file(run: Run, tmp_path: Path) -> None:
    path, other = tmp_path / "report.HTML", tmp_path / "other"
    assert run("score", *MIR21, "--report", path).exit_code == 0
    other.touch()
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "<style>" in page
    assert path.stat().st_mode == other.stat().st_mode
    assert {one.name for one in tmp_path.iterdir()} == {"report.HTML", "other"}
    assert run("score", *MIR21, "--report", path).exit_code == 0
    assert path.read_text("utf-8") == page


@pytest.mark.parametrize("name", ["report.txt", "report", "report.html.gz", ".html"])
def test_an_unknown_suffix_is_wrong_usage_that_names_the_known_ones(run: Run, tmp_path: Path, name: str) -> None:
    done = run("score", *MIR21, "--report", tmp_path / name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert ".html, .pdf, .json" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_candidate_that_is_not_understood_writes_nothing(run: Run, tmp_path: Path) -> None:
    done = run("score", "--source-phenotype", "M9", "--cargo-type", "mirna", "--report", tmp_path / "report.html")
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_written_is_a_failure_that_says_why_and_prints_no_answer(
    run: Run, tmp_path: Path
) -> None:
    done = run("score", *MIR21, "--report", tmp_path / "missing" / "report.html")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr
    (tmp_path / "folder.html").mkdir()
    assert run("score", *MIR21, "--report", tmp_path / "folder.html").exit_code == 2
    assert list((tmp_path / "folder.html").iterdir()) == []


def test_a_write_that_fails_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"), atomic_write(path) as file:
        file.write(b"new")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_help_says_what_a_report_is(run: Run) -> None:
    assert ".html" in re.sub(r"\s+", " ", run("score", "--help").stdout)


def test_the_command_of_the_readme_writes_a_report(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text("utf-8").replace("\\\n", " ")
    commands = re.findall(r"^exoscore (score .*--report .*)$", text, re.MULTILINE)
    assert commands
    for command in commands:
        assert run(*shlex.split(command)).exit_code == 0
    assert list(tmp_path.glob("*.html"))


def test_a_pdf_is_printed_by_what_is_installed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands for a browser: writes what it was asked to print where it was asked to print it.
    program = tmp_path / "weasyprint"
    program.write_text('#!/bin/sh\n{ echo %PDF-1.7; cat "$1"; } > "$2"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("service.cli.pdf.BROWSERS", ())
    path = tmp_path / "report.pdf"
    assert run("score", *MIR21, "--report", path).exit_code == 0
    assert path.read_bytes().startswith(b"%PDF-1.7\n<!doctype html>")


def test_without_anything_that_prints_a_pdf_it_is_said_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("score", *MIR21, "--report", tmp_path / "report.pdf")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Chromium, Chrome or WeasyPrint" in done.stderr
    assert list(tmp_path.iterdir()) == []
