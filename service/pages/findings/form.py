"""The form of a finding: the candidate, what was seen, and where it was published; every fault at its field."""

from collections.abc import Mapping, Sequence

from models.candidates.parser import CandidateParser
from models.errors import FieldError
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, Form, FormField, Options, make_field, titles_of
from training.data.findings import COLUMNS, EFFECTS, REPORTING_COLUMNS
from training.data.validation import CONTROLLED_COLUMNS, max_length
from training.report.formatting import humanize

EDITABLE = tuple(name for name in COLUMNS if name != "finding_id")
_GROUPS = (
    ("What was seen", ("effect", "targets", "evidence", "grade")),
    ("Where it was published", ("pmid", "doi", "paper", "title", "first_author", "year", "journal")),
    ("What the paper says", ("quote", "quote_place")),
)
_FURTHER = ("mechanism", "processes", "pathways", "cell_model", "pmcid", "url", *REPORTING_COLUMNS)
_SELECTS = ("effect", "evidence", "grade")
TITLES = CANDIDATE_TITLES | titles_of("finding")


def read(sent: Mapping[str, str]) -> dict[str, str]:
    """The columns that were sent, their white space as a table can hold it."""
    return {name: " ".join(sent.get(name, "").split()) for name in EDITABLE}


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
    return tuple((term, humanize(term)) for term in (*typed, *names))
