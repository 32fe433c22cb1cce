"""Who changed what. An entry is written in the transaction of the change: either both are kept or neither."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.store.tables import AuditRow, now

SYSTEM = "exoscore"


def record(session: Session, author: str, action: str, subject: str, **details: object) -> None:
    """Notes that `author` did `action` (as model.promote) to `subject`, in the transaction of the change."""
    session.add(AuditRow(at=now(), author=author, action=action, subject=subject, details=details))
