"""Cell lines by name, with the tumour that authors mean by them (DepMap, CC BY 4.0; see `models/knowledge/README.md`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from models.knowledge.sources import KNOWLEDGE
from models.vocabulary.normalize import fold, keeps_numbers
from models.vocabulary.tsv import read_table

# What is written behind the name of a line.
_AFTER = (
    *(" bearing mice", " tumour-bearing mice", " tumor-bearing mice"),
    *(" cell", " cell line", " xenograft", " tumour", " tumor", " model", " spheroid", " organoid"),
    *(" cells", " cell lines", " xenografts", " tumours", " tumors", " models", " spheroids", " organoids"),
)


class CellLine(NamedTuple):
    """A line, its tumour as a term, and what is to be said of it: that it is registered as misidentified, and as what."""

    name: str
    cancer_type: str
    species: str
    identifier: str
    note: str
    aliases: tuple[str, ...] = ()


class CellLines:
    """Finds cell lines by name or Cellosaurus number. Immutable once built."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        """`rows` have cell_line, cancer_type, species, cellosaurus, aliases (`|`-separated) and note."""
        self.lines: list[CellLine] = []
        names: dict[str, dict[CellLine, None]] = {}
        others: dict[str, dict[CellLine, None]] = {}
        for row in rows:
            number = row["cellosaurus"]
            identifier = f"cellosaurus:{number}" if number else ""
            aliases = (*filter(None, row["aliases"].split("|")), number, identifier)
            line = CellLine(row["cell_line"], row["cancer_type"], row["species"], identifier, row["note"], aliases)
            self.lines.append(line)
            names.setdefault(fold(line.name), {})[line] = None
            for other in filter(None, aliases):
                others.setdefault(fold(other), {})[line] = None
        # The name of a line is not shadowed by what another one is also called.
        self._by_key = {key: tuple(lines) for key, lines in {**others, **names}.items()}

    @staticmethod
    @cache
    def load() -> CellLines:
        """The lines of the shipped table, which all share."""
        return CellLines(read_table(KNOWLEDGE / "cell_lines.tsv"))

    def read(self, text: str) -> tuple[CellLine, ...]:
        """The lines that a text can name: none, one, or several that share the name."""
        while (lines := self._by_key.get(fold(text))) is None:
            shorter = next((text[: -len(word)] for word in _AFTER if text.lower().endswith(word)), None)
            if shorter is None:
                return ()
            text = shorter
        return tuple(line for line in lines if keeps_numbers(text, (line.name, *line.aliases)))
