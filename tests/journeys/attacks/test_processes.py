"""Processes that are killed, stopped or refused under load: nobody is turned away for long, and nothing accepted is lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path

import pytest

from models.estimator.artifact import Bundle
from tests.journeys.attacks.conftest import connect, head, receive
from tests.journeys.attacks.test_slow_clients import BODY
from tests.journeys.lab import Lab, make_lab

CLIENTS = 16
KEPT = 200


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def web_server(lab: Lab) -> int:
    """The process that the workers of a running installation are forked from."""
    running = lab.processes("web")
    (server,) = {parent(process) for process in running} & set(running)
    return server


@contextmanager
def loaded(lab: Lab, moment: Callable[[], float] = time.monotonic) -> Iterator[tuple[Counter[str], list[float]]]:
    """Clients that ask all the while over connections that they keep: what came of it, and when each answer did."""
    outcomes: Counter[str] = Counter()
    answered: list[float] = []
    done = threading.Event()

    def ask() -> None:
        with closing(HTTPConnection("127.0.0.1", lab.settings.port, timeout=30)) as connection:
            while not done.is_set():
                try:
                    connection.request("POST", "/v1/scores", BODY, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    outcomes[str(answer.status)] += 1
                    answered.append(moment())
                except ConnectionRefusedError:
                    outcomes["refused"] += 1
                    connection.close()
                    time.sleep(0.05)
                except (OSError, HTTPException) as error:
                    outcomes[type(error).__name__] += 1
                    connection.close()

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield outcomes, answered
    finally:
        done.set()
        for client in clients:
            client.join()


def test_a_web_server_that_is_killed_under_load_is_replaced_without_turning_anybody_away(brief_lab: Lab) -> None:
    with loaded(brief_lab) as (outcomes, answered):
        for _ in range(2):
            time.sleep(1)
            killed, moment = web_server(brief_lab), time.monotonic()
            os.kill(killed, signal.SIGKILL)
            brief_lab.wait_until(lambda killed=killed: killed not in brief_lab.processes("web"))
            brief_lab.wait_until(lambda: len(brief_lab.processes("web")) == 3)
            brief_lab.wait_until(lambda moment=moment: answered[-1] > moment + 3)
    pauses = [later - earlier for earlier, later in pairwise(answered)]
    assert max(pauses) < 20, "seconds without any answer"
    assert outcomes["refused"] == 0
    # What was being answered, or sent, when the workers ended.
    assert outcomes.total() - outcomes["200"] <= 2 * CLIENTS, outcomes
    assert brief_lab.process is not None
    assert brief_lab.process.poll() is None


def test_a_stop_under_load_answers_all_that_was_taken(brief_lab: Lab) -> None:
    assert brief_lab.process is not None
    with loaded(brief_lab) as (outcomes, _):
        time.sleep(1)
        brief_lab.process.send_signal(signal.SIGTERM)
        assert brief_lab.process.wait(40) == 0
    assert set(outcomes) <= {"200", "refused"}, outcomes
    assert brief_lab.processes() == []
    brief_lab.process = None


def test_files_that_are_used_up_cost_no_worker_and_come_back(tmp_path: Path, produced: Bundle) -> None:
    lab = make_lab(tmp_path / "var", produced)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A process of ours inherits it; this one needs more.
    with lab.log.open("ab") as log:
        lab.process = subprocess.Popen(
            ["sh", "-c", 'ulimit -n 64; exec "$0" serve', str(Path(sys.executable).with_name("exoscore"))],
            env=lab.environment,
            stdout=log,
            stderr=log,
        )
    lab.wait_until_ready()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits
    try:
        before = lab.processes("web")
        with ExitStack() as stack:
            kept = [stack.enter_context(connect(lab)) for _ in range(KEPT)]
            answered = 0
            for line in kept:
                line.sendall(head("GET", "/healthz"))
            for line in kept:
                line.settimeout(0.01)
                with suppress(OSError):
                    answered += receive(line).status == 200
            assert answered >= 8, "as many as there are files for"
        lab.wait_until_ready()
        assert lab.processes("web") == before, "no worker died"
        assert "Too many open files" not in lab.log.read_text("utf-8")
    finally:
        lab.stop()


def test_where_nothing_can_be_started_what_runs_goes_on_and_the_rest_is_tried_again(
    tmp_path: Path, produced: Bundle
) -> None:
    lab = make_lab(tmp_path / "var", produced)
    # The program behind a link of our own, so that it can be taken away.
    program = tmp_path / "python"
    program.symlink_to(sys.executable)
    lab.variables = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with lab.log.open("ab") as log:
        lab.process = subprocess.Popen(
            [str(program), "-m", "service.cli", "serve"], env=lab.environment, stdout=log, stderr=log
        )
    lab.wait_until_ready()
    try:
        web, (worker,) = lab.processes("web"), lab.processes("worker")
        program.unlink()
        os.kill(worker, signal.SIGKILL)
        lab.wait_until(lambda: lab.log.read_text("utf-8").count("a process cannot be started") >= 2)
        assert lab.processes("web") == web
        assert lab.is_ready()
        program.symlink_to(sys.executable)
        lab.wait_until(lambda: lab.processes("worker"))
    finally:
        lab.stop()


def test_the_loopback_of_ipv6_is_listened_on_without_a_key(tmp_path: Path, produced: Bundle) -> None:
    lab = make_lab(tmp_path / "var", produced, variables={"EXOSCORE_HOST": "[::1]"})
    lab.client = lab.client.__class__(base_url=f"http://[::1]:{lab.settings.port}", timeout=30)
    lab.start()
    try:
        assert lab.client.get("/healthz").status_code == 200
    finally:
        lab.stop()


@pytest.mark.parametrize("command", ["serve", "web"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]"])
def test_no_command_listens_beyond_this_machine_without_that_being_meant(
    tmp_path: Path, produced: Bundle, command: str, host: str
) -> None:
    lab = make_lab(tmp_path / "var", produced)
    words = [str(Path(sys.executable).with_name("exoscore")), command, "--host", host]
    refused = subprocess.run(words, env=lab.environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "can be reached from other machines" in refused.stderr
    lab.client.close()
