"""What the endpoints and the commands work with. It hangs on the application, so two can live in one process."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask, current_app

from service.jobs.queue import Queue
from service.keys import Keys
from service.knowledge import Knowledge
from service.registry import Registry
from service.settings import Settings
from service.store import Store
from service.store.jobs import Jobs
from service.writers import Writers

_EXTENSION = "exoscore"


@dataclass(frozen=True)
class Services:
    """One installation: its settings, its store, the models that it serves, the keys to it, its jobs, and
    the `key` that signs what it keeps."""

    settings: Settings
    store: Store
    registry: Registry
    keys: Keys
    jobs: Jobs
    key: bytes

    @cached_property
    def queue(self) -> Queue:
        """How jobs reach the workers."""
        return Queue(self.settings, self.key)

    @cached_property
    def writers(self) -> Writers:
        """Who writes the answers of each model."""
        return Writers()

    @classmethod
    def open(cls, settings: Settings) -> Services:
        """The installation of these settings, its tables brought up to date. Raises StoreError."""
        settings.var.mkdir(parents=True, exist_ok=True)
        store = Store(settings.database)
        store.migrate()
        key = signing_key(settings.var)
        return cls(settings, store, Registry(store, key, Knowledge(settings.var)), Keys(store), Jobs(store), key)

    def init_app(self, app: Flask) -> None:
        """Hangs these services on `app`."""
        app.extensions[_EXTENSION] = self

    def close(self) -> None:
        """Closes what is open."""
        self.store.close()


def services() -> Services:
    """The services of the application that handles the current request."""
    return services_of(current_app)


def services_of(app: Flask) -> Services:
    """The services that hang on `app`."""
    found: Services = app.extensions[_EXTENSION]
    return found


def signing_key(var: Path) -> bytes:
    """The key that signs the bundles of this installation, made at the first need and readable by its owner only."""
    path = var / "signing.key"
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=var, prefix=".key-") as fresh:
            fresh.write(secrets.token_hex(32).encode("ascii"))
            fresh.flush()
            os.fsync(fresh.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_bytes()
