"""A finding as its page shows it: its columns in words, its paper, its conflicts, and what changed with every revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models.candidates.candidate import FIELDS
from models.errors import FieldError
from service.db.tables import FindingRevision, FindingRow
from service.findings import serializers as documents
from service.findings.repository import FindingRepository
from service.findings.search import conflicts_with
from service.pages import report
from service.pages.findings.form import TITLES
from service.scoring import query_string
from training.data.citation import addresses, cited, named_links
from training.data.findings import CANDIDATE_COLUMNS, COLUMNS, LIST_COLUMNS, OBSERVED_COLUMNS, REPORTING_COLUMNS
from training.data.validation import CONTROLLED_COLUMNS
from training.report.formatting import humanize

_OBSERVED = (*OBSERVED_COLUMNS[1:], "cell_model", *REPORTING_COLUMNS)
_TERMS = (*(field.name for field in FIELDS if field.controlled), *CONTROLLED_COLUMNS)


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: who made it, when and why, whether it retracted the finding or put it back, and the columns that it
    changed, each as (title, before, after)."""

    revision: FindingRevision
    action: str
    changes: tuple[tuple[str, str, str], ...]


def list_item(finding: FindingRow) -> dict[str, Any]:
    """A finding as a row of a list."""
    return {"finding": finding, "cited": cited(finding.cells, finding.cells["paper"]), "links": _links(finding.cells)}


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
        **list_item(finding),
        "heading": report.heading(candidate),
        "candidate": [(TITLES[name], _describe(name, text)) for name, text in candidate.items()],
        "observed": [(TITLES[name], _describe(name, text)) for name, text in observed.items()],
        "score": query_string.write(documents.columns(candidate)),
        "conflicts": [documents.conflict_document(conflict) for conflict in conflicts_with(findings, finding_id)],
        "steps": _steps(findings.history(finding_id))[::-1],
        "reason": reason,
        "faults": tuple(faults),
        "refusal": refusal,
    }


def _describe(name: str, text: str) -> str:
    """A cell as it is read; what is no term stays as it is."""
    parts = text.split(";") if name in LIST_COLUMNS else [text]
    return "; ".join(humanize(part) if name in _TERMS else part for part in parts)


def _links(cells: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where a paper can be read."""
    return named_links(addresses(cells))


def _steps(revisions: Sequence[FindingRevision]) -> list[Step]:
    """The revisions of a finding, each beside the one before."""
    steps = [Step(revisions[0], "added", ())]
    for before, after in pairwise(revisions):
        action = "corrected"
        if before.retracted != after.retracted:
            action = "retracted" if after.retracted else "put back"
        steps.append(Step(after, action, _changes(before.cells, after.cells)))
    return steps


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """The columns in which two rows differ."""
    return tuple(
        (TITLES.get(name, name), before.get(name, ""), after.get(name, ""))
        for name in COLUMNS
        if before.get(name, "") != after.get(name, "")
    )
