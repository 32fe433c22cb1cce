"""What is counted for Prometheus. Each application has a registry of its own; the workers of one server share a folder."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.registry import Collector

from models.memo import Memo
from service.scoring.counts import ScoreCounts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER = "metrics"
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
# For each worker and kind of metric; every route with every method and status takes less than half of it.
WORKER_BYTES = 1024 * 1024
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_log = structlog.get_logger(__name__)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Metrics:
    """The counters of one application, or of one worker among those that share a folder."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._requests = Counter("exoscore_requests", "Requests answered.", ("route", "method", "status"), registry=own)
        self._seconds = Histogram(
            "exoscore_request_seconds", "Time to an answer.", ("route", "method"), buckets=_SECONDS, registry=own
        )
        self._scores = Counter("exoscore_scores", "Candidates scored, by their label.", ("label",), registry=own)
        self._undetermined = Counter(
            "exoscore_undetermined", "Candidates left undetermined, by the reason.", ("because",), registry=own
        )
        self._outside = Counter(
            "exoscore_outside_domain",
            "Candidates outside the domain, by each field that puts them there.",
            ("field",),
            registry=own,
        )
        # To find what counts a label takes longer than to count.
        self._requested = Memo(self._of_request, most=1024)
        self._labelled = Memo[tuple[str, str], Sequence[Counter]](self._of_call)
        self._of_field = Memo[str, Counter](self._outside.labels)

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a request. `route` is the template, never the address, of which there could be any number."""
        requests, taken = self._requested[route, method if method in _METHODS else "other", status]
        requests.inc()
        taken.observe(seconds)

    def scored(self, counted: ScoreCounts) -> None:
        """Counts the scores of one answer."""
        for call, count in counted.labels.items():
            for counter in self._labelled[call]:
                counter.inc(count)
        for field, count in counted.outside.items():
            self._of_field[field].inc(count)

    def _of_request(self, of: tuple[str, str, int]) -> tuple[Counter, Histogram]:
        route, method, status = of
        return self._requests.labels(route, method, status), self._seconds.labels(route, method)

    def _of_call(self, call: tuple[str, str]) -> Sequence[Counter]:
        label, because = call
        scores = self._scores.labels(label)
        return (scores, self._undetermined.labels(because)) if because else (scores,)

    def text(self, live: Collector) -> bytes:
        """All metrics in the Prometheus text format; `live` collects those that are read at this moment."""
        shown = CollectorRegistry()
        shown.register(live)
        folder = os.environ.get(_SHARED)
        if folder:
            # The parts of the client for several processes have no types.
            multiprocess.MultiProcessCollector(shown, folder)  # type: ignore[no-untyped-call]
            return generate_latest(shown)
        return generate_latest(self._registry) + generate_latest(shown)


def share(var: Path) -> Path:
    """From now on the processes forked from this one count together, over an empty folder, which is returned.

    To be called before any Metrics is made. What servers that died left behind is taken away.
    """
    host = socket.gethostname()
    folder = var / FOLDER / f"{host}-{os.getpid()}"
    for left in (var / FOLDER).glob(f"{host}-*"):
        if left == folder or not _runs(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[_SHARED] = str(folder.absolute())
    # Without types, as above.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    return folder


def prepare_worker() -> None:
    """Takes the room that this process counts in, to be called in each worker before it counts.

    The counters are mapped into memory, and a process that finds no room under such a map is killed. One that cannot have
    the room counts for itself, and is not told of.
    """
    try:
        for kind in ("counter", "histogram"):
            _reserve(Path(os.environ[_SHARED]) / f"{kind}_{os.getpid()}.db")
    except OSError as error:
        values.ValueClass = values.MutexValue
        _log.warning("there is no room to count with the other workers; metrics leave this one out", reason=str(error))


def _reserve(path: Path) -> None:
    # Moved into place whole, since other workers read every file that ends in .db.
    fresh = path.with_suffix(".fresh")
    try:
        with fresh.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, WORKER_BYTES)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def forget_worker(process: int) -> None:
    """Takes away what a dead worker says of itself; what it counted stays counted."""
    # Without types, as above.
    multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call]


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
