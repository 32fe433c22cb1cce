"""Runs the application under gunicorn, the model loaded once and shared by all workers."""

from __future__ import annotations

import gc
import shutil
from typing import Any

import numpy as np
import structlog
from gunicorn.app.base import BaseApplication

from models.fitted import probabilities
from service import limits, logs, metrics, plain_scores
from service.app import create_app
from service.first_model import ensure_model
from service.services import services_of
from service.settings import Settings
from service.web_worker import GunicornLogger, Places, WebWorker

_log = structlog.get_logger(__name__)

# How many objects, and searches of the younger generation, before a search for garbage in each generation: few of the younger
# ones, so that all requests that wait together wait a few milliseconds for one (for 20 at ten searches, which is what the
# slowest hundredth of answers then takes longer), and many before everything is searched.
COLLECTOR_THRESHOLDS = (2_000, 1, 5_000)

# How long a connection may rest between two requests: longer than clients and proxies keep one (nginx 60 s, httpx 5 s), so
# that they end it, who know whether they are about to ask, and no request meets a connection that is just being closed.
KEEP_ALIVE_SECONDS = 65


# gunicorn has no types, so what its classes are is not known.
class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn over one application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.places = Places()
        self.at_once = plain_scores.at_once(settings)
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's own settings, from ours."""
        chosen = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._settings.workers,
            "worker_class": WebWorker,
            "threads": self._settings.threads,
            "preload_app": True,
            # A candidate in other scripts, percent-encoded in the address of its report, is long.
            "limit_request_line": limits.MAX_ADDRESS_BYTES,
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": 30,
            "proc_name": "exoscore",
            "control_socket_disable": True,
            "logger_class": GunicornLogger,
            "loglevel": self._settings.log_level,
            "pre_fork": self._before_fork,
            "post_fork": self._after_fork,
            "worker_exit": self._at_worker_exit,
            "child_exit": self._after_worker,
            "on_exit": self._at_exit,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, its current model loaded (and trained, where there is none) before the workers are forked."""
        self._counted = metrics.share(self._settings.var)
        app = create_app(self._settings)
        self._services = services_of(app)
        scorer = ensure_model(self._services, _log.info if logs.is_json(self._settings) else None)
        # What is imported at the first scores in columns takes a tenth of a second, which no request is to wait for.
        probabilities(np.zeros(1))
        _spare_the_collector()
        _log.info("serving", model=scorer.bundle.id, address=f"http://{self._settings.host}:{self._settings.port}")
        return app

    def _before_fork(self, arbiter: object, worker: WebWorker) -> None:
        worker.place = self.places.take()

    def _after_fork(self, arbiter: object, worker: object) -> None:
        self._services.store.disconnect()
        metrics.prepare_worker()

    def _at_worker_exit(self, arbiter: object, worker: object) -> None:
        self._services.close()

    def _after_worker(self, arbiter: object, worker: Any) -> None:
        self.places.leave(worker.place)
        metrics.forget_worker(worker.pid)

    def _at_exit(self, arbiter: object) -> None:
        shutil.rmtree(self._counted, ignore_errors=True)


def _spare_the_collector() -> None:
    """Leaves what is loaded out of every search for garbage, in this process and those forked from it, and searches less
    often: documents are made of hundreds of small objects and leave no cycles, and to search all that is loaded takes a
    tenth of a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    gc.enable()
