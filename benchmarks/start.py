"""Times what a newcomer waits for: loading the names, one look-up, one score, a cold start, a training.

python benchmarks/start.py [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import machine
from models.estimator.features import Features
from models.naming.resolver import NameResolver
from models.scorer import Scorer
from models.vocabulary.vocabulary import Vocabulary
from training.data.findings import read_findings
from training.pipeline import train_model

CANDIDATE = {
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "miR-21-5p",
    "cancer_type": "gastric cancer",
}

REPORTING = "train: the same with cold folds and years, s"


def median_seconds(run: Callable[[], object], times: int) -> float:
    """The median time of several runs."""

    def timed() -> float:
        begin = time.perf_counter()
        run()
        return time.perf_counter() - begin

    return statistics.median(timed() for _ in range(times))


def main() -> None:
    """Measures and prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()

    load_names = median_seconds(lambda: NameResolver.load(Vocabulary.load()), 9)
    features = Features.load()
    findings = read_findings(reader=features.parser)
    begin = time.perf_counter()
    bundle, _ = train_model(findings, features)
    training = time.perf_counter() - begin
    reporting = median_seconds(lambda: train_model(findings, features, with_shifts=True), 1)
    scorer = Scorer(bundle, features)
    naming = features.parser.naming
    names = ["miR-21-5p", "hsa-miR-155", "let7b", "p53", "PD-L1", "KRAS", "miR 21*", "miR-99999"]
    look_up = median_seconds(lambda: [naming.cargo("mirna", name) for name in names], 2001) / len(names)
    score = median_seconds(lambda: scorer.score(CANDIDATE), 2001)

    with tempfile.TemporaryDirectory() as var:
        command = [str(Path(sys.executable).with_name("exoscore")), "score", "--json"]
        for field, value in CANDIDATE.items():
            command += [f"--{field.replace('_', '-')}", value]

        def run() -> None:
            subprocess.run(command, check=True, capture_output=True, env={**os.environ, "EXOSCORE_VAR": var})

        first = median_seconds(run, 1)
        cold = median_seconds(run, 5)

    figures = {
        "load vocabulary and names, ms": 1e3 * load_names,
        "look up one name, microseconds": 1e6 * look_up,
        "score one candidate in process, microseconds": 1e6 * score,
        "train: 10 x 5 folds, baselines and fit, s": training,
        REPORTING: reporting,
        "exoscore score with no model (trains), s": first,
        "exoscore score with a model, s": cold,
    }
    for name, value in figures.items():
        print(f"{name:48s}{value:10.2f}")
    if chosen.json:
        measured = {"machine": machine(), "figures": figures}
        chosen.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
