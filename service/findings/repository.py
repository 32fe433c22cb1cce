"""The findings of an installation: added whole or not at all, corrected and retracted with their history.

The active ones (those not retracted) always make a good file: no finding stands in them twice, no paper says both effects of
one candidate. Whatever writes takes its turn, so positions are in the order of the commits, and who pages by them misses
nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.candidates.parser import CandidateParser
from models.candidates.warnings import ReadingWarning
from models.errors import FieldError, RowError, TableError
from service.db.audit_log import check_reason, record
from service.db.database import Database, StoreError
from service.db.tables import FindingRevision, FindingRow
from service.errors import FindingClashError, ReasonError
from service.findings.conflicts import Conflict, conflicts_of
from service.findings.experiments import StoredExperiments
from service.findings.rows import (
    CORPUS,
    LAB,
    add_rows,
    held_out_overlap,
    new_ids,
    normalize_cells,
    revise,
    row_of,
    rows_where,
)
from training.data.findings import (
    COLUMNS,
    Finding,
    cells_of,
    check_rows,
    contradiction,
    first_of_experiment,
    merge_files,
    unread,
    validate_rows,
)
from training.data.papers import paper_names
from training.data.tabular import TableRow

_WRITERS = 0x45584F46
Revisions = Collection[int] | None


@dataclass(frozen=True, slots=True)
class Placement:
    """Which finding a row that was sent is, by the row's line."""

    line: int
    finding_id: str
    revision: int
    held_out: bool
    retracted: bool


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the rows that were sent, the conflicts that their findings are in, and what of them no table knows, by
    the row's line."""

    added: tuple[Placement, ...]
    existing: tuple[Placement, ...]
    conflicts: tuple[Conflict, ...]
    warnings: tuple[tuple[int, ReadingWarning], ...] = ()


