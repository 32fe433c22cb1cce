"""Findings that contradict each other: the same source, phenotype, cargo state and cargo, in tumours that can be the same."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.candidates.parser import CandidateParser
from service.db.tables import FindingRow
from training.data.conflicts import same_cargo


@dataclass(frozen=True, slots=True)
class ConflictFinding:
    """The columns of an active finding that conflicts depend on."""

    position: int
    finding_id: str
    paper: str
    effect: str
    source_cell: str
    source_phenotype: str
    cargo_state: str
    cargo_type: str
    cargo_name: str
    cancer_type: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two active findings of opposite effect; `cargo` is what their cargos have in common."""

    cargo: str
    suppressing: ConflictFinding
    promoting: ConflictFinding

    @property
    def order(self) -> tuple[int, int]:
        """Conflicts come in the order in which their later findings were added, then their earlier ones."""
        positions = (self.suppressing.position, self.promoting.position)
        return max(positions), min(positions)


COLUMNS = tuple(getattr(FindingRow, name) for name in ConflictFinding.__slots__)


def all_conflicts(session: Session, reader: CandidateParser) -> tuple[Conflict, ...]:
    """Every conflict among the active findings, in order."""
    query = select(*COLUMNS).where(FindingRow.retracted.is_(False))
    return find_conflicts((ConflictFinding(*row) for row in session.execute(query)), reader)


def conflicts_of(session: Session, reader: CandidateParser, finding_ids: Collection[str]) -> tuple[Conflict, ...]:
    """The conflicts that some findings are in, in order."""
    return tuple(
        conflict
        for conflict in all_conflicts(session, reader)
        if conflict.suppressing.finding_id in finding_ids or conflict.promoting.finding_id in finding_ids
    )


def find_conflicts(findings: Iterable[ConflictFinding], reader: CandidateParser) -> tuple[Conflict, ...]:
    """The conflicts between some findings, in order."""
    by_vesicle: defaultdict[tuple[str, ...], dict[str, list[ConflictFinding]]] = defaultdict(lambda: defaultdict(list))
    for finding, cargo in with_cargo(findings, reader):
        vesicle = (finding.source_cell, finding.source_phenotype, finding.cargo_state, cargo)
        by_vesicle[vesicle][finding.effect].append(finding)
    conflicts = (
        Conflict(vesicle[-1], suppressing, promoting)
        for vesicle, by_effect in by_vesicle.items()
        for suppressing in by_effect["suppressing"]
        for promoting in by_effect["promoting"]
        if _can_be_same_tumour(reader, suppressing.cancer_type, promoting.cancer_type)
    )
    return tuple(sorted(conflicts, key=lambda conflict: conflict.order))


def with_cargo(findings: Iterable[ConflictFinding], reader: CandidateParser) -> Iterator[tuple[ConflictFinding, str]]:
    """Those findings whose cargo is named, each with the name by which cargos are compared."""

    @cache
    def compared_cargo(cargo_type: str, cargo_name: str) -> str:
        return same_cargo(cargo_type, reader.naming.cargos(cargo_type, cargo_name))

    for finding in findings:
        if cargo := compared_cargo(finding.cargo_type, finding.cargo_name):
            yield finding, cargo


def _can_be_same_tumour(reader: CandidateParser, tumour: str, other: str) -> bool:
    """Whether two tumours can be the same: one is a kind of the other, or is not stated."""
    lineage = reader.vocabulary.lineage
    return not tumour or not other or tumour in lineage("cancer_type", other) or other in lineage("cancer_type", tumour)
