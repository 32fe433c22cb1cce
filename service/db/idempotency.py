"""A request that is sent again with its Idempotency-Key is not done again, but gets the result that it got."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.db.tables import Idempotency, now
from service.errors import IdempotencyError

LONGEST_KEY = 200
# What is older is forgotten, but never the newest: a clock that is wrong must not have anything done twice.
KEPT_FOR, MIN_KEPT = timedelta(days=30), 10_000
# The status of an answer follows from its document; the column is filled for the sake of earlier versions.
_STATUS = 200


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """Who sent a request, under which key (empty for none), and the digest of what was sent. Raises IdempotencyError for a key
    that is none."""

    actor: str
    key: str
    digest: str

    def __post_init__(self) -> None:
        if len(self.key) > LONGEST_KEY or not (self.key.isascii() and self.key.isprintable()):
            raise IdempotencyError(f"Give up to {LONGEST_KEY} printable ASCII characters as Idempotency-Key.")

    def run(self, session: Session, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The document that `action` returns, or returned when this was sent before.

        It is kept in the transaction of what `action` does; what that raises is not kept, since nothing was done. Raises
        IdempotencyError where the key was used for another request.
        """
        if not self.key:
            return action()
        if (kept := self._kept_result(session)) is not None:
            return kept
        document, at = action(), now()
        newest = session.scalar(select(func.max(Idempotency.sequence))) or 0
        is_old = Idempotency.at < at - KEPT_FOR, Idempotency.sequence <= newest - MIN_KEPT
        session.execute(delete(Idempotency).where(*is_old))
        session.add(
            Idempotency(
                author=self.actor,
                given=self.key,
                request=self.digest,
                status=_STATUS,
                # As text, since PostgreSQL does not keep the order of members.
                answer={"text": json.dumps(document)},
                at=at,
            )
        )
        return document

    def _kept_result(self, session: Session) -> dict[str, Any] | None:
        row = session.scalars(
            select(Idempotency).where(Idempotency.author == self.actor, Idempotency.given == self.key)
        ).first()
        if row is None:
            return None
        if row.request != self.digest:
            raise IdempotencyError(
                "This Idempotency-Key was used for another request. Give each request its own, such as a UUID. "
                "Clients without a key of the service share their Idempotency-Keys."
            )
        document: dict[str, Any] = json.loads(row.answer["text"])
        return document
