"""One table read in: the table that it makes, and an account of where it came from and what became of its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.candidates.parser import CandidateParser
from models.errors import FieldError, RowError, TableError
from models.knowledge.sources import TARGET_SOURCE, Source, role_table, target_table
from training.data.findings import Finding
from training.importers import mirtarbase
from training.importers.cancermine import CANCERMINE
from training.importers.hmdd import HMDD
from training.importers.import_report import ImportReport, Reason
from training.importers.lnctard import LNCTARD
from training.importers.mircancer import MIRCANCER
from training.importers.names import Names
from training.importers.table import Table, open_table, refuse
from training.importers.tumours import Tumours
from training.importers.votes import collect_votes, corpus_papers

ROLE_IMPORTERS = {importer.source.key: importer for importer in (MIRCANCER, HMDD, CANCERMINE, LNCTARD)}
IMPORTERS = (*ROLE_IMPORTERS, TARGET_SOURCE.key)


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """A table as it is to be kept (`table`), and the account of it.

    `votes` counts the votes over all tumours together; for targets, the validated pairs.
    """

    source: Source
    original: Table
    table: bytes
    rows: int
    votes: int
    cargos: int
    ledger: ImportReport
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The account, ready for JSON."""
        return {
            "source": self.source.key,
            "name": self.source.name,
            "doi": self.source.doi,
            "file": self.original.path.name,
            "sha256": self.original.sha256,
            "form": self.original.form.name,
            "encoding": self.original.encoding,
            "rows_read": self.ledger.read,
            "rows_used": self.ledger.used,
            "dropped": _as_dicts(self.ledger.skipped),
            "used_in_part": _as_dicts(self.ledger.partially_used),
            "remarks": list(self.remarks),
            "cargos": self.cargos,
            "rows": self.rows,
            "votes": self.votes,
            "table_sha256": hashlib.sha256(self.table).hexdigest(),
        }


def import_table(key: str, path: Path, reader: CandidateParser, corpus: Iterable[Finding]) -> ImportedTable:
    """The table that the source `key` of `IMPORTERS` makes of the file at `path`.

    Reports from the papers of `corpus` are left out. Raises SheetError where the file is not a table of that source, or none
    of its rows can be used; OSError where it cannot be opened.
    """
    names = Names(reader.naming)
    if key == TARGET_SOURCE.key:
        return _targets(open_table(path, mirtarbase.FORMS), names)
    importer = ROLE_IMPORTERS[key]
    original = open_table(path, importer.forms)
    votes, ledger = collect_votes(original, importer, names, Tumours(reader.vocabulary), corpus_papers(corpus))
    rows = votes.rows(importer.source)
    _need(bool(rows), ledger)
    remarks = [*_encoding(original), *filter(None, [(importer.remarks or {}).get(original.form.name)])]
    if votes.undecided:
        remarks.append(f"{votes.undecided} papers say as much for as against a cargo and are no vote")
    return ImportedTable(
        source=importer.source,
        original=original,
        table=role_table(rows),
        rows=len(rows),
        votes=sum(row.suppressing + row.oncogenic for row in rows if not row.cancer_type),
        cargos=len({row.cargo for row in rows}),
        ledger=ledger,
        remarks=tuple(remarks),
    )


def _targets(original: Table, names: Names) -> ImportedTable:
    rows, ledger = mirtarbase.collect_targets(original, names)
    _need(bool(rows), ledger)
    return ImportedTable(
        source=TARGET_SOURCE,
        original=original,
        table=target_table(rows),
        rows=len(rows),
        votes=len(rows),
        cargos=len({row.mirna for row in rows}),
        ledger=ledger,
        remarks=tuple(_encoding(original)),
    )


def _need(usable: bool, ledger: ImportReport) -> None:
    if not ledger.read:
        refuse("empty", "the file has a header but no rows")
    if not usable:
        raise TableError(
            [
                RowError(
                    1, FieldError("", "no_usable_row", f"none of the {reason.rows} rows could be used: {reason.says}")
                )
                for reason in ledger.skipped
            ]
        )


def _encoding(original: Table) -> list[str]:
    if original.encoding.startswith("utf"):
        return []
    return [f"read as {original.encoding.capitalize()}, since it is not UTF-8"]


def _as_dicts(reasons: Iterable[Reason]) -> list[dict[str, object]]:
    return [reason.as_dict() for reason in reasons]
