"""Keys, the audit, and how the service is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from exoscore_client.transport import UNAVAILABLE, Transport, segment
from exoscore_client.types.health import Health, Readiness
from exoscore_client.types.keys import AuditEntry, Key, Keys, MadeKey, NewKey, ReadAuditQuery, RevokeKeyQuery


class Administration(Transport):
    """What those who run a service ask."""

    def list_keys(self) -> Keys:
        """Every key ever made, the oldest first."""
        answer: Keys = self._json("GET", "/v1/keys")
        return answer

    def create_key(self, **wanted: Unpack[NewKey]) -> MadeKey:
        """Makes a key; its secret is in this answer and never again."""
        answer: MadeKey = self._json("POST", "/v1/keys", body=wanted)
        return answer

    def revoke_key(self, key_id: str, **query: Unpack[RevokeKeyQuery]) -> Key:
        """Makes a key useless; it stays in the list."""
        answer: Key = self._json("DELETE", f"/v1/keys/{segment(key_id)}", query=query)
        return answer

    def read_audit(self, **query: Unpack[ReadAuditQuery]) -> Iterator[AuditEntry]:
        """Who did what, the newest first, of all pages."""
        yield from self._pages("/v1/audit", "entries", query)

    def health(self) -> Health:
        """Whether the process answers."""
        answer: Health = self._json("GET", "/healthz")
        return answer

    def readiness(self) -> Readiness:
        """Whether requests can be answered, and what each check found; no error where they cannot."""
        answer: Readiness = self._json("GET", "/readyz", accept_statuses=(UNAVAILABLE,))
        return answer

    def metrics(self) -> str:
        """What Prometheus collects."""
        return self._request("GET", "/metrics").text
