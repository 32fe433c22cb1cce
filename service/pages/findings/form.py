"""The form of a finding: the candidate, what was seen, and where it was published; every fault at its field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.candidates.parser import CandidateParser
from models.errors import FieldError
from models.evidence.reporting import REPORTING_COLUMNS
from service.findings.paper_lookup import PaperLookupError, look_up
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, Form, FormField, Options, make_field, titles_of
from service.settings import Settings
from training.data.findings import COLUMNS, EFFECTS
from training.data.papers import read_identifiers
from training.data.validation import CONTROLLED_COLUMNS, max_length
from training.report.formatting import humanize

EDITABLE = tuple(name for name in COLUMNS if name != "finding_id")
_GROUPS = (
    ("Result", ("effect", "strength", "evidence", "grade", "targets")),
    ("Paper", ("pmid", "doi", "paper", "title", "first_author", "last_author", "year", "journal")),
    ("Quote", ("quote", "quote_place")),
)
_FURTHER = ("mechanism", "processes", "pathways", "cell_model", "pmcid", "url", *REPORTING_COLUMNS)
_SELECTS = ("effect", "evidence", "grade")
TITLES = CANDIDATE_TITLES | titles_of("finding")
# Terms that need their field beside them to be understood.
_SPELLED = {"both": "in vitro and in vivo"}
# The button that has the fields of a paper filled in.
FILL = "fill"


@dataclass(frozen=True, slots=True)
class Filled:
    """The cells of a form with what is known of their paper, and what was done, or why nothing was."""

    cells: dict[str, str]
    message: str = ""
    faults: tuple[FieldError, ...] = ()


def read(sent: Mapping[str, str]) -> dict[str, str]:
    """The columns that were sent, their white space as a table can hold it."""
    return {name: " ".join(sent.get(name, "").split()) for name in EDITABLE}


def fill(cells: Mapping[str, str], settings: Settings) -> Filled:
    """The cells with the empty ones of the citation filled in; what was typed stays, and what differs from it is said."""
    typed = read_identifiers(cells)
    try:
        found = look_up(typed, settings)
    except PaperLookupError as error:
        return Filled(typed, faults=(FieldError("pmid", "lookup", str(error)),))
    new = {name: text for name, text in found.columns.items() if not typed.get(name)}
    other = {
        name: text
        for name, text in found.columns.items()
        if name not in new and text.casefold() != typed[name].casefold()
    }
    message = (
        f"Filled in from {found.service}: {_titles(new)}."
        if new
        else f"{found.service} adds nothing to what you typed."
    )
    differing = "; ".join(f"{TITLES[name]}: {text}" for name, text in other.items())
    message += f" Your entries were not changed, but {found.service} has {differing}." if other else ""
    return Filled(typed | new, f"{message} Check the fields before you save the finding.")


def title_of(term: str) -> str:
    """A term of the vocabulary as a person reads it."""
    return _SPELLED.get(term) or humanize(term)


def explain_choices(reader: CandidateParser) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the values of evidence and grade mean: the title of each field, and its values with their definitions."""
    terms = reader.vocabulary.terms
    return [
        (TITLES[name], [(title_of(term.name), term.definition) for term in terms(name)])
        for name in ("evidence", "grade")
    ]


def _titles(names: Iterable[str]) -> str:
    return ", ".join(TITLES[name] if TITLES[name].isupper() else TITLES[name].lower() for name in names)


def make_form(reader: CandidateParser, cells: Mapping[str, str], faults: Sequence[FieldError] = ()) -> Form:
    """The form that holds `cells`, each fault at its field."""

    def fields(names: Sequence[str]) -> tuple[FormField, ...]:
        return tuple(_make_field(reader, name, cells.get(name, ""), faults) for name in names)

    vesicle = candidate.make_form(reader, cells, faults)
    groups = (*vesicle.groups, *((title, fields(names)) for title, names in _GROUPS))
    further = (*(field for field in vesicle.further if field.name != "id"), *fields(_FURTHER))
    return Form(groups, further, tuple(faults), any(field.faults for field in further))


def _make_field(reader: CandidateParser, name: str, value: str, faults: Sequence[FieldError]) -> FormField:
    return make_field(
        "finding",
        name,
        value,
        faults,
        required=name == "effect",
        is_select=name in _SELECTS,
        empty_label="" if name == "effect" else "not stated",
        options=_options(reader, name, value),
        max_length=max_length(name),
    )


def _options(reader: CandidateParser, name: str, value: str) -> Options:
    names = EFFECTS if name == "effect" else tuple(reader.vocabulary.names(name)) if name in CONTROLLED_COLUMNS else ()
    # What was typed stays chosen, whatever it is.
    typed = (value,) if value and name in _SELECTS and value not in names else ()
    return tuple((term, title_of(term)) for term in (*typed, *names))
