"""Programs that are measured: started, waited for, their memory counted over all their processes, and stopped. Linux only."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

MIB = 1024
START_SECONDS = 120
STOP_SECONDS = 15
JSON = {"Content-Type": "application/json"}


class StartError(RuntimeError):
    """A server that did not come to answer."""


@dataclass(frozen=True)
class Memory:
    """What processes take together, in MiB. `pss` counts a shared page once, `rss` once for each process."""

    processes: int = 0
    rss: float = 0.0
    pss: float = 0.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def tree(pid: int) -> list[int]:
    """A process and all that it has started and that still have their parents."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            parent = Path(f"/proc/{name}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(name))
    found, open_ends = [], [pid]
    while open_ends:
        one = open_ends.pop()
        found.append(one)
        open_ends += children.get(one, [])
    return found


def memory(pid: int) -> Memory:
    """What a process and those that it has started take now."""
    counted, taken = 0, {"Rss:": 0, "Pss:": 0}
    for one in tree(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                name, _, amount = line.partition(" ")
                if name in taken:
                    taken[name] += int(amount.split()[0])
            counted += 1
    return Memory(counted, round(taken["Rss:"] / MIB, 1), round(taken["Pss:"] / MIB, 1))


@dataclass
class Run:
    """A program that ran to its end: how long it took, and the most that its processes took together."""

    seconds: float
    peak: Memory
    output: str


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    sample_seconds: float | None = None,
) -> Run:
    """Runs a program; its memory is looked at every `sample_seconds`, or not at all. Raises CalledProcessError."""
    began = time.perf_counter()
    program = subprocess.Popen(
        list(command),
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    seen, over = [Memory()], threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.append(memory(program.pid))
            over.wait(sample_seconds)

    watcher = threading.Thread(target=watch)
    if sample_seconds is not None:
        watcher.start()
    output, faults = program.communicate()
    seconds = time.perf_counter() - began
    over.set()
    if sample_seconds is not None:
        watcher.join()
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, list(command), output, faults)
    return Run(
        seconds, Memory(*(max(getattr(one, name) for one in seen) for name in ("processes", "rss", "pss"))), output
    )


@dataclass
class Server:
    """A server on a port of this machine, between its start and its end. `start_seconds` is until its first right answer."""

    command: Sequence[str]
    port: int
    path: str
    probe: bytes
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = 0.0

    def __enter__(self) -> Server:
        began = time.perf_counter()
        log = self.folder / f"{self.port}.log"
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                list(self.command),
                env={**os.environ, **self.environment},
                stdout=written,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        while self._status() != http.client.OK:
            if self._process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                self.__exit__(None, None, None)
                raise StartError(log.read_text(encoding="utf-8", errors="replace")[-1500:])
            time.sleep(0.02)
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        own = tree(self._process.pid)
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        for pid in own:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    @property
    def memory(self) -> Memory:
        """What its processes take now."""
        return memory(self._process.pid)

    @property
    def processor_seconds(self) -> float:
        """What its processes have worked since their start."""
        ticks = 0
        for pid in tree(self._process.pid):
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Sends a body to its path: the status and the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("POST", self.path, body, JSON)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _status(self) -> int:
        try:
            return self.post(self.probe)[0]
        except (OSError, http.client.HTTPException):
            return 0
