"""A key opens what its scopes name, until it expires or is revoked; nobody can read it off the store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import AccessError, UnknownKeyError
from service.keys import SCOPES, Keys
from service.store import Store
from service.store.tables import AuditRow, now


def test_a_key_tells_its_holder_and_scopes(store: Store) -> None:
    keys = Keys(store)
    holder = keys.holder(keys.create("anna", ["train", "curate"], "tests"))
    assert (holder.name, holder.scopes) == ("anna", ("curate", "train"))
    assert holder.author == f"key {holder.key_id} (anna)"


def test_the_store_and_the_audit_hold_no_secret(store: Store) -> None:
    secret = Keys(store).create("anna", SCOPES, "tests").rpartition("_")[2]
    with store.read() as session:
        kept = repr([vars(key) for key in Keys(store).all()]) + repr([row.details for row in session.query(AuditRow)])
    assert secret not in kept


def test_a_revoked_and_an_expired_key_are_refused_and_told_so(store: Store) -> None:
    keys = Keys(store)
    secret = keys.create("anna", SCOPES, "tests")
    keys.revoke(keys.holder(secret).key_id, "tests")
    with pytest.raises(AccessError, match="revoked"):
        keys.holder(secret)
    with pytest.raises(AccessError, match="expired"):
        keys.holder(keys.create("ben", SCOPES, "tests", expires=now() - timedelta(seconds=1)))
    assert keys.holder(keys.create("carla", SCOPES, "tests", expires=now() + timedelta(hours=1))).name == "carla"
    with pytest.raises(UnknownKeyError, match="nobody"):
        keys.revoke("nobody", "tests")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(max_size=80), st.integers(0, 50))
def test_nothing_but_the_key_itself_opens(store: Store, text: str, cut: int) -> None:
    keys = Keys(store)
    secret = keys.create("anna", SCOPES, "tests")
    for wrong in (text, secret[:cut], secret + text if text else secret[:-1], secret.upper()):
        with pytest.raises(AccessError):
            keys.holder(wrong)
