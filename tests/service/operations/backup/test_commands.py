"""The commands back up and restore, and say what."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from models.estimator.artifact import Bundle
from service import Settings
from service.cli import main
from service.db.database import Database
from service.db.tables import ModelRow
from service.operations import backup
from tests.service.operations.backup.installations import scores

WHY = ("--reason", "the disk broke")


def test_the_commands_back_up_and_restore_and_say_what(
    backed_up: tuple[Settings, Path], tmp_path: Path, produced: Bundle
) -> None:
    source, _ = backed_up
    file = tmp_path / "by command.zip"
    here, there = (CliRunner(env={"EXOSCORE_VAR": str(var)}) for var in (source.var, tmp_path / "elsewhere"))
    done = here.invoke(main, ["backup", str(file), "--json"])
    assert done.exit_code == 0, done.output
    manifest = json.loads(done.stdout)
    assert manifest["bytes"] == file.stat().st_size
    assert manifest["rows"]["models"] == 1
    restored = there.invoke(main, ["restore", str(file), *WHY])
    assert restored.exit_code == 0, restored.output
    assert "1 models" in restored.stdout
    again = there.invoke(main, ["restore", str(file), *WHY])
    assert (again.exit_code, "--force" in again.stderr) == (1, True)
    assert there.invoke(main, ["restore", str(file), "--force", *WHY]).exit_code == 0
    assert scores(Settings(var=tmp_path / "elsewhere")) == scores(source)


def test_a_restored_model_that_cannot_be_used_is_told(backed_up: tuple[Settings, Path], tmp_path: Path) -> None:
    source, path = backed_up
    database = Database(source.database)
    with database.write() as session:
        session.query(ModelRow).update({"digest": "another"})
    backup.write(path, database, source.var)
    database.close()
    done = CliRunner(env={"EXOSCORE_VAR": str(tmp_path / "elsewhere")}).invoke(main, ["restore", str(path), *WHY])
    assert done.exit_code == 1
    assert "restored, but the current model cannot be used" in done.stderr
