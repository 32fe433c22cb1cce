"""Runs the application under Granian: loaded once, with its model, and forked into workers that share its memory."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import socket
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

import structlog
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from service.app import create_app
from service.monitoring import logs, metrics
from service.operations.first_model import ensure_model
from service.settings import Settings
from service.web.current import installation_of
from training.compute import die_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Of the first line and the headers of a request together.
MAX_HEAD_BYTES = 32 * 1024
# For a whole head, and between two requests of one connection: longer than clients and proxies keep a connection (nginx 60 s,
# httpx 5 s), so that they close it, who know whether they are about to send more.
HEAD_SECONDS = 65
# How long a worker that is to stop may take for the requests that it is answering.
STOP_SECONDS = 30
# Connections of each worker.
MAX_CONNECTIONS = 1024

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> bool:
    """Serves until SIGTERM or SIGINT, and answers what is under way. Returns whether it had to give up, its workers having died
    again and again.

    Raises OSError where the port cannot be listened on, and as `create_app` and `ensure_model` do.
    """
    address = check_port(settings.host, settings.port)
    shared = metrics.share(settings.var)
    app = create_app(settings)
    installation = installation_of(app)
    scorer = ensure_model(installation, _log.info if logs.is_json(settings) else None)
    master = os.getpid()

    def load_in_worker() -> WSGIApplication:
        die_with_parent(master, signal.SIGTERM)
        installation.database.disconnect()
        metrics.prepare_worker()
        Finalize(None, installation.close, exitpriority=0)
        return app

    multiprocessing.set_start_method("fork", force=True)
    server = Granian(
        target="service.app",
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=MAX_HEAD_BYTES),
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backpressure=MAX_CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels(settings.log_level),
        # Its lines go the way of all others.
        log_dictconfig={"incremental": True, "handlers": {}, "loggers": {"_granian": {"propagate": True}}},
    )
    server.on_startup(
        lambda: _log.info("serving", model=scorer.bundle.id, address=f"http://{settings.host}:{settings.port}")
    )
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


def check_port(host: str, port: int) -> str:
    """The address of a host to listen on. Raises OSError where something listens there already: Granian's workers, each with a
    socket of its own, would share the port with it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        where = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise OSError(
            f"{host}:{port} cannot be listened on ({error.strerror}): choose another --host or --port"
        ) from error
    return str(where[0])
