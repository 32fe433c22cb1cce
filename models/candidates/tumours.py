"""Parses the tumour that a vesicle meets: a term, a cell line that stands for one, or one with a remark in brackets."""

from __future__ import annotations

import re
from typing import NamedTuple

from models.naming.cell_lines import CellLines
from models.vocabulary.vocabulary import Vocabulary

_FIELD = "cancer_type"
_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\) ?([^()]*)")


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
        return self._read(text) or self._read_in_parts(text) or TumourReading((), "unknown")

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
        return read._replace(how="part", remark=f"{left_out} was left out")
