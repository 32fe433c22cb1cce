"""`exoscore models`: what it prints of two models, and what it keeps of them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.provenance import code_version, provenance
from models.rounding import round_probability
from service import Settings
from service.cli import main
from service.cli.output import author, format_probability
from service.installation import Installation
from training.data.findings import CORPUS, Finding
from training.evaluation.assessment import Assessment
from training.evaluation.cross_validation import DEFAULT_PLAN, EvaluationPlan
from training.pipeline import train_model

Run = Callable[..., Result]


@pytest.fixture
def pair(produced: Bundle) -> tuple[Bundle, Bundle]:
    """A model, and one that finds suppression likelier everywhere."""
    baseline = produced.model.baseline + 1.0
    return produced, Bundle(
        replace(produced.model, baseline=baseline),
        {
            **produced.manifest,
            "model": "exo-000000000001",
            "self_test": {
                **produced.manifest["self_test"],
                "log_odds": produced.manifest["self_test"]["log_odds"] + 1.0,
            },
        },
    )


@pytest.fixture
def installation(tmp_path: Path, pair: tuple[Bundle, Bundle]) -> Iterator[Installation]:
    """An installation where the newer model was promoted over the older one."""
    installation = Installation.open(Settings(var=tmp_path / "var"))
    for bundle in pair:
        installation.registry.save(bundle, "tests")
        installation.registry.promote(bundle.id, "tests", reason="to test")
    yield installation
    installation.close()


@pytest.fixture
def run(installation: Installation) -> Run:
    return lambda *words: CliRunner().invoke(main, [*map(str, words), "--var", str(installation.settings.var)])


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_a_difference_names_the_models_in_the_order_of_the_command(
    run: Run, installation: Installation, pair: tuple[Bundle, Bundle], turned: bool, named: bool
) -> None:
    first, other = (bundle.id for bundle in (pair[::-1] if turned else pair))
    if not named:
        installation.registry.promote(other, "tests", reason="to test")
    words = ("models", "diff", first, *(("--to", other) if named else ()))
    done, difference = run(*words), json.loads(run(*words, "--json").stdout)
    heading, _, columns, *lines = done.stdout.splitlines()
    assert heading.startswith(f"{first} compared to {other}: ")
    assert columns.split() == ["candidate", first, other]
    assert len(lines) == len(difference["changed"]) > 3
    scorers = [installation.registry.scorer(model_id) for model_id in (first, other)]
    for line, change in zip(lines, difference["changed"], strict=True):
        said = re.findall(r"(suppressing|promoting|undetermined) \(([^)]+)\)", line)
        scores = [
            scorer.score_reading(scorer.parser.parse(change["candidate"], require_cargo_name=False))
            for scorer in scorers
        ]
        assert said == [
            (score.label, format_probability(round_probability(score.probability_suppressing))) for score in scores
        ], line
        assert "[" not in line


def test_a_roll_back_needs_a_reason_which_the_audit_shows(run: Run, installation: Installation) -> None:
    current = installation.registry.read_current_id()
    assert run("models", "rollback").exit_code == 2
    blank = run("models", "rollback", "--reason", " ")
    assert (blank.exit_code, "Give the reason for this change" in blank.stderr) == (2, True)
    assert installation.registry.read_current_id() == current
    assert run("models", "rollback", "--reason", "worse on plasma").exit_code == 0
    (entry,) = json.loads(run("audit", "--action", "model.roll_back", "--json").stdout)["entries"]
    assert (entry["author"], entry["details"]["reason"]) == (author(), "worse on plasma")


def test_a_training_of_unchanged_findings_keeps_what_the_gate_said(
    tmp_path: Path, features: Features, corpus: tuple[Finding, ...], produced: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train_quickly(
        findings: tuple[Finding, ...], features: Features, plan: EvaluationPlan, **named: Any
    ) -> tuple[Bundle, Assessment]:
        return train_model(findings, features, replace(plan, repeats=1, jobs=1, resamples=50), **named)

    monkeypatch.setattr("service.jobs.training.train_model", train_quickly)
    newer, _ = train_quickly(corpus[:110], features, DEFAULT_PLAN)
    said = {"recommends": True, "says": ["Promotion is recommended", "it is better"]}
    installation = Installation.open(Settings(var=tmp_path / "var"))
    for bundle in (produced, newer):
        installation.registry.save(bundle, "tests")
        installation.registry.promote(bundle.id, "tests", reason="to test")
    installation.registry.keep_verdict(newer.id, produced.id, said)
    installation.close()

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--var", str(tmp_path / "var")])

    same = tmp_path / "same.tsv"
    same.write_text("".join(CORPUS.read_text("utf-8").splitlines(keepends=True)[:111]), encoding="utf-8")
    again = run("train", "--findings", str(same), "--promote", "--json")
    assert again.exit_code == 0, again.output
    trained = json.loads(again.stdout)
    assert (trained["model"], trained["current"], trained["gate"]) == (newer.id, newer.id, said)
    assert json.loads(run("models", "show", newer.id, "--json").stdout)["gate"] == said
    assert json.loads(run("models", "show", produced.id, "--json").stdout)["gate"] is None
    words = run("train", "--findings", str(same)).stdout
    assert "This model is in use already" in words
    assert "Promotion check: It is better." in words


def test_a_score_card_is_printed_as_a_table_as_tsv_and_as_json(run: Run, pair: tuple[Bundle, Bundle]) -> None:
    older, newer = pair
    document = json.loads(run("models", "scorecard", "--json").stdout)
    assert document["model"] == newer.id
    assert document["rows"][0]["points"]["native"] == pytest.approx(newer.model.baseline, abs=1e-6)
    header, baseline, *rows = run("models", "scorecard", older.id, "--tsv").stdout.splitlines()
    assert header.split("\t") == ["field", "level", "of", "terms", "native", "enriched", "loaded", "depleted"]
    assert float(baseline.split("\t")[4]) == pytest.approx(older.model.baseline, abs=1e-6)
    assert len(rows) + 1 == len(document["rows"])
    printed = run("models", "scorecard", older.id).stdout
    assert printed.startswith(f"The points of {older.id}\nfield")
    assert all(rule in printed for rule in document["rules"][:-1])
    assert "miR-21-5p" in run("models", "scorecard", "--cargos", "--tsv").stdout


def test_a_model_says_which_code_and_which_lock_file_made_it(run: Run, pair: tuple[Bundle, Bundle]) -> None:
    model = pair[0]
    printed = " ".join(run("models", "show", model.id).output.split())
    assert f"Exoscore {code_version()}, seed {model.manifest['seed']}" in printed
    assert model.manifest["lock"] == provenance()["lock"]
    assert model.manifest["lock"] in printed


def test_a_model_that_was_made_before_lock_files_were_recorded_says_so(
    installation: Installation, run: Run, produced: Bundle
) -> None:
    manifest = {name: value for name, value in produced.manifest.items() if name != "lock"}
    installation.registry.save(Bundle(produced.model, {**manifest, "model": "exo-000000000002"}), "tests")
    assert "not recorded" in run("models", "show", "exo-000000000002").output


def test_the_commit_and_the_lock_file_are_no_part_of_the_id(
    corpus: tuple[Finding, ...], features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, plan = corpus[:150], EvaluationPlan(repeats=1, resamples=10, jobs=1)
    before, _ = train_model(few, features, plan)
    monkeypatch.setattr("training.pipeline.code_version", lambda: "0.1.0+g000000000000")
    monkeypatch.setattr("training.pipeline.provenance", lambda: {"commit": "000000000000", "lock": "0" * 64})
    after, _ = train_model(few, features, plan)
    assert after.manifest["lock"] != before.manifest["lock"]
    assert after.id == before.id


CANDIDATES = """id,cargo_type,cargo_name,source_phenotype,cancer_type
a,mirna,miR-21,M2,gastric cancer
b,lncrna,MALAT1,CAF,
c,protin,PTEN,M2,HCC
d,mirna,=cmd,TAM,HCC
e,protein,PTEN,unspecified,glioma
"""


def test_two_models_are_compared_on_a_file_in_its_order_and_rows_with_errors_are_told(
    run: Run, installation: Installation, pair: tuple[Bundle, Bundle], tmp_path: Path
) -> None:
    older, newer = pair
    file = tmp_path / "candidates.csv"
    file.write_text(CANDIDATES, encoding="utf-8")
    words = ("models", "diff", older.id, "--on", file)
    done = run(*words, "--json")
    assert done.exit_code == 3
    document = json.loads(done.stdout)
    assert (document["model"], document["other"]) == (older.id, newer.id)
    assert (document["rows"], document["compared"]) == (5, 4)
    assert [each["candidate"]["id"] for each in document["results"]] == ["a", "b", "d", "e"]
    (error,) = document["errors"]
    assert (error["line"], error["row"], error["id"], error["field"]) == (4, 3, "c", "cargo_type")
    for bundle, prefix in ((older, ""), (newer, "other_")):
        scorer = installation.registry.scorer(bundle.id)
        for each in document["results"]:
            score = scorer.score(each["candidate"])
            assert each[f"{prefix}label"] == score.label
            assert each[f"{prefix}probability_suppressing"] == round_probability(score.probability_suppressing)
    assert all(each["changed"] == (each["label"] != each["other_label"]) for each in document["results"])
    assert sum(each["changed"] for each in document["results"]) == document["changed"]
    table = list(csv.DictReader(run(*words, "--csv").stdout.splitlines()))
    assert [row["id"] for row in table] == ["a", "b", "d", "e"]
    assert table[2]["cargo_name"] == "'=cmd"
    assert {(row["model"], row["other"]) for row in table} == {(older.id, newer.id)}
    printed = run(*words)
    assert printed.stdout.startswith(f"{older.id} compared to {newer.id}: the prediction differs for ")
    assert "line 4, column cargo_type" in printed.stderr
    assert run("models", "diff", older.id, "--csv").exit_code == 2
