"""What each stage of a request costs, for one candidate and for 1,000, by the time that the processor spends on it.

    python benchmarks/stages.py [--rows 4000] [--repeat 3] [--json FILE]

In process, through WSGI, so without the network and Granian. Every stage gets the same candidates, each time under other ids, so
that no document is remembered while their words and names have been met; what the very first meeting costs stands beside it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from benchmarks.bars import table
from benchmarks.candidates import Candidates, Given
from benchmarks.machine import machine
from models.candidates.candidate import ParsedCandidate, ParsedColumns, columns_of
from models.estimator.features import Features
from models.scoring.predictions import PredictionBatch
from service import Settings, create_app
from service.scoring.parsing import parse_candidates, parse_json
from service.scoring.serializer import ScoreSerializer, encode
from service.web.current import installation_of

SIZES = (1, 1_000)
SEED = 11
FEW_FIELDS = ("label", "probability_suppressing")
PATH = "/v1/scores"
# What is switched off, one after another, to see what it costs. The limit is one that is counted and never reached.
VARIANTS: dict[str, dict[str, str]] = {
    "as served": {"EXOSCORE_RATE_LIMIT": "1000000"},
    "without the limit of requests": {"EXOSCORE_RATE_LIMIT": "0"},
    "without a line in the log": {"EXOSCORE_RATE_LIMIT": "0", "EXOSCORE_LOG_LEVEL": "error"},
    "without counting submissions": {
        "EXOSCORE_RATE_LIMIT": "0",
        "EXOSCORE_LOG_LEVEL": "error",
        "EXOSCORE_COUNT_SUBMISSIONS": "false",
    },
}
Read = tuple[ParsedColumns, Sequence[Given]]
WHOLE, FEW, FIRST = "whole request", "the same, label and probability only", "whole request, at the first meeting"


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=4_000, help="candidates that each stage gets")
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--variant", help=argparse.SUPPRESS)
    chosen_now = arguments.parse_args()
    if chosen_now.variant:
        json.dump(of_variant(chosen_now.variant, chosen_now.rows), sys.stdout)
        return
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "EXOSCORE_VAR": var, "EXOSCORE_LOG_FORMAT": "json"}
        exoscore = str(Path(sys.executable).with_name("exoscore"))
        subprocess.run([exoscore, "train"], check=True, stdout=subprocess.DEVNULL, env=environment)
        rounds = [
            {name: _apart(name, chosen_now.rows, {**environment, **off}) for name, off in VARIANTS.items()}
            for _ in range(chosen_now.repeat)
        ]
    measured = {"machine": machine(), "rows": chosen_now.rows, "microseconds": _medians(rounds)}
    print(tables(measured))
    if chosen_now.json:
        chosen_now.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")


def _apart(variant: str, rows: int, environment: dict[str, str]) -> dict[str, dict[str, float]]:
    """The figures of a variant, from a process of its own."""
    command = [sys.executable, __file__, "--variant", variant, "--rows", str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def _medians(rounds: Sequence[dict[str, dict[str, dict[str, float]]]]) -> dict[str, Any]:
    first = rounds[0]
    return {
        variant: {
            size: {stage: median(one[variant][size][stage] for one in rounds) for stage in stages}
            for size, stages in sizes.items()
        }
        for variant, sizes in first.items()
    }


def of_variant(variant: str, rows: int) -> dict[str, dict[str, float]]:
    """Microseconds of processor time for each candidate, by the size of a request and the stage."""
    app = create_app(Settings.read())
    scorer = installation_of(app).registry.scorer(None)
    stages = _stages(app, ScoreSerializer(scorer), inside=variant == next(iter(VARIANTS)))
    whole = next(stage for stage in stages if stage.name == WHOLE)
    drawn = Candidates(Features.load(), SEED).draw(len(SIZES) * rows)
    numbers = count()
    # As the server does before it forks its workers.
    gc.freeze()
    found: dict[str, dict[str, float]] = {}
    for place, size in enumerate(SIZES):
        candidates = drawn[place * rows : (place + 1) * rows]
        first = whole.microseconds(candidates, size)
        for stage in stages:
            stage.microseconds(_renamed(candidates, numbers), size)
        found[str(size)] = {stage.name: stage.microseconds(_renamed(candidates, numbers), size) for stage in stages}
        found[str(size)][FIRST] = first
    return found


def _renamed(candidates: Sequence[Given], numbers: count[int]) -> list[Given]:
    return [{**one, "id": str(next(numbers))} for one in candidates]


@dataclass(frozen=True)
class Stage:
    """One part of the way: what is made ready before the clock runs, and what is timed."""

    name: str
    prepare: Callable[[Sequence[Given]], Any]
    run: Callable[[Any], object]

    def microseconds(self, candidates: Sequence[Given], size: int) -> float:
        """Processor time for each candidate, in requests of a size."""
        ready = [self.prepare(candidates[begin : begin + size]) for begin in range(0, len(candidates), size)]
        began = time.process_time()
        for one in ready:
            self.run(one)
        return 1e6 * (time.process_time() - began) / len(candidates)


def _stages(app: Flask, serializer: ScoreSerializer, inside: bool) -> list[Stage]:
    """The stages; but for those `inside`, only the whole."""
    reader = serializer.scorer.parser

    def judge(read: Read) -> PredictionBatch:
        return serializer.scorer.predict(*read)

    def read(candidates: Sequence[Given]) -> list[ParsedCandidate]:
        return [reader.parse(candidate) for candidate in candidates]

    def columns(candidates: Sequence[Given]) -> Read:
        return columns_of(read(candidates)), candidates

    whole = through_application(app)
    if not inside:
        return whole
    return [
        Stage("parse", _body, parse_json),
        Stage("understand", list, lambda candidates: parse_candidates(candidates, reader)),
        Stage("call", columns, lambda read: judge(read).calls),
        Stage("predict", columns, lambda read: _predict(judge(read))),
        Stage("documents", columns, lambda read: encode(serializer.serialize(judge(read)))),
        Stage("few documents", columns, lambda read: encode(serializer.serialize(judge(read), FEW_FIELDS))),
        Stage("respond", list, serializer.respond),
        *whole,
    ]


def through_application(app: Flask) -> list[Stage]:
    """Whole requests through an application: for full documents, and for label and probability."""
    few = f"fields={','.join(FEW_FIELDS)}"
    return [
        Stage(name, lambda each, query=query: _environ(each, query), lambda environ: _through(app, environ))
        for name, query in ((WHOLE, ""), (FEW, few))
    ]


def _predict(predictions: PredictionBatch) -> None:
    """Works out all that a full document tells."""
    for column in ("calls", "agrees", "distances", "mechanisms", "summaries"):
        getattr(predictions, column)


def _body(candidates: Sequence[Given]) -> bytes:
    return json.dumps({"candidates": candidates}).encode()


def _environ(candidates: Sequence[Given], query: str = "") -> dict[str, Any]:
    builder = EnvironBuilder(
        PATH, method="POST", query_string=query, data=_body(candidates), content_type="application/json"
    )
    try:
        return {**builder.get_environ(), "REMOTE_ADDR": "127.0.0.1"}
    finally:
        builder.close()


def _through(app: Flask, environ: dict[str, Any]) -> None:
    statuses: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        statuses.append(status)

    for _ in app.wsgi_app(environ, start):
        pass
    if not statuses[0].startswith("200"):
        raise RuntimeError(f"answered {statuses[0]} to what was to be measured")


def tables(measured: dict[str, Any]) -> str:
    """Microseconds for each candidate by stage, and what is around them."""
    of: dict[str, dict[str, dict[str, float]]] = measured["microseconds"]
    served = of[next(iter(VARIANTS))]

    def between(more: str, *less: str) -> list[float]:
        return [served[str(size)][more] - sum(served[str(size)][each] for each in less) for size in SIZES]

    def off(before: str, after: str) -> list[float]:
        return [of[before][str(size)][WHOLE] - of[after][str(size)][WHOLE] for size in SIZES]

    switched = {after.removeprefix("without "): off(before, after) for before, after in pairwise(of)}
    rest = [
        whole - sum(parts) for whole, *parts in zip(between(WHOLE, "parse", "respond"), *switched.values(), strict=True)
    ]
    rows = {
        "parse the body": between("parse"),
        "understand words and names": between("understand"),
        "call: score, band, sets, domain, what is known": between("call"),
        "predict the rest: likeness, mechanism, summary": between("predict", "call"),
        "write the document": between("documents", "predict"),
        "count, join": between("respond", "understand", "documents"),
        **switched,
        "the rest: routing, access, headers, metrics": rest,
        f"**{WHOLE}**": between(WHOLE),
        f"**{FIRST}**": between(FIRST),
        f"**{FEW}**": between(FEW),
        "of that, call and write": between("few documents"),
    }
    head = ["processor time for each candidate, microseconds", "1 a request", "1,000 a request"]
    return table(head, [[name, *(f"{value:.1f}" for value in values)] for name, values in rows.items()])


if __name__ == "__main__":
    main()
