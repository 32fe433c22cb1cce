"""The form of a candidate: its fields with what was typed, what that was understood as, and what is wrong with it."""

from collections.abc import Sequence

from models.candidates.candidate import FIELD_BY_NAME, FieldSpec, Normalization
from models.candidates.cargo import JOINT
from models.candidates.parser import CandidateParser
from models.candidates.text_fields import MAX_TEXT
from models.errors import CandidateError, FieldError
from models.estimator.features import Features
from models.naming import autocomplete
from service.pages.forms.fields import Form, FormField, Options, faults_of, make_field
from service.pages.template_filters import accession
from service.scoring import query_string
from service.scoring.query_string import Given
from training.report.formatting import humanize

# Fields in the order in which a person thinks of them; those of the last group are folded away until they are needed.
GROUPS = (
    ("Source", ("source_cell", "source_phenotype")),
    ("Cargo", ("cargo_type", "cargo_name", "cargo_state")),
    ("Cancer", ("cancer_type",)),
)
FURTHER = ("recipient_cell", "polarisation", "species", "engineering", "id")
_SELECTS = ("source_cell", "cargo_type", "cargo_state")
_DEPENDS_ON = {"source_phenotype": "source_cell", "cargo_name": "cargo_type"}
# What is chosen where nothing is stated, and then follows from the cargo.
_UNSTATED_STATE = ("", "not stated")
# What is chosen for several cargos of several types.
_OF_NAMES = ("", "several: by the names")
_MAX_ALTERNATIVES = 8
# What stands for the fields that say nothing of the one that is to be understood.
_ANY = {"source_phenotype": "unspecified", "cargo_type": "whole_vesicle"}


def make_form(reader: CandidateParser, raw: Given, faults: Sequence[FieldError] = ()) -> Form:
    """The form that holds what was typed, each fault at its field, and all in the order of the fields."""

    def fields(names: Sequence[str]) -> tuple[FormField, ...]:
        return tuple(_make_field(reader, FIELD_BY_NAME[name], raw, faults) for name in names)

    order = [*(name for _, names in GROUPS for name in names), *FURTHER]
    ordered = sorted(faults, key=lambda fault: order.index(fault.field) if fault.field in FIELD_BY_NAME else len(order))
    groups, further = tuple((title, fields(names)) for title, names in GROUPS), fields(FURTHER)
    return Form(groups, further, tuple(ordered), any(field.value or field.faults for field in further))


def understood_field(reader: CandidateParser, raw: Given, name: str) -> FormField:
    """One field of a form that is being filled, as it would be read."""
    return _make_field(reader, FIELD_BY_NAME[name], raw, _read(reader, raw, name)[1])


def completions(features: Features, raw: Given, name: str) -> list[dict[str, str]]:
    """What may be meant by what was typed into one field, or by its last part where it can have several: the `value` that it
    would hold, and the `title`, `identifier` and `spelling` of that part."""
    field, reader = FIELD_BY_NAME[name], features.parser
    separator = "+" if name == "cargo_name" else ";" if field.many else ""
    text = _typed(raw, name)
    before, _, last = text.rpartition(separator) if separator else ("", "", text)
    last = last.strip()
    prefix = f"{before}{separator}{'' if separator == '+' else ' '}" if before else ""
    if name == "cargo_name":
        cargos = autocomplete.suggest_cargos(reader.naming, features.roles, _resolve(reader, raw, "cargo_type"), last)
        return [_completion(prefix, cargo.name, accession(cargo.identifier), cargo.spelled) for cargo in cargos]
    if not field.controlled or reader.vocabulary.lookup(name, last).name:
        # Nothing is offered over a text that stands for one term already: the list would only hide what comes below.
        return []
    within, most = None, autocomplete.MAX_SUGGESTIONS
    if name == "source_phenotype":
        within = _phenotypes(reader, raw)
        most = len(within)
    terms = autocomplete.suggest_terms(reader.vocabulary, name, last, within, most)
    return [_completion(prefix, humanize(term.name), term.identifier, term.spelled) for term in terms]


def _completion(prefix: str, title: str, identifier: str, spelling: str) -> dict[str, str]:
    return {"value": prefix + title, "title": title, "identifier": identifier, "spelling": spelling}


