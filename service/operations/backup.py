"""A back-up: one zip with every table as JSON lines, the files of `var`, and a manifest with the digest of each of them.

The tables are written as the database holds them at one moment, whatever it is, so a back-up of SQLite restores into
PostgreSQL and the other way round. How the format changes: as that of the model bundle, by PROTOCOL.
"""

import base64
import hashlib
import json
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, select
from sqlalchemy.orm import Session

from models.files import atomic_write
from service.db.audit_log import record
from service.db.database import Database
from service.db.tables import Base, now
from service.errors import BackupError

PROTOCOL = 1
MANIFEST, TABLES, FILES = "manifest.json", "tables/", "files/"
# Files of `var` that are the database, or of the moment.
_LEFT_OUT = (".db", ".db-wal", ".db-shm", ".db-journal", ".log", ".lock", ".unfinished")
_LEFT_OUT_FOLDERS = ("metrics",)
_ROWS_AT_ONCE = 500


def write(path: Path, database: Database, var: Path) -> dict[str, Any]:
    """Backs an installation up into the file `path`, readable by its owner only, and tells its manifest.

    It may be in use meanwhile. The file is there whole or not at all. Raises StoreError, OSError.
    """
    with atomic_write(path, mode=0o600) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        return _write(archive, database, var)


def _write(archive: zipfile.ZipFile, database: Database, var: Path) -> dict[str, Any]:
    digests, counts = {}, {}
    at_one_moment = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.read() as session:
        connection = session.connection(execution_options=at_one_moment)
        for table in reflected(connection, Base.metadata.tables).values():
            name = f"{TABLES}{table.name}.jsonl"
            digests[name], counts[table.name] = _add(archive, name, _lines(connection, table))
    for file in files(var):
        name = f"{FILES}{file.relative_to(var).as_posix()}"
        digests[name], _ = _add(archive, name, _chunks(file))
    manifest = {
        "protocol": PROTOCOL,
        "created": now().isoformat(),
        "code": version("exoscore"),
        "revision": database.revision(),
        "rows": counts,
        "digests": digests,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def note(session: Session, author: str, action: str, path: Path, **details: object) -> None:
    """Writes into the audit what was done with the back-up at `path`, whose name may be no text that a database keeps."""
    file = str(path.absolute()).encode("utf-8", "replace").decode()
    record(session, author, action, Path(file).name[:64], file=file, **details)


def verified(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest of a back-up, once every byte of it was found to be what was written. Raises BackupError."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        protocol, digests, counts = manifest["protocol"], manifest["digests"], manifest["rows"]
    except (KeyError, ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BackupError("this is no back-up of Exoscore: it has no manifest") from error
    if protocol != PROTOCOL:
        raise BackupError(f"the back-up has protocol {protocol}; this version reads {PROTOCOL}")
    names = archive.namelist()
    if sorted(names) != sorted([MANIFEST, *digests]) or not all(f"{TABLES}{name}.jsonl" in digests for name in counts):
        raise BackupError("the back-up does not hold the files that its manifest names")
    for name, digest in digests.items():
        if name.startswith("/") or ".." in Path(name).parts:
            raise BackupError(f"the back-up holds a file that would lie outside the folder: {name}")
        if _digest(archive, name) != digest:
            raise BackupError(f"{name} is not what was backed up: its digest differs")
    return manifest


def reflected(connection: Connection, names: Collection[str]) -> dict[str, Table]:
    """Those of the tables named that a database holds, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name in names)
    return {table.name: table for table in metadata.sorted_tables}


def rows(archive: zipfile.ZipFile, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in a back-up, some at a time, as the database takes them."""
    moments = [column.name for column in table.columns if isinstance(column.type, DateTime)]
    contents = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]

    def row_of(line: bytes) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(line)
        for name in moments:
            row[name] = row[name] and datetime.fromisoformat(row[name])
        for name in contents:
            row[name] = base64.b64decode(row[name])
        return row

    with archive.open(f"{TABLES}{table.name}.jsonl") as lines:
        while some := [row_of(line) for line in islice(lines, _ROWS_AT_ONCE)]:
            yield some


def files(var: Path) -> list[Path]:
    """The files of `var` that a back-up holds: the signing key, imported knowledge, what jobs were given and made."""
    return sorted(
        path
        for path in var.rglob("*")
        if path.is_file()
        and not path.name.endswith(_LEFT_OUT)
        and not any(part.startswith(".") or part in _LEFT_OUT_FOLDERS for part in path.relative_to(var).parts)
    )


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    ordered = select(table).order_by(*table.primary_key.columns)
    with connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(ordered) as result:
        for row in result.mappings():
            yield msgspec.json.encode(dict(row)) + b"\n"


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(1024 * 1024):
            yield chunk


def _add(archive: zipfile.ZipFile, name: str, parts: Iterator[bytes]) -> tuple[str, int]:
    """Writes a member, and tells its digest and of how many parts it was."""
    digest, count = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as member:
        for part in parts:
            member.write(part)
            digest.update(part)
            count += 1
    return digest.hexdigest(), count


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as member:
            # A member can be read into a buffer, as this needs; the type that it is opened as does not say so.
            return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise BackupError(f"{name} cannot be read: {error}") from error
