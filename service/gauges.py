"""What the metrics say of this moment, read when they are asked for: the current model, the jobs, the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.errors import ExoscoreError
from service.services import Services
from service.store import StoreError
from service.store.tables import now


class Gauges(Collector):
    """The state of one installation."""

    def __init__(self, installation: Services) -> None:
        self._installation = installation

    def collect(self) -> Iterator[Metric]:
        """Reads the store and the registry. What cannot be read is left out."""
        store = GaugeMetricFamily("exoscore_store_up", "Whether the database answers.")
        jobs = GaugeMetricFamily("exoscore_jobs", "Jobs by state.", labels=["state"])
        try:
            for state, count in self._installation.jobs.count().items():
                jobs.add_metric([state], count)
            store.add_metric([], 1)
        except StoreError:
            store.add_metric([], 0)
        yield store
        yield jobs
        yield from self._model()

    def _model(self) -> Iterator[Metric]:
        registry = self._installation.registry
        refused = GaugeMetricFamily("exoscore_models_refused", "Promoted models that must not be used.")
        refused.add_metric([], len(registry.refused))
        yield refused
        try:
            scorer = registry.scorer()
        except ExoscoreError:
            return
        versions = asdict(scorer.versions)
        info = GaugeMetricFamily("exoscore_model_info", "The model that serves.", labels=list(versions))
        info.add_metric(list(versions.values()), 1)
        yield info
        age = GaugeMetricFamily("exoscore_model_age_seconds", "Time since the model that serves was trained.")
        created = datetime.fromisoformat(scorer.bundle.manifest["created"])
        age.add_metric([], max((now() - created).total_seconds(), 0.0))
        yield age
