"""Who changed what. An entry is written in the transaction of the change: either both are kept or neither."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import AuditRow, now

SYSTEM = "exoscore"


def record(session: Session, author: str, action: str, subject: str, **details: object) -> None:
    """Notes that `author` did `action` (as model.promote) to `subject`, in the transaction of the change."""
    session.add(AuditRow(at=now(), author=author, action=action, subject=subject, details=details))


def page(
    session: Session, limit: int, action: str = "", author: str = "", subject: str = "", cursor: str = ""
) -> dict[str, Any]:
    """Up to `limit` entries, the newest first, whose action begins with `action`, whose author has `author` in it, and whose
    subject is `subject`; behind `cursor`, the `next` of the page before. Raises ValueError where that is no cursor."""
    asked = select(AuditRow).order_by(AuditRow.sequence.desc()).limit(limit + 1)
    if action:
        asked = asked.where(AuditRow.action.startswith(action, autoescape=True))
    if author:
        asked = asked.where(AuditRow.author.contains(author, autoescape=True))
    if subject:
        asked = asked.where(AuditRow.subject == subject)
    if cursor:
        asked = asked.where(AuditRow.sequence < int(cursor))
    rows = list(session.scalars(asked))
    entries = [
        {
            "at": row.at.isoformat(),
            "author": row.author,
            "action": row.action,
            "subject": row.subject,
            "details": row.details,
        }
        for row in rows[:limit]
    ]
    return {"entries": entries, "next": str(rows[limit - 1].sequence) if len(rows) > limit else None}
