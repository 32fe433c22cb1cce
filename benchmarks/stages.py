"""What each stage of a request costs, for one candidate and for 1,000, by the time that the processor spends on it.

    python benchmarks/stages.py [--rows 4000] [--repeat 3] [--json FILE]

Every stage gets candidates that were not met before; words were. In process, through WSGI, so without the network and gunicorn.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask, Request
from werkzeug.test import EnvironBuilder

from benchmarks.bars import table
from benchmarks.candidates import Candidates, Given
from benchmarks.machine import machine
from models.candidate import FIELDS, Reads
from models.features import Features
from service import Settings, create_app
from service.answers import Answers
from service.members import chosen
from service.score_request import ScoreRequest
from service.services import services_of

SIZES = (1, 1_000)
SEED = 11
WARM_UP = 3_000
TOLD = ("label", "probability_suppressing")
PATH = "/v1/scores"
# What is switched off, one after another, to see what it costs.
VARIANTS: dict[str, dict[str, str]] = {
    "as served": {},
    "without the limit of requests": {"EXOSCORE_RATE_LIMIT": "0"},
    "without a line in the log": {"EXOSCORE_RATE_LIMIT": "0", "EXOSCORE_LOG_LEVEL": "error"},
    "without counting submissions": {
        "EXOSCORE_RATE_LIMIT": "0",
        "EXOSCORE_LOG_LEVEL": "error",
        "EXOSCORE_COUNT_SUBMISSIONS": "false",
    },
}
INSIDE = ("read the request", "understand", "judge", "write")
FEW = "the same, label and probability only"


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--rows", type=int, default=4_000, help="candidates that each stage gets, of each size of request"
    )
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
    scorer = services_of(app).registry.scorer(None)
    stages = _stages(app, Answers(scorer), variant == next(iter(VARIANTS)))
    # Each stage gets as many candidates, but no more than a few hundred requests of one.
    of_size = {1: min(rows, 1_000), 1_000: -(-rows // 1_000) * 1_000}
    drawn = iter(Candidates(Features.load(), SEED).draw(2 * WARM_UP + len(stages) * sum(of_size.values())))
    found: dict[str, dict[str, float]] = {}
    for size in SIZES:
        warm = [next(drawn) for _ in range(WARM_UP)]
        for _, prepare, run in stages:
            for batch in _cut(warm[: 20 * size], size):
                run(prepare(batch))
        found[str(size)] = {
            name: _microseconds(prepare, run, _cut([next(drawn) for _ in range(of_size[size])], size))
            for name, prepare, run in stages
        }
    return found


def _cut(candidates: Sequence[Given], size: int) -> list[Sequence[Given]]:
    return [candidates[begin : begin + size] for begin in range(0, len(candidates), size)]


def _microseconds(
    prepare: Callable[[Sequence[Given]], Any], run: Callable[[Any], object], batches: Iterable[Sequence[Given]]
) -> float:
    ready = [(len(batch), prepare(batch)) for batch in batches]
    began = time.process_time()
    for _, one in ready:
        run(one)
    return 1e6 * (time.process_time() - began) / sum(count for count, _ in ready)


def _stages(
    app: Flask, answers: Answers, inside: bool
) -> list[tuple[str, Callable[[Sequence[Given]], Any], Callable[[Any], object]]]:
    """Name, what is made ready before the clock runs, and what is timed."""
    scorer = answers.scorer
    reader = scorer.reader

    def columns(candidates: Sequence[Given]) -> Reads[Any]:
        return Reads(*([_frozen(one.get(field.name)) for one in candidates] for field in FIELDS))

    def request(candidates: Sequence[Given]) -> Request:
        return app.request_class(_environ(candidates))

    def asked(candidates: Sequence[Given]) -> ScoreRequest:
        return ScoreRequest.read(request(candidates))

    whole = [
        ("whole request", _environ, lambda environ: _through(app, environ)),
        (FEW, lambda each: _environ(each, f"fields={','.join(TOLD)}"), lambda environ: _through(app, environ)),
    ]
    if not inside:
        return whole
    few = chosen((), TOLD)
    return [
        ("read the request", request, ScoreRequest.read),
        ("understand", columns, reader.read_columns),
        ("judge", lambda each: reader.read_columns(columns(each)), scorer.judge),
        ("judge and write", lambda each: reader.read_columns(columns(each)), answers.documents),
        (
            "judge and write, label and probability only",
            lambda each: reader.read_columns(columns(each)),
            lambda read: answers.documents(read, few),
        ),
        ("answer", asked, lambda one: one.answered_by(answers)),
        *whole,
    ]


def _frozen(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _environ(candidates: Sequence[Given], query: str = "") -> dict[str, Any]:
    body = json.dumps({"candidates": candidates}).encode()
    builder = EnvironBuilder(PATH, method="POST", query_string=query, data=body, content_type="application/json")
    try:
        return {**builder.get_environ(), "wsgi.errors": io.StringIO(), "REMOTE_ADDR": "127.0.0.1"}
    finally:
        builder.close()


def _through(app: Flask, environ: dict[str, Any]) -> int:
    statuses: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        statuses.append(status)

    answer = app.wsgi_app(environ, start)
    size = sum(map(len, answer))
    if not statuses[0].startswith("200"):
        raise RuntimeError(f"answered {statuses[0]} to what was to be measured")
    return size


def tables(measured: dict[str, Any]) -> str:
    """Microseconds for each candidate by stage, and what is around them."""
    of = measured["microseconds"]
    served = of["as served"]
    cheaper = list(of)
    rows: list[tuple[str, Callable[[str], float]]] = [
        ("read the request: body, limits of size, cut into candidates", lambda size: served[size]["read the request"]),
        (
            "decode each candidate, look among those met last, join the answer",
            lambda size: served[size]["answer"] - served[size]["understand"] - served[size]["judge and write"],
        ),
        ("understand: words and names", lambda size: served[size]["understand"]),
        ("judge: score, band, sets, domain, what is known", lambda size: served[size]["judge"]),
        ("write the full document", lambda size: served[size]["judge and write"] - served[size]["judge"]),
        (
            "instead: write label and probability only",
            lambda size: served[size]["judge and write, label and probability only"] - served[size]["judge"],
        ),
        *(
            (
                after.replace("without ", ""),
                lambda size, before=before, after=after: (
                    of[before][size]["whole request"] - of[after][size]["whole request"]
                ),
            )
            for before, after in zip(cheaper, cheaper[1:], strict=False)
        ),
        (
            "the rest: routing, access, headers, metrics",
            lambda size: (
                of[cheaper[-1]][size]["whole request"] - served[size]["answer"] - served[size]["read the request"]
            ),
        ),
        ("**whole request**", lambda size: served[size]["whole request"]),
        (f"**{FEW}**", lambda size: served[size][FEW]),
    ]
    head = ["processor time for each candidate, in microseconds", "1 a request", "1,000 a request"]
    return table(head, [[name, *(f"{value(str(size)):.1f}" for size in SIZES)] for name, value in rows])


if __name__ == "__main__":
    main()
