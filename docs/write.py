"""Writes what commands make: the outputs and figures in README.md and the manual, the datasheet, and the client's types.

    python docs/write.py            writes them, after training a model in a temporary folder
    python docs/write.py --check    exits 1 where a document differs from what the commands give

A model's id and its date may differ: the id is a digest of coefficients, whose last digits depend on the machine. The
commit of the code is always that of an example.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import client_types

from models.vocabulary.vocabulary import Vocabulary
from service import Settings, create_app, open_scorer
from training.classifier import as_evidence
from training.data.findings import CORPUS, fingerprint, read_findings
from training.report.datasheet import datasheet, datasheet_text

ROOT = Path(__file__).parent.parent
CLIENT_TYPES = ROOT / "client" / "exoscore_client" / "types"
DATASHEET = CORPUS.with_name("DATASHEET.md")
FIGURES = {
    "auroc": "AUROC",
    "within_stratum_auroc": "within-stratum AUROC",
    "mcc": "MCC",
    "brier": "Brier score",
}
BASELINE = "rule: source x phenotype x state"
# A block of code whose output stands below it.
OUTPUT = re.compile(r"(?s)(```(bash|python)\n((?:(?!```).)*)```\n\n<!-- begin output -->\n).*?(<!-- end output -->)")
FIGURES_PART = re.compile(r"(?s)(<!-- begin figures -->\n).*?(<!-- end figures -->)")


def main() -> None:
    """Writes or checks every document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--var", type=Path, help="an installation that has the model already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        var = (arguments.var or Path(folder)).resolve()
        if arguments.var is None:
            subprocess.run(
                [executable("exoscore"), "train"], check=True, stdout=subprocess.DEVNULL, env=environment(var)
            )
        documents = make_documents(var)
    stale = [path for path in CLIENT_TYPES.glob("[!_]*.py") if path not in documents]
    differing = [path for path, text in documents.items() if mask(read(path)) != mask(text)] + stale
    if arguments.check:
        names = ", ".join(str(path.relative_to(ROOT)) for path in differing)
        sys.exit(f"Out of date, run `python docs/write.py`: {names}" if differing else 0)
    for path, text in documents.items():
        path.write_text(text, encoding="utf-8")
    for path in stale:
        path.unlink()


def read(path: Path) -> str:
    """The present text of a document; that of a new one is empty."""
    return path.read_text("utf-8") if path.exists() else ""


def make_documents(var: Path) -> dict[Path, str]:
    """Every document as it should be, by the model in `var`."""
    written = {path: path.read_text("utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))}
    text_of_figures = figures(var)
    documents = {
        path: OUTPUT.sub(
            lambda match: f"{match[1]}```text\n{output(match[2], match[3], var)}```\n{match[4]}",
            FIGURES_PART.sub(lambda match: match[1] + text_of_figures + match[2], text),
        )
        for path, text in written.items()
    }
    return {**documents, DATASHEET: corpus_datasheet(), **client_type_modules(var)}


def corpus_datasheet() -> str:
    """The datasheet of the shipped findings: their figures counted, its prose from training/report/templates."""
    findings = read_findings()
    document = datasheet(list(map(as_evidence, findings)), Vocabulary.load(), fingerprint(findings))
    title, text = datasheet_text(document).split("\n", 1)
    return f"{title}\n\n<!-- Written by `python docs/write.py`. -->\n{text}".rstrip() + "\n"


def client_type_modules(var: Path) -> dict[Path, str]:
    """The modules of the client's types, from the OpenAPI document."""
    openapi = create_app(Settings(var=var)).test_client().get("/openapi.json").get_json()
    return {CLIENT_TYPES / f"{name}.py": text for name, text in client_types.write_modules(openapi).items()}


def output(language: str, code: str, var: Path) -> str:
    """What a block of code prints, in a folder that has the installation as `var`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "var").symlink_to(var)
        command = [sys.executable, "-c", code] if language == "python" else ["bash", "-euc", code]
        process = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=environment(var))
    return with_example_commit("".join(f"{line.rstrip()}\n" for line in process.stdout.splitlines()))


def with_example_commit(text: str) -> str:
    """A text in which the code is always of the same commit, so that documents do not change at each."""
    return re.sub(r"(?<=\d\+g)[0-9a-f]{12}(\.dirty)?", "3aea2e1d5c0b", text)


def figures(var: Path) -> str:
    """How good the model is, in words and beside the best of the simple rules, from its own manifest."""
    metrics = open_scorer(var).bundle.manifest["metrics"]
    of_model, of_rule = metrics["figures"]["model"], metrics["figures"][BASELINE]
    determined, right = (round(100 * of_model[name]["mean"]) for name in ("determined", "accuracy_determined"))
    lines = [
        f"Of 100 papers not used for training, {determined} got a prediction and {100 - determined} were left undetermined. "
        f"Of 100 such predictions, {right} agreed with the paper.",
        "",
        "| | " + " | ".join(FIGURES.values()) + " |",
        "|---" * (len(FIGURES) + 1) + "|",
        "| **Exoscore** (95 % interval) | " + " | ".join(_with_interval(of_model[name]) for name in FIGURES) + " |",
        "| rule of source cell, phenotype and cargo state | "
        + " | ".join(f"{of_rule[name]['mean']:.2f}" for name in FIGURES)
        + " |",
        "",
        f"Measured on {metrics['findings']} findings of {metrics['papers']} papers by cross-validation "
        f"({metrics['protocol']}); papers have equal weights.",
    ]
    return "\n".join(lines) + "\n"


def _with_interval(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"**{figure['mean']:.2f}** ({low:.2f} to {high:.2f})"


def executable(name: str) -> str:
    """The path of a command of this installation."""
    return str(Path(sys.executable).with_name(name))


def environment(var: Path) -> dict[str, str]:
    """The environment of a command over `var`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EXOSCORE_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", "")])
    return {**inherited, "EXOSCORE_VAR": str(var), "COLUMNS": "100", "TERM": "dumb", "PATH": path}


def mask(text: str) -> str:
    """A document without what may differ between two runs that agree."""
    return re.sub(r"exo-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:+]+|(?<=\"score_id\": \")[\w-]+", "…", text)


if __name__ == "__main__":
    main()
