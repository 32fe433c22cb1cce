"""The memory of the service under a mixed load: good and bad requests, names that it never met, pages and reports.

    python benchmarks/soak.py [--minutes 60] [--connections 4] [--only KIND ...]

Prints what all processes of `exoscore serve` take together every ten seconds (shared pages once), and at the end the ratio to
what they took after five minutes, or after a tenth of the time where that is shorter. Fails where it is more than promised.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.bars import HEAD, SOAK, table
from benchmarks.processes import JSON, Server, free_port
from benchmarks.serving import exoscore, project

EVERY_SECONDS = 10
MOST_SECONDS_BEFORE = 300
# The figures at either end are medians over so many looks.
LOOKS = 6
TIMEOUT_SECONDS = 120
HTML = {"Accept": "text/html"}
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    path: str
    body: bytes | None = None


def _name() -> str:
    """A name that nobody ever sent."""
    return f"never-{next(_NUMBERS):x}-{random.getrandbits(24):x}"


def _candidate() -> dict[str, object]:
    return {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": _name(), "cancer_type": "gastric cancer"}


def _bad_candidate() -> dict[str, object]:
    return {"source_phenotype": _name(), "cargo_type": "mirna", "species": [_name()], _name(): 1}


def _scores(query: str, count: int, make: Callable[[], dict[str, object]]) -> Request:
    body = json.dumps({"candidates": [make() for _ in range(count)]}).encode()
    return Request("POST", f"/v1/scores{query}", body)


def _page(path: str) -> Request:
    return Request("GET", f"{path}?{urlencode(_candidate() | {'id': _name()})}")


def _comparison() -> Request:
    both = {f"c{number}.{field}": value for number in (1, 2) for field, value in _candidate().items()}
    return Request("GET", f"/compare?{urlencode(both)}")


# What is sent, and how often among a hundred requests.
KINDS: dict[str, tuple[int, Callable[[], Request]]] = {
    "one": (30, lambda: _scores("", 1, _candidate)),
    "names": (16, lambda: _scores("?fields=label,probability_suppressing", 1_000, _candidate)),
    "scores": (4, lambda: _scores("?include=contributions", 200, _candidate)),
    "bad": (8, lambda: _scores("", 1_000, _bad_candidate)),
    "partial": (4, lambda: _scores("?partial=true", 500, _bad_candidate)),
    "large": (1, lambda: _scores("", 100, lambda: _candidate() | {"cargo_name": _name() * 8_000})),
    "unknown": (2, lambda: _scores("", 1, lambda: {_name(): 1 for _ in range(20_000)})),
    "malformed": (5, lambda: Request("POST", "/v1/scores", b'{"candidates": [' + _name().encode())),
    "deep": (1, lambda: Request("POST", "/v1/scores", b"[" * 100_000)),
    "page": (10, lambda: _page("/")),
    "report": (7, lambda: _page("/v1/reports")),
    "comparison": (4, _comparison),
    "findings": (4, lambda: Request("GET", f"/v1/findings?limit=100&q={_name()}")),
    "nothing": (4, lambda: Request("GET", f"/{_name()}")),
}


def main() -> None:
    """Loads the service, prints, and fails where its memory grew."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=60.0)
    arguments.add_argument("--connections", type=int, default=4)
    arguments.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        port, folder = free_port(), Path(scratch)
        command = [exoscore(), "serve", "--port", str(port)]
        environment = {"EXOSCORE_VAR": str(var), "EXOSCORE_RATE_LIMIT": "0"}
        probe = _scores("", 1, _candidate)
        with Server(command, port, probe.path, probe.body or b"", folder, environment) as server:
            looks, sent = soak(server, chosen.only, 60 * chosen.minutes, chosen.connections)
    ratio = growth(looks, 60 * chosen.minutes)
    print(f"sent: {', '.join(f'{count:,} {kind}' for kind, count in sorted(sent.items()))}")
    print(table(HEAD, [SOAK.row(ratio)]))
    sys.exit(not SOAK.met(ratio))


def soak(
    server: Server, kinds: Sequence[str], seconds: float, connections: int
) -> tuple[dict[float, float], Counter[str]]:
    """The MiB that the service took, by the seconds at which that was looked at, and how many requests of each kind it got."""
    over, sent, looks = threading.Event(), Counter[str](), dict[float, float]()
    clients = [
        threading.Thread(target=_ask, args=(server.port, kinds, number, over, sent)) for number in range(connections)
    ]
    began = time.monotonic()
    for client in clients:
        client.start()
    try:
        while (passed := time.monotonic() - began) < seconds:
            looks[passed] = server.memory.pss
            print(f"{passed:6.0f} s {sent.total():>9,} requests {looks[passed]:8.1f} MiB", flush=True)
            time.sleep(EVERY_SECONDS)
    finally:
        over.set()
        for client in clients:
            client.join()
    return looks, sent


def growth(looks: dict[float, float], seconds: float) -> float:
    """What was taken at the end to what was taken after five minutes, or after a tenth of the time where that is shorter."""
    begin = min(MOST_SECONDS_BEFORE, seconds / 10)
    before = [memory for at, memory in looks.items() if at >= begin][:LOOKS]
    return statistics.median(list(looks.values())[-LOOKS:]) / statistics.median(before)


def _ask(port: int, kinds: Sequence[str], seed: int, over: threading.Event, sent: Counter[str]) -> None:
    """Sends requests by chance, one after the other, until it is over."""
    for kind in _drawn(kinds, seed):
        if over.is_set():
            return
        request = KINDS[kind][1]()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        connection.request(request.method, request.path, request.body, JSON if request.body else HTML)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        sent[f"{kind} ({answer.status})"] += 1


def _drawn(kinds: Sequence[str], seed: int) -> Iterator[str]:
    chance, weights = random.Random(seed), [KINDS[kind][0] for kind in kinds]
    while True:
        yield from chance.choices(kinds, weights, k=100)


if __name__ == "__main__":
    main()
