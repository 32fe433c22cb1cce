"""What tables call their columns: in any case, with blanks or hyphens, or by a usual synonym; and which columns there must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import count

from rapidfuzz import process

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.errors import FieldError, RowError, TableError
from models.naming.resolver import closest
from models.vocabulary.normalize import fold

_LONGEST = 100


class Headings:
    """The columns of one kind of table, and the words that its headings may have for them."""

    def __init__(self, columns: Collection[str], synonyms: Mapping[str, Iterable[str]]) -> None:
        """`synonyms` are folded, by column; the names of the columns themselves are not repeated among them."""
        self._columns = frozenset(columns)
        self._column_of = {word: column for column, words in synonyms.items() for word in words}
        self._column_of |= {fold(column): column for column in columns}

    def column_of(self, heading: str) -> str:
        """The column that a heading names; empty where it names none."""
        return heading if heading in self._columns else self._column_of.get(fold(heading[:_LONGEST]), "")

    def columns_of(self, headings: Iterable[str]) -> set[str]:
        """The columns that some of the headings name."""
        return {column for heading in headings if (column := self.column_of(heading))}

    def name_columns(self, headings: Sequence[str]) -> list[str]:
        """The columns of a table. A heading that names a column stands back where another is spelled as that column is, or came
        before."""
        named = self._columns.intersection(headings)
        columns = []
        for heading in headings:
            column = self.column_of(heading)
            is_free = column and column not in named and heading not in self._columns
            columns.append(column if is_free else heading)
            named |= {column} if is_free else set()
        return columns


def renamed(headings: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The remarks on headings that are read as other columns than they spell."""
    return [
        f"Column {heading} is read as {column}"
        for heading, column in zip(headings, columns, strict=True)
        if heading != column
    ]


CANDIDATE_SYNONYMS: Mapping[str, Sequence[str]] = {
    "id": ("nr", "no", "number", "candidate", "candidateid", "candidatename"),
    "source_cell": (
        "source",
        "cell",
        "celltype",
        "sourcetype",
        "exosomesource",
        "evsource",
        "cellsource",
        "celloforigin",
        "parentcell",
        "producercell",
        "donorcell",
    ),
    "source_phenotype": ("phenotype", "cellphenotype", "state", "sourcestate", "subtype"),
    "polarisation": ("polarization", "stimulus", "stimuli", "stimulation"),
    "species": ("organism", "host", "sourcespecies"),
    "cargo_type": ("typeofcargo", "kindofcargo", "cargokind", "cargoclass", "moleculetype"),
    "cargo_name": ("cargo", "molecule", "payload", "mirna", "microrna", "gene", "protein", "drug"),
    "cargo_state": ("stateofcargo", "loading"),
    "engineering": ("engineered", "modification"),
    "cancer_type": (
        "cancer",
        "tumour",
        "tumor",
        "tumourtype",
        "tumortype",
        "typeofcancer",
        "disease",
        "cellline",
        "cancercellline",
        "tumourcellline",
    ),
    "recipient_cell": ("recipient", "recipientcells", "targetcell", "targetcells"),
}
CANDIDATE_HEADINGS = Headings(FIELD_BY_NAME, CANDIDATE_SYNONYMS)

# What may part the cells of a table, in words.
DELIMITER_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# Of each, the names that it may be meant for are looked for, and each is shown on the page of a file.
MAX_COLUMNS = 1000
# Headings that stand as kinds of cargo in rows too, so that they make no header of a line.
_ALSO_VALUES = frozenset(("mirna", "microrna", "gene", "protein", "drug"))
# How like a field (of 100) a heading must be to be taken for a slip.
_LEAST_LIKENESS = 80
# What a file without a header is proposed to hold, in this order.
_PROPOSED = ("source_phenotype", "cargo_type", "cargo_name", "cancer_type", "cargo_state", "species")


def name_columns(
    headings: Sequence[str],
    reserved: Collection[str] = (),
    admits: Callable[[int, str], bool] = lambda place, field: True,
) -> list[str]:
    """The columns of a file: fields as their headings name them, where `admits` lets the column at a place be one, and others
    under names that neither the scores (`reserved`) nor another column has."""
    if len(headings) > MAX_COLUMNS:
        # They are refused, whatever they are called.
        return list(headings)
    taken, own = {*reserved, *FIELD_BY_NAME}, set(headings)
    columns = []
    for place, (heading, column) in enumerate(zip(headings, CANDIDATE_HEADINGS.name_columns(headings), strict=True)):
        if column not in FIELD_BY_NAME or (column != heading and not admits(place, column)):
            column = " ".join(heading.split()) or f"column_{place + 1}"
            column = _free_name(column, taken | own) if column in taken else column
            taken.add(column)
        columns.append(column)
    return columns


