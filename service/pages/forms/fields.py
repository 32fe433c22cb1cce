"""What forms are made of, for the macros of forms.html."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from models.candidates.candidate import Normalization
from models.errors import FieldError
from models.vocabulary.tsv import read_table

Options = tuple[tuple[str, str], ...]

# The title and the hint of each field, by its form and its name.
_LABELS = {
    (row["form"], row["name"]): (row["title"], row["hint"])
    for row in read_table(Path(__file__).with_name("labels.tsv"))
}


def titles_of(form: str) -> dict[str, str]:
    """The titles of the fields of a form of labels.tsv, by their names."""
    return {name: title for (form_of_field, name), (title, _) in _LABELS.items() if form_of_field == form}


# What a person calls the fields of a candidate.
CANDIDATE_TITLES = titles_of("candidate")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a form: what was typed, what may be, and what is wrong with it.

    `options` are values with their titles: to choose from where `is_select`, else to be offered while typing. `max_length`
    is how many characters may be typed, where that is limited. `empty_label` is the title of choosing nothing; where it is
    empty, something has to be chosen. `depends_on` names the field by which its meaning changes. A field of a candidate is
    read while it is typed (`is_live`): `notes` say how and, where it cannot be, `nearest` are the names nearest to it, and
    `alternatives` admitted values, each with the query that has it instead.
    """

    name: str
    title: str
    value: str = ""
    hint: str = ""
    required: bool = False
    is_select: bool = False
    empty_label: str = ""
    options: Options = ()
    max_length: int | None = None
    depends_on: str = ""
    faults: tuple[FieldError, ...] = ()
    is_live: bool = False
    notes: tuple[Normalization, ...] = ()
    nearest: tuple[str, ...] = ()
    alternatives: Options = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The fields in groups, each with its title, those that are folded away until they are needed (`further`), and all
    `faults`. `further_used`: what is folded away has to be seen."""

    groups: tuple[tuple[str, tuple[FormField, ...]], ...]
    further: tuple[FormField, ...]
    faults: tuple[FieldError, ...]
    further_used: bool


@dataclass(frozen=True, slots=True)
class FormAction:
    """Where a form leads, so that one form can serve several pages: the address that it is sent to with `hidden_fields`
    beside its own, what its button says, and where its cancel link leads."""

    address: str
    button: str
    cancel: str
    cancel_label: str = "Clear"
    hidden_fields: tuple[tuple[str, str], ...] = ()

    def with_query(self, query: str) -> str:
        """The address as if the form had been sent with the fields of `query`."""
        hidden = urlencode(self.hidden_fields, errors="surrogateescape")
        return f"{self.address}?{'&'.join(filter(None, (hidden, query)))}"


def make_field(form: str, name: str, value: str, faults: Iterable[FieldError], **properties: Any) -> FormField:
    """A field of a form of labels.tsv that holds `value`, with those of the faults that belong to it."""
    title, hint = _LABELS[form, name]
    return FormField(name=name, title=title, value=value, hint=hint, faults=faults_of(name, faults), **properties)


def choice_faults(name: str, value: str, allowed: Collection[str]) -> list[FieldError]:
    """What is wrong with what was chosen, where only the values in `allowed` may be."""
    if value in allowed:
        return []
    return [FieldError(name, "not_allowed", f"choose one of {', '.join(allowed)}", value, tuple(allowed))]


def faults_of(name: str, faults: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """Those faults that belong to one field."""
    return tuple(fault for fault in faults if fault.field == name)
