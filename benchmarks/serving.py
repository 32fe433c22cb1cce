"""Requests a second and candidates a second of the server, beside the peers that are installed, in the same run.

    python benchmarks/serving.py --peers FOLDER [--only NAME ...] [--seconds 5] [--repeat 3] [--json FILE]

FOLDER is what `python -m benchmarks.peers.build FOLDER` made. In every round each peer has its turn, and after it the project
has its own, since machines drift; ratios are of such neighbours. Needs wrk. Takes about 100 seconds for each peer and round.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.bodies import Pool, written
from benchmarks.load import Bodies, Driven, drive, post_all, taken
from benchmarks.machine import machine
from benchmarks.peers.build import versions
from benchmarks.peers.registry import BODIES, PEERS, Peer
from benchmarks.processes import Server, StartError, free_port
from benchmarks.serving_figures import ALIKE, MET_NEVER, PROBABILITY, REPEATED, printed

# Candidates a request, and connections.
LOADS = ((1, 1), (1, 8), (1, 32), (1_000, 1), (1_000, 4), (10_000, 2))
LARGEST = 10_000
# How many bodies are made ready for each second of a load; the largest are sent so many times, however long it takes.
MOST_PER_SECOND = {1: 10_000, 1_000: 250, LARGEST: 4}
WARM_UP = 8
CLOSE = 1e-9


@dataclass
class Subject:
    """What is measured: a server that can be started, and the bodies that it is sent."""

    server: Server
    pool: Pool
    never_again: bool = False
    _next: dict[int, int] = field(default_factory=dict)

    def load(self, size: int, connections: int, seconds: int) -> Driven:
        """Drives it with bodies of one size; with `never_again`, those that this start of it was not sent yet."""
        of_size = self.pool.of_size[size]
        first = self._next.get(size, 0) if self.never_again else 0
        if first >= of_size.count:
            first = 0
        count = min(of_size.count - first, MOST_PER_SECOND[size] * seconds)
        bodies = Bodies(of_size.path, size, count, first)
        if size == LARGEST:
            used = MOST_PER_SECOND[size] * seconds
            found = post_all(self.server.port, self.server.path, bodies, connections, used)
        else:
            found = drive(self.server.port, self.server.path, bodies, connections, seconds)
            used = taken(found.requests, connections)
        repeated = max(0, self._next.get(size, 0) + used - of_size.count) if self.never_again else found.sent_again
        self._next[size] = self._next.get(size, 0) + used
        return replace(found, sent_again=max(found.sent_again, min(used, repeated)))

    def turn(self, seconds: int) -> dict[str, Any]:
        """One turn: a start, every load, an end."""
        with self.server as server:
            self.load(1, WARM_UP, 1)
            before = server.memory
            loads = {
                f"{size} x {connections}": asdict(self.load(size, connections, seconds)) for size, connections in LOADS
            }
            return {
                "start_seconds": round(server.start_seconds, 3),
                "memory": asdict(before),
                "memory_after": asdict(server.memory),
                "loads": loads,
            }


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--peers", type=Path, required=True, metavar="FOLDER")
    arguments.add_argument("--only", nargs="+", metavar="NAME", choices=[peer.name for peer in PEERS])
    arguments.add_argument("--seconds", type=int, default=5, help="of each load")
    arguments.add_argument("--repeat", type=int, default=3, help="rounds")
    arguments.add_argument("--singles", type=int, default=120_000, help="candidates for bodies of one")
    arguments.add_argument("--thousands", type=int, default=1_000, help="bodies of 1,000 candidates")
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    folder = chosen.peers.resolve()
    peers = [peer for peer in PEERS if peer.name in (chosen.only or [peer.name]) and versions(folder, peer.environment)]
    measured: dict[str, Any] = {
        "machine": machine(),
        "seconds": chosen.seconds,
        "repeat": chosen.repeat,
        "peers": {
            peer.name: {"settings": peer.settings, "versions": versions(folder, peer.environment)} for peer in peers
        },
        "turns": [],
        "did_not_start": {},
    }
    pools = written(folder / "bodies", chosen.singles, chosen.thousands)
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        for one in rounds(peers, folder, var, pools, chosen.repeat, chosen.seconds, measured["did_not_start"]):
            measured["turns"].append(one)
            single, thousand = (one["loads"][name] for name in ("1 x 32", "1000 x 4"))
            print(
                f"round {one['round']}  {one['name']:28s}{single['requests_per_second']:10,.0f} requests/s"
                f"{thousand['rows_per_second']:12,.0f} rows/s",
                file=sys.stderr,
                flush=True,
            )
            if chosen.json:
                chosen.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")
    print(printed(measured))


@contextmanager
def project(scratch: Path) -> Iterator[Path]:
    """A `var` folder with a trained model, and a folder beside it for logs."""
    var = scratch / "var"
    environment = {**os.environ, "EXOSCORE_VAR": str(var)}
    subprocess.run([exoscore(), "train"], check=True, stdout=subprocess.DEVNULL, env=environment)
    yield var


def rounds(
    peers: list[Peer],
    folder: Path,
    var: Path,
    pools: dict[str, Pool],
    repeat: int,
    seconds: int,
    did_not_start: dict[str, str],
) -> Iterator[dict[str, Any]]:
    """Every turn, in its order: peer, project, peer, project. What does not start is told and left out."""
    for number in range(1, repeat + 1):
        for peer in peers:
            try:
                yield {"round": number, "name": peer.name, **of_peer(peer, folder, var.parent, pools).turn(seconds)}
            except (StartError, ValueError) as error:
                did_not_start[peer.name] = str(error).strip().splitlines()[-1]
                continue
            for name in (MET_NEVER, PROBABILITY):
                turn = of_project(name, var, pools).turn(seconds)
                yield {"round": number, "name": name, "after": peer.name, **turn}
        for name in (ALIKE, REPEATED):
            yield {"round": number, "name": name, **of_project(name, var, pools).turn(seconds)}


def of_peer(peer: Peer, folder: Path, scratch: Path, pools: dict[str, Pool]) -> Subject:
    """A peer to measure. Raises ValueError where its answers are not the pipeline's, StartError where it gives none."""
    sample = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    write = BODIES[peer.body]

    def server() -> Server:
        port = free_port()
        environment = peer.environ(folder, port)
        return Server(peer.command(folder, port), port, peer.path, write(sample[:1]).encode(), scratch, environment)

    with server() as tried:
        status, answer = tried.post(write(sample).encode())
        found = peer.of(json.loads(answer)) if status == 200 else []
    if len(found) != len(expected) or any(abs(a - b) > CLOSE for a, b in zip(found, expected, strict=True)):
        raise ValueError(f"answers {status} with other probabilities than the pipeline's")
    return Subject(server(), pools[peer.body])


def of_project(name: str, var: Path, pools: dict[str, Pool]) -> Subject:
    """The project's server to measure, in one of the ways that it is asked."""
    port = free_port()
    path = "/v1/scores?fields=label,probability_suppressing" if name in (PROBABILITY, ALIKE) else "/v1/scores"
    command = [exoscore(), "serve", "--port", str(port), "--workers", "2", "--rate-limit", "0"]
    probe = json.dumps({"candidates": [{"source_phenotype": "M2", "cargo_type": "whole_vesicle"}]}).encode()
    server = Server(command, port, path, probe, var.parent, {"EXOSCORE_VAR": str(var)})
    if name == REPEATED:
        return Subject(server, pools["scores"].repeated())
    pool = pools["scores"].of_peers() if name == ALIKE else pools["scores"]
    return Subject(server, pool, never_again=True)


def exoscore() -> str:
    """The command of this environment."""
    return str(Path(sys.executable).with_name("exoscore"))


if __name__ == "__main__":
    main()