class FindingRepository:
    """The findings in one store, read by one reader, which is fetched at the first need."""

    def __init__(self, database: Database, reader: Callable[[], CandidateParser]) -> None:
        self.database = database
        self._reader = reader

    @property
    def reader(self) -> CandidateParser:
        """What candidates are understood by."""
        return self._reader()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction in which nobody else writes findings. Raises StoreError."""
        with self.database.write() as session:
            if not self.database.is_sqlite:
                session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITERS})
            yield session

    def add(self, rows: Sequence[TableRow], author: str, held_out: bool = False) -> Added:
        """Adds the findings of `rows`: all of them or, where it raises, none. One that is here already stays as it is.

        `held_out` keeps them for blind tests: nothing is ever learned from them, nor from others of their papers. Raises
        SheetError with every fault of every row, StoreError.
        """
        with self.writing() as session:
            return self.add_within(session, rows, author, held_out)

    def add_within(
        self, session: Session, rows: Sequence[TableRow], author: str, held_out: bool = False, place: str = "line {}"
    ) -> Added:
        """`add` within a transaction of `writing`; `place` is how a remedy speaks of another row, by its line."""
        rows = [normalize_cells(row.line, row.cells) for row in rows]
        findings, faults = validate_rows(rows, self.reader, place.format)
        typed_ids = {row.line: row.cells["finding_id"] for row in rows if row.cells.get("finding_id")}
        own_ids = {finding.content: typed_ids[line] for line, finding in findings.items() if line in typed_ids}
        experiments = StoredExperiments(session, findings.values(), self.reader)
        faults += _faults_with_stored(session, findings, experiments, own_ids, held_out)
        if faults:
            raise TableError(sorted(faults, key=lambda fault: fault.line))
        stored = {line: row for line, finding in findings.items() if (row := experiments.same(finding))}
        sent = {line: finding for line, finding in findings.items() if line not in stored}
        first = first_of_experiment(sent, experiments.papers)
        fresh = {finding.content: finding for line, finding in sent.items() if first[line] == line}
        ids = new_ids(session, fresh, own_ids)
        identified = [(ids[content], finding) for content, finding in fresh.items()]
        add_rows(session, identified, self.reader, author, LAB, held_out)
        for finding_id in ids.values():
            record(session, author, "finding.add", finding_id, revision=1, held_out=held_out)
        session.flush()
        added: list[Placement] = []
        existing: list[Placement] = []
        for line in findings:
            if row := stored.get(line):
                existing.append(Placement(line, row.finding_id, row.revision, row.held_out, row.retracted))
            else:
                placement = Placement(line, ids[findings[first[line]].content], 1, held_out, False)
                (added if first[line] == line else existing).append(placement)
        involved = {placement.finding_id for placement in (*added, *existing)}
        conflicts = conflicts_of(session, self.reader, involved)
        return Added(tuple(added), tuple(existing), conflicts, tuple(unread(findings, self.reader)))

    def preview(self, rows: Sequence[TableRow], author: str, held_out: bool = False) -> Added:
        """What `add` would come to now; nothing is added. Raises as `add`."""
        with self.writing() as session:
            added = self.add_within(session, rows, author, held_out)
            session.rollback()
        return added

    def show(self, finding_id: str) -> FindingRow:
        """One finding. Raises UnknownFindingError."""
        with self.database.read() as session:
            return row_of(session, finding_id)

    def history(self, finding_id: str) -> list[FindingRevision]:
        """Every state that a finding was ever in, the first one first. Raises UnknownFindingError."""
        with self.database.read() as session:
            row = row_of(session, finding_id)
            revisions = select(FindingRevision).where(FindingRevision.finding_id == row.finding_id)
            return list(session.scalars(revisions.order_by(FindingRevision.revision)))

    def correct(
        self,
        finding_id: str,
        changes: Mapping[str, str],
        author: str,
        reason: str,
        revisions: Revisions = None,
    ) -> FindingRow:
        """Changes cells of a finding, which is then judged as a whole row; an empty text takes a cell out.

        Only one of `revisions` is changed (None: whichever is the newest). Raises UnknownFindingError, StaleFindingError,
        SheetError with every fault, FindingClashError where another finding is what this one would become.
        """
        faults = _reason_faults(reason)
        if changes.get("finding_id", finding_id) != finding_id:
            faults.append(FieldError("finding_id", "fixed", "The id of a finding cannot be changed. Leave it out."))
        with self.writing() as session:
            row = row_of(session, finding_id, revisions)
            changed = normalize_cells(1, {**row.cells, **changes, "finding_id": finding_id})
            findings, row_faults = validate_rows([changed], self.reader)
            _raise_faults([*faults, *(fault.fault for fault in row_faults)], finding_id)
            finding = findings[1]
            is_as_before = (finding.content, finding.paper_names) == (row.content, paper_names(row.paper, row.cells))
            if not is_as_before:
                _raise_clash(session, row, finding, self.reader, active=not row.retracted)
            if not row.retracted and (there := held_out_overlap(session, [finding], row.held_out)):
                _raise_faults([_mixed(finding.paper, *there[finding.paper])], finding_id)
            before, after = row.cells, cells_of(finding, self.reader)
            if columns := [name for name in COLUMNS if before.get(name) != after.get(name)]:
                revise(session, row, author, reason, finding=finding, cells=after)
                _record_change(session, row, author, "finding.correct", reason, columns=columns)
            return row

    def retract(self, finding_id: str, author: str, reason: str, revisions: Revisions = None) -> FindingRow:
        """Takes a finding out of what is learned from; it stays, with its history. One that is retracted stays as it is.

        Raises UnknownFindingError, StaleFindingError, and SheetError without a reason.
        """
        return self._set_retracted(finding_id, True, author, reason, revisions)

    def restore(self, finding_id: str, author: str, reason: str, revisions: Revisions = None) -> FindingRow:
        """Puts a retracted finding back. Raises as `retract`, and FindingClashError where another one stands in its way."""
        return self._set_retracted(finding_id, False, author, reason, revisions)

    def paper_names(self) -> frozenset[str]:
        """Every name that the paper of a finding kept here has or had, of retracted ones too. Raises StoreError."""
        with self.database.read() as session:
            states = session.scalars(select(FindingRevision.cells))
            return frozenset().union(*(paper_names(cells["paper"], cells) for cells in states))

    def for_training(self) -> tuple[Finding, ...]:
        """The active findings that may be learned from, in the order of their positions, each paper under one key.

        Raises StoreError, naming those that the words of this version do not admit any more.
        """
        return self._active(held_out=False)

    def held_out(self) -> tuple[Finding, ...]:
        """The active findings that are kept for blind tests and never learned from; otherwise as `for_training`."""
        return self._active(held_out=True)

    def _active(self, held_out: bool) -> tuple[Finding, ...]:
        query = select(FindingRow.position, FindingRow.cells, FindingRow.origin).where(
            FindingRow.retracted.is_(False), FindingRow.held_out.is_(held_out)
        )
        with self.database.read() as session:
            stored = session.execute(query.order_by(FindingRow.position)).all()
        try:
            findings = check_rows([normalize_cells(row.position, row.cells) for row in stored], self.reader)
            origins = [replace(finding, origin=row.origin) for finding, row in zip(findings, stored, strict=True)]
            return merge_files([origins])
        except TableError as error:
            faults = "; ".join(f"{fault.row}: {fault.fault}" for fault in error.faults[:5])
            remedy = "Correct or retract them with `exoscore findings`."
            raise StoreError(f"Stored findings are not valid in this version ({faults}). {remedy}") from error

    def _set_retracted(
        self, finding_id: str, retracted: bool, author: str, reason: str, revisions: Revisions
    ) -> FindingRow:
        _raise_faults(_reason_faults(reason), finding_id)
        with self.writing() as session:
            row = row_of(session, finding_id, revisions)
            if row.retracted == retracted:
                return row
            finding = None
            if not retracted:
                (finding,) = check_rows([normalize_cells(1, row.cells)], self.reader)
                _raise_clash(session, row, finding, self.reader, active=True)
                if there := held_out_overlap(session, [finding], row.held_out):
                    raise FindingClashError(
                        finding_id, there[finding.paper][0], "hold out a paper in part only, against"
                    )
            revise(session, row, author, reason, finding=finding, retracted=retracted)
            _record_change(session, row, author, "finding.retract" if retracted else "finding.restore", reason)
            return row


def _faults_with_stored(
    session: Session,
    findings: Mapping[int, Finding],
    experiments: StoredExperiments,
    own_ids: Mapping[str, str],
    held_out: bool,
) -> list[RowError]:
    """What is wrong with rows beside the findings stored: contradictions, ids taken, papers of the other side."""
    holders = {row.finding_id: row for row in rows_where(session, FindingRow.finding_id, own_ids.values())}
    overlap = held_out_overlap(session, findings.values(), held_out)
    faults = []
    for line, finding in findings.items():
        errors = []
        if other := experiments.contrary(finding):
            errors.append(contradiction(other.finding_id, finding))
        if pair := experiments.joined(finding):
            remedy = "It makes {} and {} findings of one paper, and they contradict each other. Correct or retract one of them."
            remedy = remedy.format(*(row.finding_id for row in pair))
            errors.append(FieldError("paper", "contradiction", remedy, finding.paper))
        holder = holders.get(own_ids.get(finding.content, ""))
        if holder and holder.content != finding.content:
            remedy = (
                f"{holder.finding_id} is the id of another finding. Correct that finding, or leave the finding_id out."
            )
            errors.append(FieldError("finding_id", "repeated", remedy, finding.finding_id))
        if finding.paper in overlap:
            errors.append(_mixed(finding.paper, *overlap[finding.paper]))
        faults += [RowError(line, error, finding.finding_id) for error in errors]
    return faults


def _mixed(paper: str, other: str, shared: str) -> FieldError:
    remedy = f"{other} is of the same paper ({shared}). Reserve all findings of a paper for blind tests, or none."
    return FieldError("paper", "mixed_sides", remedy, paper)


def _raise_clash(session: Session, row: FindingRow, finding: Finding, reader: CandidateParser, active: bool) -> None:
    """Raises FindingClashError where another one is the `finding` that `row` is to be, or is active and its contrary."""
    experiments = StoredExperiments(session, [finding], reader, but=(row.finding_id,))
    if other := experiments.same(finding):
        raise FindingClashError(row.finding_id, other.finding_id, "be the same as")
    if active and (other := experiments.contrary(finding)):
        raise FindingClashError(row.finding_id, other.finding_id, "contradict")
    if active and (pair := experiments.joined(finding)):
        others = " and ".join(each.finding_id for each in pair)
        raise FindingClashError(row.finding_id, others, "make one paper, which contradicts itself, of")


def _reason_faults(reason: str) -> list[FieldError]:
    try:
        check_reason(reason)
    except ReasonError as error:
        return [FieldError("reason", "malformed" if reason.strip() else "missing", str(error))]
    return []


def _raise_faults(faults: Sequence[FieldError], finding_id: str) -> None:
    if faults:
        raise TableError([RowError(1, fault, finding_id) for fault in faults])


def _record_change(session: Session, row: FindingRow, author: str, action: str, reason: str, **details: object) -> None:
    row.touched = row.origin == CORPUS
    record(session, author, action, row.finding_id, revision=row.revision, reason=reason, **details)
    session.flush()
