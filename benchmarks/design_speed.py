"""Times designs: a million variants ranked in a fresh process, and ten thousand over HTTP.

    python benchmarks/design_speed.py [--requests 40] [--json FILE]

The million is ranked by `Scorer.design`, the first that its process makes, with its memory. The ten thousand are asked for by one
connection of a server that was started for it, after one request that is not counted.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bars import HEAD, Bar, table
from benchmarks.machine import machine
from benchmarks.processes import Server, free_port
from benchmarks.serving import exoscore, project
from models.scorer import Scorer
from service import open_scorer

MILLION = Bar("1,000,000 variants ranked in a fresh process", 3, "s", most=True)
MEMORY = Bar("the most memory of that process", 500, "MiB", most=True)
THOUSANDS = Bar("10,000 variants over HTTP, median", 0.3, "s", most=True)
STATES = ["native", "enriched", "loaded"]
# Every reported microRNA in every source with findings, against three cancer types: 1.1 million variants.
LARGE: dict[str, Any] = {
    "fixed": {"cargo_type": "mirna"},
    "vary": {
        "source_cell": "known",
        "source_phenotype": "known",
        "cargo_name": "known",
        "cargo_state": STATES,
        "cancer_type": ["glioblastoma", "breast cancer", "lung cancer"],
    },
}
# The same of three sources against one: 11 thousand.
SMALL: dict[str, Any] = {
    "fixed": {"cargo_type": "mirna", "cancer_type": "glioblastoma"},
    "vary": {"source_phenotype": ["M0", "M1", "M2"], "cargo_name": "known", "cargo_state": STATES},
}


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--requests", type=int, default=40)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--ranking", type=Path, metavar="VAR", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.ranking:
        print(json.dumps(rank(open_scorer(chosen.ranking))))
        return
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        command = [sys.executable, __file__, "--ranking", str(var)]
        ranked = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        served = serve(var, chosen.requests)
    measured = {"machine": machine(), "ranked": ranked, "served": served}
    print(f"{ranked['variants']:,} variants in {ranked['seconds']:.2f} s, again in {ranked['again']:.2f} s", end=", ")
    print(f"of a processor {ranked['processor_seconds']:.2f} s", end=", ")
    print(f"{ranked['mebibytes']:.0f} MiB, of which {ranked['mebibytes_before']:.0f} for the model")
    print(f"{served['variants']:,} variants over HTTP: median {served['median']:.3f} s, p95 {served['p95']:.3f} s")
    bars = [
        MILLION.row(ranked["seconds"] * 1e6 / ranked["variants"]),
        MEMORY.row(ranked["mebibytes"]),
        THOUSANDS.row(served["median"]),
    ]
    print(f"\n{table(HEAD, bars)}")
    if chosen.json:
        chosen.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")


def rank(scorer: Scorer) -> dict[str, float]:
    """The first design of this process and the second, in seconds, and the most memory that it took."""
    before, seconds, processor, variants = _peak_mebibytes(), [], [], 0
    for _ in range(2):
        began, busy = time.perf_counter(), time.process_time()
        variants = scorer.design(**LARGE).variants
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    return {
        "variants": variants,
        "seconds": seconds[0],
        "again": seconds[1],
        # On a machine that does other work beside, this says what the time would be without it.
        "processor_seconds": processor[0],
        "mebibytes": _peak_mebibytes(),
        "mebibytes_before": before,
    }


def serve(var: Path, requests: int) -> dict[str, float]:
    """Answers of a server, timed by a client of one request after another."""
    port, body = free_port(), json.dumps(SMALL).encode()
    command = [exoscore(), "serve", "--port", str(port)]
    environment = {"EXOSCORE_VAR": str(var), "EXOSCORE_RATE_LIMIT": "0"}
    with Server(command, port, "/v1/designs", body, var.parent, environment) as server:
        # Each worker reads the names that are known at its first design.
        for _ in range(4):
            status, answer = server.post(body)
        seconds = []
        for _ in range(requests):
            began = time.perf_counter()
            status, answer = server.post(body)
            seconds.append(time.perf_counter() - began)
            if status != 200:
                raise ValueError(f"answers {status}")
    return {
        "variants": json.loads(answer)["counts"]["variants"],
        "median": statistics.median(seconds),
        "p95": statistics.quantiles(seconds, n=20)[-1],
    }


def _peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
