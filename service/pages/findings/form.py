"""The form of a finding: the candidate, what was seen, and where it was published; every fault at its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.candidate import Reader
from models.errors import Fault
from service.pages import candidate_form
from service.pages.forms import Input, Options
from service.pages.wording import words
from training.data.findings import COLUMNS, EFFECTS
from training.data.validation import CONTROLLED_COLUMNS, MAX_CELL

SENT = tuple(name for name in COLUMNS if name != "finding_id")
GROUPS = (
    ("What was seen", ("effect", "targets", "evidence", "grade")),
    ("Where it was published", ("pmid", "doi", "paper", "title", "first_author", "year", "journal")),
)
FURTHER = (
    ("mechanism", "processes", "pathways", "cell_model"),
    ("pmcid", "url"),
    ("isolation_method", "markers", "dose", "ev_track_id"),
)
TITLES = {
    "paper": "Key of the paper",
    "effect": "Effect on the tumour",
    "targets": "Targets",
    "pathways": "Pathways",
    "mechanism": "Mechanism",
    "processes": "Tumour processes",
    "evidence": "Evidence",
    "grade": "Grade",
    "cell_model": "Cells",
    "pmid": "PMID",
    "doi": "DOI",
    "pmcid": "PMCID",
    "title": "Title",
    "first_author": "First author",
    "year": "Year",
    "journal": "Journal",
    "url": "Address",
    "isolation_method": "Isolated by",
    "markers": "Markers shown",
    "dose": "Dose",
    "ev_track_id": "EV-TRACK id",
}
HINTS = {
    "targets": "What changed in the recipient, as PTEN-;STAT3+",
    "evidence": "How it was tested",
    "grade": "How directly the text states it",
    "paper": "lab: and a name where it is not published",
    "doi": "Bare, as 10.1038/s41419-022-04640-z",
    "mechanism": "Several parted by ;",
    "processes": "Several parted by ;",
    "pathways": "Several parted by ;",
    "cell_model": "In words, as THP-1",
    "markers": "Several parted by ;",
}
REASON_TITLES = {"reason": "Why"}


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of a finding: those that most findings have, and those that are folded away."""

    groups: tuple[tuple[str, tuple[Input, ...]], ...]
    further: tuple[Input, ...]
    faults: tuple[Fault, ...]
    titles: Mapping[str, str]

    @property
    def further_used(self) -> bool:
        """Whether a folded field is faulty."""
        return any(one.faults for one in self.further)


def given(sent: Mapping[str, str]) -> dict[str, str]:
    """The columns that were sent, their white space as a table can hold it."""
    return {name: " ".join(sent.get(name, "").split()) for name in SENT}


def form(reader: Reader, cells: Mapping[str, str], faults: Sequence[Fault] = ()) -> Form:
    """The form that holds `cells`, each fault at its field."""
    described = candidate_form.form(reader, cells, faults)
    groups = [*described.groups, *((title, _inputs(reader, names, cells, faults)) for title, names in GROUPS)]
    further: list[Input] = [one for one in described.further if one.name != "id"]
    for names in FURTHER:
        further += _inputs(reader, names, cells, faults)
    return Form(tuple(groups), tuple(further), tuple(faults), candidate_form.TITLES | TITLES | REASON_TITLES)


def _inputs(
    reader: Reader, names: Sequence[str], cells: Mapping[str, str], faults: Sequence[Fault]
) -> tuple[Input, ...]:
    return tuple(
        Input(
            name=name,
            title=TITLES[name],
            value=cells.get(name, ""),
            hint=HINTS.get(name, ""),
            required=name == "effect",
            chosen=name in ("effect", "evidence", "grade"),
            unchosen="" if name == "effect" else "not stated",
            options=_options(reader, name, cells.get(name, "")),
            longest=MAX_CELL,
            faults=tuple(fault for fault in faults if fault.field == name),
        )
        for name in names
    )


def _options(reader: Reader, name: str, value: str) -> Options:
    names: Sequence[str] = EFFECTS if name == "effect" else ()
    if name in CONTROLLED_COLUMNS:
        names = reader.vocabulary.names(name)
    # What was typed stays chosen, whatever it is.
    kept = (value,) if value and name in ("effect", "evidence", "grade") and value not in names else ()
    return tuple((term, words(term)) for term in (*kept, *names))
