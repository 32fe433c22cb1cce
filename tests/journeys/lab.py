"""A lab's installation that is really run: `exoscore serve` as a process, an HTTP client, and a database of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select, update

from models.estimator.artifact import Bundle
from service.auth.keys import SCOPES
from service.db.tables import FindingRow
from service.installation import Installation
from service.settings import Settings
from tests.servers import free_port
from tests.waiting import wait_until

COMMAND = str(Path(sys.executable).with_name("exoscore"))


@dataclass
class Lab:
    """One installation; `start` it, talk to it, kill parts of it."""

    settings: Settings
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    key: str = ""
    log: Path = field(init=False)
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.settings.var / "serve.log"
        # No address is asked over TLS here, and reading the certificates anew for each request takes longer than the request.
        self.client = httpx.Client(base_url=self.address, timeout=30, verify=False)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands on the same installation."""
        return {**os.environ, **self.settings.environment, **self.variables}

    def open(self) -> Installation:
        """The installation as a process of ours sees it."""
        return Installation.open(self.settings)

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([COMMAND, "serve"], env=self.environment, stdout=log, stderr=log)
        self.wait_until_ready()

    def stop(self) -> None:
        """Stops it as an operator does, and finds that it ended well."""
        # An open connection would be waited for.
        self.client.close()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(60) == 0, self.log.read_text("utf-8")
            self.process = None

    def wait_until(self, event: Callable[[], object]) -> None:
        """Waits until `event` is true; if it never is, the log says why."""
        wait_until(event, lambda: self.log.read_text("utf-8"))

    def wait_until_ready(self) -> None:
        """Waits until it answers that it is ready."""
        self.wait_until(self.is_ready)

    def is_ready(self) -> bool:
        """Whether it answers that it is ready."""
        with contextlib.suppress(httpx.TransportError):
            return self.client.get("/readyz", timeout=5).status_code == 200
        return False

    def wait_for_model(self, model_id: str) -> None:
        """Waits until every worker answers with a model."""
        body = {"candidates": [{"source_phenotype": "M1", "cargo_type": "whole_vesicle"}]}
        self.wait_until(
            lambda: all(self.ask("POST", "/v1/scores", json=body).json()["model"]["id"] == model_id for _ in range(8))
        )

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request with a key that has every scope."""
        headers = {"Authorization": f"Bearer {self.key}", **given.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **given)

    def ended(self, job_id: str, seconds: float = 300) -> dict[str, Any]:
        """A job, once it has ended."""
        by = time.monotonic() + seconds
        job: dict[str, Any] = {}
        while time.monotonic() < by:
            with contextlib.suppress(httpx.TransportError, ValueError, KeyError):
                job = self.ask("GET", f"/v1/jobs/{job_id}").json()
                if job["state"] in ("done", "failed", "cancelled"):
                    return job
            time.sleep(0.2)
        raise AssertionError(f"{job}\n{self.log.read_text('utf-8')}")

    def processes(self, *words: str) -> list[int]:
        """The ids of this installation's processes whose command line holds all `words`."""
        found = []
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                number = int(folder.name)
                line = (folder / "cmdline").read_bytes().decode().split("\0")
                variables = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
                if f"EXOSCORE_VAR={self.settings.var}" in variables and all(word in line for word in words):
                    found.append(number)
        return sorted(found)


def make_lab(
    var: Path,
    bundle: Bundle,
    database_url: str = "",
    papers: int | None = None,
    variables: Mapping[str, str] | None = None,
    **settings: Any,
) -> Lab:
    """An installation with a current model and a key of every scope, not started yet.

    `papers` leaves the findings of so many papers, so that a training is quick; `variables` are further ones of the
    environment of its processes.
    """
    var.mkdir(parents=True, exist_ok=True)
    # Most stories ask faster than anybody may; the limit has stories of its own.
    settings.setdefault("rate_limit", 0)
    lab = Lab(Settings(var=var, database_url=database_url, port=free_port(), **settings), variables or {})
    opened = lab.open()
    lab.key = opened.keys.create("tests", SCOPES, "tests")
    opened.registry.save(bundle, "tests")
    opened.registry.promote(bundle.id, "tests")
    if papers is not None:
        with opened.database.write() as session:
            kept = session.scalars(select(FindingRow.paper).distinct().order_by(FindingRow.paper)).all()[:papers]
            session.execute(update(FindingRow).where(FindingRow.paper.not_in(kept)).values(retracted=True))
    opened.close()
    return lab
