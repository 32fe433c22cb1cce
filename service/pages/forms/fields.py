"""What forms are made of, for the macros of forms.html."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from models.errors import FieldError

Options = tuple[tuple[str, str], ...]

# What a person calls the fields of a candidate.
CANDIDATE_TITLES = {
    "source_cell": "Source cell",
    "source_phenotype": "Phenotype",
    "cargo_type": "Kind of cargo",
    "cargo_name": "Cargo",
    "cargo_state": "State of the cargo",
    "cancer_type": "Tumour",
    "recipient_cell": "Recipient cells",
    "polarisation": "Stimulated with",
    "species": "Species of the source",
    "engineering": "Engineering",
    "id": "Your own name for it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a form: what was typed, what may be, and what is wrong with it.

    `options` are values with their titles: to choose from where `is_select`, else to be offered while typing. `max_length`
    is how many characters may be typed, where that is limited. A field with many `lines` is a larger one. `empty_label` is
    the title of choosing nothing; where it is empty, something has to be chosen. `depends_on` names the field by which its
    meaning changes.
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
    lines: int = 1
    depends_on: str = ""
    faults: tuple[FieldError, ...] = ()


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


def faults_of(name: str, faults: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """Those faults that belong to one field."""
    return tuple(fault for fault in faults if fault.field == name)
