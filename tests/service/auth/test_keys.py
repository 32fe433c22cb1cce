"""A key opens what its scopes name, until it expires or is revoked; nobody can read it off the store."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.auth.keys import KNOWN_FOR_SECONDS, SCOPES, Keys, document
from service.db import migrate
from service.db.database import Database, StoreError
from service.db.tables import AuditRow, now
from service.errors import AccessError, KeyRequestError, UnknownKeyError
from tests.servers import PostgreSQL


def test_a_key_tells_its_holder_and_scopes(database: Database) -> None:
    keys = Keys(database)
    holder = keys.holder(keys.create("anna", ["train", "curate"], "tests"))
    assert (holder.name, holder.scopes) == ("anna", ("curate", "train"))
    assert holder.author == f"key {holder.key_id} (anna)"


def test_the_store_and_the_audit_hold_no_secret(database: Database) -> None:
    secret = Keys(database).create("anna", SCOPES, "tests").split("_", 2)[2]
    with database.read() as session:
        kept = repr([vars(key) for key in Keys(database).all()]) + repr(
            [row.details for row in session.query(AuditRow)]
        )
    assert secret not in kept


def test_a_revoked_and_an_expired_key_are_refused_and_told_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(database)
    secret = keys.create("anna", SCOPES, "tests")
    keys.revoke(keys.holder(secret).key_id, "tests", "lost")
    with pytest.raises(AccessError, match="revoked"):
        keys.holder(secret)
    short = keys.create("ben", SCOPES, "tests", expires=now() + timedelta(hours=1))
    later = now() + timedelta(hours=1)
    assert keys.holder(short).name == "ben"
    with pytest.raises(UnknownKeyError, match="nobody"):
        keys.revoke("nobody", "tests", "lost")
    monkeypatch.setattr("service.auth.keys.now", lambda: later)
    with pytest.raises(AccessError, match="expired"):
        keys.holder(short)


# Each example writes to a database.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 4)
@given(st.text(max_size=80), st.integers(0, 50))
def test_nothing_but_the_key_itself_opens(database: Database, text: str, cut: int) -> None:
    keys = Keys(database)
    secret = keys.create("anna", SCOPES, "tests")
    for wrong in (text, secret[:cut], secret + text if text else secret[:-1], secret.upper()):
        with pytest.raises(AccessError):
            keys.holder(wrong)


@pytest.mark.parametrize(
    ("name", "scopes", "hours", "field"),
    [
        ("", ["score"], None, "name"),
        (" ", ["score"], None, "name"),
        ("x" * 101, ["score"], None, "name"),
        ("line\nbreak", ["score"], None, "name"),
        ("anna", [], None, "scopes"),
        ("anna", ["score", "writ"], None, "scopes"),
        ("anna", ["score"], -1, "expires"),
    ],
)
def test_a_key_that_cannot_be_made_as_asked_says_why_and_nothing_is_made(
    database: Database, name: str, scopes: list[str], hours: int | None, field: str
) -> None:
    keys = Keys(database)
    with pytest.raises(KeyRequestError) as refused:
        keys.create(name, scopes, "tests", None if hours is None else now() + timedelta(hours=hours))
    assert refused.value.field == field
    assert field != "scopes" or all(scope in str(refused.value) for scope in SCOPES)
    assert keys.all() == []


def test_a_key_revoked_elsewhere_stops_working_within_the_time_that_is_promised(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, elsewhere = Keys(database), Keys(database)
    secret = keys.create("anna", ["score"], "tests")
    elsewhere.revoke(keys.holder(secret).key_id, "tests", "lost")
    later = monotonic() + KNOWN_FOR_SECONDS
    monkeypatch.setattr("service.auth.keys.monotonic", lambda: later)
    with pytest.raises(AccessError, match="revoked"):
        keys.holder(secret)


def test_while_the_database_is_away_known_keys_open_and_unknown_ones_do_not(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgresql.database())
    migrate.upgrade(database)
    keys = Keys(database)
    known, unknown = (keys.create(name, ["score"], "tests") for name in ("anna", "ben"))
    assert keys.holder(known).name == "anna"
    later = monotonic() + KNOWN_FOR_SECONDS
    monkeypatch.setattr("service.auth.keys.monotonic", lambda: later)
    postgresql.stop()
    try:
        assert keys.holder(known).name == "anna"
        with pytest.raises(StoreError):
            keys.holder(unknown)
    finally:
        postgresql.start()
        database.close()


def test_only_keys_that_open_something_are_good(database: Database) -> None:
    keys = Keys(database)
    keys.revoke(keys.get(keys.create("anna", ["score"], "tests")).key_id, "tests", "lost")
    assert keys.good() == []
    good = keys.get(keys.create("ben", ["admin", "score"], "tests"))
    assert [key.key_id for key in keys.good()] == [good.key_id]
    assert document(good) == document(keys.get(good.key_id))
    assert (document(good)["state"], document(good)["scopes"]) == ("good", ["score", "admin"])
