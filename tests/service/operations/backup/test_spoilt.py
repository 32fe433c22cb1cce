"""A back-up that is not what was written is refused, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from service import Settings
from service.db.database import Database
from service.errors import BackupError
from service.installation import UNFINISHED_RESTORE
from service.operations import backup
from service.operations.restore import restore
from tests.service.operations.backup.installations import IMPORTED, rows


def spoil_member(path: Path) -> None:
    """Changes one byte of a table, under a right checksum of the zip."""
    rewrite(path, "tables/keys.jsonl", lambda content: content.replace(b"score", b"admin"))


def spoil_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def drop_member(path: Path) -> None:
    rewrite(path, "tables/keys.jsonl", lambda content: None)


def later_protocol(path: Path) -> None:
    rewrite_manifest(path, protocol=backup.PROTOCOL + 1)


def later_tables(path: Path) -> None:
    rewrite_manifest(path, revision="9999")


def no_manifest(path: Path) -> None:
    rewrite(path, backup.MANIFEST, lambda content: None)


def outside(path: Path) -> None:
    content = b"evil"
    with zipfile.ZipFile(path, "a") as held:
        held.writestr("files/../../evil", content)
    digest = hashlib.sha256(content).hexdigest()
    rewrite(path, backup.MANIFEST, lambda text: with_digest(text, "files/../../evil", digest))


def with_digest(text: bytes, name: str, digest: str) -> bytes:
    manifest = json.loads(text)
    manifest["digests"][name] = digest
    return json.dumps(manifest).encode()


def no_zip(path: Path) -> None:
    path.write_text("a text")


def rewrite(path: Path, name: str, change: Callable[[bytes], bytes | None]) -> None:
    """Writes a back-up anew with one member changed, or left out."""
    with zipfile.ZipFile(path) as held:
        members = {each: held.read(each) for each in held.namelist()}
    with zipfile.ZipFile(path, "w") as fresh:
        for each, content in members.items():
            kept = change(content) if each == name else content
            if kept is not None:
                fresh.writestr(each, kept)


def rewrite_manifest(path: Path, **changed: object) -> None:
    rewrite(path, backup.MANIFEST, lambda content: json.dumps(json.loads(content) | changed).encode())


@pytest.mark.parametrize(
    "spoil",
    [spoil_member, spoil_byte, cut, drop_member, later_protocol, later_tables, no_manifest, outside, no_zip],
)
def test_a_backup_that_is_not_what_was_written_changes_nothing(
    backed_up: tuple[Settings, Path], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    settings, path = backed_up
    database = Database(settings.database)
    before = rows(database)
    spoil(path)
    with pytest.raises(BackupError):
        restore(path, database, settings.var, force=True)
    assert rows(database) == before
    assert (settings.var / IMPORTED).read_bytes() == b"imported\n"
    assert not (settings.var / UNFINISHED_RESTORE).exists()
    assert not (tmp_path / "evil").exists()
    database.close()
