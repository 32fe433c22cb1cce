"""The form of a finding: the candidate, what was seen, and where it was published; every fault at its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.candidates.parser import CandidateParser
from models.errors import FieldError
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, FormField, Options, faults_of
from training.data.findings import COLUMNS, EFFECTS
from training.data.validation import CONTROLLED_COLUMNS, MAX_CELL
from training.report.formatting import humanize

EDITABLE = tuple(name for name in COLUMNS if name != "finding_id")
_GROUPS = (
    ("What was seen", ("effect", "targets", "evidence", "grade")),
    ("Where it was published", ("pmid", "doi", "paper", "title", "first_author", "year", "journal")),
)
_FURTHER = ("mechanism", "processes", "pathways", "cell_model", "pmcid", "url")
_REPORTING = ("isolation_method", "markers", "dose", "ev_track_id")
_SELECTS = ("effect", "evidence", "grade")
_SEVERAL = "Several parted by ;"
# The title of each column that is no field of a candidate, and a hint.
_LABELS = {
    "paper": ("Key of the paper", "lab: and a name where it is not published"),
    "effect": ("Effect on the tumour", ""),
    "targets": ("Targets", "What changed in the recipient, as PTEN-;STAT3+"),
    "pathways": ("Pathways", _SEVERAL),
    "mechanism": ("Mechanism", _SEVERAL),
    "processes": ("Tumour processes", _SEVERAL),
    "evidence": ("Evidence", "How it was tested"),
    "grade": ("Grade", "How directly the text states it"),
    "cell_model": ("Cells", "In words, as THP-1"),
    "pmid": ("PMID", ""),
    "doi": ("DOI", "Bare, as 10.1038/s41419-022-04640-z"),
    "pmcid": ("PMCID", ""),
    "title": ("Title", ""),
    "first_author": ("First author", ""),
    "year": ("Year", ""),
    "journal": ("Journal", ""),
    "url": ("Address", ""),
    "isolation_method": ("Isolated by", ""),
    "markers": ("Markers shown", _SEVERAL),
    "dose": ("Dose", ""),
    "ev_track_id": ("EV-TRACK id", ""),
}
TITLES = CANDIDATE_TITLES | {name: title for name, (title, _) in _LABELS.items()}


@dataclass(frozen=True, slots=True)
class FindingForm:
    """All fields of a finding: those that most findings have, and those that are folded away."""

    groups: tuple[tuple[str, Sequence[FormField]], ...]
    further: tuple[FormField, ...]
    faults: tuple[FieldError, ...]

    @property
    def further_used(self) -> bool:
        """Whether a folded field is faulty."""
        return any(field.faults for field in self.further)

    @property
    def titles(self) -> Mapping[str, str]:
        """The titles of the fields, and of the reason for a change."""
        return TITLES | {"reason": "Why"}


def read(sent: Mapping[str, str]) -> dict[str, str]:
    """The columns that were sent, their white space as a table can hold it."""
    return {name: " ".join(sent.get(name, "").split()) for name in EDITABLE}


def make_form(reader: CandidateParser, cells: Mapping[str, str], faults: Sequence[FieldError] = ()) -> FindingForm:
    """The form that holds `cells`, each fault at its field."""

    def fields(names: Sequence[str]) -> tuple[FormField, ...]:
        return tuple(_make_field(reader, name, cells.get(name, ""), faults) for name in names)

    vesicle = candidate.make_form(reader, cells, faults)
    groups = (*vesicle.groups, *((title, fields(names)) for title, names in _GROUPS))
    of_vesicle = tuple(field for field in vesicle.further if field.name != "id")
    return FindingForm(groups, (*of_vesicle, *fields((*_FURTHER, *_REPORTING))), tuple(faults))


def _make_field(reader: CandidateParser, name: str, value: str, faults: Sequence[FieldError]) -> FormField:
    title, hint = _LABELS[name]
    return FormField(
        name=name,
        title=title,
        value=value,
        hint=hint,
        required=name == "effect",
        is_select=name in _SELECTS,
        empty_label="" if name == "effect" else "not stated",
        options=_options(reader, name, value),
        max_length=MAX_CELL,
        faults=faults_of(name, faults),
    )


def _options(reader: CandidateParser, name: str, value: str) -> Options:
    names = EFFECTS if name == "effect" else tuple(reader.vocabulary.names(name)) if name in CONTROLLED_COLUMNS else ()
    # What was typed stays chosen, whatever it is.
    kept = (value,) if value and name in _SELECTS and value not in names else ()
    return tuple((term, humanize(term)) for term in (*kept, *names))
