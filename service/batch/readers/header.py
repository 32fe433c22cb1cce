"""The columns of a file of candidates: which there must be, what the others are called beside the scores, and constants for all
rows."""

import csv
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from rapidfuzz import process

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError, RowError, TableError
from models.naming.resolver import closest
from models.vocabulary.normalize import fold
from training.data.headings import CANDIDATE_HEADINGS, renamed
from training.data.spreadsheets import DELIMITER_WORDS

# Of each, the names that it may be meant for are looked for, and each is shown on the page of a file.
MAX_COLUMNS = 1000
# How many of them a remark names.
_NAMED = 20
# How like a field (of 100) a heading must be to be taken for a slip.
_LEAST_LIKENESS = 80
# Headings that stand as kinds of cargo in rows too, so that they make no header of a line.
_ALSO_VALUES = frozenset(("mirna", "microrna", "gene", "protein", "drug"))
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


def describe_columns(headings: Sequence[str], columns: Sequence[str]) -> list[str]:
    """What is to be said of how headings were read: those that are fields in other words, and those that are no fields."""
    pairs = list(zip(headings, columns, strict=True))
    fields = [pair for pair in pairs if pair[1] in FIELD_BY_NAME]
    others = [pair for pair in pairs if pair[1] not in FIELD_BY_NAME]
    remarks = renamed([heading for heading, _ in fields], [column for _, column in fields])
    if others:
        named = ", ".join(_describe_other(*pair, columns) for pair in others[:_NAMED]) + (
            f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        )
        remarks.append(f"Carried over to the scores without being read: {named}")
    return remarks


def _describe_other(heading: str, column: str, columns: Sequence[str]) -> str:
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
    for name in missing:
        remedy = f"The column {name} is missing. The first line must name the columns"
        faults.append(FieldError(name, "missing_column", remedy, suggest=partial(closest, name, others_of(columns))))
    if faults:
        raise TableError([RowError(line, fault) for fault in faults])


def check_count(columns: Collection[str], line: int) -> None:
    """Raises TableError where there are more columns than are taken."""
    if len(columns) > MAX_COLUMNS:
        remedy = f"There are {len(columns):,} columns, but at most {MAX_COLUMNS:,} are allowed. Remove those that are not needed"
        raise TableError.at_line(line, "too_many_columns", remedy)


def check_named(names: Sequence[str], cells: Sequence[str], line: int) -> None:
    """Raises TableError where the columns that were named are not those of the first row, or where that is a header."""
    if len(FIELD_BY_NAME.keys() & set(cells)) > 1:
        remedy = "This line already names the columns. Do not name them again"
        raise TableError.at_line(line, "has_header", remedy)
    if len(names) != len(cells):
        remedy = (
            f"The first row has {len(cells)} cells, but {len(names)} columns are named. Name one column for each cell"
        )
        raise TableError.at_line(line, "wrong_columns", remedy)


def split_names(text: str) -> tuple[str, ...]:
    """Names of columns that are joined by commas; none where the text is empty."""
    return tuple(name.strip() for name in next(csv.reader([text]), ()))


def read_constants(texts: Sequence[str]) -> dict[str, str]:
    """The values of fields from texts such as `cancer_type=HCC`. Raises CandidateError where one is none."""
    constants: dict[str, str] = {}
    faults = []
    for text in texts:
        heading, equals, value = text.partition("=")
        field = CANDIDATE_HEADINGS.column_of(heading.strip())
        if not equals or not field or field == "id":
            names = [name for name in FIELD_BY_NAME if name != "id"]
            remedy = f"{text!r} is not of the form FIELD=VALUE, such as cancer_type=HCC. Fields: {', '.join(names)}"
            faults.append(FieldError("set", "no_constant", remedy, text))
        elif field in constants:
            faults.append(FieldError("set", "doubled_constant", f"{field} is set twice. Set it once", text))
        else:
            constants[field] = value.strip()
    if faults:
        raise CandidateError(faults)
    return constants


def check_constants(parser: CandidateParser, constants: Mapping[str, str], columns: Collection[str] = ()) -> None:
    """Raises TableError with the faults of constants, as a candidate of them would have them; what depends on `columns` of the
    file is left to its rows."""
    try:
        parser.parse(constants)
    except CandidateError as error:
        faults = [
            replace(fault, says=f"{fault.field} is set to {constants[fault.field]!r}: {fault.says}")
            for fault in error.faults
            if fault.field in constants and not (fault.field == "source_phenotype" and "source_cell" in columns)
        ]
        if faults:
            raise TableError([RowError(0, fault) for fault in faults]) from error


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
