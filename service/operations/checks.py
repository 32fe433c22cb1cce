"""Checks of an installation. Each says that all is well, or what to do; `/readyz` and `exoscore doctor` are made of them."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from models.errors import ExoscoreError
from service.db.database import HEAD, Database
from service.db.tables import Job, now
from service.errors import NoModelError, StoreError
from service.installation import Installation
from service.registry.model_registry import ModelRegistry

OK, WARN, FAIL = "ok", "warn", "fail"
QUEUED = "queued"
# A job that waited longer than this has probably nobody to work on it.
PATIENCE = timedelta(minutes=5)
_MEBIBYTE = 1024 * 1024
_LITTLE_DISK, _NO_DISK = 1024 * _MEBIBYTE, 64 * _MEBIBYTE


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, its state (ok, warn or fail), and what was found or is to be done."""

    name: str
    state: str
    says: str


def readiness(installation: Installation) -> list[Check]:
    """Whether requests can be answered: any check that fails says no; one that warns does not."""
    store = installation.database
    return [
        database(store),
        migrations(store),
        model(installation.registry),
        refused(installation.registry),
        queue(store),
        disk(installation.settings.var),
    ]


def is_ready(results: Iterable[Check]) -> bool:
    """Whether no check failed."""
    return all(check.state != FAIL for check in results)


def database(store: Database) -> Check:
    """Whether the database answers."""
    try:
        store.revision()
    except StoreError as error:
        return Check("database", FAIL, f"{error}; check that it runs and that EXOSCORE_DATABASE_URL is right")
    return Check("database", OK, "SQLite answers" if store.is_sqlite else "PostgreSQL answers")


def migrations(store: Database) -> Check:
    """Whether the tables are those that this version works with."""
    try:
        found = store.revision()
    except StoreError:
        return Check("migrations", FAIL, "the tables cannot be checked while the database does not answer")
    if found == HEAD:
        return Check("migrations", OK, f"the tables are at version {HEAD}")
    remedy = f"the tables are at version {found or 'none'}, this code needs {HEAD}: restart `exoscore serve`"
    return Check("migrations", FAIL, remedy)


def model(registry: ModelRegistry) -> Check:
    """Whether there is a model that is verified and scores its self-test as it did in training."""
    try:
        scorer = registry.scorer()
        scorer.self_test()
    except NoModelError as error:
        return Check("model", FAIL, str(error))
    except ExoscoreError as error:
        return Check("model", FAIL, f"{error}: promote another model, or run `exoscore train --promote`")
    return Check("model", OK, f"{scorer.bundle.id} is verified and passed its self-test")


def refused(registry: ModelRegistry) -> Check:
    """Whether the current model is the one that serves."""
    if not registry.rejected:
        return Check("refused", OK, "every promoted model can be used")
    reasons = "; ".join(f"{model_id}: {reason}" for model_id, reason in sorted(registry.rejected.items()))
    return Check("refused", WARN, f"an earlier model is used instead of {reasons}. Promote a model that can be used")


def queue(store: Database) -> Check:
    """Whether somebody works on the jobs."""
    try:
        with store.read() as session:
            oldest = session.scalar(select(func.min(Job.created)).where(Job.state == QUEUED))
    except StoreError:
        return Check("queue", FAIL, "the jobs cannot be checked while the database does not answer")
    if oldest is None:
        return Check("queue", OK, "no job is waiting")
    # A job may seem to come from the future where the clock was put back.
    waited = max(now() - oldest, timedelta())
    says = f"the oldest job has waited for {waited.total_seconds():.0f} s"
    if waited > PATIENCE:
        return Check("queue", WARN, f"{says}: check that a worker runs (`exoscore worker`)")
    return Check("queue", OK, says)


def disk(var: Path) -> Check:
    """Whether `var` can be written to, and has room."""
    try:
        with tempfile.NamedTemporaryFile(dir=var, prefix=".check-") as probe:
            probe.write(b"-")
            probe.flush()
        free = shutil.disk_usage(var).free
    except OSError as error:
        return Check("disk", FAIL, f"{var} cannot be written to ({error.strerror}): fix its permissions or its disk")
    says = f"{free // _MEBIBYTE} MiB free for {var}"
    if free >= _LITTLE_DISK:
        return Check("disk", OK, says)
    return Check("disk", FAIL if free < _NO_DISK else WARN, f"{says}: free some space")
