"""Tables of findings that are looked at before they are added: what each row would become, and what stands against it.

The table is kept as it was sent and judged anew whenever it is looked at, by the very code that adds it, so what is seen is
what would be done at that moment. Nothing of it is a finding until it is confirmed.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from models.candidates.warnings import ReadingWarning
from models.errors import FieldError, RowError, TableError
from service.db.tables import ImportRow, now
from service.errors import UnknownImportError
from service.findings.conflicts import Conflict
from service.findings.repository import FindingRepository
from service.findings.rows import normalize_cells
from service.findings.serializers import added_document
from training.data.findings import COLUMNS, REQUIRED_COLUMNS, cells_of, unread, validate_rows
from training.data.tabular import TableRow, parse_table

MAX_ROWS = 10_000
KEPT_FOR = timedelta(days=7)
NEW, EXISTING, FAULTY, FINE = "new", "existing", "faulty", "fine"
_LONGEST_NAME = 200
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """One row: its cells in canonical terms, or as given where they are faulty, what it would become, and its faults.

    A row that is `fine` has no fault itself, but is not added because others have. `finding_id` is the finding that is
    here already.
    """

    line: int
    cells: Mapping[str, str]
    becomes: str
    finding_id: str = ""
    faults: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What adding a table would come to. `faults` are those of the file as a whole, `conflicts` those that its findings
    would be in, `warnings` what of them no table knows, by the row's line."""

    rows: tuple[PreviewedRow, ...]
    faults: tuple[RowError, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[tuple[int, ReadingWarning], ...] = ()

    @property
    def fault_count(self) -> int:
        """How many faults there are in all."""
        return len(self.faults) + sum(len(row.faults) for row in self.rows)

    def of(self, becomes: str) -> int:
        """How many rows become that."""
        return sum(row.becomes == becomes for row in self.rows)


def create_import(findings: FindingRepository, name: str, content: bytes, held_out: bool, author: str) -> str:
    """Keeps a table for a week, to be looked at. Returns its id. Raises StoreError."""
    import_id = f"imp-{secrets.token_hex(8)}"
    with findings.database.write() as session:
        session.execute(delete(ImportRow).where(ImportRow.at < now() - KEPT_FOR))
        session.add(
            ImportRow(
                import_id=import_id,
                name=name[:_LONGEST_NAME],
                content=content,
                by_commas=_by_commas(name, content),
                held_out=held_out,
                author=author,
            )
        )
    return import_id


def get_import(findings: FindingRepository, import_id: str) -> ImportRow:
    """A table that was kept. Raises UnknownImportError, StoreError."""
    with findings.database.read() as session:
        row = session.get(ImportRow, import_id)
    if row is None:
        raise UnknownImportError(import_id)
    return row


def preview(findings: FindingRepository, table: ImportRow) -> Preview:
    """What adding a table would come to now. Raises StoreError."""
    try:
        rows = _rows(table)
    except TableError as error:
        return Preview((), error.faults)
    understood, _ = validate_rows([normalize_cells(row.line, row.cells) for row in rows], findings.reader)
    cells = {line: cells_of(finding, findings.reader) for line, finding in understood.items()}
    faults: defaultdict[int, list[FieldError]] = defaultdict(list)
    existing: dict[int, str] = {}
    conflicts: tuple[Conflict, ...] = ()
    outcome = NEW
    try:
        added = findings.preview(rows, table.author, table.held_out)
        existing = {placed.line: placed.finding_id for placed in added.existing}
        conflicts = added.conflicts
    except TableError as error:
        outcome = FINE
        for fault in error.faults:
            faults[fault.line].append(fault.fault)
    return Preview(
        tuple(
            PreviewedRow(row.line, row.cells, FAULTY, faults=tuple(faults[row.line]))
            if row.line in faults
            else PreviewedRow(
                row.line,
                cells.get(row.line, row.cells),
                EXISTING if row.line in existing else outcome,
                existing.get(row.line, ""),
            )
            for row in rows
        ),
        conflicts=conflicts,
        warnings=tuple(unread(understood, findings.reader)),
    )


def confirm(findings: FindingRepository, import_id: str, author: str) -> dict[str, Any]:
    """Adds a table, whole; one that was added already is not added again. Returns what became of its rows.

    Raises UnknownImportError, SheetError with every fault where it cannot be added, StoreError.
    """
    with findings.writing() as session:
        table = session.get(ImportRow, import_id)
        if table is None:
            raise UnknownImportError(import_id)
        if not table.result:
            rows = _rows(table)
            table.result = added_document(findings.add_within(session, rows, author, table.held_out), rows)
        return table.result


def text_of(table: ImportRow) -> str | None:
    """The table as text; None where it is none."""
    try:
        return table.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _rows(table: ImportRow) -> list[TableRow]:
    if table.content.startswith(_ZIP):
        raise _refused("not_text", "this is a workbook: save the sheet as CSV (UTF-8) and send that")
    rows = parse_table(table.content, table.by_commas, COLUMNS, REQUIRED_COLUMNS)
    if len(rows) > MAX_ROWS:
        raise _refused("too_many", f"give at most {MAX_ROWS} rows at a time, not {len(rows)}")
    return rows


def _refused(code: str, remedy: str) -> TableError:
    return TableError([RowError(1, FieldError("", code, remedy))])


def _by_commas(name: str, content: bytes) -> bool:
    """Whether cells are parted by commas: by the file's name or, where that does not tell, by its header."""
    suffix = name.lower().rpartition(".")[2]
    return suffix == "csv" or (suffix not in ("tsv", "tab") and b"\t" not in content.partition(b"\n")[0])
