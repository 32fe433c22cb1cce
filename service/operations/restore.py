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

from sqlalchemy import BigInteger, Connection, Integer, Table, func, insert, select

from models.files import sync_folder
from service.db import migrate
from service.db.audit_log import SYSTEM
from service.db.database import HEAD, Database
from service.db.tables import AuditRow, Base
from service.errors import BackupError
from service.installation import SIGNING_KEY, UNFINISHED_RESTORE
from service.operations import backup

_STAGING = ".restore-"


def restore(path: Path, database: Database, var: Path, force: bool = False, author: str = SYSTEM) -> dict[str, Any]:
    """Makes the installation of `database` and `var` what the back-up at `path` holds, and tells its manifest.

    The audit of the installation that is replaced is kept, with a row that says that `author` restored.

    The back-up is verified first, byte for byte. The database is replaced in one transaction, and the files with it: where
    anything fails, all is as it was. Where the machine itself fails meanwhile, a mark in `var` stops every start until a
    restore was run to its end. An older back-up is brought up to this version's tables. Raises BackupError, StoreError.
    """
    try:
        opened = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BackupError(f"{path} is no back-up that can be read: {error}") from error
    var.mkdir(parents=True, exist_ok=True)
    mark = var / UNFINISHED_RESTORE
    before = mark.exists()
    with opened as held, tempfile.TemporaryDirectory(dir=var, prefix=_STAGING) as staging:
        manifest = backup.verified(held)
        if not migrate.known(manifest["revision"]):
            raise BackupError(
                f"the back-up is of a later version ({manifest['code']}, tables {manifest['revision']}) than this code"
            )
        fresh, old = Path(staging) / "new", Path(staging) / "old"
        _stage(held, fresh)
        try:
            with database.write() as session:
                connection = session.connection()
                if not (force or before) and (filled := _filled(connection, var)):
                    raise BackupError(
                        f"an installation is here already ({filled}); --force puts the back-up in its place"
                    )
                mark.touch()
                sync_folder(var)
                former = _audit(connection)
                _fill(connection, held, manifest)
                kept = _keep_audit(connection, former)
                backup.note(session, author, "installation.restore", path, created=manifest["created"], kept=kept)
                with _files_replaced(var, fresh, old):
                    session.commit()
        except BaseException:
            if not before:
                mark.unlink(missing_ok=True)
            raise
    mark.unlink()
    for left in var.glob(f"{_STAGING}*"):
        shutil.rmtree(left)
    return manifest


def _filled(connection: Connection, var: Path) -> str:
    """What an installation holds that a restore would overwrite; empty where it holds nothing."""
    counts = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in backup.reflected(connection, Base.metadata.tables).items()
    }
    found = [f"{count} {name}" for name, count in counts.items() if count]
    found += [path.name for path in backup.files(var) if path.name != SIGNING_KEY]
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


def _fill(connection: Connection, held: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Makes the tables as they were when the back-up was made, fills them, and brings them up to this version."""
    ours = {*Base.metadata.tables, migrate.VERSION_TABLE}
    for table in reversed(backup.reflected(connection, ours).values()):
        table.drop(connection)
    migrate.move(connection, manifest["revision"])
    tables = backup.reflected(connection, manifest["rows"])
    if missing := sorted(manifest["rows"].keys() - tables.keys()):
        raise BackupError(f"the back-up has tables that tables {manifest['revision']} never had: {', '.join(missing)}")
    for table in tables.values():
        for some in backup.rows(held, table):
            connection.execute(table.insert(), some)
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
        if name.startswith(backup.FILES):
            target = folder / name.removeprefix(backup.FILES)
            target.parent.mkdir(parents=True, exist_ok=True)
            with held.open(name) as source, open(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())


@contextmanager
def _files_replaced(var: Path, fresh: Path, old: Path) -> Iterator[None]:
    """Moves the fresh files into `var` and those that stood there aside; back again where the block raises."""
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
        moved.append((source, target))

    try:
        for path in backup.files(var):
            move(path, old / path.relative_to(var))
        for path in sorted(path for path in fresh.rglob("*") if path.is_file()):
            move(path, var / path.relative_to(fresh))
        sync_folder(var)
        yield
    except BaseException:
        for source, target in reversed(moved):
            os.replace(target, source)
        raise
