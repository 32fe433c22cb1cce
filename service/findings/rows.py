"""Findings as rows of the store: how one is added, revised and looked for. All within a transaction of the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.candidates.parser import CandidateParser
from service.db.tables import FindingRevision, FindingRow, now
from service.errors import StaleFindingError, UnknownFindingError
from training.data.findings import COLUMNS, Finding, cells_of, content_id, paper_names
from training.data.validation import is_printable_text

LAB, CORPUS = "lab", "corpus"
_LONGEST_ID = 64
# Digits of a content that become an id: more where fewer are taken by another finding.
_ID_DIGITS = (8, 12, 16, 32, 60)
# Databases bound the number of values of one statement.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding as it stands: its row in canonical terms (`cells`, empty ones left out), and what the store says of it."""

    position: int
    finding_id: str
    revision: int
    origin: str
    touched: bool
    held_out: bool
    retracted: bool
    cells: Mapping[str, str]
    added: datetime
    changed: datetime

    @classmethod
    def of(cls, row: FindingRow) -> StoredFinding:
        """What a row of the table says."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__} | {"cells": _ordered(row.cells)})


@dataclass(frozen=True, slots=True)
class Revision:
    """One state that a finding was in, and who made it so, when and why."""

    revision: int
    retracted: bool
    held_out: bool
    cells: Mapping[str, str]
    author: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, row: FindingRevision) -> Revision:
        """What a row of the table says."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__} | {"cells": _ordered(row.cells)})


def _ordered(cells: Mapping[str, str]) -> dict[str, str]:
    """Cells in the order of the columns, which PostgreSQL does not keep."""
    return {name: cells[name] for name in COLUMNS if name in cells}


def rows_where(session: Session, column: InstrumentedAttribute[str], values: Iterable[str]) -> Iterator[FindingRow]:
    """The rows whose `column` has one of `values`."""
    wanted = sorted(set(values))
    for begin in range(0, len(wanted), _CHUNK):
        yield from session.scalars(select(FindingRow).where(column.in_(wanted[begin : begin + _CHUNK])))


def row_of(session: Session, finding_id: str, revisions: Collection[int] | None = None) -> FindingRow:
    """The row of a finding, which must stand at one of `revisions` (None for any).

    Raises UnknownFindingError and StaleFindingError.
    """
    row = None
    if len(finding_id) <= _LONGEST_ID and is_printable_text(finding_id):
        row = session.scalars(select(FindingRow).where(FindingRow.finding_id == finding_id)).first()
    if row is None:
        raise UnknownFindingError(finding_id)
    if revisions is not None and row.revision not in revisions:
        raise StaleFindingError(finding_id, row.revision)
    return row


def new_ids(session: Session, contents: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """An id for each content: the `given` one, else the first digits of the content that nobody else has."""
    ids = {content: given.get(content, "") for content in contents}
    taken = set(filter(None, ids.values()))
    for digits in _ID_DIGITS:
        wanted = {content: content_id(content, digits) for content, finding_id in ids.items() if not finding_id}
        taken |= {row.finding_id for row in rows_where(session, FindingRow.finding_id, wanted.values())}
        for content, finding_id in wanted.items():
            if finding_id not in taken:
                ids[content] = finding_id
                taken.add(finding_id)
    return ids


def add_rows(
    session: Session,
    findings: Iterable[tuple[str, Finding]],
    reader: CandidateParser,
    author: str,
    origin: str,
    held_out: bool,
) -> None:
    """Adds findings under their ids, each with its first revision, in the order given."""
    at = now()
    rows: list[dict[str, Any]] = []
    revisions: list[dict[str, Any]] = []
    for finding_id, finding in findings:
        cells = cells_of(finding, reader) | {"finding_id": finding_id}
        state = {"finding_id": finding_id, "revision": 1, "retracted": False, "held_out": held_out, "cells": cells}
        rows.append({**state, **_keys(finding), "origin": origin, "touched": False, "added": at, "changed": at})
        revisions.append({**state, "author": author, "reason": "", "at": at})
    if rows:
        session.execute(insert(FindingRow), rows)
        session.execute(insert(FindingRevision), revisions)


def revise(
    session: Session,
    row: FindingRow,
    author: str,
    reason: str,
    *,
    finding: Finding | None = None,
    cells: Mapping[str, str] | None = None,
    retracted: bool | None = None,
) -> None:
    """Makes a new revision of a row: with other `cells`, read as `finding`, or `retracted` or put back."""
    row.revision += 1
    row.changed = now()
    if cells is not None:
        row.cells = dict(cells)
    if finding is not None:
        set_search_columns(row, finding)
    if retracted is not None:
        row.retracted = retracted
    session.add(
        FindingRevision(
            finding_id=row.finding_id,
            revision=row.revision,
            retracted=row.retracted,
            held_out=row.held_out,
            cells=row.cells,
            author=author,
            reason=reason,
            at=row.changed,
        )
    )


def set_search_columns(row: FindingRow, finding: Finding) -> None:
    """Sets the columns by which a finding is looked for."""
    for name, value in _keys(finding).items():
        setattr(row, name, value)


def held_out_overlap(session: Session, findings: Iterable[Finding], held_out: bool) -> dict[str, tuple[str, str]]:
    """The papers of `findings` that stand on the other side of the blind test too.

    Each with an active finding of it there, and the name that they share: a paper is the same by any of its names, as it is
    for whoever asks whether a model has seen it.
    """
    chosen = select(FindingRow.finding_id, FindingRow.paper, FindingRow.cells).where(
        FindingRow.held_out.is_(not held_out), FindingRow.retracted.is_(False)
    )
    there = {name: row.finding_id for row in session.execute(chosen) for name in paper_names(row.paper, row.cells)}
    found = {}
    for one in findings if there else ():
        if named := sorted(one.paper_names & there.keys()):
            found[one.paper] = (there[named[0]], named[0])
    return found


def _keys(finding: Finding) -> dict[str, str]:
    """The columns by which a finding is looked for."""
    one = finding.candidate
    return {
        "content": finding.content,
        "paper": finding.paper,
        "effect": finding.effect,
        "source_cell": one.source_cell,
        "source_phenotype": one.source_phenotype,
        "cargo_type": one.cargo_type,
        "cargo_name": one.cargo_name,
        "cargo_state": one.cargo_state,
        # A tumour that is no term can be as long as any text.
        "cancer_type": one.cancer_type[:200],
    }