def _free_name(name: str, taken: Collection[str]) -> str:
    numbered = (f"input_{name}{f'_{number}' if number > 1 else ''}" for number in count(1))
    return next(free for free in numbered if free not in taken)


def others_of(columns: Sequence[str]) -> list[str]:
    """The columns that are no fields of a candidate."""
    return [column for column in columns if column not in FIELD_BY_NAME]


def meant_field(heading: str, columns: Collection[str]) -> str:
    """The field that a heading which names none may be meant for, of those that no column gives; empty where it is like none."""
    absent = [name for name in FIELD_BY_NAME if name not in columns]
    nearest = process.extractOne(heading.lower(), absent, score_cutoff=_LEAST_LIKENESS)
    return nearest[0] if nearest else ""


def describe_other(heading: str, column: str, columns: Sequence[str]) -> str:
    """A column that is no field, with the field that it may have been meant for."""
    name = column if heading == column else f"{heading!r} as {column}"
    if field := CANDIDATE_HEADINGS.column_of(heading):
        return f"{name} ({field} is another column)"
    meant = meant_field(heading, columns)
    return f"{name} (did you mean {meant}?)" if meant else name


def check_columns(
    headings: Sequence[str], columns: Sequence[str], line: int = 1, constants: Collection[str] = ()
) -> None:
    """Raises TableError with all that is wrong with the columns of a file, whose header is on `line`; the fields in `constants`
    need no column."""
    check_count(headings, line)
    if delimiter := _other_delimiter(headings):
        remedy = (
            f"The cells are separated by {delimiter}. Save the file as CSV, with commas, or as TSV, with tabs: "
            "spreadsheets offer both under “Save as”"
        )
        raise TableError([RowError(line, FieldError("", "wrong_delimiter", remedy, headings[0]))])
    stated = {*columns, *constants}
    missing = [field.name for field in FIELDS if field.required and field.name not in stated]
    if not {"source_cell", "source_phenotype"}.intersection(stated):
        missing.insert(0, "source_phenotype")
    if missing and line and not any(map(_is_of_header, headings)):
        raise TableError.at_line(line, "no_header", _without_header(len(headings)))
    faults = [
        FieldError(name, "doubled_column", f"There are {times} columns named {name}. Keep one")
        for name, times in Counter(columns).items()
        if times > 1
    ]
    faults += [missing_column(name, others_of(columns)) for name in missing]
    if faults:
        raise TableError([RowError(line, fault) for fault in faults])


def missing_column(name: str, others: Sequence[str]) -> FieldError:
    """That a column is missing, with those of the `others` that may be meant for it."""
    remedy = f"The column {name} is missing. The first line must name the columns"
    return FieldError(name, "missing_column", remedy, suggest=partial(closest, name, others))


def check_count(columns: Collection[str], line: int) -> None:
    """Raises TableError where there are more columns than are taken."""
    if len(columns) > MAX_COLUMNS:
        remedy = f"There are {len(columns):,} columns, but at most {MAX_COLUMNS:,} are allowed. Remove those that are not needed"
        raise TableError.at_line(line, "too_many_columns", remedy)


def _is_of_header(heading: str) -> bool:
    return bool(CANDIDATE_HEADINGS.column_of(heading)) and fold(heading) not in _ALSO_VALUES


def _without_header(cells: int) -> str:
    example = [*_PROPOSED, *(f"note_{number}" for number in range(1, cells))][:cells]
    these = "its column is" if cells == 1 else f"its {cells} columns are, in order"
    return (
        "This line does not name the columns. Add a header with names such as cargo_type above it or, if the file has none, "
        "say what "
        f"{these} (--columns, or columns= over HTTP): {','.join(example)}"
    )


def _other_delimiter(headings: Sequence[str]) -> str:
    """What parts the names of a header that was read as one name, in words; empty where nothing does."""
    for delimiter, word in DELIMITER_WORDS.items():
        if len(headings) == 1 and not FIELD_BY_NAME.keys().isdisjoint(
            headings[0].replace('"', "").split(delimiter)[:-1]
        ):
            return word
    return ""
