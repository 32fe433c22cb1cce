"""The columns of a file of candidates: which there must be, which there may be, and which are those of the scores."""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.errors import FieldError, RowError, TableError
from models.naming.resolver import closest
from training.data.spreadsheets import DELIMITER_WORDS

# Of each, the names that it may be meant for are looked for, and each is shown on the page of a file.
MAX_COLUMNS = 1000


def check_columns(columns: Sequence[str], keep: bool, reserved: Collection[str], line: int = 1) -> None:
    """Raises TableError with all that is wrong with the columns of a file, whose header is on `line`.

    Columns that are no fields of a candidate are faults unless they are kept; then those that have the name of a column of the
    scores (`reserved`) are.
    """
    check_count(columns, line)
    if delimiter := _other_delimiter(columns):
        remedy = (
            f"the cells are parted by {delimiter}: save it with commas between them, as CSV, or with tabs, as .tsv; "
            "spreadsheets offer both under Save as"
        )
        raise TableError([RowError(line, FieldError("", "wrong_delimiter", remedy, columns[0]))])
    faults = []
    for name, times in Counter(columns).items():
        if times > 1:
            faults.append(FieldError(name, "doubled_column", f"the column {name} stands {times} times"))
        if name not in FIELD_BY_NAME and not keep:
            remedy = f"{name!r} is no field of a candidate; --keep carries such columns through"
            faults.append(FieldError(name, "unknown_column", remedy, suggest=partial(closest, name, FIELD_BY_NAME)))
    unknown = [name for name in columns if name not in FIELD_BY_NAME]
    missing = [field.name for field in FIELDS if field.required and field.name not in columns]
    if not {"source_cell", "source_phenotype"}.intersection(columns):
        missing.insert(0, "source_phenotype")
    for name in missing:
        remedy = f"the column {name} is missing; the header is to name the columns"
        faults.append(FieldError(name, "missing_column", remedy, suggest=partial(closest, name, unknown)))
    if keep:
        faults += _reserved_faults(columns, reserved)
    if faults:
        raise TableError([RowError(line, fault) for fault in faults])


def check_count(columns: Collection[str], line: int) -> None:
    """Raises TableError where there are more columns than are taken."""
    if len(columns) > MAX_COLUMNS:
        remedy = f"there are {len(columns):,} columns; at most {MAX_COLUMNS:,} are taken: leave out those that are not needed"
        raise TableError.at_line(line, "too_many_columns", remedy)


def check_kept(columns: Sequence[str], reserved: Collection[str]) -> None:
    """Raises TableError where columns that are kept have the names of columns of the scores."""
    if faults := _reserved_faults(columns, reserved):
        raise TableError([RowError(1, fault) for fault in faults])


def _other_delimiter(columns: Sequence[str]) -> str:
    """What parts the names of a header that was read as one name, in words; empty where nothing does."""
    for delimiter, word in DELIMITER_WORDS.items():
        if len(columns) == 1 and not FIELD_BY_NAME.keys().isdisjoint(columns[0].replace('"', "").split(delimiter)[:-1]):
            return word
    return ""


def _reserved_faults(columns: Sequence[str], reserved: Collection[str]) -> list[FieldError]:
    remedy = "the scores have a column {} too: rename it, or do not keep the columns"
    return [FieldError(name, "taken_column", remedy.format(name)) for name in columns if name in reserved]
