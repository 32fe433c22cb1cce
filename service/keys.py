"""Keys to the service, and what each allows.

A key is `exo_`, ten letters to find it by, and a secret of 256 random bits. Secrets of that entropy need no slow hash:
their SHA-256 is stored, and compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from service.errors import AccessError, UnknownKeyError
from service.store import Store
from service.store.audit import record
from service.store.tables import Key, now

SCOPES = ("score", "curate", "train", "admin")
_PREFIX = "exo"
_ID_BYTES, _SECRET_BYTES = 5, 32
_SHAPE = re.compile(rf"{_PREFIX}_(?P<id>[0-9a-f]{{{2 * _ID_BYTES}}})_[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever sent a request: the key's id and name, and its scopes. Nobody in particular has no id."""

    key_id: str = ""
    name: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def author(self) -> str:
        """Whom the audit names."""
        return f"key {self.key_id} ({self.name})" if self.key_id else "anyone"


class Keys:
    """The keys of one installation."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, name: str, scopes: Sequence[str], author: str, expires: datetime | None = None) -> str:
        """A new key, which is told this once and never again."""
        key_id = secrets.token_hex(_ID_BYTES)
        secret = f"{_PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with self._store.write() as session:
            session.add(
                Key(
                    key_id=key_id,
                    digest=_digest(secret),
                    name=name,
                    scopes=[scope for scope in SCOPES if scope in scopes],
                    created=now(),
                    expires=expires,
                )
            )
            record(session, author, "key.create", key_id, name=name, scopes=list(scopes))
        return secret

    def all(self) -> list[Key]:
        """Every key ever made, the oldest first."""
        with self._store.read() as session:
            return list(session.scalars(select(Key).order_by(Key.created, Key.key_id)))

    def revoke(self, key_id: str, author: str) -> None:
        """Makes a key useless from now on. Raises UnknownKeyError."""
        with self._store.write() as session:
            key = session.get(Key, key_id)
            if key is None:
                raise UnknownKeyError(key_id)
            if key.revoked is None:
                key.revoked = now()
                record(session, author, "key.revoke", key_id)

    def holder(self, secret: str) -> Holder:
        """Who holds a key. Raises AccessError saying whether it is unknown, expired or revoked."""
        shaped = _SHAPE.fullmatch(secret)
        if shaped is None:
            raise AccessError("the key is not of the form exo_…: check that it was copied whole")
        key_id = shaped["id"]
        with self._store.read() as session:
            key = session.get(Key, key_id)
        if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
            raise AccessError("the key is not known here: check it, or make one with `exoscore keys create`")
        if key.revoked is not None:
            raise AccessError(f"the key {key_id} was revoked on {key.revoked:%Y-%m-%d}: ask for a new one")
        if key.expires is not None and key.expires <= now():
            raise AccessError(f"the key {key_id} expired on {key.expires:%Y-%m-%d}: ask for a new one")
        return Holder(key_id, key.name, tuple(key.scopes))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
