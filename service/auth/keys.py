"""Keys to the service, and what each allows.

A key is `exo_`, ten letters to find it by, and a secret of 256 random bits. Secrets of that entropy need no slow hash:
their SHA-256 is stored, and compared in constant time.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import select

from service.db.audit_log import record
from service.db.database import Database, StoreError, read_in_time
from service.db.tables import Key, now
from service.errors import AccessError, KeyRequestError, UnknownKeyError

SCOPES = ("score", "curate", "train", "admin")
MAX_NAME = 100
# How old a process' knowledge of a key may get: a key that was revoked by another process works for so long at most.
KNOWN_FOR_SECONDS = 1.0
_KEPT_IN_MEMORY = 1000
_PREFIX = "exo"
_ID_BYTES, _SECRET_BYTES = 5, 32
_SHAPE = re.compile(rf"{_PREFIX}_(?P<id>[0-9a-f]{{{2 * _ID_BYTES}}})_[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class Principal:
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

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[Key, float]] = {}
        self._reading: set[str] = set()

    def create(self, name: str, scopes: Sequence[str], author: str, expires: datetime | None = None) -> str:
        """A new key, which is shown this once and never again.

        Raises KeyRequestError where there is no name or scope, a scope is unknown, or the key would be expired at once.
        """
        if not (name.strip() and name.isprintable() and len(name) <= MAX_NAME):
            raise KeyRequestError("name", "malformed", f"Give a name of 1 to {MAX_NAME} characters")
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            wrong = f"There is no scope {', '.join(unknown)}" if unknown else "A key needs at least one scope"
            raise KeyRequestError("scopes", "unknown_term", f"{wrong}. Scopes: {', '.join(SCOPES)}")
        if expires is not None and expires <= now():
            raise KeyRequestError(
                "expires", "past", f"{expires:%Y-%m-%d %H:%M} UTC has passed. Give a time in the future"
            )
        key_id = secrets.token_hex(_ID_BYTES)
        secret = f"{_PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with self._database.write() as session:
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

    def get(self, key: str) -> Key:
        """A key as it is kept, by its id or by itself. Raises UnknownKeyError."""
        shaped = _SHAPE.fullmatch(key)
        key_id = shaped["id"] if shaped else key
        with self._database.read() as session:
            kept = session.get(Key, key_id)
        if kept is None:
            raise UnknownKeyError(key_id)
        return kept

    def all(self) -> list[Key]:
        """Every key ever made, the oldest first."""
        with self._database.read() as session:
            return list(session.scalars(select(Key).order_by(Key.created, Key.key_id)))

    def good(self) -> list[Key]:
        """The keys that open something now."""
        moment = now()
        return [key for key in self.all() if state(key, moment) == "good"]

    def revoke(self, key_id: str, author: str, reason: str) -> Key:
        """Makes a key useless from now on, in other processes within KNOWN_FOR_SECONDS, and tells how it is kept.

        Raises UnknownKeyError, ReasonError.
        """
        with self._database.write() as session:
            key = session.get(Key, key_id)
            if key is None:
                raise UnknownKeyError(key_id)
            if key.revoked is None:
                key.revoked = now()
                record(session, author, "key.revoke", key_id, reason=reason)
        self._known.pop(key_id, None)
        return key

    def holder(self, secret: str) -> Principal:
        """Who holds a key. Raises AccessError saying whether it is unknown, expired or revoked."""
        shaped = _SHAPE.fullmatch(secret)
        if shaped is None:
            raise AccessError("A key begins with exo_. Check that it was copied completely.")
        key = self._look_up(shaped["id"])
        if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
            raise AccessError(
                "This server does not know the key. Check it, or ask whoever runs this server for another."
            )
        return _principal(key)

    def holder_by_id(self, key_id: str) -> Principal:
        """Who holds the key of that id, for a session that was opened with the key itself. Raises AccessError as `holder`."""
        key = self._look_up(key_id)
        if key is None:
            raise AccessError(f"The key {key_id} no longer exists.")
        return _principal(key)

    def _look_up(self, key_id: str) -> Key | None:
        """A key as it was KNOWN_FOR_SECONDS ago at most; while the store does not answer, as it was last seen."""
        known, read_at = self._known.get(key_id, (None, float("-inf")))
        if known is None:
            return self._read(key_id)
        if monotonic() - read_at >= KNOWN_FOR_SECONDS and key_id not in self._reading:
            self._reading.add(key_id)
            read_in_time(lambda: self._refresh(key_id))
        return self._known.get(key_id, (known, read_at))[0]

    def _read(self, key_id: str) -> Key | None:
        with self._database.read() as session:
            key = session.get(Key, key_id)
        if key is not None:
            if len(self._known) >= _KEPT_IN_MEMORY:
                self._known.clear()
            self._known[key_id] = key, monotonic()
        return key

    def _refresh(self, key_id: str) -> None:
        try:
            with suppress(StoreError):
                self._read(key_id)
        finally:
            self._reading.discard(key_id)


def document(key: Key) -> dict[str, Any]:
    """A key as a document: all but its secret, which nobody knows."""
    return {
        "id": key.key_id,
        "name": key.name,
        "scopes": list(key.scopes),
        "state": state(key, now()),
        "created": key.created.isoformat(),
        "expires": key.expires and key.expires.isoformat(),
        "revoked": key.revoked and key.revoked.isoformat(),
    }


def state(key: Key, moment: datetime) -> str:
    """Whether a key is good, expired or revoked at a moment."""
    if key.revoked is not None:
        return "revoked"
    return "expired" if key.expires is not None and key.expires <= moment else "good"


def _principal(key: Key) -> Principal:
    """The holder of a key. Raises AccessError where it is revoked or expired."""
    if key.revoked is not None:
        raise AccessError(f"The key {key.key_id} was revoked on {key.revoked:%Y-%m-%d}. Ask for a new one.")
    if key.expires is not None and key.expires <= now():
        raise AccessError(f"The key {key.key_id} expired on {key.expires:%Y-%m-%d}. Ask for a new one.")
    return Principal(key.key_id, key.name, tuple(key.scopes))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
