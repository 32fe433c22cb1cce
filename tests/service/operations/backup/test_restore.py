"""What is restored is what was backed up, or nothing has changed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.estimator.artifact import Bundle
from service import Settings
from service.db import migrate
from service.db.database import HEAD, Database, StoreError
from service.errors import BackupError
from service.installation import SIGNING_KEY, UNFINISHED_RESTORE, Installation
from service.operations import backup
from service.operations.restore import restore
from tests.servers import PostgreSQL
from tests.service.operations.backup.installations import IMPORTED, fill, rows, scores


def test_what_is_restored_is_what_was_backed_up_on_either_database(
    pair: tuple[Settings, Settings], tmp_path: Path, produced: Bundle
) -> None:
    source, target = pair
    key = fill(source, produced)
    before, after = Database(source.database), Database(target.database)
    written = backup.write(tmp_path / "backup.zip", before, source.var)
    read = restore(tmp_path / "backup.zip", after, target.var, "to test")
    assert read == written
    assert rows(after) | {"audit": rows(after)["audit"][:-1]} == rows(before)
    assert sum(written["rows"].values()) == sum(map(len, rows(before).values()))
    for name in (SIGNING_KEY, IMPORTED):
        assert (target.var / name).read_bytes() == (source.var / name).read_bytes()
    assert (target.var / SIGNING_KEY).stat().st_mode & 0o077 == 0
    assert not list(target.var.glob(".restore-*"))
    assert not (target.var / UNFINISHED_RESTORE).exists()
    before.close()
    after.close()
    assert scores(target) == scores(source)
    installation = Installation.open(target)
    assert installation.keys.holder(key).name == "anna \u00e9"
    assert installation.database.revision() == HEAD
    installation.keys.create("new rows get new numbers", ["score"], "tests")
    installation.close()


def test_an_installation_is_only_overwritten_where_that_is_said_and_then_wholly(
    backed_up: tuple[Settings, Path], target: tuple[Database, Path], produced: Bundle
) -> None:
    source, path = backed_up
    database, var = target
    fill(Settings(var=var), produced)
    (var / "knowledge" / "other.tsv").write_bytes(b"of the lab that was here")
    before = rows(database)
    with pytest.raises(BackupError, match="--force"):
        restore(path, database, var, "to test")
    assert rows(database) == before
    restore(path, database, var, "to test", force=True)
    kept = Database(source.database)
    assert rows(database) | {"audit": []} == rows(kept) | {"audit": []}
    kept.close()
    assert not (var / "knowledge" / "other.tsv").exists()
    assert (var / SIGNING_KEY).read_bytes() == (source.var / SIGNING_KEY).read_bytes()


@pytest.mark.parametrize(
    ("broken", "spared"),
    [
        ("service.operations.backup.rows", 0),
        ("service.operations.restore.sync_folder", 1),
        ("sqlalchemy.orm.Session.commit", 0),
    ],
    ids=["filling the tables", "when the files are in their places", "at the commit"],
)
def test_a_restore_that_fails_half_way_leaves_everything_as_it_was(
    backed_up: tuple[Settings, Path],
    target: tuple[Database, Path],
    produced: Bundle,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    spared: int,
) -> None:
    _, path = backed_up
    database, var = target
    fill(Settings(var=var), produced)
    before, key = rows(database), (var / SIGNING_KEY).read_bytes()

    calls = []

    def fail(*_: object, **__: object) -> None:
        calls.append(1)
        if len(calls) > spared:
            raise StoreError("the power of fiction")

    with monkeypatch.context() as patched:
        patched.setattr(broken, fail)
        with pytest.raises(StoreError, match="fiction"):
            restore(path, database, var, "to test", force=True)
    assert rows(database) == before
    assert (var / SIGNING_KEY).read_bytes() == key
    assert (var / IMPORTED).read_bytes() == b"imported\n"
    assert not (var / UNFINISHED_RESTORE).exists()
    Installation.open(Settings(var=var)).close()


def test_a_restore_that_the_machine_cut_short_stops_every_start_until_it_is_done_again(
    backed_up: tuple[Settings, Path], target: tuple[Database, Path]
) -> None:
    source, path = backed_up
    database, var = target
    var.mkdir(exist_ok=True)
    (var / UNFINISHED_RESTORE).touch()
    (var / ".restore-cut").mkdir()
    with pytest.raises(StoreError, match="exoscore restore FILE --force"):
        Installation.open(Settings(var=var))
    with pytest.raises(BackupError):
        restore(Path("none.zip"), database, var, "to test")
    assert (var / UNFINISHED_RESTORE).exists()
    restore(path, database, var, "to test")
    assert not list(var.glob(".restore-*"))
    assert scores(Settings(var=var)) == scores(source)


def test_a_backup_of_older_tables_is_brought_up_to_this_version(
    backed_up: tuple[Settings, Path], target: tuple[Database, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = backed_up
    database, var = target
    moved: list[str] = []
    move = migrate.move

    def watched(connection: Any, revision: str) -> None:
        moved.append(revision)
        move(connection, revision)

    monkeypatch.setattr(migrate, "move", watched)
    restore(path, database, var, "to test")
    with zipfile.ZipFile(path) as held:
        assert moved == [backup.verified(held)["revision"], HEAD]


def test_tables_of_others_in_the_same_database_are_left_alone(
    postgresql: PostgreSQL, backed_up: tuple[Settings, Path], tmp_path: Path
) -> None:
    _, path = backed_up
    database = Database(postgresql.database())
    with database.write() as session:
        session.execute(text("CREATE TABLE others (word text)"))
        session.execute(text("INSERT INTO others VALUES ('kept')"))
    restore(path, database, tmp_path / "target", "to test")
    manifest = backup.write(tmp_path / "again.zip", database, tmp_path / "target")
    assert "others" not in manifest["rows"]
    with database.read() as session:
        assert session.execute(text("SELECT word FROM others")).scalar() == "kept"
    database.close()
