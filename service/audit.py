"""The audit as documents, by the page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service import cursor as cursors
from service.store import Store
from service.store.tables import AuditRow


def page(
    store: Store, limit: int, action: str = "", author: str = "", subject: str = "", cursor: str = ""
) -> dict[str, Any]:
    """Up to `limit` entries, the newest first, whose action begins with `action`, whose author has `author` in it, and whose
    subject is `subject`; and the cursor of the next page. Raises ParametersError."""
    (before,) = cursors.read(cursor)
    asked = select(AuditRow).order_by(AuditRow.sequence.desc()).limit(limit + 1)
    if action:
        asked = asked.where(AuditRow.action.startswith(action, autoescape=True))
    if author:
        asked = asked.where(AuditRow.author.contains(author, autoescape=True))
    if subject:
        asked = asked.where(AuditRow.subject == subject)
    if before:
        asked = asked.where(AuditRow.sequence < before)
    with store.read() as session:
        rows = list(session.scalars(asked))
    shown = rows[:limit]
    return {
        "entries": [document(row) for row in shown],
        "next": cursors.write(shown[-1].sequence) if len(rows) > limit else None,
    }


def document(row: AuditRow) -> dict[str, Any]:
    """One entry."""
    return {
        "at": row.at.isoformat(),
        "author": row.author,
        "action": row.action,
        "subject": row.subject,
        "details": row.details,
    }
