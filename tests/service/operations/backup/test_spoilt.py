"""A back-up that is not what was written is refused, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from service import Settings
from service.db.database import Database
from service.errors import BackupError
from service.installation import UNFINISHED_RESTORE
from service.operations import backup
from service.operations.restore import restore
from tests.service.operations.backup.installations import rows


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
    [spoil_member, spoil_byte, cut, drop_member, later_protocol, later_tables, no_manifest, no_zip],
)
def test_a_backup_that_is_not_what_was_written_changes_nothing(
    backed_up: tuple[Settings, Path], spoil: Callable[[Path], None]
) -> None:
    spoil(backed_up[1])
    refused(backed_up)


def forge(path: Path, members: Mapping[str, bytes] = MappingProxyType({}), **stated: object) -> None:
    """Writes a back-up anew with other members, each with its right digest, and with other statements in its manifest: what
    somebody can make who knows how back-ups are made."""
    with zipfile.ZipFile(path) as held:
        contents = {name: held.read(name) for name in held.namelist()} | members
    manifest = json.loads(contents.pop(backup.MANIFEST))
    manifest["digests"] = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    with zipfile.ZipFile(path, "w") as fresh:
        for name, content in contents.items():
            fresh.writestr(name, content)
        fresh.writestr(backup.MANIFEST, json.dumps(manifest | stated))


def refused(backed_up: tuple[Settings, Path], reason: str = ".") -> None:
    """Restores the back-up over its installation, and finds it refused and nothing changed."""
    installed, path = backed_up
    database = Database(installed.database)
    before, files = rows(database), contents_of(path.parent)
    with pytest.raises(BackupError, match=reason):
        restore(path, database, installed.var, "to test", force=True)
    assert rows(database) == before
    assert contents_of(path.parent) == files
    database.close()


def contents_of(folder: Path) -> dict[Path, bytes]:
    """All files of a folder but those of the database."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".db" not in path.name}


PLACES = [
    "files/../../evil",
    "files//{tmp}/evil",
    "files/knowledge/../../../evil",
    "files/./evil",
    "files/..\\evil",
    "/evil",
    "evil",
    "tables/none.jsonl",
    "files/",
    "files/exoscore.db",
    "files/exoscore.db-wal",
    "files/restore.unfinished",
    "files/.restore-1/evil",
    "files/metrics/evil.db",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_file_that_no_backup_has_is_not_written_anywhere(
    backed_up: tuple[Settings, Path], tmp_path: Path, place: str
) -> None:
    forge(backed_up[1], {place.format(tmp=tmp_path): b"evil"})
    refused(backed_up)


def test_a_file_does_not_take_the_place_of_a_database_of_another_name(backed_up: tuple[Settings, Path]) -> None:
    installed, path = backed_up
    forge(path, {"files/lab.sqlite": b"evil"})
    database = Database(f"sqlite:///{installed.var / 'lab.sqlite'}")
    with pytest.raises(BackupError, match=r"lab\.sqlite of the back-up would replace the database"):
        restore(path, database, installed.var, "to test", force=True)
    database.close()


@pytest.mark.parametrize(
    "stated",
    [
        {"digests": 5},
        {"digests": {"tables/keys.jsonl": None}},
        {"rows": None},
        {"rows": {"keys": "1"}},
        {"rows": {"keys": 99}},
        {"rows": {"alembic_version": 0}},
        {"revision": None},
        {"revision": "head"},
        {"protocol": [1]},
        {"code": {}},
    ],
)
def test_a_manifest_that_states_what_cannot_be_is_refused(
    backed_up: tuple[Settings, Path], stated: dict[str, object]
) -> None:
    forge(backed_up[1], **stated)
    refused(backed_up)


@pytest.mark.parametrize("manifest", [b"", b"null", b"5", b"[" * 100_000, b'{"protocol": 1}', b"\xff"])
def test_a_manifest_that_is_none_is_refused(backed_up: tuple[Settings, Path], manifest: bytes) -> None:
    rewrite(backed_up[1], backup.MANIFEST, lambda content: manifest)
    refused(backed_up)


@pytest.mark.parametrize(
    "row",
    [
        b"{",
        b"null",
        b"[]",
        b"5",
        b"{}",
        b"[" * 100_000,
        b'{"sequence":1}',
        b'{"name":5,"text":"x"}',
        b'{"name":"x","text":null}',
        b'{"name":"x","text":"x","more":1}',
        b'{"name":"x","text":"\xff"}',
        b'{"name":"twice","text":"x"}\n{"name":"twice","text":"x"}',
    ],
)
def test_a_row_that_is_no_row_of_its_table_is_refused(backed_up: tuple[Settings, Path], row: bytes) -> None:
    forge(backed_up[1], {"tables/facts.jsonl": row + b"\n"})
    refused(backed_up, "facts")


def test_rows_of_a_table_that_is_not_ours_are_refused(backed_up: tuple[Settings, Path]) -> None:
    installed, path = backed_up
    database = Database(installed.database)
    with database.write() as session:
        session.execute(text("CREATE TABLE foreign_table (name TEXT)"))
    with zipfile.ZipFile(path) as held:
        counts = json.loads(held.read(backup.MANIFEST))["rows"]
    forge(path, {"tables/foreign_table.jsonl": b'{"name":"evil"}\n'}, rows={**counts, "foreign_table": 1})
    refused(backed_up, "foreign_table")
    database.close()


def test_files_that_the_disk_has_no_room_for_are_refused_before_any_is_unpacked(
    backed_up: tuple[Settings, Path],
) -> None:
    _, path = backed_up
    forge(path, {"files/knowledge/bomb.tsv": b""})
    content = bytearray(path.read_bytes())
    # The size that the directory of the zip states; it stands 22 bytes before the name.
    at = content.rindex(b"files/knowledge/bomb.tsv") - 22
    content[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=2**30))
        refused(backed_up, "are free")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_a_member_holds_is_restored_or_refused(backed_up: tuple[Settings, Path], data: st.DataObject) -> None:
    installed, path = backed_up
    original = path.read_bytes()
    with zipfile.ZipFile(path) as held:
        names = held.namelist()
    name = data.draw(st.sampled_from(names))
    json_lines = st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5).map(json.dumps)
    content = data.draw(st.binary(max_size=50) | json_lines.map(str.encode))
    database = Database(installed.database)
    try:
        if name == backup.MANIFEST:
            rewrite(path, name, lambda _: content)
        else:
            forge(path, {name: content})
        with suppress(BackupError):
            restore(path, database, installed.var, "to test", force=True)
        assert not (installed.var / UNFINISHED_RESTORE).exists()
    finally:
        path.write_bytes(original)
        database.close()
