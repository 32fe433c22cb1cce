"""`exoscore findings`: what the API does, on the command line, with statuses that scripts can rely on.

0 done, 1 failed, 2 wrong usage. What is bad is told whole, and then nothing is changed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from models.candidates.parser import CandidateParser
from service import Settings, create_app
from service.cli import main
from service.db.tables import FindingRow
from service.installation import Installation
from tests import workbooks
from training.data.findings import Finding, read_findings

HEADER = "paper\tsource_phenotype\tcargo_type\tcargo_name\teffect\ttitle\n"
Run = Callable[..., Result]

WHY = ("--reason", "read again")


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    Installation.open(Settings(var=folder)).close()
    return folder


@pytest.fixture
def run(var: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EXOSCORE_VAR", str(var))
    return lambda *words: CliRunner().invoke(main, ["findings", *map(str, words)], catch_exceptions=False)


numbers = itertools.count()


@pytest.fixture
def paper() -> str:
    return f"lab:{next(numbers)}"


@pytest.fixture
def sheet(tmp_path: Path, paper: str) -> Path:
    path = tmp_path / "own.tsv"
    path.write_text(f"{HEADER}{paper}\tM2\tmirna\tmiR-146a\tpromoting\tTitle of {paper}\n", encoding="utf-8")
    return path


@pytest.fixture
def added(run: Run, sheet: Path) -> str:
    """The id of a finding of the lab's own."""
    finding_id: str = json.loads(run("add", sheet, "--json").stdout)["added"][0]["finding_id"]
    return finding_id


def test_a_file_is_added_once_and_said_so(run: Run, sheet: Path) -> None:
    first, again = run("add", sheet), run("add", sheet)
    assert (first.exit_code, first.stdout) == (0, "1 finding added, 0 already stored, 0 conflicts\n")
    assert (again.exit_code, again.stdout) == (0, "0 findings added, 1 already stored, 0 conflicts\n")


def test_a_file_with_one_bad_row_adds_nothing_and_every_fault_is_told(run: Run, sheet: Path, paper: str) -> None:
    with sheet.open("a", encoding="utf-8") as out:
        out.write(f"{paper}\tM9\tmirna\tmiR-1\tcuring\t\n")
    done = run("add", sheet)
    assert done.exit_code == 1
    assert all(says in done.stderr for says in ("Line 3, column source_phenotype", "Line 3, column effect"))
    in_json = run("add", sheet, "--json")
    assert (in_json.exit_code, len(json.loads(in_json.stdout)["faults"])) == (1, 2)
    assert json.loads(run("list", "--paper", paper, "--json").stdout) == {"findings": [], "next": None}


def test_a_workbook_is_checked_and_added_and_how_it_is_read_is_said(run: Run, tmp_path: Path, paper: str) -> None:
    book = tmp_path / "own.xlsx"
    rows = [("Paper", "Phenotype", "Cargo type", "miRNA", "Outcome"), (paper, "M2", "mirna", "miR-146a", "promoting")]
    book.write_bytes(workbooks.xlsx({"Found": rows, "Notes": []}))
    checked = run("check", book)
    assert (checked.exit_code, checked.stdout) == (0, "1 finding of 1 paper, no errors, 0 warnings, 0 already stored\n")
    assert "The sheet 'Found' is read; there is also 'Notes'" in checked.stderr
    assert "Column Outcome is read as effect" in checked.stderr
    refused = run("check", book, "--sheet", "Fund")
    assert (refused.exit_code, "it has 'Found', 'Notes'" in refused.stderr) == (1, True)
    added = run("add", book, "--sheet", "Found", "--json")
    assert len(json.loads(added.stdout)["added"]) == 1
    assert "Column Outcome is read as effect" in json.loads(added.stdout)["remarks"]


def test_conflicts_of_what_is_added_are_told_and_listed(run: Run, sheet: Path, paper: str) -> None:
    run("add", sheet)
    sheet.write_text(f"{HEADER}{paper}-b\tM2\tmirna\tmiR-146a-5p\tsuppressing\t\n", encoding="utf-8")
    done = run("add", sheet)
    assert done.stdout.startswith("1 finding added, 0 already stored, ")
    assert f"({paper})" in done.stdout
    (told,) = (line for line in done.stdout.splitlines() if f"({paper})" in line)
    assert told in run("conflicts", "--limit", "500").stdout.splitlines()
    page = json.loads(run("conflicts", "--limit", "1", "--json").stdout)
    assert json.loads(run("conflicts", "--cursor", page["next"], "--json").stdout)["conflicts"] != page["conflicts"]


