"""What the tests of the service share. Every test of the store runs on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.candidates.parser import CandidateParser
from service.db import migrate
from service.db.database import Database
from service.findings.repository import FindingRepository
from service.installation import Installation
from service.registry.model_registry import ModelRegistry
from service.settings import Settings
from tests.servers import PostgreSQL


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'exoscore.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def own_var(untouched_var: Path, tmp_path: Path) -> Path:
    """A copy of the trained installation, to write to."""
    return shutil.copytree(untouched_var, tmp_path / "own")


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """A store with its tables."""
    database = Database(address)
    migrate.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def findings(database: Database, reader: CandidateParser) -> FindingRepository:
    """The findings of a store that has none yet."""
    return FindingRepository(database, lambda: reader)


def registry_of(var: Path) -> ModelRegistry:
    """The registry of an installation, as a process that starts now opens it."""
    return Installation.open(Settings(var=var)).registry
