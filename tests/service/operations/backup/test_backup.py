"""A back-up is the whole installation at one moment, whatever goes on meanwhile, or it is not there."""

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from service import Settings
from service.auth.keys import Keys
from service.db import migrate
from service.db.database import Database
from service.installation import SIGNING_KEY, UNFINISHED_RESTORE
from service.operations import backup
from tests.service.operations.backup.installations import IMPORTED


def test_a_backup_is_for_its_owner_only_and_leaves_out_what_is_of_the_moment(backed_up: tuple[Settings, Path]) -> None:
    settings, path = backed_up
    assert path.stat().st_mode & 0o077 == 0
    (settings.var / "metrics").mkdir()
    for name in ("metrics/counter_1.db", "other.db", "other.db-wal", ".exoscore-fresh", UNFINISHED_RESTORE):
        (settings.var / name).touch()
    database = Database(settings.database)
    manifest = backup.write(path, database, settings.var)
    database.close()
    held = {name for name in manifest["digests"] if name.startswith(backup.FILES)}
    assert held == {backup.FILES + SIGNING_KEY, backup.FILES + IMPORTED}


def test_a_backup_that_cannot_be_written_whole_is_not_there(
    backed_up: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, path = backed_up
    good = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("models.files.os.fsync", full)
    database = Database(settings.database)
    with pytest.raises(OSError, match="no space"):
        backup.write(path, database, settings.var)
    database.close()
    assert path.read_bytes() == good
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []


def test_an_installation_that_writes_meanwhile_is_backed_up_as_it_was_at_one_moment(
    address: str, tmp_path: Path
) -> None:
    database, writing = Database(address), Database(address)
    migrate.upgrade(database)
    stopped = threading.Event()
    made = []

    def work() -> None:
        keys = Keys(writing)
        while not stopped.is_set():
            made.append(keys.create("busy", ["score"], "tests"))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(5):
            while len(made) <= 3 * number:
                pass
            manifest = backup.write(tmp_path / f"{number}.zip", database, tmp_path / "var")
            # A key and its audit row are written in one transaction.
            assert manifest["rows"]["keys"] == manifest["rows"]["audit"] > 0
    finally:
        stopped.set()
        thread.join()
    with zipfile.ZipFile(tmp_path / "4.zip") as held:
        assert backup.verified(held)["rows"] == manifest["rows"]
    database.close()
    writing.close()


def test_every_table_is_in_a_backup(backed_up: tuple[Settings, Path]) -> None:
    settings, path = backed_up
    database = Database(settings.database)
    tables = MetaData()
    tables.reflect(database.engine)
    with zipfile.ZipFile(path) as held:
        assert set(backup.verified(held)["rows"]) == set(tables.tables) - {migrate.VERSION_TABLE}
    database.close()


def test_a_backup_of_a_copied_folder_is_the_same(backed_up: tuple[Settings, Path], tmp_path: Path) -> None:
    source, path = backed_up
    shutil.copytree(source.var, tmp_path / "copy")
    database = Database(Settings(var=tmp_path / "copy").database)
    again = backup.write(tmp_path / "again.zip", database, tmp_path / "copy")
    database.close()
    with zipfile.ZipFile(path) as held:
        assert again["digests"] == backup.verified(held)["digests"]
