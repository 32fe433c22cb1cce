"""Runs the application under Granian: loaded once, with its model, and forked into workers that share its memory."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.util import Finalize
from threading import Timer
from typing import TYPE_CHECKING, Any

import structlog
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from service.app import create_app
from service.monitoring import logs, metrics
from service.operations.first_model import ensure_model
from service.operations.listener import BACKLOG, net_location, take_no_more
from service.settings import Settings
from service.web.current import installation_of
from training.compute import die_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Of the first line and the headers of a request together.
MAX_HEAD_BYTES = 32 * 1024
# For a whole head, and between two requests of one connection: longer than clients and proxies keep a connection (nginx 60 s,
# httpx 5 s), so that they close it, who know whether they are about to send more.
HEAD_SECONDS = 65
# How long each answer closes its connection before a server stops, so that no client sends into one that is being closed.
CLOSING_SECONDS = 1.0
# How long a worker that is to stop may take for the requests that it is answering.
STOP_SECONDS = 30
# Connections of each worker, each with a thread at its need: a slow client holds nobody up. A turn is what few threads have.
MAX_CONNECTIONS = 1024
# What a worker opens beside its connections.
OTHER_FILES = 64
# A worker that cannot be started is tried again at growing intervals.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0

_log = structlog.get_logger(__name__)


class _Server(MPServer):
    """Granian on sockets that are open already, one for each worker. What is overridden has no public way; the tests hold it."""

    def __init__(self, listeners: Sequence[socket.socket], **settings: Any) -> None:
        super().__init__(target="service.app", interface=Interfaces.WSGI, **settings)
        self._listeners = listeners

    def _init_shared_socket(self) -> None:
        self._ssp = self._sso = None
        # Only here, since before it Granian warns of so many: it cannot know that most of them wait.
        self.blocking_threads = self.backpressure

    def _drop_shared_socket(self) -> None:
        for listener in self._listeners:
            listener.close()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any, *_: Any) -> Any:
        # The stub of the class is older than the class.
        listener: Any = SocketHolder(self._listeners[idx].fileno(), False, BACKLOG)  # type: ignore[call-arg]
        self._shd = listener
        worker = super()._spawn_worker(idx, target, callback_loader)
        start, worker.inner.start = worker.inner.start, lambda: self._persist(start)
        return worker

    def _persist(self, start: Callable[[], None]) -> None:
        """Starts a worker; where there is no memory or no process for it, once there is."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return start()
            except OSError as error:
                if self.interrupt_signal:
                    raise
                _log.error("a worker cannot be started; it is tried again", reason=str(error), seconds=pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def run(settings: Settings, listeners: Sequence[socket.socket]) -> bool:
    """Serves on `listeners`, one for each worker, until SIGTERM or SIGINT, and answers what is under way.

    Returns whether it had to give up, its workers having died again and again.

    Raises as `create_app` and `ensure_model` do.
    """
    shared = metrics.share(settings.var)
    app = create_app(settings)
    installation = installation_of(app)
    scorer = ensure_model(installation, _log.info if logs.is_json(settings) else None)
    master = os.getpid()
    closing = multiprocessing.RawValue("b", False)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not closing.value:
            return app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *exc_info)

        return app(environ, start)

    def load_in_worker() -> WSGIApplication:
        die_with_parent(master, signal.SIGTERM)
        installation.database.disconnect()
        metrics.prepare_worker()
        Finalize(None, installation.close, exitpriority=0)
        return answer

    multiprocessing.set_start_method("fork", force=True)
    server = _Server(
        listeners,
        address=settings.host,
        port=settings.port,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=MAX_HEAD_BYTES),
        websockets=False,
        workers=settings.workers,
        backpressure=_connections_of_worker(),
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels(settings.log_level),
        # Its lines go the way of all others.
        log_dictconfig={"incremental": True, "handlers": {}, "loggers": {"_granian": {"propagate": True}}},
    )

    def stop(*_: object) -> None:
        take_no_more(listeners)
        closing.value = True
        Timer(CLOSING_SECONDS, server.signal_handler_interrupt).start()

    def announce() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        address = f"http://{net_location(settings.host, settings.port)}"
        _log.info("serving", model=scorer.bundle.id, address=address)

    server.on_startup(announce)

    # What is loaded stays: to search it for garbage would only copy the memory that the workers share.
    gc.freeze()
    # What is remembered of names grows old, and is no garbage: to search it often held requests up for some 30 ms.
    gc.set_threshold(10_000, 10, 100)
    gc.enable()
    try:
        server.serve(target_loader=load_in_worker, wrap_loader=False)
    except SystemExit:
        return True
    finally:
        shutil.rmtree(shared, ignore_errors=True)
    return False


def _connections_of_worker() -> int:
    """How many connections a worker may have: as many as it may open files, which is raised as far as that is allowed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, max(most - OTHER_FILES, most // 4))
