"""The audit log: who changed what, and why. An entry is written in the transaction of the change, so both are kept or neither."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db.database import Database
from service.db.pagination import decode_cursor, encode_cursor
from service.db.tables import AuditRow
from service.errors import ReasonError
from training.data.validation import is_printable_text

SYSTEM = "exoscore"
MAX_REASON = 500
# The actions that only add something, or stop work: of these the reason may be left out. Every other action replaces or
# removes what somebody may rely on.
WITHOUT_REASON = frozenset(
    (
        "finding.add",
        "installation.backup",
        "job.advice",
        "job.batch",
        "job.cancel",
        "job.comparison",
        "job.design",
        "job.training",
        "key.create",
        "model.keep",
    )
)


def record(session: Session, author: str, action: str, subject: str, **details: object) -> None:
    """Notes that `author` did `action` (as model.promote) to `subject`, in the transaction of the change.

    Unless the action is one of WITHOUT_REASON, `details` must hold the `reason`. Raises ReasonError.
    """
    if action not in WITHOUT_REASON:
        details["reason"] = check_reason(str(details.get("reason", "")))
    session.add(AuditRow(author=author, action=action, subject=subject, details=details))


def check_reason(reason: str) -> str:
    """The reason of a change, without the white space around it. Raises ReasonError where it is blank, too long or unreadable."""
    stripped = reason.strip()
    if not (0 < len(stripped) <= MAX_REASON and is_printable_text(stripped)):
        raise ReasonError(MAX_REASON)
    return stripped


def list_entries(
    database: Database, limit: int, action: str = "", author: str = "", subject: str = "", cursor: str = ""
) -> dict[str, Any]:
    """Up to `limit` entries as documents, the newest first, and the cursor of the next page.

    Their action begins with `action`, their author has `author` in it, and their subject is `subject`. Raises ParametersError.
    """
    (before,) = decode_cursor(cursor)
    query = select(AuditRow).order_by(AuditRow.sequence.desc()).limit(limit + 1)
    if action:
        query = query.where(AuditRow.action.startswith(action, autoescape=True))
    if author:
        query = query.where(AuditRow.author.contains(author, autoescape=True))
    if subject:
        query = query.where(AuditRow.subject == subject)
    if before:
        query = query.where(AuditRow.sequence < before)
    with database.read() as session:
        rows = list(session.scalars(query))
    return {
        "entries": [row.to_document("at", "author", "action", "subject", "details") for row in rows[:limit]],
        "next": encode_cursor(rows[limit - 1].sequence) if len(rows) > limit else None,
    }
