"""A restore replaces everything but the record of who did what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from models.estimator.artifact import Bundle
from service import Settings
from service.cli import main
from service.cli.output import author
from service.db.audit_log import list_entries
from service.db.database import Database
from service.installation import Installation
from service.operations import backup
from service.operations.restore import restore
from tests.service.operations.backup.installations import fill


def audit(database: Database) -> list[dict[str, Any]]:
    """The entries of the audit, the oldest first."""
    entries: list[dict[str, Any]] = list_entries(database, 200)["entries"]
    return entries[::-1]


def test_a_restore_keeps_the_audit_of_what_it_replaces_and_says_who_restored_what(
    pair: tuple[Settings, Settings], tmp_path: Path, produced: Bundle
) -> None:
    source, target = pair
    databases = [Database(settings.database) for settings in pair]
    for settings in pair:
        fill(settings, produced)
    held, replaced = map(audit, databases)
    file = tmp_path / "of the lab.backup"
    manifest = backup.write(file, databases[0], source.var)
    restore(file, databases[1], target.var, "to test", force=True, author="anna")
    *before, last = audit(databases[1])
    assert before == held + replaced
    assert [last[name] for name in ("author", "action", "subject")] == ["anna", "installation.restore", file.name]
    assert last["details"] == {
        "file": str(file),
        "created": manifest["created"],
        "kept": len(replaced),
        "reason": "to test",
    }
    restore(file, databases[1], target.var, "to test", force=True, author="ben")
    again = audit(databases[1])
    assert again[: len(before) + 1] == [*before, last], "no entry is there twice"
    assert [entry["author"] for entry in again[len(before) + 1 :]] == ["ben"]
    for database in databases:
        database.close()
    opened = Installation.open(target)
    opened.keys.create("new entries get new numbers", ["score"], "tests")
    assert audit(opened.database)[-1]["action"] == "key.create"
    opened.close()


def test_what_happened_since_a_backup_stays_in_the_audit_when_it_is_put_back(
    backed_up: tuple[Settings, Path],
) -> None:
    settings, file = backed_up
    installation = Installation.open(settings)
    installation.keys.create("made after the back-up", ["score"], "carla")
    installation.close()
    database = Database(settings.database)
    before = audit(database)
    restore(file, database, settings.var, "to test", force=True)
    assert audit(database)[:-1] == before
    database.close()


def test_the_commands_note_who_backed_up_and_who_restored(backed_up: tuple[Settings, Path], tmp_path: Path) -> None:
    settings, _ = backed_up
    unreadable = tmp_path / b"n\xf6 text".decode("utf-8", "surrogateescape")
    for file in (tmp_path / ("long" * 30), unreadable):
        for words in (["backup"], ["restore", "--force", "--reason", "to test"]):
            done = CliRunner().invoke(main, [*words, str(file), "--var", str(settings.var)])
            assert done.exit_code == 0, done.output
    database = Database(settings.database)
    *_, backed, restored = audit(database)
    database.close()
    assert [entry["action"] for entry in (backed, restored)] == ["installation.backup", "installation.restore"]
    assert {entry["author"] for entry in (backed, restored)} == {author()}
    assert {entry["subject"] for entry in (backed, restored)} == {"n? text"}
