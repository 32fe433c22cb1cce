"""Findings that contradict each other: the same source, phenotype, cargo state and cargo, in tumours that can be the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from models.candidate import Reader
from service.store.tables import FindingRow
from training.data.conflicts import same_cargo

_CHUNK = 300
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Told:
    """What one active finding tells, as far as conflicts go by it."""

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
    suppressing: Told
    promoting: Told

    @property
    def order(self) -> tuple[int, int]:
        """Conflicts come in the order in which their later findings were added, then their earlier ones."""
        positions = (self.suppressing.position, self.promoting.position)
        return max(positions), min(positions)


_VESICLE = (FindingRow.source_cell, FindingRow.source_phenotype, FindingRow.cargo_state)
# The columns of what is told of a finding.
TOLD = tuple(getattr(FindingRow, name) for name in Told.__slots__)


def all_conflicts(session: Session, reader: Reader) -> tuple[Conflict, ...]:
    """Every conflict among the active findings, in order."""
    return among(_told(session), reader)


def conflicts_of(session: Session, reader: Reader, finding_ids: Collection[str]) -> tuple[Conflict, ...]:
    """The conflicts that some findings are in, in order."""
    wanted = set(finding_ids)
    vesicles = set()
    for chunk in _chunks(sorted(wanted)):
        vesicles |= set(session.execute(select(*_VESICLE).where(FindingRow.finding_id.in_(chunk))))
    alike = [one for chunk in _chunks(sorted(vesicles)) for one in _told(session, tuple_(*_VESICLE).in_(chunk))]
    return tuple(
        one
        for one in among(alike, reader)
        if one.suppressing.finding_id in wanted or one.promoting.finding_id in wanted
    )


def _told(session: Session, *conditions: ColumnElement[bool]) -> list[Told]:
    chosen = select(*TOLD).where(FindingRow.retracted.is_(False), *conditions)
    return [Told(*row) for row in session.execute(chosen)]


def among(findings: Iterable[Told], reader: Reader) -> tuple[Conflict, ...]:
    """The conflicts between some findings, in order."""
    cargo_of: dict[tuple[str, str], str] = {}
    alike: defaultdict[tuple[str, str, str, str], dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for one in findings:
        named = (one.cargo_type, one.cargo_name)
        if named not in cargo_of:
            cargo_of[named] = same_cargo(one.cargo_type, reader.naming.cargos(*named))
        if cargo := cargo_of[named]:
            alike[one.source_cell, one.source_phenotype, one.cargo_state, cargo][one.effect].append(one)
    found = [
        Conflict(key[-1], suppressing, promoting)
        for key, by_effect in alike.items()
        for suppressing in by_effect["suppressing"]
        for promoting in by_effect["promoting"]
        if _same_tumour(reader, suppressing.cancer_type, promoting.cancer_type)
    ]
    return tuple(sorted(found, key=lambda one: one.order))


def _same_tumour(reader: Reader, one: str, other: str) -> bool:
    """Whether two tumours can be the same: one is a kind of the other, or is not stated."""
    lineage = reader.vocabulary.lineage
    return not one or not other or one in lineage("cancer_type", other) or other in lineage("cancer_type", one)


def _chunks(values: Sequence[Value]) -> Iterable[Sequence[Value]]:
    return (values[begin : begin + _CHUNK] for begin in range(0, len(values), _CHUNK))
