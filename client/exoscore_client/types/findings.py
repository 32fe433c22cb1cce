"""Types of findings. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.types.scores import Completeness


class FindingChanges(TypedDict):
    """Columns of a finding and their new values."""

    paper: NotRequired[str | None]
    source_cell: NotRequired[str | None]
    source_phenotype: NotRequired[str | None]
    polarisation: NotRequired[list[str] | str | None]
    species: NotRequired[list[str] | str | None]
    cell_model: NotRequired[str | None]
    cargo_type: NotRequired[str | None]
    cargo_name: NotRequired[str | None]
    cargo_state: NotRequired[str | None]
    engineering: NotRequired[list[str] | str | None]
    cancer_type: NotRequired[str | None]
    recipient_cell: NotRequired[list[str] | str | None]
    effect: NotRequired[str | None]
    strength: NotRequired[str | None]
    targets: NotRequired[list[str] | str | None]
    pathways: NotRequired[list[str] | str | None]
    mechanism: NotRequired[list[str] | str | None]
    processes: NotRequired[list[str] | str | None]
    evidence: NotRequired[str | None]
    grade: NotRequired[str | None]
    pmid: NotRequired[str | int | None]
    doi: NotRequired[str | None]
    pmcid: NotRequired[str | None]
    title: NotRequired[str | None]
    first_author: NotRequired[str | None]
    last_author: NotRequired[str | None]
    year: NotRequired[str | int | None]
    journal: NotRequired[str | None]
    url: NotRequired[str | None]
    quote: NotRequired[str | None]
    quote_place: NotRequired[str | None]
    isolation_method: NotRequired[str | None]
    markers: NotRequired[list[str] | str | None]
    dose: NotRequired[str | None]
    ev_track_id: NotRequired[str | None]


class FindingChange(TypedDict):
    """A correction (`changes`), a retraction (`retracted`: true) or a restoration (false); one of them."""

    changes: NotRequired[FindingChanges]
    retracted: NotRequired[bool]
    reason: str


class FindingColumns(TypedDict):
    """A candidate, the reported effect, what was observed, and the citation."""

    finding_id: NotRequired[str | None]
    paper: NotRequired[str | None]
    source_cell: NotRequired[str | None]
    source_phenotype: str | None
    polarisation: NotRequired[list[str] | str | None]
    species: NotRequired[list[str] | str | None]
    cell_model: NotRequired[str | None]
    cargo_type: str | None
    cargo_name: NotRequired[str | None]
    cargo_state: NotRequired[str | None]
    engineering: NotRequired[list[str] | str | None]
    cancer_type: NotRequired[str | None]
    recipient_cell: NotRequired[list[str] | str | None]
    effect: str | None
    strength: NotRequired[str | None]
    targets: NotRequired[list[str] | str | None]
    pathways: NotRequired[list[str] | str | None]
    mechanism: NotRequired[list[str] | str | None]
    processes: NotRequired[list[str] | str | None]
    evidence: NotRequired[str | None]
    grade: NotRequired[str | None]
    pmid: NotRequired[str | int | None]
    doi: NotRequired[str | None]
    pmcid: NotRequired[str | None]
    title: NotRequired[str | None]
    first_author: NotRequired[str | None]
    last_author: NotRequired[str | None]
    year: NotRequired[str | int | None]
    journal: NotRequired[str | None]
    url: NotRequired[str | None]
    quote: NotRequired[str | None]
    quote_place: NotRequired[str | None]
    isolation_method: NotRequired[str | None]
    markers: NotRequired[list[str] | str | None]
    dose: NotRequired[str | None]
    ev_track_id: NotRequired[str | None]


class FindingsRequest(TypedDict):
    """Findings to add. All of them are added, or none."""

    findings: list[FindingColumns]
    held_out: NotRequired[bool]


class Placed(TypedDict):
    """The finding of a row that was sent."""

    row: int
    finding_id: str
    revision: int
    held_out: bool
    retracted: bool


class ConflictSide(TypedDict):
    """One side of a conflict."""

    finding_id: str
    paper: str
    cargo_name: NotRequired[str]
    cancer_type: NotRequired[str]


class Conflict(TypedDict):
    """Two active findings of opposite effect on the same source cell, phenotype, cargo, cargo state and cancer type."""

    source_cell: str
    source_phenotype: str
    cargo_state: str
    cargo: str
    suppressing: ConflictSide
    promoting: ConflictSide


class Unread(TypedDict):
    """A value of a finding that is not known. Models are trained on the finding without it."""

    row: int
    field: str
    given: str
    done: str
    nearest: list[str]


class Added(TypedDict):
    """The findings that were added or already stored, their conflicts, and warnings."""

    added: list[Placed]
    existing: list[Placed]
    conflicts: list[Conflict]
    warnings: list[Unread]
    remarks: list[str]


class Finding(TypedDict):
    """A finding in its newest revision."""

    finding_id: str
    paper: str
    source_cell: NotRequired[str]
    source_phenotype: str
    polarisation: NotRequired[list[str]]
    species: NotRequired[list[str]]
    cell_model: NotRequired[str]
    cargo_type: str
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    engineering: NotRequired[list[str]]
    cancer_type: NotRequired[str]
    recipient_cell: NotRequired[list[str]]
    effect: str
    strength: NotRequired[str]
    targets: NotRequired[list[str]]
    pathways: NotRequired[list[str]]
    mechanism: NotRequired[list[str]]
    processes: NotRequired[list[str]]
    evidence: NotRequired[str]
    grade: NotRequired[str]
    pmid: NotRequired[str]
    doi: NotRequired[str]
    pmcid: NotRequired[str]
    title: NotRequired[str]
    first_author: NotRequired[str]
    last_author: NotRequired[str]
    year: NotRequired[str]
    journal: NotRequired[str]
    url: NotRequired[str]
    quote: NotRequired[str]
    quote_place: NotRequired[str]
    isolation_method: NotRequired[str]
    markers: NotRequired[list[str]]
    dose: NotRequired[str]
    ev_track_id: NotRequired[str]
    function: Literal["gain", "loss", "gain_and_loss", "as_found"]
    completeness: Completeness
    revision: int
    origin: str
    touched: bool
    held_out: bool
    retracted: bool
    added: str
    changed: str


class FindingPage(TypedDict):
    """A page of findings, in the order in which they were added."""

    findings: list[Finding]
    next: str | None


class KeptColumns(TypedDict):
    """A finding as it was stored."""

    finding_id: str
    paper: str
    source_cell: NotRequired[str]
    source_phenotype: str
    polarisation: NotRequired[list[str]]
    species: NotRequired[list[str]]
    cell_model: NotRequired[str]
    cargo_type: str
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    engineering: NotRequired[list[str]]
    cancer_type: NotRequired[str]
    recipient_cell: NotRequired[list[str]]
    effect: str
    strength: NotRequired[str]
    targets: NotRequired[list[str]]
    pathways: NotRequired[list[str]]
    mechanism: NotRequired[list[str]]
    processes: NotRequired[list[str]]
    evidence: NotRequired[str]
    grade: NotRequired[str]
    pmid: NotRequired[str]
    doi: NotRequired[str]
    pmcid: NotRequired[str]
    title: NotRequired[str]
    first_author: NotRequired[str]
    last_author: NotRequired[str]
    year: NotRequired[str]
    journal: NotRequired[str]
    url: NotRequired[str]
    quote: NotRequired[str]
    quote_place: NotRequired[str]
    isolation_method: NotRequired[str]
    markers: NotRequired[list[str]]
    dose: NotRequired[str]
    ev_track_id: NotRequired[str]


class Revision(TypedDict):
    """A revision of a finding."""

    revision: int
    at: str
    author: str
    reason: str
    held_out: bool
    retracted: bool
    changed: list[str]
    finding: KeptColumns


class History(TypedDict):
    """Every revision of a finding, the first one first."""

    revisions: list[Revision]


class ConflictPage(TypedDict):
    """A page of conflicts."""

    conflicts: list[Conflict]
    next: str | None


class SearchFindingsQuery(TypedDict):
    """The query of search_findings."""

    limit: NotRequired[int]
    cursor: NotRequired[str]
    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class AddFindingsQuery(TypedDict):
    """The query of add_findings."""

    held_out: NotRequired[bool]
    sheet: NotRequired[str]


class ExportCsvQuery(TypedDict):
    """The query of export_csv."""

    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class ExportTsvQuery(TypedDict):
    """The query of export_tsv."""

    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class ExportBibtexQuery(TypedDict):
    """The query of export_bibtex."""

    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class ExportRisQuery(TypedDict):
    """The query of export_ris."""

    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class ExportCslQuery(TypedDict):
    """The query of export_csl."""

    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class ExportPackageQuery(TypedDict):
    """The query of export_package."""

    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    function: NotRequired[str]
    cancer_type: NotRequired[str]
    effect: NotRequired[str]
    paper: NotRequired[str]
    origin: NotRequired[str]
    held_out: NotRequired[bool]
    retracted: NotRequired[bool]
    q: NotRequired[str]


class ListConflictsQuery(TypedDict):
    """The query of list_conflicts."""

    limit: NotRequired[int]
    cursor: NotRequired[str]