def test_what_is_held_out_is_listed_apart(run: Run, sheet: Path, paper: str) -> None:
    assert run("add", sheet, "--held-out").exit_code == 0
    assert len(json.loads(run("list", "--held-out", "--paper", paper, "--json").stdout)["findings"]) == 1
    assert json.loads(run("list", "--not-held-out", "--paper", paper, "--json").stdout)["findings"] == []
    done = run("add", sheet)
    assert (done.exit_code, "blind tests" in done.stderr) == (1, True)
    assert paper in run("export", "-", "--held-out").stdout
    assert paper not in run("export", "-").stdout


def test_a_list_goes_on_where_its_page_ended(run: Run) -> None:
    first = run("list", "--limit", "2", "--cargo-name", "miR21")
    assert (first.exit_code, len(first.stdout.splitlines())) == (0, 3)
    page = json.loads(run("list", "--limit", "2", "--cargo-name", "miR21", "--json").stdout)
    assert page["next"] in first.stderr
    further = json.loads(run("list", "--cursor", page["next"], "--cargo-name", "miR21", "--json").stdout)
    assert further["next"] is None
    ids = [one["finding_id"] for one in (*page["findings"], *further["findings"])]
    assert len(set(ids)) == len(ids) > 10


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "--source-cell", "makrophag"), "macrophage"),
        (("list", "--cancer-type", "hepatom"), "hepato"),
        (("list", "--cursor", "x"), "cursor"),
        (("list", "--limit", "0"), "limit"),
        (("list", "--q", "a\udcffb"), "control"),
        (("correct", "EXF-5f0084ae", "--set", "year", *WHY), "COLUMN=VALUE"),
        (("correct", "EXF-5f0084ae", "--set", "colour=red", *WHY), "colour"),
        (("correct", "EXF-5f0084ae", "--set", "effect=curing", *WHY), "promoting"),
        (("correct", "EXF-5f0084ae", "--set", "title=\udcff", *WHY), "title"),
        (("correct", "EXF-5f0084ae", "--set", "year=2020", "--reason", "\udcff"), "reason"),
        (("retract", "EXF-5f0084ae"), "--reason"),
        (("retract", "EXF-5f0084ae", "--reason", " "), "reason"),
        (("export", "findings.xlsx"), ".tsv"),
        (("add", "missing.tsv"), "missing.tsv"),
    ],
)
def test_wrong_usage_is_told_with_what_would_be_right(run: Run, words: tuple[str, ...], says: str) -> None:
    done = run(*words)
    assert (done.exit_code, says in done.stderr, done.stdout) == (2, True, "")


@pytest.mark.parametrize(
    "words",
    [("show",), ("history",), ("retract", "--reason", "x"), ("restore", *WHY), ("correct", "--set", "year=2020", *WHY)],
)
def test_a_finding_that_is_not_here_is_told_so(run: Run, words: tuple[str, ...]) -> None:
    done = run(words[0], "EXF-nothing", *words[1:])
    assert (done.exit_code, "EXF-nothing" in done.stderr) == (1, True)


def test_a_finding_is_corrected_retracted_and_put_back(run: Run, added: str) -> None:
    changes = [f"--set={one}" for one in ("year=2021", "title=", "species=human;mouse")]
    done = run("correct", added, *changes, "--reason", "read again")
    assert (done.exit_code, "human;mouse" in done.stdout) == (0, True)
    assert json.loads(run("retract", added, "--reason", "image duplicated", "--json").stdout)["retracted"]
    assert "retracted" in run("show", added).stdout
    assert not json.loads(run("restore", added, "--json", *WHY).stdout)["retracted"]
    told = run("history", added).stdout
    assert all(
        says in told for says in ("on the command line: read again", "  title: (removed)", "  species: human; mouse")
    )
    revisions = json.loads(run("history", added, "--json").stdout)["revisions"]
    assert [one["retracted"] for one in revisions] == [False, False, True, False]


def test_a_correction_into_another_finding_fails(run: Run, added: str, sheet: Path, paper: str) -> None:
    sheet.write_text(f"{HEADER}{paper}\tM2\tmirna\tlet-7a\tpromoting\t\n", encoding="utf-8")
    run("add", sheet)
    done = run("correct", added, "--set", "cargo_name=let-7a", *WHY)
    assert (done.exit_code, "be the same as" in done.stderr) == (1, True)


@pytest.mark.parametrize("suffix", ["tsv", "csv", "json"])
def test_an_export_can_be_checked_and_added_elsewhere(
    run: Run,
    added: str,
    tmp_path: Path,
    reader: CandidateParser,
    corpus: tuple[Finding, ...],
    suffix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / f"all.{suffix}"
    path.write_text("what was here before", encoding="utf-8")
    assert run("export", path).exit_code == 0
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    if suffix != "json":
        assert run("check", path).exit_code == 0
        assert added in {one.finding_id for one in read_findings(path, reader)}
    else:
        assert added in {one["finding_id"] for one in json.loads(path.read_text("utf-8"))["findings"]}
    assert run("export", "-", "--format", suffix).stdout_bytes == path.read_bytes()
    again = json.loads(run("add", path, "--json").stdout)
    assert (len(again["added"]), {one["retracted"] for one in again["existing"]}) == (0, {False})
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path / "elsewhere"))
    elsewhere = json.loads(run("add", path, "--json").stdout)
    assert added in {one["finding_id"] for one in elsewhere["added"]}
    assert len(elsewhere["existing"]) == len(corpus)


