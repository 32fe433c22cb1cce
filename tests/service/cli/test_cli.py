"""The command line: the answers of the API, statuses that scripts can rely on, and nothing written when something is wrong."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.scorer import Scorer
from service.cli import main
from service.cli.output import round_numbers
from training.data.findings import CORPUS, Finding
from training.pipeline import train_model

MIR21 = ("--source-phenotype", "M2", "--cargo-type", "mirna", "--cargo-name", "miR-21-5p")


@pytest.fixture
def run(trained_var: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("EXOSCORE_VAR", str(trained_var))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def files(folder: Path) -> set[Path]:
    """What is in a folder, but for the journal that SQLite keeps beside a database while it is open."""
    return {path for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))}


def test_score_prints_the_same_document_as_the_api(run, client, scorer: Scorer) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("score", *MIR21, "--include", "contributions", "--json")
    body = {"candidates": [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}]}
    answer = client.post("/v1/scores?include=contributions", json=body).get_json()
    assert (done.exit_code, json.loads(done.stdout)) == (0, answer)


def test_score_prints_its_prediction_on_a_line_of_its_own(run) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("score", *MIR21)
    assert done.exit_code == 0
    assert done.stdout.startswith("Tumour-promoting\n")
    assert "Probability of suppressing  < 1 %" in done.stdout
    assert "MIMAT0000076" in done.stdout


def test_a_candidate_that_is_not_understood_is_wrong_usage_with_every_fault(run) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("score", "--source-phenotype", "M9", "--cargo-type", "mirna")
    assert done.exit_code == 2
    assert "source_phenotype" in done.stderr
    assert "cargo_name" in done.stderr
    in_json: Result = run("score", "--source-phenotype", "M9", "--cargo-type", "mirna", "--json")
    assert {error["pointer"] for error in json.loads(in_json.stdout)["errors"]} == {"/source_phenotype", "/cargo_name"}


@pytest.mark.parametrize("command", [("jobs", "list"), ("audit",), ("findings", "conflicts")], ids=" ".join)
def test_a_malformed_cursor_is_wrong_usage_of_every_list(run, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    done: Result = run(*command, "--cursor", "x")
    assert (done.exit_code, "cursor" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "command",
    [("score", *MIR21), ("models", "show", "exo-000000000000"), ("evaluate", CORPUS, "--model", "exo-000000000000")],
    ids=lambda command: command[0],
)
def test_a_database_or_model_that_is_not_there_fails_in_one_sentence(  # type: ignore[no-untyped-def]
    run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    if command[0] == "score":
        monkeypatch.setenv("EXOSCORE_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    done: Result = run(*command)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.stderr


def test_an_unknown_model_is_told_which_are_kept(run, scorer: Scorer) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("score", *MIR21, "--model", "exo-000000000000")
    assert (done.exit_code, scorer.bundle.id in done.stderr) == (1, True)


def test_a_malformed_setting_stops_every_command(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("EXOSCORE_PORT", "many")
    done: Result = run("score", *MIR21)
    assert (done.exit_code, "EXOSCORE_PORT" in done.stderr) == (2, True)


def test_evaluate_refuses_papers_that_the_model_has_seen(run, corpus: tuple[Finding, ...]) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("evaluate", CORPUS)
    assert done.exit_code == 1
    assert f"{len(corpus)} findings of {papers_of(corpus)} papers" in done.stderr
    allowed: Result = run("evaluate", CORPUS, "--allow-seen", "--json")
    assert allowed.exit_code == 0
    figures = json.loads(allowed.stdout)
    assert list(figures)[1:] == [
        "n", "papers", "auroc", "within_stratum_auroc", "within_stratum_auroc_named", "mcc", "brier", "log_loss", "ece",
        "coverage_suppressing", "coverage_promoting", "singletons", "determined", "accuracy_determined", "undetermined",
        "seen_rows", "coverage", "backed_off",
    ]  # fmt: skip


def test_evaluate_scores_findings_of_unseen_papers_and_says_what_it_backed_off_from(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "unseen.tsv"
    path.write_text(
        "paper\tsource_cell\tsource_phenotype\tcargo_type\tcargo_name\teffect\n"
        "lab:1\tmacrophage\tM1\tmirna\tmiR-145\tsuppressing\n"
        "lab:2\tmacrophage\tM2\tmirna\tmiR-21\tpromoting\n"
        "lab:3\tplant\tdragonfruit\twhole_vesicle\t\tsuppressing\n",
        encoding="utf-8",
    )
    done: Result = run("evaluate", path, "--json")
    figures = json.loads(done.stdout)
    assert (figures["n"], figures["auroc"]) == (3, 1.0)
    assert [(fault["line"], fault["column"]) for fault in figures["backed_off"]] == [(4, "source_phenotype")]
    assert figures["coverage"]["source_cell"]["plant"]["suppressing"]["findings"] == 1


@pytest.mark.parametrize("name", ["said.csv", "said.tsv"])
def test_evaluate_writes_what_it_said_of_each_finding(run, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    path, said = tmp_path / "unseen.tsv", tmp_path / name
    path.write_text(
        "finding_id\tpaper\tsource_phenotype\tcargo_type\tcargo_name\tcargo_state\teffect\n"
        "A\tlab:1\tM1\tmirna\tmiR-145\t\tsuppressing\n"
        "B\tlab:2\tM2\tdrug\tDOX\tnative\tsuppressing\n",
        encoding="utf-8",
    )
    done: Result = run("evaluate", path, "--predictions", said)
    assert done.exit_code == 0
    assert "cargo_state" in done.stderr
    assert "covered, macrophage, suppressing" in done.stdout
    lines = said.read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="," if name.endswith("csv") else "\t"))
    assert [(row["finding_id"], row["effect"], row["label"]) for row in rows] == [
        ("A", "suppressing", "suppressing"),
        ("B", "suppressing", "suppressing"),
    ]
    assert all(
        0 <= float(row["low"]) <= float(row["probability_suppressing"]) <= float(row["high"]) <= 1 for row in rows
    )


@pytest.mark.parametrize("command", [("evaluate",), ("findings", "check"), ("train", "--findings")])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Line 1: The file is empty"),
        (b"PK\x03\x04\xff\xfe", "The workbook cannot be read"),
        (CORPUS.read_bytes()[:30_000], "Line "),
        (b"source_phenotype\tcargo_type\tcargo_name\teffect\nM9\tmirna\tmiR-21\tsuppressing\n", "Line 2, column paper"),
        (
            b"paper\tsource_phenotype\tcargo_type\tcargo_name\teffect\nlab:1\tM1\tmirna\tmiR-21\tsuppressing\n"
            b"lab:1\tM1\tmirna\thsa-miR-21\tpromoting\n",
            "Line 3, column effect",
        ),
    ],
)
def test_a_bad_file_is_refused_with_line_and_column_and_nothing_is_written(  # type: ignore[no-untyped-def]
    run, trained_var: Path, tmp_path: Path, command: tuple[str, ...], content: bytes, says: str
) -> None:
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    before = files(trained_var)
    done: Result = run(*command, path)
    assert done.exit_code == 1
    assert says in done.stderr
    assert files(trained_var) == before


@pytest.mark.parametrize("command", [("evaluate",), ("findings", "check"), ("train", "--findings")])
def test_a_missing_file_is_wrong_usage(run, tmp_path: Path, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert run(*command, tmp_path / "missing.tsv").exit_code == 2


def papers_of(findings: tuple[Finding, ...]) -> int:
    return len({finding.paper for finding in findings})


def test_findings_check_lists_what_is_missing_in_the_citations_of_published_findings(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "own.tsv"
    path.write_text(
        "finding_id\tpaper\tsource_phenotype\tcargo_type\tcargo_name\teffect\ttitle\tfirst_author\tyear\tjournal\n"
        "WHOLE\tpmid:1\tM1\tmirna\tmiR-21\tsuppressing\tA\tLi\t2020\tCell\n"
        "PART\ttitle:b\tM1\tmirna\tmiR-145\tsuppressing\tB\t\t2021\t\n"
        "OWN\tlab:1\tM1\tmirna\tmiR-155\tsuppressing\t\t\t\t\n",
        encoding="utf-8",
    )
    done: Result = run("findings", "check", path, "--citations", "--json")
    assert json.loads(done.stdout)["citations"] == {
        "WHOLE": ["identifier"],
        "PART": ["identifier", "author", "journal"],
    }
    done = run("findings", "check", path, "--citations")
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == [
        "3",
        "findings",
        "of",
        "3",
        "papers,",
        "no",
        "errors,",
        *["0", "warnings,", "0", "already", "stored"],
    ]
    assert lines.index(["identifier", "2"]) < lines.index(["PART", "identifier,", "author,", "journal"])
    assert "citations" not in json.loads(run("findings", "check", path, "--json").stdout)


def test_findings_check_passes_the_corpus_and_lists_every_fault_as_json(  # type: ignore[no-untyped-def]
    run, corpus: tuple[Finding, ...], tmp_path: Path
) -> None:
    checked = run("findings", "check", CORPUS)
    counted = f"{len(corpus)} findings of {papers_of(corpus)} papers, no errors"
    assert checked.stdout.startswith(counted)
    assert checked.stdout.endswith(f", {len(corpus)} already stored\n")
    path = tmp_path / "bad.tsv"
    path.write_text(
        "paper\tsource_phenotype\tcargo_type\tcargo_name\teffect\nlab:1\tM9\tmirna\t\tcured\n", encoding="utf-8"
    )
    done: Result = run("findings", "check", path, "--json")
    faults = json.loads(done.stdout)["faults"]
    assert [(fault["line"], fault["column"], fault["code"]) for fault in faults] == [
        (2, "source_phenotype", "unknown_term"),
        (2, "effect", "unknown_term"),
    ]


def test_train_prints_every_baseline_and_a_second_model_waits_for_its_promotion(  # type: ignore[no-untyped-def]
    run, trained_var: Path, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path))
    half = tmp_path / "half.tsv"
    half.write_text("".join(CORPUS.read_text("utf-8").splitlines(keepends=True)[:200]), encoding="utf-8")
    first: Result = run("train", "--findings", half, "--json")
    kept = json.loads(first.stdout)
    assert kept["current"] == kept["model"]
    assert kept["findings"] == 199
    second = json.loads(run("train", "--findings", half, "--seed", "1", "--json").stdout)
    assert (second["model"] != kept["model"], second["current"]) == (True, kept["model"])
    promoted = json.loads(run("train", "--findings", half, "--seed", "1", "--promote", "--json").stdout)
    assert promoted["model"] == promoted["current"] == second["model"]
    assert list(kept["figures"])[-1] == "model"


def test_train_writes_a_report_with_the_figures_that_it_prints(  # type: ignore[no-untyped-def]
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path / "var"))

    def train_quickly(findings, features, plan, **named):  # type: ignore[no-untyped-def]
        return train_model(findings, features, replace(plan, repeats=1, jobs=1), **named)

    monkeypatch.setattr("service.jobs.training.train_model", train_quickly)
    some = tmp_path / "some.tsv"
    some.write_text("".join(CORPUS.read_text("utf-8").splitlines(keepends=True)[:110]), encoding="utf-8")
    done: Result = run("train", "--findings", some, "--report", tmp_path / "made" / "here", "--json")
    assert done.exit_code == 0, done.stderr
    printed = json.loads(done.stdout)
    written = [Path(path) for path in printed["report"]]
    assert [path.name for path in written] == ["report.html", "card.md", "card.json"]
    document = json.loads(written[2].read_text("utf-8"))
    assert document["model"] == printed["model"]
    assert round_numbers(document["figures"]) == {name: printed[name] for name in document["figures"]}
    assert {"shifts", "strata", "slices", "differences", "goodness_of_fit"} <= set(document["figures"])


def test_a_report_folder_that_cannot_be_written_stops_before_any_training(  # type: ignore[no-untyped-def]
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path / "var"))
    monkeypatch.setattr("service.jobs.training.train_model", lambda *given, **named: pytest.fail("it trained"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    inside: Result = run("train", "--report", tmp_path / "file" / "folder")
    assert (inside.exit_code, "nothing was trained" in inside.stderr) == (1, True)
    assert run("train", "--report", tmp_path / "file").exit_code == 2
    assert not (tmp_path / "var").exists()


def test_advise_lists_conflicts_doubts_and_experiments_and_keeps_no_model(run, trained_var: Path) -> None:  # type: ignore[no-untyped-def]
    before = files(trained_var)
    done: Result = run("train", "advise", "--top", "3", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["findings", "papers", "conflicts", "doubts", "experiments"]
    assert [len(said[part]["top"]) for part in ("conflicts", "doubts")] == [3, 3]
    assert len(said["experiments"]) == 3
    told: Result = run("train", "advise", "--top", "3")
    for one in (*said["doubts"]["top"], *said["conflicts"]["top"][0]["suppressing"]):
        assert one["link"] in told.stdout
    assert files(trained_var) == before


def test_options_of_train_before_advise_are_wrong_usage_and_help_names_both(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("train", "--seed", "1", "advise")
    assert (done.exit_code, "Give --seed after advise" in done.stderr) == (2, True)
    assert run("train", "adviser").exit_code == 2
    assert "--report" in run("train", "--help").stdout
    assert "advise" in run("train", "--help").stdout
    assert "--top" in run("train", "advise", "--help").stdout
    few = tmp_path / "few.tsv"
    few.write_text("".join(CORPUS.read_text("utf-8").splitlines(keepends=True)[:4]), encoding="utf-8")
    refused: Result = run("train", "advise", "--findings", few)
    assert (refused.exit_code, "cannot be trained on these findings" in refused.stderr) == (1, True)


def test_too_few_findings_are_told_so(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    few = tmp_path / "few.tsv"
    few.write_text("".join(CORPUS.read_text("utf-8").splitlines(keepends=True)[:4]), encoding="utf-8")
    done: Result = run("train", "--findings", few)
    assert (done.exit_code, "cannot be trained on these findings" in done.stderr) == (1, True)


def test_knowledge_says_what_names_are_read_as(run) -> None:  # type: ignore[no-untyped-def]
    done: Result = run("knowledge", "name", "miR 21*", "HCC", "blorb", "--json")
    found = json.loads(done.stdout)
    assert found[0]["cargo"]["name"] == "miR-21-3p"
    assert found[1]["terms"]["cancer_type"]["names"] == ["hepatocellular carcinoma"]
    assert (found[2]["cargo"]["recognised"], found[2]["terms"]) == (False, {})


@pytest.mark.parametrize(("told", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_a_program_starts_no_threads_for_arrays_unless_it_is_told_to(told: dict[str, str], threads: str) -> None:
    program = """
import sys
from service.cli import main
from service.cli.output import round_numbers
loaded = "numpy" in sys.modules
try:
    main(["--version"])
finally:
    import numpy
    from threadpoolctl import threadpool_info
    print(loaded, *{str(one["num_threads"]) for one in threadpool_info() if one["internal_api"] == "openblas"})
"""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | told
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == f"False {threads}"
