"""A finding as its page shows it: its columns in words, its paper, its conflicts, and what changed with every revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.candidate import FIELDS
from models.errors import Fault
from service import candidate_query
from service import findings as documents
from service.pages import report
from service.pages.candidate_form import TITLES as CANDIDATE_TITLES
from service.pages.findings.form import TITLES
from service.pages.wording import words
from service.store.finding_rows import Revision, Stored
from service.store.finding_search import conflicts_with
from service.store.findings import Findings
from training.data.citation import cited
from training.data.citation import links as paper_links
from training.data.findings import CANDIDATE_COLUMNS, COLUMNS, LIST_COLUMNS, OBSERVED_COLUMNS, REPORTING_COLUMNS
from training.data.validation import CONTROLLED_COLUMNS

OBSERVED = (*OBSERVED_COLUMNS[1:], "cell_model", *REPORTING_COLUMNS)
TERMS = (*(one.name for one in FIELDS if one.controlled), *CONTROLLED_COLUMNS)
ALL_TITLES = CANDIDATE_TITLES | TITLES


@dataclass(frozen=True, slots=True)
class Change:
    """One column that a revision changed, in words."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: who made it, when and why, whether it retracted the finding or put it back, and what it changed."""

    revision: Revision
    did: str
    changes: tuple[Change, ...] = field(default=())


def listed(one: Stored) -> dict[str, Any]:
    """A finding as a row of a list."""
    return {"finding": one, "cited": cited(one.cells, one.cells["paper"]), "links": links(one.cells)}


def shown(
    findings: Findings, finding_id: str, reason: str = "", faults: Sequence[Fault] = (), refusal: str = ""
) -> dict[str, Any]:
    """What finding.html shows of a finding; `reason` is what was typed to retract it or put it back, with its `faults`, and
    `refusal` is why that could not be done. Raises UnknownFindingError, StoreError."""
    one = findings.show(finding_id)
    cells = one.cells
    candidate = {name: cells[name] for name in CANDIDATE_COLUMNS if name in cells}
    return {
        "finding": one,
        "heading": report.heading(candidate),
        "candidate": [(ALL_TITLES[name], in_words(name, text)) for name, text in candidate.items()],
        "observed": [(ALL_TITLES[name], in_words(name, cells[name])) for name in OBSERVED if name in cells],
        "cited": cited(cells, cells["paper"]),
        "links": links(cells),
        "score": candidate_query.write(documents.columns(candidate)),
        "conflicts": [documents.conflict_document(told) for told in conflicts_with(findings, finding_id)],
        "steps": steps(findings.history(finding_id))[::-1],
        "reason": reason,
        "faults": tuple(faults),
        "refusal": refusal,
    }


def in_words(name: str, text: str) -> str:
    """A cell as it is read; what is no term stays as it is."""
    parts = text.split(";") if name in LIST_COLUMNS else [text]
    return "; ".join(words(part) if name in TERMS else part for part in parts)


def links(cells: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where a paper can be read."""
    return report.links(paper_links(cells) or [cells.get("url", "")])


def steps(revisions: Sequence[Revision]) -> list[Step]:
    """The revisions of a finding, each beside the one before."""
    found = []
    for before, after in zip([None, *revisions], revisions, strict=False):
        if before is None:
            found.append(Step(after, "added"))
        elif before.retracted != after.retracted:
            found.append(
                Step(after, "retracted" if after.retracted else "put back", changes(before.cells, after.cells))
            )
        else:
            found.append(Step(after, "corrected", changes(before.cells, after.cells)))
    return found


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The columns in which two rows differ."""
    return tuple(
        Change(ALL_TITLES.get(name, name), before.get(name, ""), after.get(name, ""))
        for name in COLUMNS
        if before.get(name, "") != after.get(name, "")
    )
