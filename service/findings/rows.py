"""Findings as rows of the store: how one is added, revised and looked for. All within a transaction of the caller."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.candidates.parser import CandidateParser
from service.db.tables import FindingRevision, FindingRow, now
from service.errors import StaleFindingError, UnknownFindingError
from training.data.findings import Finding, cells_of, content_id
from training.data.papers import PaperIndex, paper_names
from training.data.tabular import TableRow
from training.data.validation import is_printable_text

LAB, CORPUS = "lab", "corpus"
_LONGEST_ID = 64
# Digits of a content that become an id: more where fewer are taken by another finding.
_ID_DIGITS = (8, 12, 16, 32, 60)
# Databases bound the number of values of one statement.
_CHUNK = 500


def rows_where(session: Session, column: InstrumentedAttribute[str], values: Iterable[str]) -> Iterator[FindingRow]:
    """The rows whose `column` has one of `values`."""
    distinct = sorted(set(values))
    for begin in range(0, len(distinct), _CHUNK):
        yield from session.scalars(select(FindingRow).where(column.in_(distinct[begin : begin + _CHUNK])))


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


def normalize_cells(line: int, cells: Mapping[str, str]) -> TableRow:
    """A row with every column that is required, and its white space as a table can hold it."""
    return TableRow(line, {"effect": ""} | {name: " ".join(cell.split()) for name, cell in cells.items()})


def new_ids(session: Session, contents: Iterable[str], own_ids: Mapping[str, str]) -> dict[str, str]:
    """An id for each content: its own, if it has one, else the first digits of the content that nobody else has."""
    ids = {content: own_ids.get(content, "") for content in contents}
    taken = set(filter(None, ids.values()))
    for digits in _ID_DIGITS:
        proposed = {content: content_id(content, digits) for content, finding_id in ids.items() if not finding_id}
        taken |= {row.finding_id for row in rows_where(session, FindingRow.finding_id, proposed.values())}
        for content, finding_id in proposed.items():
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
        rows.append(
            {**state, **_search_columns(finding), "origin": origin, "touched": False, "added": at, "changed": at}
        )
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
    state = {name: getattr(row, name) for name in ("finding_id", "revision", "retracted", "held_out", "cells")}
    session.add(FindingRevision(**state, author=author, reason=reason, at=row.changed))


def set_search_columns(row: FindingRow, finding: Finding) -> None:
    """Sets the columns by which a finding is looked for."""
    for name, value in _search_columns(finding).items():
        setattr(row, name, value)


def held_out_overlap(session: Session, findings: Iterable[Finding], held_out: bool) -> dict[str, tuple[str, str]]:
    """The papers of `findings` that stand on the other side of the blind test too.

    Each with an active finding of it there, and the name that they share: a paper is the same by any of its names, as it is
    for whoever asks whether a model has seen it.
    """
    findings = list(findings)
    other_side = select(FindingRow.position).where(
        FindingRow.held_out.is_(not held_out), FindingRow.retracted.is_(False)
    )
    if session.scalars(other_side.limit(1)).first() is None:
        return {}
    query = select(FindingRow.finding_id, FindingRow.paper, FindingRow.cells, FindingRow.held_out)
    stored = session.execute(query.where(FindingRow.retracted.is_(False))).all()
    papers = PaperIndex(
        [*((row.paper, row.cells) for row in stored), *((finding.paper, finding.citation) for finding in findings)]
    )
    there = {papers.key(row.paper): row for row in stored if row.held_out is not held_out}
    overlap = {}
    for finding in findings:
        if row := there.get(papers.key(finding.paper)):
            shared = sorted(finding.paper_names & paper_names(row.paper, row.cells))
            overlap[finding.paper] = (row.finding_id, (*shared, row.paper)[0])
    return overlap


def _search_columns(finding: Finding) -> dict[str, str]:
    """The columns by which a finding is looked for."""
    candidate = finding.candidate
    names = ("source_cell", "source_phenotype", "cargo_type", "cargo_name", "cargo_state")
    columns = {name: getattr(candidate, name) for name in names}
    columns |= {name: getattr(finding, name) for name in ("content", "paper", "effect")}
    # A tumour that is no term can be as long as any text.
    return columns | {"cancer_type": candidate.cancer_type[:200]}
