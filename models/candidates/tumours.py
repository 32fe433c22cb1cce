"""Parses the tumour that a vesicle meets: a term, a cell line that stands for one, or one with a remark in brackets."""

from __future__ import annotations

import re
from typing import NamedTuple

from models.naming.cell_lines import CellLines
from models.vocabulary.vocabulary import Vocabulary

_FIELD = "cancer_type"
_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\) ?([^()]*)")
# What says more of a tumour than its name; what of it is told stands in a group.
_BEFORE = re.compile(
    r"(?:human|mouse|murine|tcga|((?:stage|grade) (?:[ivx]{1,4}|\d)[abc]?|locally advanced|advanced|early|early-stage|late-stage"
    r"|metastatic|recurrent|relapsed|refractory|primary|p(?:a)?ediatric|childhood|adult|[\w-]{2,20} mutant|[\w/-]{2,20}[+]"
    r"|[\w+-]{2,20}-(?:mutant|mutated|resistant|sensitive|positive|negative|related|associated|driven)))[ -]+(?=\w)",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?<=\w)(?:s|[ -](?:cells?|cell lines?|patients?|tissues?|tumou?rs?|xenografts?))$", re.IGNORECASE)
# How many of them are left out at most.
_MAX_LEFT_OUT = 6
_WORDS = {"scc": "squamous cell carcinoma", "ca": "cancer"}
_ABBREVIATED = re.compile(r"(?<=\w )(scc|ca)\b\.?", re.IGNORECASE)
# What was put into a line, or what it resists: A549-luc, A549/DDP.
_DERIVED = re.compile(r"(.+)[-/ ]([a-z]{2,4}\d?)", re.IGNORECASE)
# No name of a tumour has more words.
_MAX_WORDS = 10


class TumourReading(NamedTuple):
    """What a text was read as: a term and how it was found, or the terms that it can mean; `remark` is to be said of it."""

    names: tuple[str, ...]
    how: str
    identifier: str = ""
    remark: str = ""

    @property
    def name(self) -> str:
        """The one term, if it is one."""
        return self.names[0] if len(self.names) == 1 else ""


class TumourParser:
    """Reads tumours by a vocabulary and a table of cell lines."""

    def __init__(self, vocabulary: Vocabulary, lines: CellLines) -> None:
        self._vocabulary = vocabulary
        self._lines = lines

    def parse(self, text: str) -> TumourReading:
        """The tumour that `text` names."""
        read = self._read(text) or self._read_in_parts(text)
        return read or self._read_without_words(text) or self._read_with_line(text) or TumourReading((), "unknown")

    def _read(self, text: str) -> TumourReading | None:
        match = self._vocabulary.lookup(_FIELD, text)
        if match.names:
            identifier = self._vocabulary.term(_FIELD, match.name).curie if match.name else ""
            return TumourReading(match.names, match.how, identifier)
        lines = self._lines.read(text)
        tumours = tuple(dict.fromkeys(line.cancer_type for line in lines))
        if not tumours:
            return None
        if len(tumours) > 1:
            return TumourReading(tumours, "ambiguous")
        said = next((line.note for line in lines if line.note), "")
        return TumourReading(
            tumours, "cell_line", lines[0].identifier, f"{lines[0].name} is registered as {said}" if said else ""
        )

    def _read_in_parts(self, text: str) -> TumourReading | None:
        """A tumour with a line, an abbreviation or a remark in brackets: the narrower, where both are of one lineage."""
        parted = _BRACKETS.fullmatch(text)
        if parted is None:
            return None
        before, inside, after = (part.strip() for part in parted.groups())
        outer, inner = self._read(f"{before} {after}".strip()), self._read(inside)
        if outer and inner and outer.name and inner.name:
            for narrow, broad in ((inner, outer), (outer, inner)):
                if broad.name in self._vocabulary.lineage(_FIELD, narrow.name):
                    return narrow._replace(how="part" if narrow.how != "cell_line" else narrow.how)
            return TumourReading((outer.name, inner.name), "ambiguous")
        read, left_out = (outer, inside) if outer and outer.name else (inner, f"{before} {after}".strip())
        if read is None or not read.name:
            return None
        return read._replace(how="part", remark=f"{left_out} was not used")

    def _read_without_words(self, text: str) -> TumourReading | None:
        """A tumour without what is said of its stage, its resistance or its patients, or a line without what was put into it."""
        left_out: list[str] = []
        name = _ABBREVIATED.sub(lambda match: _WORDS[match[1].lower()], text)
        for _ in range(_MAX_LEFT_OUT):
            if read := self._read(name):
                return self._told(read, left_out)
            if before := _BEFORE.match(name):
                left_out += filter(None, [before[1]])
                name = name[before.end() :]
            elif after := _AFTER.search(name):
                name = name[: after.start()]
            else:
                break
        derived = _DERIVED.fullmatch(name)
        read = self._read(derived[1]) if derived else None
        return self._told(read, [*left_out, derived[2]]) if derived and read and read.how == "cell_line" else None

    def _read_with_line(self, text: str) -> TumourReading | None:
        """A tumour and its line, one behind the other: human lung adenocarcinoma A549."""
        words = text.split()
        for place in range(1, len(words) if len(words) <= _MAX_WORDS else 0):
            line = self._read(" ".join(words[place:]))
            if line and line.how == "cell_line":
                tumour = self._read_without_words(f"{' '.join(words[:place])} cells")
                return (
                    self._read_in_parts(f"{tumour.name} ({' '.join(words[place:])})")
                    if tumour and tumour.name
                    else None
                )
        return None

    def _told(self, read: TumourReading, left_out: list[str]) -> TumourReading:
        said = [read.remark] if read.remark else []
        said += [f"{' and '.join(left_out)} was not used"] if left_out else []
        return read._replace(how="part" if read.how in ("exact", "spelling") else read.how, remark="; ".join(said))
