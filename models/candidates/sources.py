"""Parses the cell that secreted a vesicle and its state together, in whichever of their two fields they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from models.candidates.candidate import Normalization, ParsedValue
from models.candidates.text_fields import readable, truncate, unknown_term
from models.errors import CandidateError, FieldError
from models.naming.cell_lines import CellLines
from models.vocabulary.normalize import fold, plain
from models.vocabulary.vocabulary import MACROPHAGE_LINEAGE, Vocabulary

CELL, PHENOTYPE = "source_cell", "source_phenotype"
DEFAULT_CELL, UNSPECIFIED = "macrophage", "unspecified"
# What is named by its state alone: serum, neurons, bacteria.
OTHER_CELL = "other"
# Words around a cell and its state that say nothing of either.
_AROUND = frozenset(
    (
        *("derived", "from", "of", "human", "mouse", "murine", "rat", "vesicles", "nanovesicles"),
        *("exosome", "exosomes", "exo", "exos", "ev", "evs", "sevs"),
    )
)
# Words that say only that a cell is in the state that stands beside them.
_BETWEEN = frozenset(
    ["polarised", "polarized", "treated", "stimulated", "induced", "differentiated", "like", "cell", "cells"]
)
_PIECES = re.compile(
    r"[\s(),]+|-(?=(?:derived|treated|stimulated|polari[sz]ed|exos?|s?evs?|m[012][a-d]?)\b)", re.IGNORECASE
)
_MALIGNANT = re.compile(r"[ -](?:cells?|blasts?|cell lines?)$", re.IGNORECASE)
# No source has more words.
MAX_WORDS = 8
# The species of a cell in one letter (hADSC), and the sign of several.
_SPECIES, _PLURAL = re.compile(r"[hmr](?=[A-Z])"), re.compile(r"(?<=\w{2})s$")
_CELLS = re.compile(r" cells?$", re.IGNORECASE)
# Stem cells of a tissue, but not pluripotent, embryonic, haematopoietic, neural or cancer ones.
_STROMAL = re.compile(
    r"(?<![pehnc])sc$|(?<!pluripotent)(?<!embryonic)(?<!haematopoietic)(?<!hematopoietic)(?<!neural)(?<!cancer)stemcell$"
)


class SourceReading(NamedTuple):
    """A cell and, where the text says so, its state; how it was found, and what is to be said of it."""

    cell: str
    phenotype: str = ""
    how: str = "alias"
    identifier: str = ""
    remark: str = ""


class SourceParser:
    """Reads sources by a vocabulary and a table of cell lines."""

    def __init__(self, vocabulary: Vocabulary, lines: CellLines) -> None:
        self._vocabulary = vocabulary
        self._lines = lines

    def parse(self, cell_text: str, phenotype_text: str) -> tuple[ParsedValue, ParsedValue]:
        """The cell and its state. Raises CandidateError."""
        if not (cell_text or phenotype_text):
            remedy = "Give the source: its phenotype (M1, M2, TAM …) as source_phenotype, its cell as source_cell"
            raise CandidateError([FieldError(PHENOTYPE, "missing", remedy)])
        source = self._read_cell(cell_text, phenotype_text)
        notes = self._notes_of_cell(cell_text or phenotype_text, source) if source.how != "exact" else ()
        if not cell_text and source.how == "default":
            notes = (Normalization(CELL, "", source.cell, "default"),)
        return ParsedValue(source.cell, notes), self._read_phenotype(source, cell_text, phenotype_text)

    def _read_cell(self, cell_text: str, phenotype_text: str) -> SourceReading:
        if not cell_text:
            state = self._vocabulary.lookup(PHENOTYPE, phenotype_text, self._admitted(DEFAULT_CELL)).name
            # Other cells have such states too, and some are named with one: M2 microglia.
            if state and self._cells_of(phenotype_text, state)[0] == DEFAULT_CELL:
                return SourceReading(DEFAULT_CELL, how="default")
            readings = self._readings(phenotype_text)
            if not readings:
                return SourceReading(DEFAULT_CELL, how="default")
        else:
            readings = self._readings(cell_text)
            if not readings:
                raise CandidateError([unknown_term(self._vocabulary, CELL, cell_text, self._vocabulary.names(CELL))])
        if len(readings) > 1 and cell_text and phenotype_text:
            readings = [
                reading
                for reading in readings
                if self._vocabulary.lookup(PHENOTYPE, phenotype_text, self._admitted(reading.cell)).name
            ][:1] or readings
            readings = [reading._replace(how="alias") for reading in readings] if len(readings) == 1 else readings
        if len(readings) > 1:
            text, cells = cell_text or phenotype_text, tuple(dict.fromkeys(reading.cell for reading in readings))
            remedy = f"{truncate(text)!r} can be a phenotype of {' or '.join(cells)}. Give one of them as source_cell"
            raise CandidateError([FieldError(CELL, "ambiguous", remedy, given=text, allowed=cells)])
        return readings[0]

    def _read_phenotype(self, source: SourceReading, cell_text: str, phenotype_text: str) -> ParsedValue:
        admitted = self._admitted(source.cell)
        match = self._vocabulary.lookup(PHENOTYPE, phenotype_text, admitted) if phenotype_text else None
        if match and match.name:
            # What is a cell of its own name, as serum is, can be in any state of other cells.
            used = self._narrower("" if self._cells(cell_text) else source.phenotype, match.name)
            if not used:
                remedy = (
                    f"source_cell says {source.phenotype}, but source_phenotype says {match.name}. Give one of them"
                )
                raise CandidateError([FieldError(PHENOTYPE, "contradiction", remedy, given=phenotype_text)])
            return self._phenotype(phenotype_text, used, match.how)
        if not phenotype_text:
            given = cell_text if source.phenotype else ""
            return self._phenotype(given, source.phenotype or UNSPECIFIED, source.how if given else "default")
        for reading in self._readings(phenotype_text):
            # The cell once more, perhaps with its state.
            if reading.cell == source.cell:
                return self._phenotype(phenotype_text, reading.phenotype or source.phenotype or UNSPECIFIED, "part")
        return self._unknown_phenotype(source.cell, phenotype_text)

    def _unknown_phenotype(self, cell: str, text: str) -> ParsedValue:
        admitted = tuple(sorted(self._admitted(cell)))
        elsewhere = self._vocabulary.lookup(PHENOTYPE, text).names
        if elsewhere:
            cells = " or ".join(self._vocabulary.term(PHENOTYPE, elsewhere[0]).source_cells)
            remedy = (
                f"{elsewhere[0]} is no phenotype of {cell} (it is one of {cells}). Choose one of {cell}, or unspecified"
            )
            suggest = partial(self._vocabulary.nearest, PHENOTYPE, text, admitted)
            raise CandidateError([FieldError(PHENOTYPE, "wrong_cell", remedy, text, readable(admitted), suggest)])
        if cell in MACROPHAGE_LINEAGE:
            raise CandidateError([unknown_term(self._vocabulary, PHENOTYPE, text, admitted)])
        # The states of other cells are never all known.
        return self._phenotype(text, UNSPECIFIED, "unknown")

    def _readings(self, text: str) -> list[SourceReading]:
        """The sources that a text can name."""
        pieces = [piece for piece in _PIECES.split(text) if piece]
        words = [piece for piece in pieces if piece.lower() not in _AROUND]
        if len(words) > MAX_WORDS:
            return self._named(text)
        bare = " ".join(words)
        forms = dict.fromkeys((text, bare, _PLURAL.sub("", bare), _CELLS.sub("", bare)))
        # Without the species in one letter before it; mBMSC is that, though MB-MSC would be another cell.
        bred = dict.fromkeys(_SPECIES.sub("", form) for form in forms if _SPECIES.match(form))
        own = list(dict.fromkeys(reading for form in bred for reading in self._named(form)))
        for form in forms:
            if (readings := self._named(form)) and (not own or self._is_written(form, readings[0])):
                how = "exact" if form == text else "part"
                return [reading._replace(how=how) if reading.how == "exact" else reading for reading in readings]
        return own or next(filter(None, self._in_parts(words)), []) or self._malignant(text)

    def _is_written(self, text: str, reading: SourceReading) -> bool:
        """Whether a cell or its state is called as a text is written, hyphens and all."""
        terms = [self._vocabulary.term(CELL, reading.cell)]
        terms += [self._vocabulary.term(PHENOTYPE, reading.phenotype)] if reading.phenotype else []
        return any(plain(text) == plain(spelling) for term in terms for spelling in term.spellings)

    def _named(self, text: str) -> list[SourceReading]:
        """The cells, or those in a state, that a text names as it stands."""
        cells = self._cells(text)
        phenotype = self._vocabulary.lookup(PHENOTYPE, text).name
        if phenotype and cells and cells[0].cell == OTHER_CELL:
            return [SourceReading(OTHER_CELL, phenotype, "phenotype")]
        if phenotype and not (cells and cells[0].how != "cell_line"):
            return [SourceReading(cell, phenotype, "phenotype") for cell in self._cells_of(text, phenotype)]
        return cells

    def _cells(self, text: str) -> list[SourceReading]:
        """The cells that a text names by themselves, among them lines of tumours."""
        match = self._vocabulary.lookup(CELL, text)
        if match.names:
            identifiers = [self._vocabulary.term(CELL, name).curie for name in match.names]
            pairs = zip(match.names, identifiers, strict=True)
            return [SourceReading(name, "", match.how, identifier) for name, identifier in pairs]
        lines = self._lines.read(text)
        return [SourceReading("cancer_cell", "", "cell_line", lines[0].identifier)] if lines else []

    def _malignant(self, text: str) -> list[SourceReading]:
        name = _MALIGNANT.sub("", text)
        tumour = self._vocabulary.lookup("cancer_type", name).name
        # An organ stands for its tumour where one is asked for, but its cells are mostly healthy.
        if not tumour or self._vocabulary.lookup("cancer_type", f"{name} cancer").name:
            return []
        return [SourceReading("cancer_cell", "", "part", remark=f"Read as cells of {tumour}")]

    def _in_parts(self, words: list[str]) -> Iterator[list[SourceReading]]:
        """A cell and a state that stand one behind the other, as in `THP-1 derived M2`, or two names of one cell."""
        for named in (words, [word for word in words if word.lower() not in _BETWEEN]):
            for place in range(1, len(named)):
                parts = " ".join(named[:place]), " ".join(named[place:])
                for cell_text, state in (parts, parts[::-1]):
                    yield self._cell_in_state(cell_text, state)
        yield self._same_cell(words)

    def _cell_in_state(self, cell_text: str, state: str) -> list[SourceReading]:
        if not self._vocabulary.lookup(PHENOTYPE, state).names:
            return []
        cells = self._cells(cell_text) or self._cells(_PLURAL.sub("", cell_text)) or self._malignant(cell_text)
        for cell in cells or self._same_cell(cell_text.split()):
            if match := self._vocabulary.lookup(PHENOTYPE, state, self._admitted(cell.cell)).name:
                return [cell._replace(phenotype=match, how="part")]
        return []

    def _same_cell(self, words: list[str]) -> list[SourceReading]:
        """A line and what it is: THP-1 macrophages."""
        for place in range(1, len(words)):
            also = {reading.cell for reading in self._cells(" ".join(words[place:]))}
            if same := [cell for cell in self._cells(" ".join(words[:place])) if cell.cell in also]:
                return [same[0]._replace(how="part")]
        return []

    def _cells_of(self, text: str, phenotype: str) -> Sequence[str]:
        """The cells that a state of this name is of: the one that the text names, else all that can be in it."""
        cells = self._vocabulary.term(PHENOTYPE, phenotype).source_cells
        if len(cells) < 2:
            return cells
        named = self._vocabulary.lookup(CELL, f"{_PLURAL.sub('', text)} cell").names
        key = fold(text).removesuffix("s")
        # BM-MSC ends in the name of its cell; ADSC and BMSC are stem cells by their last letters.
        ends = [
            cell
            for cell in cells
            for alias in (cell, *self._vocabulary.term(CELL, cell).aliases)
            if len(fold(alias)) > 2 and key.endswith(fold(alias).removesuffix("s"))
        ]
        if "mesenchymal_stem_cell" in cells and _STROMAL.search(key):
            return ["mesenchymal_stem_cell"]
        candidates = [cell for cell in cells if cell in (named or ends or cells)]
        return candidates[:1] if candidates[0] == DEFAULT_CELL else candidates

    def _narrower(self, implied: str, stated: str) -> str:
        """Of two states of one source the narrower; empty where they exclude each other."""
        if not implied or implied in self._vocabulary.lineage(PHENOTYPE, stated):
            return stated
        return implied if stated in (*self._vocabulary.lineage(PHENOTYPE, implied), UNSPECIFIED) else ""

    def _phenotype(self, given: str, used: str, how: str) -> ParsedValue:
        if how == "exact":
            return ParsedValue(used)
        identifier = self._vocabulary.term(PHENOTYPE, used).curie
        return ParsedValue(used, (Normalization(PHENOTYPE, given, used, how, identifier),))

    def _notes_of_cell(self, given: str, source: SourceReading) -> tuple[Normalization, ...]:
        return (Normalization(CELL, given, source.cell, source.how, source.identifier, remark=source.remark),)

    def _admitted(self, cell: str) -> frozenset[str]:
        return self._vocabulary.phenotypes_of(cell)
