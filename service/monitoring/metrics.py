"""What is counted for Prometheus. Each application has a registry of its own; the workers of one server share a folder."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.errors import ExoscoreError
from models.scoring.predictions import LABELS
from service.db.database import StoreError
from service.db.jobs import JobRepository
from service.db.tables import now
from service.scoring.counts import PROBABILITIES, ScoreCounts

if TYPE_CHECKING:
    from service.registry.model_registry import ModelRegistry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER = "metrics"
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
# For each worker and kind of metric; every route with every method and status takes less than half of it.
WORKER_BYTES = 1024 * 1024
MAX_MODELS, OTHER = 20, "(other)"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_log = structlog.get_logger(__name__)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Metrics:
    """The counters of one application, or of one worker among those that share a folder."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._requests = Counter("exoscore_requests", "Requests answered.", ("route", "method", "status"), registry=own)
        self._seconds = Histogram(
            "exoscore_request_seconds", "Time to a response.", ("route", "method"), buckets=_SECONDS, registry=own
        )
        self._deprecated = Counter(
            "exoscore_deprecated_requests",
            "Requests that used what is deprecated.",
            ("route", "method", "parameter"),
            registry=own,
        )
        self._scores = Counter(
            "exoscore_scores", "Candidates scored, by model and prediction.", ("model", "label"), registry=own
        )
        self._undetermined = Counter(
            "exoscore_undetermined", "Undetermined candidates, by model and reason.", ("model", "because"), registry=own
        )
        self._outside = Counter(
            "exoscore_outside_domain",
            "Candidates outside the domain, by model and the field that is outside.",
            ("model", "field"),
            registry=own,
        )
        self._probabilities = Histogram(
            "exoscore_probability_suppressing",
            "Probabilities of suppressing, by model.",
            ("model",),
            buckets=PROBABILITIES,
            registry=own,
        )
        self._models: set[str] = set()

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a request. `route` is the template, never the address, of which there could be any number."""
        method = method if method in _METHODS else "other"
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route, method).observe(seconds)

    def deprecated(self, route: str, method: str, parameter: str) -> None:
        """Counts a request that used what is deprecated: the whole route or, if named, a parameter."""
        self._deprecated.labels(route, method, parameter).inc()

    def scored(self, counted: ScoreCounts) -> None:
        """Counts the scores of one answer."""
        # What a process counts of ever new models must have an end.
        model = counted.model
        if model not in self._models and len(self._models) >= MAX_MODELS:
            model = OTHER
        self._models.add(model)
        for (label, because), count in counted.labels.items():
            self._scores.labels(model, label).inc(count)
            if because:
                self._undetermined.labels(model, because).inc(count)
        for field, count in counted.outside.items():
            self._outside.labels(model, field).inc(count)
        # Private members: `observe` takes one at a time, which 10,000 candidates would wait for.
        histogram = self._probabilities.labels(model)
        for bucket, count in zip(histogram._buckets, counted.probabilities, strict=True):
            if count:
                bucket.inc(count)
        histogram._sum.inc(counted.probability_sum)

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


class InstallationCollector(Collector):
    """The state of one installation, read when the metrics are: the current model, the jobs, the store."""

    def __init__(self, registry: ModelRegistry, jobs: JobRepository) -> None:
        self._registry = registry
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        """Reads the store and the registry. What cannot be read is left out."""
        jobs = GaugeMetricFamily("exoscore_jobs", "Jobs by state.", labels=["state"])
        described = "Rows scored by batches that are done, by model and prediction."
        rows = CounterMetricFamily("exoscore_batch_rows", described, labels=["model", "label"])
        is_up = True
        try:
            for state, count in self._jobs.count().items():
                jobs.add_metric([state], count)
            for model, labels in self._jobs.count_rows("batch", LABELS, MAX_MODELS).items():
                for label, count in labels.items():
                    rows.add_metric([model, label], count)
        except StoreError:
            is_up = False
        yield GaugeMetricFamily("exoscore_store_up", "Whether the database answers.", is_up)
        yield jobs
        yield rows
        rejected = len(self._registry.rejected)
        yield GaugeMetricFamily("exoscore_models_refused", "Promoted models that must not be used.", rejected)
        try:
            scorer = self._registry.scorer()
        except ExoscoreError:
            return
        versions = asdict(scorer.versions)
        info = GaugeMetricFamily("exoscore_model_info", "The model in use.", labels=list(versions))
        info.add_metric(list(versions.values()), 1)
        yield info
        age = (now() - datetime.fromisoformat(scorer.bundle.manifest["created"])).total_seconds()
        described = "Time since the model in use was trained."
        yield GaugeMetricFamily("exoscore_model_age_seconds", described, max(age, 0.0))


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
    the room counts for itself, and has no part in the sums.
    """
    try:
        for kind in ("counter", "histogram"):
            _reserve(Path(os.environ[_SHARED]) / f"{kind}_{os.getpid()}.db")
    except OSError as error:
        values.ValueClass = values.MutexValue
        _log.warning("there is no room for the counts of this worker; the metrics do not include it", reason=str(error))


def _reserve(path: Path) -> None:
    # Moved into place whole, since other workers read every file that ends in .db.
    fresh = path.with_suffix(".fresh")
    try:
        with fresh.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, WORKER_BYTES)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
