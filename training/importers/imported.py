"""One table read in: the table that it makes, and an account of where it came from and what became of its rows."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.candidates.parser import CandidateParser
from models.errors import FieldError, RowError, TableError
from models.knowledge.sources import SOURCES, TARGET_SOURCE, Source, role_table, target_table
from training.data.findings import Finding
from training.importers import mirtarbase
from training.importers.cancermine import CANCERMINE
from training.importers.hmdd import HMDD
from training.importers.import_report import ImportReport
from training.importers.lnctard import LNCTARD
from training.importers.mircancer import MIRCANCER
from training.importers.names import Names
from training.importers.table import Table, open_table
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
            "dropped": [reason.as_dict() for reason in self.ledger.skipped],
            "used_in_part": [reason.as_dict() for reason in self.ledger.partially_used],
            "remarks": list(self.remarks),
            "cargos": self.cargos,
            "rows": self.rows,
            "votes": self.votes,
            "table_sha256": hashlib.sha256(self.table).hexdigest(),
        }


def import_table(key: str, path: Path, reader: CandidateParser, corpus: Iterable[Finding]) -> ImportedTable:
    """The table that the source `key` of `IMPORTERS` makes of the file at `path`.

    Reports from the papers of `corpus` are left out. Raises TableError where the file is not a table of that source, or none
    of its rows can be used; OSError where it cannot be opened.
    """
    names = Names(reader.naming)
    importer = ROLE_IMPORTERS.get(key)
    original = open_table(path, importer.forms if importer else mirtarbase.FORMS)
    remarks = [original.form.remark] if original.form.remark else []
    if not original.encoding.startswith("utf"):
        remarks.insert(0, f"read as {original.encoding.capitalize()}, since it is not UTF-8")
    if importer:
        votes, report = collect_votes(original, importer, names, Tumours(reader.vocabulary), corpus_papers(corpus))
        if votes.undecided:
            remarks.append(f"{votes.undecided} papers report as much for as against a cargo and were not counted")
        roles = votes.rows(importer.source)
        table, rows, cargos = role_table(roles), len(roles), {row.cargo for row in roles}
        count = sum(row.suppressing + row.oncogenic for row in roles if not row.cancer_type)
    else:
        targets, report = mirtarbase.collect_targets(original, names)
        table, rows, cargos = target_table(targets), len(targets), {row.mirna for row in targets}
        count = rows
    if not report.read:
        raise TableError.at_line(1, "empty", "The file has a header but no rows")
    if not rows:
        remedies = [f"None of the {reason.rows} rows could be used: {reason.says}" for reason in report.skipped]
        raise TableError([RowError(1, FieldError("", "no_usable_row", remedy)) for remedy in remedies])
    return ImportedTable(SOURCES[key], original, table, rows, count, len(cargos), report, tuple(remarks))
