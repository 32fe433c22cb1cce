"""Puts a back-up in the place of an installation: all of it, or nothing."""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Table, func, insert, inspect, select
from sqlalchemy.exc import DataError, IntegrityError

from models.archives import reading_archive
from models.files import sync_folder
from service.db import migrate
from service.db.audit_log import SYSTEM, check_reason
from service.db.database import HEAD, Database
from service.db.tables import AuditRow, Base
from service.errors import BackupError
from service.installation import SIGNING_KEY, UNFINISHED_RESTORE
from service.operations import backup

_STAGING = ".restore-"


def restore(
    path: Path, database: Database, var: Path, reason: str, force: bool = False, author: str = SYSTEM
) -> backup.Manifest:
    """Makes the installation of `database` and `var` what the back-up at `path` holds, and tells its manifest.

    The audit of the installation that is replaced is kept, with a row that says that `author` restored.

    The back-up is verified first, byte for byte. The database is replaced in one transaction, and the files with it: where
    anything fails, all is as it was. Where the machine itself fails meanwhile, a mark in `var` stops every start until a
    restore was run to its end. An older back-up is brought up to this version's tables. Raises BackupError, ReasonError,
    StoreError.
    """
    check_reason(reason)
    with reading_archive(lambda reason: BackupError(f"{path} is not a readable back-up: {reason}")):
        opened = zipfile.ZipFile(path)
    var.mkdir(parents=True, exist_ok=True)
    mark = var / UNFINISHED_RESTORE
    before = mark.exists()
    with opened as held, tempfile.TemporaryDirectory(dir=var, prefix=_STAGING) as staging:
        _check_files(held, var, database)
        manifest = backup.verified(held)
        if not migrate.known(manifest["revision"]):
            raise BackupError(
                f"The back-up is of a later version ({manifest['code']}, tables {manifest['revision']}) than this code"
            )
        fresh, old = Path(staging) / "new", Path(staging) / "old"
        _stage(held, fresh)
        try:
            with database.write() as session:
                connection = session.connection()
                if not (force or before) and (filled := _filled(connection, var, database)):
                    raise BackupError(
                        f"There is already an installation here ({filled}); --force replaces it with the back-up"
                    )
                mark.touch()
                sync_folder(var)
                former = _audit(connection)
                _fill(connection, held, manifest)
                kept = _keep_audit(connection, former)
                note = {"reason": reason, "created": manifest["created"], "kept": kept}
                backup.note(session, author, "installation.restore", path, **note)
                with _files_replaced(var, fresh, old, database):
                    session.commit()
        except BaseException:
            if not before:
                mark.unlink(missing_ok=True)
            raise
    mark.unlink()
    for left in var.glob(f"{_STAGING}*"):
        shutil.rmtree(left)
    return manifest


def _filled(connection: Connection, var: Path, database: Database) -> str:
    """What an installation holds that a restore would overwrite; empty where it holds nothing."""
    counts = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in backup.reflected(connection, Base.metadata.tables).items()
    }
    found = [f"{count} {name}" for name, count in counts.items() if count]
    found += [path.name for path in backup.files(var, database) if path.name != SIGNING_KEY]
    return ", ".join(found)


def _audit(connection: Connection) -> list[dict[str, Any]]:
    """The rows of the audit, the oldest first, without their numbers."""
    if not backup.reflected(connection, [AuditRow.__tablename__]):
        return []
    columns = [column for column in AuditRow.__table__.columns if not column.primary_key]
    rows = connection.execute(select(*columns).order_by(AuditRow.sequence)).mappings()
    return [dict(row) for row in rows]


def _keep_audit(connection: Connection, former: list[dict[str, Any]]) -> int:
    """Adds the rows of the audit that was replaced and that the back-up does not hold, and tells how many they are."""
    held = {_identity(row) for row in _audit(connection)}
    lost = [row for row in former if _identity(row) not in held]
    if lost:
        connection.execute(insert(AuditRow), lost)
    return len(lost)


def _identity(row: dict[str, Any]) -> str:
    return json.dumps(row, default=str, sort_keys=True)


def _check_files(held: zipfile.ZipFile, var: Path, database: Database) -> None:
    """Raises BackupError where the files of a back-up have no room, or one would take the place of the database."""
    members = [(member, path) for member in held.infolist() if (path := backup.member_path(member.filename))]
    if taken := [path for _, path in members if (var / path).resolve() in database.files]:
        raise BackupError(f"{taken[0]} of the back-up would replace the database")
    needed, free = sum(member.file_size for member, _ in members), shutil.disk_usage(var).free
    if needed > free:
        raise BackupError(
            f"The disk is too full: the files take {needed:,} bytes, and {free:,} are free in {var}. Free some space, then "
            "run it again"
        )


def _fill(connection: Connection, held: zipfile.ZipFile, manifest: backup.Manifest) -> None:
    """Makes the tables as they were when the back-up was made, fills them, and brings them up to this version."""
    ours = {*Base.metadata.tables, migrate.VERSION_TABLE}
    for table in reversed(backup.reflected(connection, ours).values()):
        table.drop(connection)
    foreign = {*inspect(connection).get_table_names(), migrate.VERSION_TABLE}
    migrate.move(connection, manifest["revision"])
    tables = backup.reflected(connection, manifest["rows"].keys() - foreign)
    if missing := sorted(manifest["rows"].keys() - tables.keys()):
        raise BackupError(f"The back-up has tables that tables {manifest['revision']} never had: {', '.join(missing)}")
    for name, table in tables.items():
        count = 0
        try:
            for some in backup.rows(held, table):
                connection.execute(table.insert(), some)
                count += len(some)
        except (DataError, IntegrityError) as error:
            raise BackupError(f"{name} of the back-up does not fit the tables: {error.orig}") from error
        if count != manifest["rows"][name]:
            raise BackupError(f"{name} of the back-up has {count} rows, its manifest says {manifest['rows'][name]}")
        _count_on(connection, table)
    migrate.move(connection, HEAD)


def _count_on(connection: Connection, table: Table) -> None:
    """Lets a table that numbers its rows by itself go on behind the last one; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer | BigInteger) and column.server_default is not None:
            last = connection.execute(select(func.max(column))).scalar()
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(select(func.setval(sequence, last or 1, last is not None)))


def _stage(held: zipfile.ZipFile, folder: Path) -> None:
    """Writes the files of a back-up beside those that they are to replace, through to the disk."""
    folder.mkdir()
    for name in held.namelist():
        if path := backup.member_path(name):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with held.open(name) as source, open(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())


@contextmanager
def _files_replaced(var: Path, fresh: Path, old: Path, database: Database) -> Iterator[None]:
    """Moves the fresh files into `var` and those that stood there aside; back again where the block raises."""
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
        moved.append((source, target))

    try:
        for path in backup.files(var, database):
            move(path, old / path.relative_to(var))
        for path in sorted(path for path in fresh.rglob("*") if path.is_file()):
            move(path, var / path.relative_to(fresh))
        sync_folder(var)
        yield
    except BaseException:
        for source, target in reversed(moved):
            os.replace(target, source)
        raise
