"""A request that is sent again with its Idempotency-Key is not done again, but gets the answer that it got."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.errors import IdempotencyError
from service.store.tables import Idempotency, now

LONGEST_KEY = 200
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Once:
    """Who asked, under which key (empty for none), and the digest of what was asked."""

    author: str
    key: str
    request: str

    def answer(self, session: Session, do: Callable[[], tuple[int, dict[str, Any]]]) -> tuple[int, str]:
        """The status and the JSON text that `do` gives, or gave when this was asked before.

        Both are kept in the transaction of what `do` does; what it raises is not kept, since nothing was done. Raises
        IdempotencyError where the key was used for another request.
        """
        if self.key and (kept := self._kept(session)):
            return kept
        status, document = do()
        text = json.dumps(document)
        if self.key:
            at = now()
            session.execute(delete(Idempotency).where(Idempotency.at < at - KEPT_FOR))
            answer = {"text": text}
            row = Idempotency(
                author=self.author, given=self.key, request=self.request, status=status, answer=answer, at=at
            )
            session.add(row)
        return status, text

    def _kept(self, session: Session) -> tuple[int, str] | None:
        if len(self.key) > LONGEST_KEY or not (self.key.isascii() and self.key.isprintable()):
            raise IdempotencyError(f"give up to {LONGEST_KEY} printable ASCII characters as Idempotency-Key")
        row = session.scalars(
            select(Idempotency).where(Idempotency.author == self.author, Idempotency.given == self.key)
        ).first()
        if row is None:
            return None
        if row.request != self.request:
            raise IdempotencyError(
                "this Idempotency-Key was used for another request: give a new one with a new request"
            )
        return row.status, row.answer["text"]
