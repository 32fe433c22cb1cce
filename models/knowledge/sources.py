"""The public tables that role votes and validated targets come from, and how a lab's own copies of them are kept.

A copy is kept as a table of the project's own form in a folder of the lab's (`exoscore knowledge import`), by the key of its
source: `hmdd.tsv` has the columns of `models/knowledge/cargo_roles.tsv`, `mirtarbase.tsv` those of `TARGET_COLUMNS`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import KnowledgeError

KNOWLEDGE = Path(__file__).parent
SHIPPED_ROLES = KNOWLEDGE / "cargo_roles.tsv"

ROLE_COLUMNS = ("cargo_kind", "cargo", "cancer_type", "n_suppressing", "n_oncogenic", "sources")
TARGET_COLUMNS = ("mirna", "gene", "n_papers")


@dataclass(frozen=True, slots=True)
class Source:
    """A public table: the key that commands know it by, its name, the kind of cargo that it speaks of, the name of its
    version in the shipped votes (empty where none are shipped), and its paper."""

    key: str
    name: str
    kind: str
    shipped_as: str
    doi: str


ROLE_SOURCES = (
    Source("mircancer", "miRCancer", "mirna", "miRCancer June 2020", "10.1093/bioinformatics/btt014"),
    Source("hmdd", "HMDD", "mirna", "HMDD 3.2", "10.1093/nar/gky1010"),
    Source("cancermine", "CancerMine", "gene", "CancerMine 2021", "10.1038/s41592-019-0422-y"),
    Source("lnctard", "LncTarD", "lncrna", "LncTarD 1", "10.1093/nar/gkz985"),
)
TARGET_SOURCE = Source("mirtarbase", "miRTarBase", "mirna", "", "10.1093/nar/gkab1079")
SOURCES = {source.key: source for source in (*ROLE_SOURCES, TARGET_SOURCE)}


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Votes on one cargo in one tumour (empty: over all tumours together), and the names of the sources that they sum."""

    kind: str
    cargo: str
    cancer_type: str
    suppressing: int
    oncogenic: int
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What the votes are on."""
        return self.kind, self.cargo, self.cancer_type


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A validated target of one microRNA, and how many papers validated it."""

    mirna: str
    gene: str
    papers: int


def imported_path(folder: Path | None, source: Source) -> Path | None:
    """Where the lab's copy of a source is, if it has one."""
    path = folder / f"{source.key}.tsv" if folder else None
    return path if path and path.is_file() else None


def modification_stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a copy in `folder` is added, replaced or removed."""
    states = ((source.key, path.stat()) for source in SOURCES.values() if (path := imported_path(folder, source)))
    return tuple((key, state.st_mtime_ns, state.st_size) for key, state in states)


def digest(path: Path) -> str:
    """SHA-256 (hex, first 16) of a table: it names its version."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def read_roles(path: Path) -> list[RoleRow]:
    """The votes of a table. Raises KnowledgeError, naming the line, where it does not have the form of the shipped one."""
    return [
        RoleRow(kind, cargo, cancer_type, suppressing, oncogenic, tuple(sources.split(";")))
        for kind, cargo, cancer_type, suppressing, oncogenic, sources in _read_rows(path, ROLE_COLUMNS)
    ]


def read_targets(path: Path) -> list[TargetRow]:
    """The validated targets of a table. Raises KnowledgeError, naming the line, where it has another form."""
    return [TargetRow(*cells) for cells in _read_rows(path, TARGET_COLUMNS)]


def role_table(rows: Iterable[RoleRow]) -> bytes:
    """The votes as a table, the same bytes for any order of the rows."""
    cells = ((*row.key, row.suppressing, row.oncogenic, ";".join(row.sources)) for row in rows)
    return _format_table(ROLE_COLUMNS, cells)


def target_table(rows: Iterable[TargetRow]) -> bytes:
    """The targets as a table, the same bytes for any order of the rows."""
    return _format_table(TARGET_COLUMNS, ((row.mirna, row.gene, row.papers) for row in rows))


def _format_table(columns: Iterable[str], rows: Iterable[Iterable[str | int]]) -> bytes:
    lines = sorted("\t".join(map(str, cells)) for cells in rows)
    return "".join(f"{line}\n" for line in ("\t".join(columns), *lines)).encode()


def _read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[list[Any]]:
    """The cells of each row of a table; those of columns whose names begin with `n_` are counts."""
    try:
        header, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except UnicodeDecodeError as error:
        raise KnowledgeError(path, "it is not UTF-8") from error
    if tuple(header.split("\t")) != columns:
        raise KnowledgeError(path, f"its columns are not {', '.join(columns)}")
    counts = [place for place, name in enumerate(columns) if name.startswith("n_")]
    for number, line in enumerate(lines, start=2):
        cells: list[Any] = line.split("\t")
        if len(cells) != len(columns):
            raise KnowledgeError(path, f"line {number} has {len(cells)} cells, not {len(columns)}")
        for place in counts:
            if not cells[place].isdecimal():
                raise KnowledgeError(path, f"line {number} says {cells[place][:40]!r} where a count is wanted")
            cells[place] = int(cells[place])
        yield cells
