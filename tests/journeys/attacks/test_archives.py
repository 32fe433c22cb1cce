"""Archives and tables that are made to hurt, given to the real commands: status 1, words, and nothing is written."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.journeys.lab import COMMAND


def run(var: Path, *words: str | Path) -> str:
    """What a command says that fails, in words."""
    environment = {**os.environ, "EXOSCORE_VAR": str(var)}
    done = subprocess.run([COMMAND, *map(str, words)], env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr[-2000:]
    assert done.stderr.strip()
    return done.stderr


def files_of(folder: Path) -> dict[Path, str]:
    """The digests of all files of a folder but those that SQLite keeps beside the database."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def forge(path: Path, members: Mapping[str, bytes]) -> None:
    """Adds members to a back-up, and their digests to its manifest."""
    with zipfile.ZipFile(path) as held:
        contents = {name: held.read(name) for name in held.namelist()} | members
    manifest = json.loads(contents.pop("manifest.json"))
    manifest["digests"] = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    with zipfile.ZipFile(path, "w") as fresh:
        for name, content in contents.items():
            fresh.writestr(name, content)
        fresh.writestr("manifest.json", json.dumps(manifest))


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, trained_var: Path) -> Path:
    path = tmp_path_factory.mktemp("backup") / "exoscore.backup"
    environment = {**os.environ, "EXOSCORE_VAR": str(trained_var)}
    subprocess.run([COMMAND, "backup", path], env=environment, check=True, capture_output=True)
    return path


@pytest.mark.parametrize("member", ["files/{tmp}/evil", "files/exoscore.db"])
def test_a_backup_writes_only_where_backups_write(backup: Path, tmp_path: Path, member: str) -> None:
    path = tmp_path / "forged.backup"
    path.write_bytes(backup.read_bytes())
    forge(path, {member.format(tmp=tmp_path): b"evil"})
    before = files_of(tmp_path)
    run(tmp_path / "var", "restore", path, "--reason", "to test")
    assert files_of(tmp_path) == before


def test_a_backup_of_malformed_rows_restores_nothing(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "forged.backup"
    path.write_bytes(backup.read_bytes())
    forge(path, {"tables/models.jsonl": b"null\n"})
    assert "Nothing was restored" in run(tmp_path / "var", "restore", path, "--reason", "to test")


@pytest.mark.parametrize("table", ["long heading", "long line"])
def test_a_table_of_knowledge_that_is_none_changes_nothing(trained_var: Path, tmp_path: Path, table: str) -> None:
    content = {
        "long heading": b"mir,cancer,n_up,n_down," + b"x" * 200_000 + b"\n",
        "long line": gzip.compress(b"mir\tcancer\tn_up\tn_down\n" + b"x" * 300_000_000),
    }[table]
    (tmp_path / "table").write_bytes(content)
    assert "nothing was changed" in run(
        trained_var, "knowledge", "import", "mircancer", tmp_path / "table", "--reason", "new"
    )
    assert not (trained_var / "knowledge").exists()


def test_a_bundle_that_is_signed_and_no_model_is_refused(trained_var: Path, tmp_path: Path) -> None:
    bundle, key = tmp_path / "bundle", b"key"
    (tmp_path / "bundle.key").write_bytes(key)
    for manifest in (b'{"protocol":2}', b"[" * 100_000):
        with zipfile.ZipFile(bundle, "w") as archive:
            for name in ("model.skops", "tables.json", "evidence.json"):
                archive.writestr(name, b"{}")
            archive.writestr("manifest.json", manifest)
            archive.writestr("signature", hmac.new(key, manifest, hashlib.sha256).hexdigest())
        assert "the model in it cannot be read" in run(trained_var, "models", "import", bundle)
