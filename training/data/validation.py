"""What can be wrong with one row of findings beside its candidate: its citation, its texts, what was observed."""

import re
import unicodedata
from functools import partial

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.parser import CandidateParser
from models.errors import FieldError, unknown_names
from models.evidence.evidence import IDENTIFIERS
from training.data.authors import read_author
from training.data.tabular import TableRow

MAX_CELL = 2000
# Longest texts of the columns that admit fewer characters: stores keep the paper as a key, and a quote is one sentence.
_LONGEST = {"paper": 300, "strength": 300, "last_author": 100, "quote": 300, "quote_place": 80}

_PATTERNS = {
    "finding_id": (
        re.compile(r"[A-Za-z0-9][\w.:-]{0,63}"),
        "up to 64 letters, digits and . : _ - , such as EXF-5f0084ae",
    ),
    "paper": (
        re.compile(r"(?:pmid:[0-9]+|doi:10\.\S+|pmcid:PMC[0-9]+|title:\S+|lab:\S.*)"),
        "pmid:, doi:, pmcid:, title: or lab: followed by a key, such as lab:notebook 7",
    ),
    "pmid": (re.compile(r"[1-9][0-9]{0,8}"), "a PubMed number such as 35210436"),
    "doi": (re.compile(r"10\.[0-9]{4,9}/\S+"), "a DOI such as 10.1038/s41419-022-04640-z"),
    "pmcid": (re.compile(r"PMC[0-9]+"), "PMC and digits, such as PMC7862798"),
    "year": (re.compile(r"(?:19[89]|20[0-9])[0-9]"), "four digits, 1980 to 2099, such as 2022"),
    "url": (re.compile(r"https?://\S+"), "an address that begins with https:// or http://"),
    "targets": (
        re.compile(r"[^;]*[^;\s+-][+-](?:;[^;]*[^;\s+-][+-])*"),
        "names with + (up) or - (down), separated by semicolons, such as PTEN-;STAT3+",
    ),
}
# How alike, in percent, a term is at least that may have been meant.
_ALIKE = 75.0
# The observed columns that hold terms of the vocabulary, and whether they hold several.
CONTROLLED_COLUMNS = {"mechanism": True, "processes": True, "evidence": False, "grade": False}


def max_length(column: str) -> int:
    """How many characters a cell of a column may have."""
    return _LONGEST.get(column, MAX_CELL)


def citation_faults(row: TableRow) -> list[FieldError]:
    """Identifiers that are malformed, missing, or say different things."""
    faults = []
    author = row.cells.get("last_author", "")
    if author and not read_author(author):
        remedy = f"{author[:80]!r} is not valid. Expected: one family name and initials, such as Zhang Y"
        faults.append(FieldError("last_author", "malformed", remedy, author))
    for column, (pattern, shape) in _PATTERNS.items():
        text = row.cells.get(column, "")
        if text and not pattern.fullmatch(text):
            faults.append(FieldError(column, "malformed", f"{text[:80]!r} is not valid. Expected: {shape}", text))
    if not any(row.cells.get(column) for column in ("paper", "pmid", "doi", "pmcid", "title")):
        remedy = "Give the paper of the finding: paper, pmid, doi, pmcid or title (lab:NAME for your own)"
        faults.append(FieldError("paper", "missing", remedy))
    kind, _, key = row.cells.get("paper", "").partition(":")
    if kind in IDENTIFIERS and row.cells.get(kind, key).casefold() != key.casefold():
        remedy = f"The paper has the key {kind}:{key}, but its {kind} is {row.cells[kind]!r}"
        faults.append(FieldError("paper", "contradiction", remedy, row.cells["paper"]))
    return faults


def text_faults(row: TableRow) -> list[FieldError]:
    """Cells too long, or with characters that no text has; the parser of candidates reports those of its own fields."""
    faults = []
    for column, text in row.cells.items():
        if column in FIELD_BY_NAME:
            continue
        if len(text) > (longest := max_length(column)):
            remedy = f"Give at most {longest} characters, not {len(text)}"
            faults.append(FieldError(column, "too_long", remedy, text[:80]))
        if not is_printable_text(text):
            faults.append(FieldError(column, "control_character", "Remove control characters", text[:80]))
    return faults


def is_printable_text(text: str) -> bool:
    """Whether there is nothing in `text` but what can be read, and white space: no NUL, no half of a surrogate pair."""
    return all(letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cs") for letter in text)


def observation_faults(row: TableRow, reader: CandidateParser) -> list[FieldError]:
    """Terms of observed columns that the vocabulary does not have."""
    faults = []
    for column, many in CONTROLLED_COLUMNS.items():
        text = row.cells.get(column, "")
        if len(text) > MAX_CELL:
            continue
        parts = dict.fromkeys(filter(None, text.split(";") if many else [text]))
        unknown = [part for part in parts if reader.vocabulary.lookup(column, part).name is None]
        faults += unknown_names(unknown, partial(_unknown_term, column, reader))
    return faults


def _unknown_term(column: str, reader: CandidateParser, part: str) -> FieldError:
    names = reader.vocabulary.names(column)
    remedy = f"{part[:80]!r} is not a known {column}. Choose among {', '.join(names)}"
    suggest = partial(reader.vocabulary.nearest, column, part, cutoff=_ALIKE)
    return FieldError(column, "unknown_term", remedy, part, names, suggest)
