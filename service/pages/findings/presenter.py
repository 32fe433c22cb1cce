"""A finding as its page shows it: its columns in words, its paper, its conflicts, and what changed with every revision."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from models.candidates.candidate import FIELDS
from models.candidates.parser import CandidateParser
from models.candidates.wording import humanize
from models.errors import FieldError
from models.evidence.reporting import REPORTING_COLUMNS, describe_completeness
from service.db.tables import FindingRevision, FindingRow
from service.findings import serializers as documents
from service.findings.conflicts import Conflict
from service.findings.repository import FindingRepository
from service.findings.search import conflicts_with, rows_by_id
from service.pages import report, structured_data
from service.pages.findings.edit_conflict import changed_columns
from service.pages.findings.form import TITLES, title_of
from service.scoring import query_string
from service.web.current import current_installation
from training.data.citation import addresses, cited, named_links
from training.data.findings import CANDIDATE_COLUMNS, LIST_COLUMNS, OBSERVED_COLUMNS
from training.data.validation import CONTROLLED_COLUMNS

_OBSERVED = (*OBSERVED_COLUMNS[1:], "cell_model", *REPORTING_COLUMNS)
_REPORTING = (
    "How much this record states of what MISEV2023 and EV-TRACK ask for. It is no measure of the quality of the paper."
)
_DIRECTIONS = {"+": "up", "-": "down"}
_TERMS = (*(field.name for field in FIELDS if field.controlled), *CONTROLLED_COLUMNS)


def list_item(finding: FindingRow) -> dict[str, Any]:
    """A finding as a row of a list: its paper by author and year (`heading`), else by the title or its key, and the rest of
    the citation."""
    cells = finding.cells
    author, year, title, journal = (cells.get(name, "") for name in ("first_author", "year", "title", "journal"))
    return {
        "finding": finding,
        "heading": f"{author} {year}".strip() if author else title or cells["paper"],
        "title": title if author else "",
        "journal": journal,
        "year": "" if author else year,
        "links": named_links(addresses(cells)),
    }


def page_context(
    findings: FindingRepository, finding_id: str, reason: str = "", faults: Sequence[FieldError] = (), refusal: str = ""
) -> dict[str, Any]:
    """What finding.html shows of a finding; `reason` is what was typed to retract it or put it back, with its `faults`, and
    `refusal` is why that could not be done. Raises UnknownFindingError, StoreError."""
    finding = findings.show(finding_id)
    cells = finding.cells
    candidate = {name: cells[name] for name in CANDIDATE_COLUMNS if name in cells}
    observed = {name: cells[name] for name in _OBSERVED if name in cells}
    return {
        "finding": finding,
        "cited": cited(cells, cells["paper"]),
        "links": named_links(addresses(cells)),
        "heading": report.heading(candidate),
        "candidate": [(TITLES[name], _describe(name, text), "") for name, text in candidate.items()],
        "observed": [
            (TITLES[name], _describe(name, text), _define(findings.reader, name, text))
            for name, text in observed.items()
        ]
        + [
            (
                "Gain or loss of function",
                humanize(documents.function_of(finding, findings.reader)),
                "By the state of the cargo.",
            ),
            ("Reporting", describe_completeness(cells), _REPORTING),
        ],
        "score": query_string.write(documents.columns(candidate)),
        **conflicts_context(findings, conflicts_with(findings, finding_id)),
        "steps": _steps(findings.history(finding_id))[::-1],
        "reason": reason,
        "faults": tuple(faults),
        "refusal": refusal,
        "contact": current_installation().settings.contact,
        "structured": structured_data.claim(finding, ", ".join(report.heading(candidate))),
    }


def conflicts_context(findings: FindingRepository, conflicts: Sequence[Conflict]) -> dict[str, Any]:
    """The documents of conflicts, and the rows of lists of their findings that are stored, by id. Raises StoreError."""
    ids = [each.finding_id for conflict in conflicts for each in (conflict.suppressing, conflict.promoting)]
    return {
        "conflicts": [documents.conflict_document(conflict) for conflict in conflicts],
        "papers": {row.finding_id: list_item(row) for row in rows_by_id(findings, ids)},
    }


def _describe(name: str, text: str) -> str:
    """A cell as it is read; what is no term stays as it is."""
    if name == "targets":
        return "; ".join(
            f"{part[:-1]} {_DIRECTIONS[part[-1]]}" if part[-1:] in _DIRECTIONS else part for part in _parts(text)
        )
    parts = _parts(text) if name in LIST_COLUMNS else [text]
    return "; ".join(title_of(part) if name in _TERMS else part for part in parts)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _define(reader: CandidateParser, name: str, text: str) -> str:
    """What a choice of a curator means; empty for what is read as it stands."""
    if name not in ("evidence", "grade") or not reader.vocabulary.has(name, text):
        return ""
    return reader.vocabulary.term(name, text).definition


def _steps(revisions: Sequence[FindingRevision]) -> list[dict[str, Any]]:
    """The revisions of a finding: what each did, and the columns that it changed, each as (title, before, after)."""
    steps: list[dict[str, Any]] = [{"revision": revisions[0], "action": "added", "changes": []}]
    for before, after in pairwise(revisions):
        action = "corrected"
        if before.retracted != after.retracted:
            action = "retracted" if after.retracted else "restored"
        changes = [
            (TITLES.get(name, name), _describe(name, was), _describe(name, now))
            for name, was, now in changed_columns(before.cells, after.cells)
        ]
        steps.append({"revision": after, "action": action, "changes": changes})
    return steps
