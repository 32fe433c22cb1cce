"""How the columns of a file of candidates were read, in words; columns that are named beside it, and constants for all rows."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.headings import CANDIDATE_HEADINGS, describe_other, renamed
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError, RowError, TableError

# How many of them a remark names.
_NAMED = 20


def describe_columns(headings: Sequence[str], columns: Sequence[str]) -> list[str]:
    """What is to be said of how headings were read: those that are fields in other words, and those that are no fields."""
    pairs = list(zip(headings, columns, strict=True))
    fields = [pair for pair in pairs if pair[1] in FIELD_BY_NAME]
    others = [pair for pair in pairs if pair[1] not in FIELD_BY_NAME]
    remarks = renamed([heading for heading, _ in fields], [column for _, column in fields])
    if others:
        named = ", ".join(describe_other(*pair, columns) for pair in others[:_NAMED]) + (
            f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        )
        remarks.append(f"Carried over to the scores without being read: {named}")
    return remarks


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
