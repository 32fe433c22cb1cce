"""Load on a server, made by wrk: so many connections, each of which sends its next request when it has its answer."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from threading import Thread
from time import perf_counter

SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Bodies:
    """Lines of a file of bodies, of `candidates` candidates each: `count` of them from `first` on."""

    path: Path
    candidates: int
    count: int
    first: int = 0


@dataclass(frozen=True)
class Driven:
    """What a load came to: requests (or candidates) a second, half and 99 of 100 answers within so many milliseconds."""

    requests: int
    requests_per_second: float
    rows_per_second: float
    p50_ms: float
    p99_ms: float
    failed: int
    sent_again: int


def drive(port: int, path: str, bodies: Bodies, connections: int, seconds: int) -> Driven:
    """Sends bodies in turn for so many seconds. Raises FileNotFoundError without wrk."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise FileNotFoundError("wrk is not installed; Debian's package of that name has it")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(SCRIPT)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"],
        env={**os.environ, "BODIES": str(bodies.path), "FIRST": str(bodies.first), "COUNT": str(bodies.count)},
        capture_output=True,
        text=True,
        check=True,
    )
    (result,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    requests, microseconds, p50, p99, refused, broken = map(int, result.split()[1:])
    rate = requests / microseconds * 1e6
    return Driven(
        requests=requests,
        requests_per_second=round(rate, 1),
        rows_per_second=round(rate * bodies.candidates, 1),
        p50_ms=p50 / 1000,
        p99_ms=p99 / 1000,
        failed=refused + broken,
        sent_again=max(0, taken(requests, connections) - bodies.count),
    )


def taken(requests: int, connections: int) -> int:
    """How many bodies a load of so many answered requests takes at most: those under way, and wrk's own look at the first."""
    return requests + connections + 1


def post_all(port: int, path: str, bodies: Bodies, connections: int, count: int) -> Driven:
    """Sends so many large bodies, each connection its next one when it has its answer: few requests, all of them counted."""
    with bodies.path.open("rb") as lines:
        found = [line.rstrip(b"\n") for line in islice(lines, bodies.first, bodies.first + min(count, bodies.count))]
    waiting = iter([found[place % len(found)] for place in range(count)])
    seconds: list[float] = []
    failed = 0

    def send() -> None:
        nonlocal failed
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        for body in waiting:
            began = perf_counter()
            try:
                connection.request("POST", path, body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                failed += answer.status != HTTPStatus.OK
            except (OSError, HTTPException):
                failed += 1
                connection.close()
            seconds.append(perf_counter() - began)
        connection.close()

    began = perf_counter()
    threads = [Thread(target=send) for _ in range(connections)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    rate = count / (perf_counter() - began)
    ordered = sorted(seconds)
    return Driven(
        requests=count,
        requests_per_second=round(rate, 2),
        rows_per_second=round(rate * bodies.candidates, 1),
        p50_ms=round(1000 * ordered[len(ordered) // 2], 1),
        p99_ms=round(1000 * ordered[-1], 1),
        failed=failed,
        sent_again=max(0, count - bodies.count),
    )
