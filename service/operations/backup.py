"""A back-up: one zip with every table as JSON lines, the files of `var`, and a manifest with the digest of each of them.

The tables are written as the database holds them at one moment, whatever it is, so a back-up of SQLite restores into
PostgreSQL and the other way round. How the format changes: as that of the model bundle, by PROTOCOL.
"""

import hashlib
import json
import zipfile
from collections.abc import Collection, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePath, PurePosixPath
from typing import Annotated, Any, TypedDict

import msgspec
from sqlalchemy import JSON, Boolean, Column, Connection, DateTime, Float, Integer, LargeBinary, MetaData, Table, select
from sqlalchemy.orm import Session

from models.archives import check_members, reading_archive
from models.files import atomic_write
from service.db.audit_log import record
from service.db.database import Database
from service.db.tables import Base, now
from service.errors import BackupError
from service.installation import BATCHES

PROTOCOL = 1
MANIFEST, TABLES, FILES = "manifest.json", "tables/", "files/"
# Files of `var` that are the database, or of the moment.
_LEFT_OUT = (".db", ".db-wal", ".db-shm", ".db-journal", ".log", ".lock", ".unfinished")
_LEFT_OUT_FOLDERS = ("metrics",)
_ROWS_AT_ONCE, _BYTES_AT_ONCE = 500, 16 * 1024 * 1024
# The largest row is that of a model, whose bundle is written in base64.
_LONGEST_ROW = 256 * 1024 * 1024
_LARGEST_MANIFEST = 64 * 1024 * 1024
_LARGEST_MEMBER = 2**40


class Manifest(TypedDict):
    """What a back-up says of itself: `rows` counts those of each table, `digests` are the SHA-256 of all other members."""

    protocol: int
    created: str
    code: str
    revision: str
    rows: dict[str, int]
    digests: dict[str, str]


class _OfAnyProtocol(TypedDict):
    protocol: int


def write(path: Path, database: Database, var: Path, with_batches: bool = False) -> Manifest:
    """Backs an installation up into the file `path`, readable by its owner only, and tells its manifest. The files of batches,
    which are kept for days only and may be large, are left out unless `with_batches`.

    It may be in use meanwhile. The file is there whole or not at all. Raises StoreError, OSError.
    """
    with atomic_write(path, mode=0o600) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        return _write(archive, database, var, with_batches)


def _write(archive: zipfile.ZipFile, database: Database, var: Path, with_batches: bool) -> Manifest:
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    at_one_moment = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.read() as session:
        connection = session.connection(execution_options=at_one_moment)
        for table in reflected(connection, Base.metadata.tables).values():
            name = f"{TABLES}{table.name}.jsonl"
            digests[name], counts[table.name] = _add(archive, name, _lines(connection, table))
    for file in files(var, database):
        if file.is_relative_to(var / BATCHES) and not with_batches:
            continue
        name = f"{FILES}{file.relative_to(var).as_posix()}"
        digests[name], _ = _add(archive, name, _chunks(file))
    manifest: Manifest = {
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


def verified(archive: zipfile.ZipFile) -> Manifest:
    """The manifest of a back-up, once every byte of it was found to be what was written. Raises BackupError."""
    with reading_archive(_no_backup):
        check_members(archive, _LARGEST_MEMBER)
        if MANIFEST not in archive.namelist() or archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise _no_backup("it has no manifest")
        text = archive.read(MANIFEST)
        protocol = msgspec.json.decode(text, type=_OfAnyProtocol)["protocol"]
        if protocol != PROTOCOL:
            raise BackupError(f"The back-up has protocol {protocol}; this version reads {PROTOCOL}")
        manifest = msgspec.json.decode(text, type=Manifest)
    names, digests = archive.namelist(), manifest["digests"]
    tables = {f"{TABLES}{name}.jsonl" for name in manifest["rows"]}
    if sorted(names) != sorted([MANIFEST, *digests]) or not tables <= digests.keys():
        raise BackupError("The back-up lacks files that its manifest lists")
    for name in digests.keys() - tables:
        if member_path(name) is None:
            raise BackupError(f"The back-up contains a file that does not belong in one: {name}")
    for name, digest in digests.items():
        if _digest(archive, name) != digest:
            raise BackupError(f"{name} was changed after the back-up: its digest differs")
    return manifest


def member_path(name: str) -> PurePath | None:
    """Where in `var` a member of a back-up belongs; None where it is no file of `var`, or none that is backed up."""
    path = PurePosixPath(name.removeprefix(FILES))
    is_plain = name == f"{FILES}{path}" and bool(path.parts) and not path.is_absolute() and "\\" not in name
    return path if is_plain and _is_kept(path) else None


def reflected(connection: Connection, names: Collection[str]) -> dict[str, Table]:
    """Those of the tables named that a database holds, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name in names)
    return {table.name: table for table in metadata.sorted_tables}


def rows(archive: zipfile.ZipFile, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in a back-up, some at a time, as the database takes them. Raises BackupError for what is no row."""
    # Names that are exactly texts, which those of SQLAlchemy are not.
    fields = [(f"{column.name}", _type_of(column)) for column in table.columns]
    decode = msgspec.json.Decoder(msgspec.defstruct(table.name, fields, forbid_unknown_fields=True)).decode
    some: list[dict[str, Any]] = []
    number = size = 0
    with archive.open(f"{TABLES}{table.name}.jsonl") as lines:
        while line := lines.readline(_LONGEST_ROW):
            number, size = number + 1, size + len(line)
            try:
                some.append(msgspec.structs.asdict(decode(line)))
            except (ValueError, RecursionError) as error:
                raise BackupError(f"row {number} of {table.name} does not fit that table: {error}") from error
            if len(some) == _ROWS_AT_ONCE or size > _BYTES_AT_ONCE:
                yield some
                some, size = [], 0
    if some:
        yield some


def _type_of(column: Column[Any]) -> Any:
    """What a value of a column is in a back-up."""
    kinds: dict[type[Any], Any] = {
        JSON: dict[str, Any] | list[Any],
        LargeBinary: bytes,
        DateTime: Annotated[datetime, msgspec.Meta(tz=False)],
        Boolean: bool,
        Integer: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
        Float: float,
    }
    kind = next((kinds[kind] for kind in kinds if isinstance(column.type, kind)), None)
    if kind is None:
        kind = Annotated[str, msgspec.Meta(max_length=getattr(column.type, "length", None))]
    return kind | None if column.nullable else kind


def files(var: Path, database: Database) -> list[Path]:
    """The files of `var` that a back-up may hold: the signing key, imported knowledge, what jobs were given and made."""
    return sorted(
        path
        for path in var.rglob("*")
        if path.is_file() and _is_kept(path.relative_to(var)) and path.resolve() not in database.files
    )


def _is_kept(path: PurePath) -> bool:
    return not path.name.endswith(_LEFT_OUT) and not any(
        part.startswith(".") or part in _LEFT_OUT_FOLDERS for part in path.parts
    )


def _no_backup(reason: str) -> BackupError:
    return BackupError(f"This is not a readable back-up of Exoscore: {reason}")


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
    with reading_archive(lambda reason: BackupError(f"{name} cannot be read: {reason}")), archive.open(name) as member:
        # A member can be read into a buffer, as this needs; the type that it is opened as does not say so.
        return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]
