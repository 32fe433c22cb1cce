"""The shipped corpus in the store: loaded at the first start, and brought up to date by a later release.

What the lab added, corrected or retracted stays as it is. Of the rest, what is new is added, what changed is revised, and what
is shipped no more is retracted; in one transaction, by whichever process comes first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.candidates.parser import CandidateParser
from service.db.audit_log import SYSTEM, record
from service.db.tables import Fact, FindingRow
from service.findings.repository import FindingRepository
from service.findings.rows import CORPUS as SHIPPED
from service.findings.rows import add_rows, held_out_overlap, revise, set_search_columns
from training.data.findings import CORPUS, Finding, cells_of, read_findings

FACT = "corpus"
WITHDRAWN = "withdrawn from the shipped corpus"
REVISED = "revised in the shipped corpus"
PUT_BACK = "in the shipped corpus again"


def load(
    findings: FindingRepository, path: Path = CORPUS, reader: Callable[[], CandidateParser] = CandidateParser.load
) -> None:
    """Brings the shipped findings up to those of `path`; does nothing where they are. Raises StoreError.

    They are read by the shipped words, which need nothing that can be damaged here.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with findings.database.read() as session:
        if _loaded(session) == digest:
            return
    words = reader()
    shipped = read_findings(path, words)
    with findings.writing() as session:
        if _loaded(session) != digest:
            counts = _CorpusSync(session, words).apply(shipped)
            session.merge(Fact(name=FACT, text=digest))
            record(session, SYSTEM, "corpus.load", digest, **counts)


def _loaded(session: Session) -> str:
    fact = session.get(Fact, FACT)
    return fact.text if fact else ""


class _CorpusSync:
    """One move of the untouched shipped findings to another release, within one transaction."""

    def __init__(self, session: Session, reader: CandidateParser) -> None:
        self._session = session
        self._reader = reader
        every = session.scalars(select(FindingRow)).all()
        self._ours = {row.finding_id: row for row in every if row.origin == SHIPPED and not row.touched}
        self._theirs = [row for row in every if row.finding_id not in self._ours]

    def apply(self, shipped: Sequence[Finding]) -> dict[str, object]:
        """Makes the shipped findings those of `shipped`; tells what was done."""
        wanted = self._wanted(shipped)
        self._free_contents(wanted)
        done = {REVISED: 0, PUT_BACK: 0, WITHDRAWN: 0}
        for finding_id, row in self._ours.items():
            if reason := self._update(row, wanted.get(finding_id)):
                done[reason] += 1
        fresh = [(finding_id, one) for finding_id, one in wanted.items() if finding_id not in self._ours]
        self._session.flush()
        add_rows(self._session, fresh, self._reader, SYSTEM, SHIPPED, held_out=False)
        return {"added": len(fresh), **done, "skipped": len(shipped) - len(wanted)}

    def _wanted(self, shipped: Sequence[Finding]) -> dict[str, Finding]:
        """What is to be active, by id: all that is shipped, but for what meets a finding of the lab.

        That is one with its id, its content or the contrary, or one of its paper that is held out. A finding that is
        shipped under another id than before keeps the old one.
        """
        ids = {row.finding_id for row in self._theirs}
        contents = {row.content for row in self._theirs}
        active = {row.content for row in self._theirs if not row.retracted}
        held_out = held_out_overlap(self._session, shipped, held_out=False)
        admitted = {
            one.content: one
            for one in shipped
            if one.finding_id not in ids
            and one.content not in contents
            and one.opposite not in active
            and one.paper not in held_out
        }
        staying = {one.finding_id for one in admitted.values()}
        former = {row.content: row.finding_id for row in self._ours.values() if row.finding_id not in staying}
        return {
            one.finding_id if one.finding_id in self._ours else former.get(content, one.finding_id): one
            for content, one in admitted.items()
        }

    def _free_contents(self, wanted: Mapping[str, Finding]) -> None:
        """Takes from rows the content that another is to have: contents are unique at every moment."""
        contents = {one.content for one in wanted.values()}
        for finding_id, row in self._ours.items():
            one = wanted.get(finding_id)
            if row.content in contents and (one is None or one.content != row.content):
                row.content = hashlib.sha256(f"formerly {finding_id}".encode()).hexdigest()
        self._session.flush()

    def _update(self, row: FindingRow, one: Finding | None) -> str:
        """Makes `row` what is shipped now, and tells why it was changed, if it was."""
        if one is None:
            if row.retracted:
                return ""
            revise(self._session, row, SYSTEM, WITHDRAWN, retracted=True)
            return WITHDRAWN
        cells = cells_of(one, self._reader) | {"finding_id": row.finding_id}
        if cells == row.cells and not row.retracted:
            set_search_columns(row, one)
            return ""
        reason = PUT_BACK if row.retracted else REVISED
        revise(self._session, row, SYSTEM, reason, finding=one, cells=cells, retracted=False)
        return reason
