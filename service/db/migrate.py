"""Runs the migrations. Apart from the store, since loading Alembic takes as long as scoring a candidate from cold."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.db.database import HEAD, MIGRATIONS, Database, store_error
from service.errors import StoreError

VERSION_TABLE = "alembic_version"
_LOCK = 0x45584F
# Alembic keeps the migration that runs in a global of its own.
_running = threading.Lock()


def configuration() -> Config:
    """Alembic's configuration over the shipped migrations."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Brings the tables up to `revision` in one transaction. Raises StoreError where that cannot be done."""
    with _store_errors(), database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        move(connection, revision)


def move(connection: Connection, revision: str) -> None:
    """Brings the tables up to `revision` within the transaction of `connection`. Raises StoreError as `upgrade` does."""
    config = configuration()
    config.attributes["connection"] = connection
    with _running, _store_errors():
        command.upgrade(config, revision)


def known(revision: str) -> bool:
    """Whether this version of the code has the migration `revision`."""
    return revision in [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise StoreError(f"The database is of another version than this code ({error}). See the change log.") from error
    except DBAPIError as error:
        raise store_error(error) from error
