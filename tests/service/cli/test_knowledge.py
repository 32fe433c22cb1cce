"""`exoscore knowledge import`, `sources`, `remove`: what was read and left out is told, and nothing is lost by surprise."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.estimator.artifact import Bundle
from models.knowledge.sources import SOURCES
from service.cli import main
from service.cli.output import author
from tests.service.conftest import registry_of

TABLES = {
    "mircancer": "mirId\tCancer\tProfile\tPubMed Article\nhsa-mir-21\tglioma\tup\tInvented\nhsa-mir-21\tglioma\todd\tB\n",
    "hmdd": "category\tmir\tdisease\tpmid\ngenetics_overexpression_promote\thsa-mir-21\tGlioma\t90000001\n",
    "cancermine": "role\tgene_normalized\tcitation_count\nOncogene\tKRAS\t3\n",
    "lnctard": (
        "DiseaseName\tRegulator\tRegulatorType\tinfluencedFunction\tPubMedID\n"
        "Glioma\tHOTAIR\tlncRNA\tcell growth(-)\t90000001\n"
    ),
    "mirtarbase": "mirna\tgene\tn_pmid\nhsa-miR-21-5p\tPTEN\t12\n",
}
MIR21 = ("--source-phenotype", "M2", "--cargo-type", "mirna", "--cargo-name", "miR-21-5p")
WHY = ("--reason", "a later release")
Run = Callable[..., Result]


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXOSCORE_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture
def run(var: Path) -> Run:
    """Runs a command; `serve`, which starts processes of its own, in a real one."""

    def call(*arguments: object) -> Result | subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        if words[0] != "serve":
            return CliRunner().invoke(main, words)
        done = subprocess.run([sys.executable, "-m", "service.cli", *words], capture_output=True, text=True, timeout=60)
        done.exit_code = done.returncode
        return done

    return call


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def call(source: str) -> Path:
        path = tmp_path / f"{source}.txt"
        path.write_text(TABLES[source], encoding="utf-8")
        return path

    return call


def put_model(var: Path, bundle: Bundle) -> None:
    registry = registry_of(var)
    registry.save(bundle, "tests")
    registry.promote(bundle.id, "tests")


@pytest.mark.parametrize("source", SOURCES)
def test_import_keeps_a_table_lists_it_and_remove_returns_to_the_shipped_one(
    run: Run, var: Path, file, source: str
) -> None:  # type: ignore[no-untyped-def]
    before = json.loads(run("knowledge", "sources", "--json").stdout)
    imported: Result = run("knowledge", "import", source, file(source), "--json", *WHY)
    account = json.loads(imported.stdout)
    assert (imported.exit_code, account["kept"], account["train_anew"]) == (0, True, False)
    assert {path.name for path in (var / "knowledge").iterdir()} == {f"{source}.tsv", f"{source}.json"}
    during = {one["source"]: one for one in json.loads(run("knowledge", "sources", "--json").stdout)["sources"]}
    assert (during[source]["in_use"], during[source]["sha256"]) == ("imported", account["sha256"])
    removed: Result = run("knowledge", "remove", source, "--json", *WHY)
    assert json.loads(removed.stdout) == {"source": source, "removed": True, "train_anew": False}
    assert json.loads(run("knowledge", "sources", "--json").stdout) == before
    again: Result = run("knowledge", "remove", source, *WHY)
    assert (again.exit_code, "was imported" in again.stderr) == (1, True)
    audited = json.loads(run("audit", "--action", "knowledge.", "--json").stdout)["entries"]
    assert [(entry["author"], entry["action"], entry["subject"]) for entry in audited] == [
        (author(), "knowledge.remove", source),
        (author(), "knowledge.import", source),
    ]
    assert audited[1]["details"] == {
        **{name: account[name] for name in ("file", "sha256", "rows")},
        "reason": WHY[1],
    }


def test_a_dry_run_reports_the_same_and_writes_nothing(run: Run, var: Path, file) -> None:  # type: ignore[no-untyped-def]
    dry = json.loads(run("knowledge", "import", "mircancer", file("mircancer"), "--dry-run", "--json").stdout)
    assert not var.exists()
    real = json.loads(run("knowledge", "import", "mircancer", file("mircancer"), "--json", *WHY).stdout)
    assert dry.pop("kept") is False
    assert {name: real[name] for name in dry} == dry


def test_what_was_not_used_is_told_in_words_with_examples(run: Run, file) -> None:  # type: ignore[no-untyped-def]
    done = run("knowledge", "import", "mircancer", file("mircancer"), *WHY)
    assert done.exit_code == 0
    assert "2 rows, 1 of them used" in done.stdout
    assert "not used: 1, the profile is neither up nor down (line 3: odd)" in done.stdout
    assert "in place of miRCancer June 2020" in done.stdout
    listed = run("knowledge", "sources").stdout
    assert "imported" in listed
    assert "CancerMine 2021" in listed


def test_a_table_of_another_source_is_refused_with_every_missing_column_and_nothing_changes(
    run: Run, var: Path, file
) -> None:  # type: ignore[no-untyped-def]
    assert run("knowledge", "import", "hmdd", file("hmdd"), *WHY).exit_code == 0
    kept = {path: path.read_bytes() for path in (var / "knowledge").iterdir()}
    done = run("knowledge", "import", "hmdd", file("lnctard"), *WHY)
    assert (done.exit_code, "nothing was changed" in done.stderr) == (1, True)
    in_json = run("knowledge", "import", "hmdd", file("lnctard"), "--json", *WHY)
    columns = [fault["column"] for fault in json.loads(in_json.stdout)["faults"]]
    assert columns[-1] == ""
    assert columns[:-1] != []
    assert {path: path.read_bytes() for path in (var / "knowledge").iterdir()} == kept


def test_an_unknown_source_or_a_missing_file_is_wrong_usage(run: Run, tmp_path: Path, file) -> None:  # type: ignore[no-untyped-def]
    assert run("knowledge", "import", "oncokb", file("hmdd"), *WHY).exit_code == 2
    assert run("knowledge", "import", "hmdd", tmp_path / "missing.txt", *WHY).exit_code == 2
    assert run("knowledge", "remove", "oncokb", *WHY).exit_code == 2


def test_importing_twice_keeps_the_same_bytes(run: Run, var: Path, file) -> None:  # type: ignore[no-untyped-def]
    kept = []
    for _ in range(2):
        run("knowledge", "import", "lnctard", file("lnctard"), *WHY)
        kept.append((var / "knowledge" / "lnctard.tsv").read_bytes())
    assert kept[0] == kept[1]


def test_a_table_means_the_same_whatever_else_was_imported(run: Run, var: Path, tmp_path: Path) -> None:
    row = "genetics_overexpression_promote\thsa-mir-{}\tGlioma\t9000000{}\n"
    hmdd = tmp_path / "hmdd.txt"
    hmdd.write_text(
        "category\tmir\tdisease\tpmid\n" + row.format("145z", 1) + row.format("77777a", 2), encoding="utf-8"
    )
    others = tmp_path / "mircancer.txt"
    header = "mirId\tCancer\tProfile\tPubMed Article\n"
    others.write_text(header + "hsa-mir-145z\tglioma\tup\tA\nhsa-mir-77777\tglioma\tup\tB\n", encoding="utf-8")
    kept = []
    for before in ((), ("mircancer", others)):
        if before:
            run("knowledge", "import", *before, *WHY)
        run("knowledge", "import", "hmdd", hmdd, *WHY)
        kept.append((var / "knowledge" / "hmdd.tsv").read_bytes())
    assert kept[0] == kept[1]


def test_after_an_import_the_command_says_that_models_must_be_trained_anew(
    run: Run, var: Path, file, produced: Bundle
) -> None:  # type: ignore[no-untyped-def]
    put_model(var, produced)
    assert "exoscore train --promote" in run("knowledge", "import", "lnctard", file("lnctard"), *WHY).stdout
    assert "train" not in run("knowledge", "remove", "lnctard", *WHY).stdout
    assert "train" not in run("knowledge", "import", "mirtarbase", file("mirtarbase"), *WHY).stdout


@pytest.mark.parametrize("command", [("serve", "--port", "1"), ("score", *MIR21)], ids=["serve", "score"])
def test_a_model_of_a_labs_own_findings_is_not_replaced_by_itself_and_the_remedy_is_told(  # type: ignore[no-untyped-def]
    run: Run, var: Path, file, produced: Bundle, command: tuple[str, ...]
) -> None:
    own = replace(produced, model=replace(produced.model, papers=produced.model.papers | {"lab:notebook 7"}))
    put_model(var, own)
    run("knowledge", "import", "lnctard", file("lnctard"), *WHY)
    done = run(*command)
    assert done.exit_code == 1
    assert produced.id in done.stderr
    assert "exoscore train --with-corpus --findings FILE --promote" in done.stderr
    assert "Traceback" not in done.stderr
    assert registry_of(var).current_id() == produced.id
    assert registry_of(var).ids() == [produced.id]


def test_a_model_of_the_corpus_alone_is_trained_anew_with_the_imported_tables(
    run: Run, var: Path, file, produced: Bundle
) -> None:  # type: ignore[no-untyped-def]
    put_model(var, produced)
    run("knowledge", "import", "lnctard", file("lnctard"), *WHY)
    answer = json.loads(run("score", *MIR21, "--json").stdout)
    assert answer["model"]["id"] != produced.id
    scorer = registry_of(var).scorer()
    assert scorer.bundle.id == answer["model"]["id"]
    assert "lnctard" in scorer.bundle.manifest["roles"]


@pytest.mark.parametrize(
    "command",
    [("score", *MIR21), ("serve", "--port", "1"), ("knowledge", "sources"), ("knowledge", "name", "p53"), ("train",)],
    ids=["score", "serve", "sources", "name", "train"],
)
def test_a_damaged_table_is_told_with_its_remedy_and_the_remedy_works(
    run: Run, var: Path, command: tuple[str, ...]
) -> None:
    registry_of(var)
    (var / "knowledge").mkdir(parents=True)
    (var / "knowledge" / "hmdd.tsv").write_text("damaged", encoding="utf-8")
    done = run(*command)
    assert (done.exit_code, "exoscore knowledge remove hmdd" in done.stderr) == (1, True)
    assert run("knowledge", "remove", "hmdd", *WHY).exit_code == 0
    assert run("knowledge", "sources").exit_code == 0