def _typed(raw: Given, name: str) -> str:
    typed = raw.get(name, "")
    return typed if isinstance(typed, str) else "; ".join(typed)


def _resolve(reader: CandidateParser, raw: Given, name: str) -> str:
    """The term that a field stands for; empty for none."""
    return reader.vocabulary.lookup(name, str(raw.get(name, ""))).name or ""


def _phenotypes(reader: CandidateParser, raw: Given) -> Sequence[str]:
    """The phenotypes that cells of the chosen kind can have."""
    return tuple(reader.vocabulary.phenotypes_of(_resolve(reader, raw, "source_cell") or "macrophage"))


def _make_field(reader: CandidateParser, field: FieldSpec, raw: Given, faults: Sequence[FieldError]) -> FormField:
    value = _typed(raw, field.name)
    notes = _read(reader, raw, field.name)[0] if value.strip() else ()
    options = _options(reader, field, raw)
    if field.name in _SELECTS:
        value = next((note.used for note in reversed(notes) if note.how != "default"), value)
        if field.name == "cargo_state":
            options = (_UNSTATED_STATE, *options)
        elif field.name == "cargo_type":
            options = (*options, *((_OF_NAMES,) if value else ()))
        elif field.name == "source_cell":
            value = value or _implied_cell(reader, raw)
        if value and value not in dict(options):
            options = ((value, humanize(value)), *options)
    warnings = reader.warnings.find(notes)
    nearest = tuple(name for warning in warnings for name in warning.nearest)
    if field.name == "cargo_name":
        # Of a set of cargos the others stay.
        meant = tuple(value.replace(warning.given, name, 1) for warning in warnings for name in warning.nearest)
    else:
        meant = nearest
    return make_field(
        "candidate",
        field.name,
        value,
        faults,
        required=field.required,
        is_select=field.name in _SELECTS,
        options=options,
        max_length=None if field.many else MAX_TEXT,
        depends_on=_DEPENDS_ON.get(field.name, ""),
        is_live=True,
        notes=notes,
        nearest=nearest,
        alternatives=() if field.many else _alternatives(field.name, raw, faults_of(field.name, faults), meant),
    )


def _implied_cell(reader: CandidateParser, raw: Given) -> str:
    """The cell that a phenotype names alone, as BM-MSC does; empty where there is none, so that it has to be chosen."""
    phenotype = _typed(raw, "source_phenotype")
    try:
        return str(reader.parse({**_ANY, "source_phenotype": phenotype}).candidate.source_cell) if phenotype else ""
    except CandidateError:
        return ""


def _alternatives(name: str, raw: Given, faults: Sequence[FieldError], nearest: Sequence[str]) -> Options:
    of_faults = (term for fault in faults for term in (*fault.nearest, *fault.allowed)[:_MAX_ALTERNATIVES])
    terms = dict.fromkeys((*of_faults, *nearest))
    return tuple((term, query_string.write({**raw, name: term})) for term in terms)


def _read(reader: CandidateParser, raw: Given, name: str) -> tuple[tuple[Normalization, ...], tuple[FieldError, ...]]:
    """How one field is read beside those that its meaning depends on, whatever the others hold."""
    fields: dict[str, str | list[str]] = {**_ANY, name: raw.get(name, "")}
    if name == "source_phenotype":
        fields["source_cell"] = raw.get("source_cell", "")
    if name in ("cargo_name", "cargo_state"):
        fields["cargo_name"] = raw.get("cargo_name", "")
        # The types of several cargos may follow from their names.
        fields["cargo_type"] = raw.get("cargo_type", "") or ("" if JOINT in fields["cargo_name"] else "mirna")
    if name == "cargo_type" and JOINT in fields["cargo_type"]:
        fields["cargo_name"] = raw.get("cargo_name", "")
    try:
        notes = reader.parse(fields, require_cargo_name=False).notes
    except CandidateError as error:
        return (), faults_of(name, error.faults)
    return tuple(note for note in notes if note.field == name), ()


def _options(reader: CandidateParser, field: FieldSpec, raw: Given) -> Options:
    if not field.controlled:
        return ()
    names: Sequence[str] = reader.vocabulary.names(field.name)
    if field.name == "source_phenotype":
        admitted = _phenotypes(reader, raw)
        names = [name for name in names if name in admitted]
    return tuple((name, humanize(name)) for name in names)
