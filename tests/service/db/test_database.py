"""The store keeps whole transactions or nothing, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text

from service.db import migrate
from service.db.database import HEAD, Database, StoreError
from service.db.tables import AuditRow, Base, Fact, now
from tests.threads import in_threads


def test_the_migrations_make_the_tables_that_the_code_speaks_of(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_code_works_with_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrate.configuration()).get_current_head() == HEAD


def test_every_migration_can_be_taken_back_and_made_again(database: Database) -> None:
    configuration = migrate.configuration()
    with database.engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")
    assert database.revision() == ""
    migrate.upgrade(database)
    assert database.revision() == HEAD


def test_a_new_file_may_be_opened_by_many_together(tmp_path: Path) -> None:
    # One in twelve of such starts failed where nobody waited.
    for number in range(40):
        stores = [Database(f"sqlite:///{tmp_path}/{number}.db") for _ in range(8)]
        assert in_threads(lambda place, stores=stores: stores[place].revision(), len(stores)) == []
        for database in stores:
            database.close()


def test_several_processes_may_migrate_together(address: str) -> None:
    stores = [Database(address) for _ in range(4)]
    assert in_threads(lambda place: migrate.upgrade(stores[place]), len(stores)) == []
    assert {database.revision() for database in stores} == {HEAD}
    for database in stores:
        database.close()


def test_a_database_of_a_later_version_is_refused_by_name(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="another version"):
        migrate.upgrade(database)


def test_a_block_that_raises_changes_nothing(database: Database) -> None:
    def half() -> None:
        with database.write() as session:
            session.add(Fact(name="half", text="done"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with database.read() as session:
        assert session.get(Fact, "half") is None


def test_moments_come_back_as_they_were_put_in(database: Database) -> None:
    moment = now()
    with database.write() as session:
        session.add(AuditRow(at=moment, author="a", action="b", subject="c", details={"ä": [1.5, None]}))
    with database.read() as session:
        found = session.query(AuditRow).one()
    assert (found.at, found.details) == (moment, {"ä": [1.5, None]})


@pytest.mark.parametrize("address", ["", "nothing", "mysql://a/b", "oracle://x", "sqlite//broken"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=r"malformed|sqlite or postgresql"):
        Database(address)


def test_a_server_that_is_not_there_says_so_and_does_not_hang() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="did not complete the request"):
        database.revision()


def test_a_locked_database_is_told_and_not_half_written(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'exoscore.db'}"
    database, other = Database(address), Database(address)
    migrate.upgrade(database)
    event.listen(other.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=100"))
    with database.write() as session:
        session.add(Fact(name="first", text="1"))
        session.flush()
        with pytest.raises(StoreError, match="locked"), other.write():
            raise AssertionError("two wrote at once")
    with other.read() as session:
        assert [fact.name for fact in session.query(Fact)] == ["first"]
    database.close()
    other.close()
