"""`exoscore serve` as processes: the web server and a worker, each started again when it is killed, none outliving the rest."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

import structlog

from service.settings import Settings

WEB, WORKER = "web", "worker"
# The exit status of a web server whose workers died again and again.
GAVE_UP = os.EX_TEMPFAIL
# As the statuses of processes that a signal ended, it is below zero.
NOT_STARTED = -os.EX_OSERR
# A process that dies at once again and again is started at growing intervals.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
SETTLED_SECONDS = 60.0
STOP_SECONDS = 40.0

_log = structlog.get_logger(__name__)


class Supervisor:
    """Runs the web server, on sockets that are open already, and the worker of one installation on this machine."""

    def __init__(self, settings: Settings, listeners: Sequence[socket.socket]) -> None:
        self._environment = {**os.environ, **settings.environment}
        self._listeners = listeners
        # None for what could not be started.
        self._running: dict[str, subprocess.Popen[bytes] | None] = {}
        self._started: dict[str, float] = {}
        self._pause = dict.fromkeys((WEB, WORKER), FIRST_PAUSE_SECONDS)
        self._has_restarted_web = False
        self._stopping = False

    def run(self) -> int:
        """Runs both until SIGTERM or SIGINT. Returns 0, or the exit status of a web server that could not start at first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for role in (WEB, WORKER):
            self._start(role)
        status = 0
        while not self._stopping and not status:
            time.sleep(0.1)
            for role, process in list(self._running.items()):
                ended = process.poll() if process else NOT_STARTED
                if ended is None or self._stopping:
                    continue
                if role == WEB and ended > 0 and ended != GAVE_UP and not self._has_restarted_web:
                    status = ended
                else:
                    self._restart(role, ended)
        self._end()
        return status

    def _start(self, role: str) -> None:
        words = [sys.executable, "-m", "service.cli", role, "--parent", str(os.getpid())]
        lent = [listener.fileno() for listener in self._listeners] if role == WEB else []
        words += [word for number in lent for word in ("--listener", str(number))]
        self._started[role] = time.monotonic()
        try:
            process = subprocess.Popen(words, env=self._environment, stdin=subprocess.DEVNULL, pass_fds=lent)
        except OSError as error:
            # No memory, no file, no process left: there may be by and by, and what runs is to go on until then.
            _log.error("a process cannot be started", role=role, reason=str(error))
            process = None
        self._running[role] = process

    def _restart(self, role: str, ended: int) -> None:
        seconds = time.monotonic() - self._started[role]
        if seconds > SETTLED_SECONDS:
            self._pause[role] = FIRST_PAUSE_SECONDS
        if seconds < self._pause[role]:
            return
        self._pause[role] = min(2 * self._pause[role], LONGEST_PAUSE_SECONDS)
        self._has_restarted_web |= role == WEB
        _log.error("a process ended and is started again", role=role, status=ended)
        self._start(role)

    def _end(self) -> None:
        for listener in self._listeners:
            listener.close()
        running = [process for process in self._running.values() if process]
        for process in running:
            if process.poll() is None:
                process.terminate()
        by = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, by - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
