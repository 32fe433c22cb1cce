"""The store: findings, models, jobs, keys and the audit in one database, SQLite or PostgreSQL."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

# For those that import it from here.
from service.errors import FullStoreError as FullStoreError
from service.errors import StoreError as StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
# The migration that this version of the code works with; a test compares it with the folder's newest.
HEAD = "0005"
BUSY_SECONDS = 10
# What SQLite and PostgreSQL call it; on a disk without any room SQLite cannot even make the file that its readers share.
_DISK_FULL = {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "53100"}
# How long one statement may take in PostgreSQL, and how long its answer is waited for: a server that hangs says nothing.
STATEMENT_SECONDS, ANSWER_SECONDS = 30, 35
# How long those who can do with what they know wait for what is newer.
PATIENCE_SECONDS = 1.0
_POSTGRESQL_OPTIONS: Mapping[str, Any] = {
    "connect_timeout": BUSY_SECONDS,
    "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={BUSY_SECONDS}s",
    # A host that is gone is noticed though it says nothing.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 1000 * BUSY_SECONDS,
}


class Database:
    """One database. Cheap to build: it connects at the first need, and each process must have its own."""

    def __init__(self, address: str) -> None:
        """`address` is an SQLAlchemy URL of SQLite or PostgreSQL. Raises StoreError where it is neither."""
        url = _url(address)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(
            url,
            connect_args={"timeout": BUSY_SECONDS} if self.is_sqlite else dict(_POSTGRESQL_OPTIONS),
            pool_pre_ping=not self.is_sqlite,
            pool_timeout=BUSY_SECONDS,
            hide_parameters=True,
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "do_connect", _connect_to_postgresql)
        # Called where a thread is about to wait for the database.
        self.before_waiting: Callable[[], None] = lambda: None
        # A transaction that will write takes the lock at its start: one that begins by reading and then finds the
        # database changed under it cannot go on.
        self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @property
    def files(self) -> frozenset[Path]:
        """The files that SQLite keeps; none for PostgreSQL."""
        name = self.engine.url.database if self.is_sqlite else None
        return frozenset(Path(f"{name}{end}").resolve() for end in ("", "-wal", "-shm", "-journal") if name)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads. Raises StoreError where the database does not answer."""
        self.before_waiting()
        with _session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, whole, or not at all where the block raises.

        Raises StoreError where the database does not answer, sqlalchemy's IntegrityError where a constraint is broken.
        """
        self.before_waiting()
        with _session(self._writing) as session:
            session.connection()
            yield session
            session.commit()

    def revision(self) -> str:
        """The migration that the database stands at; empty where it holds no tables yet."""
        with self.read() as session:
            if not self.engine.dialect.has_table(session.connection(), "alembic_version"):
                return ""
            return session.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""

    def disconnect(self) -> None:
        """Forgets the connections without closing them: what a process must do that was forked from another."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def read_in_time(read: Callable[[], None]) -> None:
    """Reads from a database in a thread of its own, and waits PATIENCE_SECONDS at most: a store that hangs holds nobody up who
    can do without it."""
    thread = threading.Thread(target=read, name="store", daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)


@contextmanager
def _session(engine: Engine) -> Iterator[Session]:
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise store_error(error) from error
    except PoolTimeoutError as error:
        raise StoreError("All connections to the database are busy. Nothing was changed.") from error


def store_error(error: DBAPIError) -> StoreError:
    """What the failure of a database is presented as: FullStoreError where its disk is full."""
    reason = str(error.orig).strip().partition("\n")[0]
    codes = (getattr(error.orig, "sqlite_errorname", ""), getattr(error.orig, "sqlstate", ""))
    if not _DISK_FULL.isdisjoint(codes):
        return FullStoreError(f"The disk of the database is full ({reason}). Nothing was changed.")
    return StoreError(f"The database did not complete the request ({reason}). Nothing was changed.")


def _url(address: str) -> Any:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
        if backend == "postgresql":
            return url.set(drivername="postgresql+psycopg")
        if backend == "sqlite":
            return url
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError("The address of the database is malformed.") from error
    raise StoreError(f"Exoscore does not support the database {backend}. Use sqlite or postgresql.")


def _connect_to_postgresql(dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    return _connection_class().connect(*arguments, **options)


@cache
def _connection_class() -> Any:
    # Imported at the first need, since most installations do without.
    from psycopg import Connection, OperationalError
    from psycopg.pq import TransactionStatus

    class ImpatientConnection(Connection[Any]):
        """A connection that waits ANSWER_SECONDS for an answer, and is closed without it; libpq has no such limit."""

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, ANSWER_SECONDS if timeout is None else timeout)
            except OperationalError:
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    self.close()
                raise

        def __del__(self, *_: Any) -> None:
            # A thread that is given up on may leave one open, whose pool was disposed of meanwhile.
            if not self.closed:
                self.close()

    return ImpatientConnection


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver must not begin transactions by itself; see _begin_sqlite.
    connection.isolation_level = None
    _enable_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _enable_wal(connection: Any) -> None:
    """Turns on write-ahead logging. While another connection does so in a new file, SQLite fails at once instead of waiting."""
    by = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() >= by:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
