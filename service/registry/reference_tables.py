"""The tables of roles and targets that a lab imported, kept in `var/knowledge`, and the words and votes in use with them.

The API, the command line and training all get theirs here.
"""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.estimator.features import Features
from models.evidence.targets import Targets
from models.files import atomic_write
from models.knowledge.sources import (
    SHIPPED_ROLES,
    SOURCES,
    RoleRow,
    Source,
    imported_path,
    modification_stamp,
    read_roles,
    read_targets,
)
from models.knowledge.sources import TARGET_SOURCE as TARGETS

if TYPE_CHECKING:
    from training.importers import ImportedTable


class ReferenceTables:
    """Keeps imported tables, and loads what is in use: once, and again after a table was imported or removed."""

    def __init__(self, var: Path) -> None:
        self.folder = var / "knowledge"
        self._loading = threading.Lock()
        self._stamp: object = None
        self._loaded: tuple[Features, Targets] | None = None

    @property
    def features(self) -> Features:
        """The words, names and roles in use. Raises KnowledgeError where an imported table cannot be read."""
        return self._in_use()[0]

    @property
    def targets(self) -> Targets:
        """The validated targets in use. Raises KnowledgeError."""
        return self._in_use()[1]

    def _in_use(self) -> tuple[Features, Targets]:
        with self._loading:
            now = modification_stamp(self.folder)
            if self._loaded is None or now != self._stamp:
                self._loaded = Features.load(self.folder), Targets.load(self.folder)
                self._stamp = now
            return self._loaded

    def keep(self, imported: ImportedTable) -> Path:
        """Keeps a table and the account of it, in place of an earlier one of the same source."""
        path = self.folder / f"{imported.source.key}.tsv"
        account = imported.as_dict() | {"imported": datetime.now(UTC).isoformat(timespec="seconds")}
        self.folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(imported.table)
        with atomic_write(path.with_suffix(".json")) as file:
            file.write((json.dumps(account, indent=1) + "\n").encode())
        return path

    def remove(self, source: Source) -> bool:
        """Returns to what is shipped of a source; False where nothing was imported of it."""
        path = imported_path(self.folder, source)
        if path is None:
            return False
        path.unlink()
        path.with_suffix(".json").unlink(missing_ok=True)
        return True

    def sources(self) -> list[dict[str, Any]]:
        """What is in use of every source: which table, its rows and votes, and of an imported one its file, digest and date.

        Votes are counted over all tumours together. `shared_votes` are those of shipped rows that sum several sources and
        cannot be taken apart. Raises KnowledgeError.
        """
        shipped = read_roles(SHIPPED_ROLES)
        return [
            self._imported(source, path) if (path := imported_path(self.folder, source)) else _shipped(source, shipped)
            for source in SOURCES.values()
        ]

    def _imported(self, source: Source, path: Path) -> dict[str, Any]:
        if source == TARGETS:
            rows = len(read_targets(path))
            votes = {}
        else:
            table = read_roles(path)
            rows = len(table)
            votes = {"votes": _votes(table)}
        document = {"source": source.key, "name": source.name, "in_use": "imported", "rows": rows, **votes}
        account = self._account(path)
        return document | {name: account.get(name, "unknown") for name in ("imported", "file", "sha256")}

    @staticmethod
    def _account(path: Path) -> dict[str, Any]:
        """The account of a table; empty where it is missing or speaks of another one."""
        try:
            account: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return account if account.get("table_sha256") == hashlib.sha256(path.read_bytes()).hexdigest() else {}


def _shipped(source: Source, rows: list[RoleRow]) -> dict[str, Any]:
    document = {"source": source.key, "name": source.shipped_as or source.name}
    if not source.shipped_as:
        return document | {"in_use": "nothing", "rows": 0}
    own = [row for row in rows if source.shipped_as in row.sources]
    alone = [row for row in own if len(row.sources) == 1]
    shared = [row for row in own if len(row.sources) > 1]
    counts = {"rows": len(own), "votes": _votes(alone), "shared_votes": _votes(shared)}
    return document | {"in_use": "shipped"} | counts


def _votes(rows: list[RoleRow]) -> int:
    return sum(row.suppressing + row.oncogenic for row in rows if not row.cancer_type)
