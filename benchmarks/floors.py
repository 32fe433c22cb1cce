"""Whether the fast paths are fast: each beside the plain way in the same run, with a floor under the ratio of the two.

    python benchmarks/floors.py [--rounds 4]

Status 1 where one is below its floor. Ratios are of the time that a processor works, medians over rounds in which both ways have
their turn, so they hardly depend on the machine and on what else it does; floors are about half of what was measured, so they are
only missed where a fast path is lost.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bars import HEAD, Bar, table
from benchmarks.candidates import Candidates
from benchmarks.design_speed import SMALL
from benchmarks.library import Library, as_table
from benchmarks.processes import Server, free_port, run
from benchmarks.serving import exoscore, project
from benchmarks.stages import through_application
from benchmarks.start import CANDIDATE
from models.scorer import Scorer
from service import Settings, create_app, open_scorer
from service.web.current import installation_of

TABLE = Bar("rows/s of a table of 100,000, to candidates scored one at a time", 15)
REQUEST = Bar("candidates/s in requests of 500, to requests of one", 1.5)
FEW = Bar("candidates/s with label and probability, to full documents", 2)
DESIGN = Bar("variants/s of a design of 11,000, to variants scored one at a time", 10)
SERVED = Bar("requests/s of one candidate, to a bare Flask application under the same server", 0.2)
START = Bar("start of `exoscore score`, to that of Python with numpy and scikit-learn", 1.5, most=True)
ROWS, SINGLES, MANY, REQUESTS = 100_000, 200, 500, 500
Ratios = Mapping[Bar, float]


def main() -> None:
    """Measures, prints, and fails below a floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        # In the first round words and names are met that all others find in caches.
        rounds = list(itertools.islice(measure(var), 1, 1 + arguments.rounds))
    ratios = {bar: median(each[bar] for each in rounds) for bar in rounds[0]}
    print(table(HEAD, [bar.row(ratio) for bar, ratio in ratios.items()]))
    if missed := [bar.what for bar, ratio in ratios.items() if not bar.met(ratio)]:
        sys.exit(f"Below the floor: {'; '.join(missed)}")


def measure(var: Path) -> Iterator[Ratios]:
    """The ratios of one round after another, with the model in `var`."""
    scorer = open_scorer(var)
    in_process = [in_tables(scorer), in_requests(var), in_designs(scorer)]
    gc.freeze()
    with ExitStack() as stack:
        servers = [stack.enter_context(server) for server in (of_project(var), of_bare_flask(var))]
        while True:
            ratios: dict[Bar, float] = {}
            for turn in in_process:
                ratios |= turn()
            yield ratios | {SERVED: in_connections(*servers), START: in_processes(var)}


def in_tables(scorer: Scorer) -> Callable[[], Ratios]:
    """Rounds of a table beside single candidates."""
    frame = as_table(Library(scorer.features, names=1_000).draw(ROWS), 0)
    candidates = Candidates(scorer.features).draw(SINGLES)

    def turn() -> Ratios:
        single = seconds_of(lambda: [scorer.score(candidate) for candidate in candidates]) / SINGLES
        return {TABLE: single / (seconds_of(lambda: scorer.score_frame(frame)) / ROWS)}

    return turn


def in_requests(var: Path) -> Callable[[], Ratios]:
    """Rounds of requests of many beside requests of one, through the whole application but without a connection."""
    app = create_app(Settings(var=var, rate_limit=0, log_level="error"))
    candidates = Candidates(installation_of(app).registry.features, seed=1).draw(MANY)
    full, few = through_application(app)

    def turn() -> Ratios:
        single, many = (full.microseconds(candidates, size) for size in (1, MANY))
        return {REQUEST: single / many, FEW: many / few.microseconds(candidates, MANY)}

    return turn


def in_designs(scorer: Scorer) -> Callable[[], Ratios]:
    """Rounds of a design beside its kind of variants, scored one at a time."""
    names = [cargo.name for cargo in scorer.known_terms.cargos_of("mirna")[:SINGLES]]
    variants = [{**SMALL["fixed"], "source_phenotype": "M1", "cargo_name": name} for name in names]

    def turn() -> Ratios:
        single = seconds_of(lambda: [scorer.score(variant) for variant in variants]) / len(variants)
        counted: list[int] = []
        seconds = seconds_of(lambda: counted.append(scorer.design(**SMALL).variants))
        return {DESIGN: single / (seconds / counted[0])}

    return turn


def in_connections(project_server: Server, bare_server: Server) -> float:
    """The processor time of requests to a bare application, to that of the project."""
    body = json.dumps({"candidates": [CANDIDATE]}).encode()

    def seconds(server: Server) -> float:
        began = server.processor_seconds
        for _ in range(REQUESTS):
            server.post(body)
        return server.processor_seconds - began

    return seconds(bare_server) / seconds(project_server)


def in_processes(var: Path) -> float:
    """The processor time of a command that scores, to that of a process that loads the libraries."""
    options = [word for name, text in CANDIDATE.items() for word in (f"--{name.replace('_', '-')}", text)]
    environment = {"EXOSCORE_VAR": str(var)}
    score = seconds_of(lambda: run([exoscore(), "score", "--json", *options], environment), _of_children)
    imports = [sys.executable, "-c", "import numpy, sklearn.linear_model"]
    return score / seconds_of(lambda: run(imports), _of_children)


def of_project(var: Path) -> Server:
    """The server of the project, with one worker."""
    command = [exoscore(), "serve", "--workers", "1", "--rate-limit", "0", "--log-level", "error"]
    return _server(command, var, {"EXOSCORE_VAR": str(var)})


def of_bare_flask(var: Path) -> Server:
    """The same server with an application that scores nothing."""
    granian = str(Path(sys.executable).with_name("granian"))
    command = [granian, "--interface", "wsgi", "--workers", "1", "--no-ws", "benchmarks.bare_app:app"]
    return _server(command, var, {"PYTHONPATH": str(Path(__file__).parent.parent)})


def _server(command: list[str], var: Path, environment: Mapping[str, str]) -> Server:
    port, probe = free_port(), json.dumps({"candidates": [CANDIDATE]}).encode()
    return Server([*command, "--port", str(port)], port, "/v1/scores", probe, var.parent, environment)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_of(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    """The time that a processor works for something, in this process or by another clock."""
    began = clock()
    work()
    return clock() - began


if __name__ == "__main__":
    main()
