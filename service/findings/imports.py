"""Tables of findings that are looked at before they are added: what each row would become, and what stands against it.

The table is kept as it was sent and judged anew whenever it is looked at, by the very code that adds it, so what is seen is
what would be done at that moment. Nothing of it is a finding until it is confirmed.
"""

import io
import secrets
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
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
from training.data.findings import HEADINGS, cells_of, parse_rows, unread, validate_rows
from training.data.tabular import OnRemark, TableRow, ignore, read_plain
from training.data.workbooks import is_workbook

MAX_ROWS = 10_000
KEPT_FOR = timedelta(days=7)
NEW, EXISTING, FAULTY, FINE = "new", "existing", "faulty", "fine"
_LONGEST_NAME = 200


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
    would be in, `warnings` what of them no table knows, by the row's line, `remarks` what was read otherwise than it stands."""

    rows: tuple[PreviewedRow, ...]
    faults: tuple[RowError, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[tuple[int, ReadingWarning], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def fault_count(self) -> int:
        """How many faults there are in all."""
        return len(self.faults) + sum(len(row.faults) for row in self.rows)

    def of(self, becomes: str) -> int:
        """How many rows become that."""
        return sum(row.becomes == becomes for row in self.rows)


def create_import(
    findings: FindingRepository,
    name: str,
    content: bytes,
    held_out: bool,
    author: str,
    sheet: str = "",
    on_remark: OnRemark = ignore,
) -> str:
    """Keeps a table for a week, to be looked at; of a workbook, a `sheet` as CSV. Returns its id.

    Raises TableError where a workbook cannot be read, StoreError.
    """
    import_id = f"imp-{secrets.token_hex(8)}"
    by_commas = _by_commas(name, content)
    if sheet or is_workbook(content):
        content, by_commas = read_plain(io.BytesIO(content), by_commas, HEADINGS, sheet, on_remark)
        name = f"{name}, sheet {sheet}" if sheet else name
    with findings.database.write() as session:
        session.execute(delete(ImportRow).where(ImportRow.at < now() - KEPT_FOR))
        session.add(
            ImportRow(
                import_id=import_id,
                name=name[:_LONGEST_NAME],
                content=content,
                by_commas=by_commas,
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
    remarks: list[str] = []
    try:
        rows = _rows(table, remarks.append)
    except TableError as error:
        return Preview((), error.faults, remarks=tuple(remarks))
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
        remarks=tuple(remarks),
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
            remarks: list[str] = []
            rows = _rows(table, remarks.append)
            table.result = added_document(findings.add_within(session, rows, author, table.held_out), rows, remarks)
        return table.result


def text_of(table: ImportRow) -> str | None:
    """The table as text, to be mended; None where it is none."""
    content = table.content
    with suppress(TableError):
        content, _ = read_plain(io.BytesIO(content), table.by_commas, HEADINGS, "", ignore)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _rows(table: ImportRow, on_remark: OnRemark) -> list[TableRow]:
    rows = parse_rows(table.content, table.by_commas, on_remark=on_remark)
    if len(rows) > MAX_ROWS:
        raise TableError.at_line(
            0, "too_many", f"Upload at most {MAX_ROWS:,} rows at a time; this table has {len(rows):,}."
        )
    return rows


def _by_commas(name: str, content: bytes) -> bool:
    """Whether cells are parted by commas: by the file's name or, where that does not tell, by its header."""
    suffix = name.lower().rpartition(".")[2]
    return suffix == "csv" or (suffix not in ("tsv", "tab") and b"\t" not in content.partition(b"\n")[0])
