"""Types of keys. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Key(TypedDict):
    """A key, without its secret."""

    id: str
    name: str
    scopes: list[str]
    state: Literal["good", "expired", "revoked"]
    created: str
    expires: str | None
    revoked: str | None


class Keys(TypedDict):
    """All keys."""

    keys: list[Key]


class NewKey(TypedDict):
    """The key to create."""

    name: str
    scopes: list[Literal["score", "curate", "train", "admin"]]
    expires: NotRequired[str | None]


class MadeKey(TypedDict):
    """A new key."""

    id: str
    name: str
    scopes: list[str]
    state: Literal["good", "expired", "revoked"]
    created: str
    expires: str | None
    revoked: str | None
    key: str


class AuditEntry(TypedDict):
    """One change."""

    at: str
    author: str
    action: str
    subject: str
    details: dict[str, object]


class Audit(TypedDict):
    """A page of the audit log."""

    entries: list[AuditEntry]
    next: str | None


class RevokeKeyQuery(TypedDict):
    """The query of revoke_key."""

    reason: str


class ReadAuditQuery(TypedDict):
    """The query of read_audit."""

    action: NotRequired[str]
    author: NotRequired[str]
    subject: NotRequired[str]
    limit: NotRequired[int]
    cursor: NotRequired[str]