@pytest.mark.parametrize(("form", "suffix"), [("croissant", "zip"), ("csl", "csl"), ("bibtex", "bib")])
def test_an_export_for_others_is_known_by_its_suffix_or_its_format(
    run: Run, tmp_path: Path, form: str, suffix: str
) -> None:
    path = tmp_path / f"all.{suffix}"
    assert run("export", path).exit_code == 0
    assert path.stat().st_size > 1_000
    assert run("export", "-", "--format", form).stdout_bytes == path.read_bytes()


def test_an_export_that_cannot_be_written_leaves_nothing(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "no" / "such" / "folder.tsv")
    assert (done.exit_code, "cannot be written" in done.stderr) == (1, True)
    path = tmp_path / "own.tsv"
    assert run("export", path, "--effect", "curing").exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"findings": []}', b'{"findings": [{}], "x": 1}', b"\xff"])
def test_a_json_file_of_the_wrong_form_fails(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(content)
    assert run("add", path).exit_code == 1


def test_faults_of_a_json_file_have_pointers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text('[{"paper": "lab:x"}, 3]', encoding="utf-8")
    faults = json.loads(run("add", path, "--json").stdout)["faults"]
    assert {(one["at"], one["column"]) for one in faults} >= {("/findings/0", "effect"), ("/findings/1", "")}


def test_the_command_line_and_the_api_say_the_same(run: Run, var: Path, added: str) -> None:
    app: Flask = create_app(Settings(var=var))
    client = app.test_client()
    assert json.loads(run("show", added, "--json").stdout) == client.get(f"/v1/findings/{added}").get_json()
    assert json.loads(run("history", added, "--json").stdout) == client.get(f"/v1/findings/{added}/history").get_json()
    listed = json.loads(run("list", "--limit", "5", "--cancer-type", "lung cancer", "--json").stdout)["findings"]
    assert listed == client.get("/v1/findings?limit=5&cancer_type=lung%20cancer").get_json()["findings"]


def test_training_learns_from_what_is_kept_unless_told_otherwise(
    tmp_path: Path, sheet: Path, corpus: tuple[Finding, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path / "var"))
    runner = CliRunner()
    finding_id = corpus[0].finding_id
    assert runner.invoke(main, ["findings", "add", str(sheet)]).exit_code == 0
    assert runner.invoke(main, ["findings", "retract", finding_id, "--reason", "misread"]).exit_code == 0
    learned = []
    monkeypatch.setattr(
        "service.cli.train.train_on", lambda _, found, *__, **___: learned.append(found) or pytest.fail("enough")
    )
    for words in ([], ["--with-corpus"], ["--findings", str(sheet)], ["--findings", str(sheet), "--with-corpus"]):
        with pytest.raises(pytest.fail.Exception):
            runner.invoke(main, ["train", *words], catch_exceptions=False)
    kept, shipped, own, both = ({one.finding_id for one in found} for found in learned)
    assert len(own) == 1
    assert both == shipped | own
    assert kept == both - {finding_id}
    assert len(shipped) == len(corpus)


ROWS = 600
# Runs the command in forks of one process, so that what is killed is the import and not the loading of libraries.
FORKS = """
import os, sys
from service.cli import main
for line in sys.stdin:
    child = os.fork()
    if not child:
        main(["findings", "add", line.strip()])
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_an_import_that_is_killed_adds_all_of_its_findings_or_none(
    address: str, tmp_path: Path, corpus: tuple[Finding, ...], thoroughly: bool
) -> None:
    """At random moments from its start to its end."""
    kills = 12 if thoroughly else 3
    installation = Installation.open(Settings(var=tmp_path, database_url=address))
    environment = {**os.environ, **installation.settings.environment}
    moments = secrets.SystemRandom()
    whole_run = 0.0
    outcomes = []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment, "text": True}
    with subprocess.Popen([sys.executable, "-c", FORKS], **pipes) as forks:
        assert forks.stdin is not None
        assert forks.stdout is not None
        for number in range(kills + 1):
            path = tmp_path / f"{number}.tsv"
            rows = (f"lab:{number}-{row}\tM2\tmirna\tmiR-{row % 900 + 1}\tpromoting\t\n" for row in range(ROWS))
            path.write_text(HEADER + "".join(rows), encoding="utf-8")
            print(path, file=forks.stdin, flush=True)
            child = int(forks.stdout.readline())
            begun = time.monotonic()
            if number:
                time.sleep(whole_run * moments.uniform(0.0, 1.05))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            # What the command prints comes before its status.
            status = next(line for line in iter(forks.stdout.readline, "") if re.fullmatch(r"-?\d+\n", line))
            if not number:
                assert int(status) == 0
                whole_run = time.monotonic() - begun
            with installation.database.read() as session:
                outcomes.append(session.query(FindingRow).filter(FindingRow.paper.startswith(f"lab:{number}-")).count())
        forks.stdin.close()
    assert set(outcomes) <= {0, ROWS}
    assert outcomes[0] == ROWS
    assert len(installation.findings.for_training()) == len(corpus) + sum(outcomes)
    installation.close()


def test_a_paper_of_the_corpus_is_known_by_another_name_of_it(run: Run, tmp_path: Path) -> None:
    row = "{}\tM1\tlncrna\tHOTTIP\thead and neck squamous cell carcinoma\t{}\n"
    head = "doi\tsource_phenotype\tcargo_type\tcargo_name\tcancer_type\teffect\n"
    same, contrary = tmp_path / "same.tsv", tmp_path / "contrary.tsv"
    same.write_text(head + row.format("https://doi.org/10.1038/S41419-022-04640-Z", "suppressing"))
    contrary.write_text(head + row.format("10.1038/s41419-022-04640-z", "promoting"))
    assert "1 finding of 1 paper, no errors, 0 warnings, 1 already stored" in run("check", same).stdout
    assert "0 findings added, 1 already stored" in run("add", same).stdout
    for words in ("check", "add"):
        done = run(words, contrary)
        assert (done.exit_code, "EXF-5f0084ae reports suppressing" in done.stderr) == (1, True)


def test_without_an_installation_a_file_is_held_against_the_shipped_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path / "none"))
    sheet = tmp_path / "own.tsv"
    sheet.write_text(
        "pmid\tsource_phenotype\tcargo_type\tcargo_name\tcancer_type\teffect\n"
        "PMID: 35210436\tM1\tlncrna\tHOTTIP\tHNSCC\tpromoting\n"
    )
    done = CliRunner().invoke(main, ["findings", "check", str(sheet), "--json"])
    assert [fault["code"] for fault in json.loads(done.stdout)["faults"]] == ["contradiction"]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("column", "value", "nearest"),
    [("cancer_type", "glioblastomma", "glioblastoma"), ("cargo_name", "mir-21 ok", "miR-21")],
)
def test_what_no_table_knows_is_warned_of_and_fails_where_that_is_strict(
    run: Run, tmp_path: Path, column: str, value: str, nearest: str
) -> None:
    cells = {"paper": f"lab:{column}", "source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-146a"}
    cells |= {"effect": "promoting", column: value}
    sheet = tmp_path / "own.tsv"
    sheet.write_text("\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n")
    checked = run("check", sheet)
    assert (checked.exit_code, "no errors, 1 warning" in checked.stdout) == (0, True)
    assert f"line 2: {column} {value!r}" in checked.stderr
    assert nearest in checked.stderr
    strictly = run("check", sheet, "--strict", "--json")
    (warning,) = json.loads(strictly.stdout)["warnings"]
    assert (strictly.exit_code, warning["line"], warning["field"], nearest in warning["nearest"]) == (
        1,
        2,
        column,
        True,
    )
    (warning,) = json.loads(run("add", sheet, "--json").stdout)["warnings"]
    assert (warning["row"], warning["field"], warning["given"]) == (0, column, value)


def test_a_wrong_term_is_told_with_those_that_are_right_and_none_that_is_unlike_it(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "own.tsv"
    sheet.write_text(f"{HEADER.strip()}\tevidence\nlab:e\tM2\tmirna\tmiR-146a\tpromoting\tT\tbanana\n")
    said = run("check", sheet).stderr
    assert "Choose among in_vitro, in_vivo, both, clinical" in said
    assert "Did you mean" not in said


@pytest.mark.parametrize(("suffix", "form", "begins"), [("bib", "bibtex", "@article{"), ("ris", "ris", "TY  - JOUR")])
def test_the_papers_of_findings_are_written_for_reference_managers(
    run: Run, tmp_path: Path, suffix: str, form: str, begins: str
) -> None:
    path = tmp_path / f"papers.{suffix}"
    assert run("export", path, "--paper", "pmid:35210436").exit_code == 0
    assert path.read_text("utf-8").startswith(begins)
    assert run("export", "-", "--format", form, "--paper", "pmid:35210436").stdout_bytes == path.read_bytes()
