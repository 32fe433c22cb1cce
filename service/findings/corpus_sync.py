"""The shipped corpus in the store: loaded at the first start, and brought up to date by a later release.

What the lab added, corrected or retracted stays as it is, but that a drug or siRNA that older releases took for native, where no
state was stated, is loaded. Of the rest, what is new is added, what changed is revised, and what is shipped no more is retracted;
in one transaction, by whichever process comes first.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.candidates.parser import CandidateParser
from service.db.audit_log import SYSTEM, record
from service.db.tables import Fact, FindingRow
from service.findings.experiments import StoredExperiments
from service.findings.repository import FindingRepository
from service.findings.rows import CORPUS as SHIPPED
from service.findings.rows import add_rows, held_out_overlap, normalize_cells, revise, set_search_columns
from training.data.findings import CORPUS, Finding, cells_of, read_findings, validate_rows

FACT = "corpus"
_REASON = "Automatic: this version ships another release of the corpus."
WITHDRAWN = "withdrawn from the shipped corpus"
REVISED = "revised in the shipped corpus"
PUT_BACK = "in the shipped corpus again"
RESTATED = "Cells do not make such cargo, so that it was loaded"


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
    parser = reader()
    shipped = read_findings(path, parser)
    with findings.writing() as session:
        if _loaded(session) != digest:
            counts = _CorpusSync(session, parser).apply(shipped)
            session.merge(Fact(name=FACT, text=digest))
            record(session, SYSTEM, "corpus.load", digest, reason=_REASON, **counts)


def _loaded(session: Session) -> str:
    fact = session.get(Fact, FACT)
    return fact.text if fact else ""


class _CorpusSync:
    """One move of the untouched shipped findings to another release, within one transaction."""

    def __init__(self, session: Session, reader: CandidateParser) -> None:
        self._session = session
        self._reader = reader
        rows = session.scalars(select(FindingRow)).all()
        self._untouched = {row.finding_id: row for row in rows if row.origin == SHIPPED and not row.touched}
        self._of_lab = [row for row in rows if row.finding_id not in self._untouched]

    def apply(self, shipped: Sequence[Finding]) -> dict[str, object]:
        """Makes the shipped findings those of `shipped`. Returns how many were added, changed and left out."""
        counts = {REVISED: 0, PUT_BACK: 0, WITHDRAWN: 0, RESTATED: self._restate()}
        active = self._select_active(shipped)
        self._free_contents(active)
        for finding_id, row in self._untouched.items():
            if reason := self._update(row, active.get(finding_id)):
                counts[reason] += 1
        fresh = [(finding_id, finding) for finding_id, finding in active.items() if finding_id not in self._untouched]
        self._session.flush()
        add_rows(self._session, fresh, self._reader, SYSTEM, SHIPPED, held_out=False)
        return {"added": len(fresh), **counts, "skipped": len(shipped) - len(active)}

    def _restate(self) -> int:
        """Takes native cargo that cells do not make for loaded, where the lab says nothing else of it. Returns how often."""
        holder = {row.content: row for row in self._of_lab}
        restated = 0
        for row in self._of_lab:
            if row.cells.get("cargo_state", "native") != "native":
                continue
            if validate_rows([normalize_cells(1, row.cells)], self._reader)[0]:
                continue
            cells = {name: cell for name, cell in row.cells.items() if name != "cargo_state"}
            findings, faults = validate_rows([normalize_cells(1, cells)], self._reader)
            if faults:
                continue
            finding = findings[1]
            if holder.setdefault(finding.content, row) is not row:
                continue
            cells = cells_of(finding, self._reader) | {"finding_id": row.finding_id}
            revise(self._session, row, SYSTEM, RESTATED, finding=finding, cells=cells)
            restated += 1
        return restated

    def _select_active(self, shipped: Sequence[Finding]) -> dict[str, Finding]:
        """What is to be active, by id: all that is shipped, but for what meets a finding of the lab.

        That is one with its id, one of the same experiment in the same paper, or one of its paper that is held out. A
        finding that is shipped under another id than before keeps the old one.
        """
        lab_ids = {row.finding_id for row in self._of_lab}
        of_lab = StoredExperiments(self._session, shipped, self._reader, but=self._untouched)
        held_out = held_out_overlap(self._session, shipped, held_out=False)
        admitted = {
            finding.content: finding
            for finding in shipped
            if finding.finding_id not in lab_ids
            and of_lab.same(finding) is None
            and of_lab.contrary(finding) is None
            and finding.paper not in held_out
        }
        staying = {finding.finding_id for finding in admitted.values()}
        former = {row.content: row.finding_id for row in self._untouched.values() if row.finding_id not in staying}
        return {
            finding.finding_id
            if finding.finding_id in self._untouched
            else former.get(content, finding.finding_id): finding
            for content, finding in admitted.items()
        }

    def _free_contents(self, active: Mapping[str, Finding]) -> None:
        """Takes from rows the content that another is to have: contents are unique at every moment."""
        contents = {finding.content for finding in active.values()}
        for finding_id, row in self._untouched.items():
            finding = active.get(finding_id)
            if row.content in contents and (finding is None or finding.content != row.content):
                row.content = hashlib.sha256(f"formerly {finding_id}".encode()).hexdigest()
        self._session.flush()

    def _update(self, row: FindingRow, shipped: Finding | None) -> str:
        """Makes `row` what is shipped now. Returns why it was changed; empty where it was not."""
        if shipped is None:
            if row.retracted:
                return ""
            revise(self._session, row, SYSTEM, WITHDRAWN, retracted=True)
            return WITHDRAWN
        cells = cells_of(shipped, self._reader) | {"finding_id": row.finding_id}
        if cells == row.cells and not row.retracted:
            set_search_columns(row, shipped)
            return ""
        reason = PUT_BACK if row.retracted else REVISED
        revise(self._session, row, SYSTEM, reason, finding=shipped, cells=cells, retracted=False)
        return reason
