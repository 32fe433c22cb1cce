"""Installations, their back-ups, and places to restore them to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.estimator.artifact import Bundle
from service import Settings
from service.db.database import Database
from service.operations import backup
from tests.service.operations.backup.installations import fill


@pytest.fixture(params=["sqlite to sqlite", "sqlite to postgresql", "postgresql to sqlite", "postgresql to postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, Settings]:
    """An installation, and an empty place to restore it to."""

    def place(kind: str, name: str) -> Settings:
        (tmp_path / name).mkdir()
        database = request.getfixturevalue("postgresql").database() if kind == "postgresql" else ""
        return Settings(var=tmp_path / name, database_url=database)

    source, target = request.param.split(" to ")
    return place(source, "source"), place(target, "target")


@pytest.fixture
def backed_up(tmp_path: Path, produced: Bundle) -> tuple[Settings, Path]:
    """An installation on SQLite, and a back-up of it."""
    settings = Settings(var=tmp_path / "source")
    fill(settings, produced)
    store = Database(settings.database)
    backup.write(tmp_path / "backup.zip", store, settings.var)
    store.close()
    return settings, tmp_path / "backup.zip"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    """An empty place."""
    settings = Settings(var=tmp_path / "target")
    store = Database(settings.database)
    yield store, settings.var
    store.close()
