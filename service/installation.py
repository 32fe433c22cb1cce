"""What the endpoints and the commands work with. It hangs on the application, so two can live in one process."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from service.auth.keys import Keys
from service.db.database import HEAD, Database
from service.db.jobs import JobRepository
from service.errors import StoreError
from service.findings import corpus_sync
from service.findings.repository import FindingRepository
from service.monitoring.metrics import Metrics
from service.monitoring.submissions import Submissions
from service.monitoring.telemetry import Telemetry
from service.registry.model_registry import ModelRegistry
from service.registry.reference_tables import ReferenceTables
from service.scoring.counts import ScoreCounts
from service.settings import Settings

# What many commands do without is imported where it is used.


SIGNING_KEY = "signing.key"
# The folder of `var` with the files of batches.
BATCHES = "batches"
# Stands in `var` from before the first change that a restore makes until after the last.
UNFINISHED_RESTORE = "restore.unfinished"


@dataclass(frozen=True)
class Installation:
    """One installation: its settings, its store, the models that it serves, the keys to it, its findings, its jobs, what it
    counts, and the `key` that signs what it keeps."""

    settings: Settings
    database: Database
    registry: ModelRegistry
    keys: Keys
    findings: FindingRepository
    jobs: JobRepository
    metrics: Metrics
    telemetry: Telemetry
    submissions: Submissions
    key: bytes

    @classmethod
    def open(cls, settings: Settings) -> Installation:
        """The installation of these settings, its tables and the shipped findings brought up to date. Raises StoreError."""
        settings.var.mkdir(parents=True, exist_ok=True)
        if (settings.var / UNFINISHED_RESTORE).exists():
            raise StoreError(
                "a restore was cut short here: run `exoscore restore FILE --force` again, with any back-up"
            )
        database = Database(settings.database)
        if database.revision() != HEAD:
            # Only here, since loading Alembic takes as long as scoring a candidate from cold.
            from service.db import migrate

            migrate.upgrade(database)
        key = signing_key(settings.var)
        registry = ModelRegistry(database, key, ReferenceTables(settings.var))
        findings = FindingRepository(database, lambda: registry.features.parser)
        corpus_sync.load(findings)
        submissions = Submissions(database, lambda: registry.features.vocabulary)
        return cls(
            settings,
            database,
            registry,
            Keys(database),
            findings,
            JobRepository(database),
            Metrics(),
            Telemetry(),
            submissions,
            key,
        )

    def count_scores(self, counts: ScoreCounts) -> None:
        """Counts what was submitted in one answer, and how it was scored."""
        self.metrics.scored(counts)
        if self.settings.count_submissions:
            self.submissions.count(counts)

    def close(self) -> None:
        """Keeps what is kept in memory only, and closes what is open."""
        self.submissions.close()
        self.telemetry.close()
        self.database.close()


def signing_key(var: Path) -> bytes:
    """The key that signs the bundles of this installation, made at the first need and readable by its owner only."""
    path = var / SIGNING_KEY
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=var, prefix=".key-") as fresh:
            fresh.write(secrets.token_hex(32).encode("ascii"))
            fresh.flush()
            os.fsync(fresh.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_bytes()
