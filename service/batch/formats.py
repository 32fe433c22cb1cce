"""The formats of files of candidates and of their scores."""

from enum import StrEnum
from pathlib import Path

from training.data.workbooks import MEDIA_TYPES as WORKBOOKS
from training.data.workbooks import SUFFIXES, is_workbook


class Format(StrEnum):
    """How a file holds rows."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """What it is called over HTTP."""
        return MEDIA_TYPES[self]

    @property
    def is_table(self) -> bool:
        """Whether a header names the columns, in text."""
        return self in (Format.CSV, Format.TSV)

    @property
    def is_text(self) -> bool:
        """Whether it has lines."""
        return self is not Format.PARQUET


MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.TSV: "text/tab-separated-values",
    Format.JSONL: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
}
# What a request may send candidates as, and how that is read: a workbook as CSV.
CANDIDATE_FORMATS = {media_type: form for form, media_type in MEDIA_TYPES.items()} | dict.fromkeys(
    WORKBOOKS, Format.CSV
)
DELIMITERS = {Format.CSV: ",", Format.TSV: "\t"}
_SUFFIXES = {f".{form}": form for form in Format} | {".ndjson": Format.JSONL}


def recognised(name: str, beginning: bytes) -> Format:
    """The format of a file by its name and its first bytes; a workbook is read as CSV."""
    if is_workbook(beginning):
        return Format.CSV
    if beginning.startswith(b"PAR1"):
        return Format.PARQUET
    by_name = format_of(Path(name))
    if by_name in (Format.TSV, Format.JSONL, Format.PARQUET):
        return by_name
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return Format.JSONL
    header = text.partition(b"\n")[0]
    return Format.TSV if header.count(b"\t") > header.count(b",") else Format.CSV


def format_of(path: Path) -> Format | None:
    """The format of a file by its suffix; None where that says nothing."""
    return _SUFFIXES.get(path.suffix.lower())


def format_read(path: Path) -> Format | None:
    """The format as which a file is read, by its suffix: a workbook as CSV; None where that says nothing."""
    return Format.CSV if path.suffix.lower() in SUFFIXES else format_of(path)
