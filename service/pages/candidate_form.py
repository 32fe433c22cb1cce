"""The form of a candidate: its fields with what was typed, what that was understood as, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import suggestions
from models.candidate import FIELD, MAX_TEXT, Field, Note, Reader
from models.errors import CandidateError, Fault
from models.features import Features
from service import candidate_query
from service.candidate_query import Given
from service.pages.forms import Input, Options
from service.pages.wording import accession, words

# Fields in the order in which a person thinks of them; those of the last group are folded away until they are needed.
GROUPS = (
    ("Who secretes it", ("source_cell", "source_phenotype")),
    ("What it carries", ("cargo_type", "cargo_name", "cargo_state")),
    ("Which tumour it meets", ("cancer_type",)),
)
FURTHER = ("recipient_cell", "polarisation", "species", "engineering", "id")
CHOSEN = ("source_cell", "cargo_type", "cargo_state")
TITLES = {
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
HINTS = {
    "source_phenotype": "M1, M2, TAM, CAF, bone marrow … or unspecified",
    "cargo_name": "Any usual spelling; several joined by +",
    "cancer_type": "A tumour or its abbreviation; may be left out",
    "recipient_cell": "Several parted by ;",
    "polarisation": "IL-4, LPS, hypoxia … parted by ;",
    "species": "Several parted by ;",
    "engineering": "Several parted by ;",
    "id": "Given back with the answer",
}
FOLLOWS = {"source_phenotype": "source_cell", "cargo_name": "cargo_type"}
MOST_SUGGESTED = 8
# Between what signs a field can hold several.
PARTINGS = {"cargo_name": "+"}
# What stands for the fields that say nothing of the one that is to be understood.
_ANY = {"source_phenotype": "unspecified", "cargo_type": "whole_vesicle"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateInput(Input):
    """One field of a candidate: how it was read (`notes`), and where it cannot be, the admitted values nearest to it, each
    with the query that has it instead (`suggested`)."""

    notes: tuple[Note, ...] = ()
    suggested: Options = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a field would hold, and how that is told: its last part, its identifier, and the spelling that led to it."""

    value: str
    title: str
    identifier: str = ""
    spelled: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The whole form, and the faults that belong to none of its fields."""

    groups: tuple[tuple[str, tuple[CandidateInput, ...]], ...]
    further: tuple[CandidateInput, ...]
    other_faults: tuple[Fault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault, in the order of the fields."""
        inputs = [one for _, group in self.groups for one in group] + list(self.further)
        return tuple(fault for one in inputs for fault in one.faults) + self.other_faults

    @property
    def further_used(self) -> bool:
        """Whether a folded field holds anything."""
        return any(one.value or one.faults for one in self.further)


def form(reader: Reader, given: Given, faults: Sequence[Fault] = ()) -> Form:
    """The form that holds what was given, each fault at its field."""
    return Form(
        tuple((title, tuple(_input(reader, FIELD[name], given, faults) for name in names)) for title, names in GROUPS),
        tuple(_input(reader, FIELD[name], given, faults) for name in FURTHER),
        tuple(fault for fault in faults if fault.field not in FIELD),
    )


def understood(reader: Reader, given: Given, name: str) -> CandidateInput:
    """One field of a form that is being filled, as it would be read."""
    return _input(reader, FIELD[name], given, _read(reader, given, name)[1])


def offered(features: Features, given: Given, name: str) -> tuple[Offer, ...]:
    """What may be meant by what was typed into one field, or by its last part where it can have several."""
    one, reader = FIELD[name], features.reader
    typed = given.get(name, "")
    text = typed if isinstance(typed, str) else "; ".join(typed)
    parting = PARTINGS.get(name, ";" if one.many else "")
    before, _, last = text.rpartition(parting) if parting else ("", "", text)
    kept = f"{before}{parting}{'' if parting == '+' else ' '}" if before else ""
    if name == "cargo_name":
        found = suggestions.cargos(reader.naming, features.roles, _meant(reader, given, "cargo_type"), last.strip())
        return tuple(Offer(kept + each.name, each.name, accession(each.identifier), each.spelled) for each in found)
    if not one.controlled or reader.vocabulary.look_up(name, last.strip()).name:
        # Nothing is offered over a text that stands for one term already: the list would only hide what comes below.
        return ()
    among, most = None, suggestions.MOST
    if name == "source_phenotype":
        among = reader.vocabulary.phenotypes_of(_meant(reader, given, "source_cell") or "macrophage")
        most = len(among)
    meant = suggestions.terms(reader.vocabulary, name, last.strip(), among, most)
    return tuple(Offer(kept + words(each.name), words(each.name), each.identifier, each.spelled) for each in meant)


def _meant(reader: Reader, given: Given, name: str) -> str:
    return reader.vocabulary.look_up(name, str(given.get(name, ""))).name or ""


def _input(reader: Reader, one: Field, given: Given, faults: Sequence[Fault]) -> CandidateInput:
    typed = given.get(one.name, "")
    value = typed if isinstance(typed, str) else "; ".join(typed)
    notes = _read(reader, given, one.name)[0] if value.strip() else ()
    options = _options(reader, one, given)
    if one.name in CHOSEN:
        value = next((note.used for note in notes if note.how != "default"), value) or one.default
        if value and value not in [term for term, _ in options]:
            options = ((value, value), *options)
    own = tuple(fault for fault in faults if fault.field == one.name)
    return CandidateInput(
        name=one.name,
        title=TITLES[one.name],
        value=value,
        hint=HINTS.get(one.name, ""),
        required=one.required,
        chosen=one.name in CHOSEN,
        options=options,
        longest=None if one.many else MAX_TEXT,
        faults=own,
        follows=FOLLOWS.get(one.name, ""),
        notes=notes,
        suggested=_suggested(one, given, own),
    )


def _suggested(one: Field, given: Given, faults: Sequence[Fault]) -> Options:
    if one.many:
        return ()
    terms = dict.fromkeys(term for fault in faults for term in (*fault.nearest, *fault.allowed)[:MOST_SUGGESTED])
    return tuple((term, candidate_query.write({**given, one.name: term})) for term in terms)


def _read(reader: Reader, given: Given, name: str) -> tuple[tuple[Note, ...], tuple[Fault, ...]]:
    """How one field is read beside those that its meaning depends on, whatever the others hold."""
    asked: dict[str, str | list[str]] = {**_ANY, name: given.get(name, "")}
    if name == "source_phenotype":
        asked["source_cell"] = given.get("source_cell", "")
    if name == "cargo_name":
        asked["cargo_type"] = given.get("cargo_type", "") or "mirna"
    try:
        notes = reader.read(asked, named=False).notes
    except CandidateError as error:
        return (), tuple(fault for fault in error.faults if fault.field == name)
    return tuple(note for note in notes if note.field == name), ()


def _options(reader: Reader, one: Field, given: Given) -> Options:
    if not one.controlled:
        return ()
    vocabulary = reader.vocabulary
    names: Sequence[str] = vocabulary.names(one.name)
    if one.name == "source_phenotype":
        admitted = vocabulary.phenotypes_of(_meant(reader, given, "source_cell") or "macrophage")
        names = [name for name in names if name in admitted]
    return tuple((name, words(name)) for name in names)
