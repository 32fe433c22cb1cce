"""Reads a candidate that is described in free words, such as `M2 macrophage miR-21-5p, gastric cancer`.

Nothing is guessed: every part of the text is what the parser of some field reads it as, or is said to be unclear or left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from models.candidates.cargo import JOINT, SIRNA, WHOLE_VESICLE
from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from models.naming.resolver import CargoName, is_of_type

MAX_DESCRIPTION = 300
SOURCE = "source_cell"
_CARGO, _TYPE, _STATE, _TUMOUR = "cargo_name", "cargo_type", "cargo_state", "cancer_type"
_STIMULUS, _SPECIES, _RECIPIENT = "polarisation", "species", "recipient_cell"
_LONGEST_PHRASE = 6
# A colon before a number is that of a weight.
_BOUNDARY = re.compile(r":(?![\d.])|[,;()\[\]?!\"]|\.(?=\s|$)")
_JOINT = re.compile(r"\s*\+\s*")
_HYPHENATED = re.compile(r"(?P<name>(?!non-|un-).+)-(?P<state>[a-z]+)", re.IGNORECASE)
# Words that say which field their neighbour belongs to, and others that say nothing of a candidate.
_BEFORE_SOURCE, _BEFORE_TUMOUR = frozenset(["from", "of", "by"]), frozenset(["in", "against", "for"])
_BEFORE_RECIPIENT = frozenset(["to", "into", "on", "towards", "toward"])
_VESICLES = frozenset(["exosome", "exosomes", "exo", "exos", "ev", "evs", "sev", "sevs", "vesicle", "vesicles"])
_AFTER_SOURCE = _VESICLES | {"derived", "extracellular", "secreted", "released"}
_AFTER_STIMULUS = frozenset(["stimulated", "treated", "polarised", "polarized", "induced", "primed"])
_SILENT = (
    _BEFORE_SOURCE
    | _BEFORE_TUMOUR
    | _BEFORE_RECIPIENT
    | _AFTER_SOURCE
    | _AFTER_STIMULUS
    | frozenset(["a", "an", "the", "and", "or", "with", "that", "which", "is", "are", "as", "cargo", "source"])
    | frozenset(["carry", "carrying", "carries", "contain", "containing"])
)
# What only ends the name of a tumour or of a cell.
_ENDINGS = frozenset(["cancer", "cancers", "tumour", "tumours", "tumor", "tumors", "cell", "cells"])
# The type of cargo that a kind of name usually stands for.
_USUAL_TYPES = {
    "mirna": "mirna",
    "lncrna": "lncrna",
    "circrna": "circrna",
    "protein": "gene",
    "small_molecule": "small_molecule",
}
_ANY_TUMOUR = "cancer"
_ALIKE, _SHORTEST_SYMBOL = 85.0, 3


@dataclass(frozen=True, slots=True)
class PhraseReading:
    """Words of a description and the values, by field, that they were read as. `assumed` are the fields that follow from the
    words alone as a rule: a gene's name stands for its protein."""

    text: str
    values: Mapping[str, str]
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnclearPhrase:
    """Words that were not used: what `nearest` to them may have been meant, or the `fields` that they can belong to, one of which
    is taken already where it is the only one."""

    text: str
    fields: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """What a text was read as, in its order, and what of it was not used."""

    text: str
    readings: tuple[PhraseReading, ...]
    unclear: tuple[UnclearPhrase, ...]

    @cached_property
    def values(self) -> dict[str, str]:
        """The values by field; several of a list field are joined by `;`."""
        values: dict[str, str] = {}
        for reading in self.readings:
            for name, value in reading.values.items():
                is_list = name in (_STIMULUS, _SPECIES, _RECIPIENT) and name in values
                values[name] = f"{values[name]}; {value}" if is_list else value
        return values


@dataclass(eq=False)
class _Phrase:
    """Neighbouring words with what each field would read them as, and whether they are the name of a tumour itself."""

    words: range
    text: str
    options: dict[str, dict[str, str]]
    assumed: tuple[str, ...]
    is_tumour: bool


class DescriptionReader:
    """Reads descriptions by the parser of candidates."""

    def __init__(self, parser: CandidateParser) -> None:
        self._parser = parser
        self._states = {
            spelling.casefold() for term in parser.vocabulary.terms(_STATE) for spelling in (term.name, *term.aliases)
        }

    def read(self, text: str) -> Description:
        """What `text` describes, of which at most MAX_DESCRIPTION characters are read."""
        text = " ".join("".join(each if each.isprintable() else " " for each in text[:MAX_DESCRIPTION]).split())
        words, segments = self._split(text)
        phrases = sorted(self._phrases(words, segments), key=lambda phrase: phrase.words.start)
        chosen, unclear = self._choose(phrases, [word.casefold() for word in words])
        readings = self._readings(chosen, unclear, words)
        used = {place for phrase in phrases for place in phrase.words}
        unclear += self._left_over(words, segments, used)
        return Description(text, tuple(readings), tuple(unclear))

    def _split(self, text: str) -> tuple[list[str], list[int]]:
        """The words, and for each the number of its part between commas and brackets."""
        words, segments = [], []
        for number, segment in enumerate(_BOUNDARY.split(_JOINT.sub("+", text))):
            for word in segment.split():
                parts = self._parts_of(word)
                words += parts
                segments += [number] * len(parts)
        return words, segments

    def _parts_of(self, word: str) -> list[str]:
        """A word, or the two that a hyphen joins where the second says a state or that vesicles follow: PTX-loaded."""
        hyphenated = _HYPHENATED.fullmatch(word)
        if hyphenated is None or word.casefold() in self._states:
            return [word]
        ends = hyphenated["state"].casefold()
        joined = ends in self._states or ends in _AFTER_SOURCE or ends in _AFTER_STIMULUS
        return [*self._parts_of(hyphenated["name"]), hyphenated["state"]] if joined else [word]

    def _phrases(self, words: Sequence[str], segments: Sequence[int]) -> Iterator[_Phrase]:
        """Phrases that some field can read, the longest first; no word is in two."""
        taken: set[int] = set()
        for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                places = range(start, start + length)
                ends = words[start].casefold(), words[places[-1]].casefold()
                if not taken.isdisjoint(places) or segments[start] != segments[places[-1]]:
                    continue
                text = " ".join(words[start : places[-1] + 1])
                is_silent = ends[0] in _SILENT or (
                    ends[1] in _SILENT and not self._parser.vocabulary.lookup(_TYPE, text).name
                )
                if is_silent or (ends[0] in _ENDINGS and (length == 1 or not self._is_term(text))):
                    continue
                options, assumed = self._options(text)
                if options:
                    taken.update(places)
                    is_tumour = bool(self._parser.vocabulary.lookup(_TUMOUR, text).name)
                    yield _Phrase(places, text, options, assumed, is_tumour)

    def _is_term(self, text: str) -> bool:
        """Whether a text is a name of a cell or a tumour as it stands: cancer cell."""
        return any(self._parser.vocabulary.lookup(name, text).names for name in (SOURCE, _TUMOUR, _RECIPIENT))

    def _options(self, text: str) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
        """What each field would read a text as."""
        vocabulary, options = self._parser.vocabulary, {}
        for name in (_STATE, _TYPE, _STIMULUS, _SPECIES, _RECIPIENT):
            if term := vocabulary.lookup(name, text).name:
                options[name] = {name: term}
        cargo_type, is_assumed = self._cargo(text)
        assumed: tuple[str, ...] = ()
        if cargo_type:
            stated = options.pop(_TYPE, {}).get(_TYPE, "")
            options[_CARGO] = {_TYPE: stated or cargo_type, _CARGO: self._without_type(text, cargo_type)}
            assumed = (_TYPE,) if is_assumed and not stated else ()
        tumour = self._parser.parse_value(_TUMOUR, text)
        if tumour.recognised and vocabulary.has(_TUMOUR, tumour.value) and tumour.value != _ANY_TUMOUR:
            options[_TUMOUR] = {_TUMOUR: tumour.value}
        if source := self._source("", text):
            options[SOURCE] = source
        return options, assumed

    def _cargo(self, text: str) -> tuple[str, bool]:
        """The type of the cargo that a text names, empty where it names none, and whether a gene's name alone says it."""
        hints = [self._parser.vocabulary.lookup(_TYPE, word).name for word in text.split()]
        for cargo_type in dict.fromkeys([*filter(None, hints), *_USUAL_TYPES]):
            names = self._parser.naming.cargos(cargo_type, text) if cargo_type != WHOLE_VESICLE else ()
            usual = () if cargo_type in hints else (_USUAL_TYPES.get(cargo_type, ""),)
            if names and all(
                _is_certain(name, text) and is_of_type(cargo_type, name.kind) and name.kind in (usual or (name.kind,))
                for name in names
            ):
                return cargo_type, cargo_type == "protein" and "protein" not in hints
        if JOINT in text:
            with suppress(CandidateError):
                carried = self._parser.cargo("", text, True).cargo
                if all(_is_certain(name, name.given) for name in carried.names):
                    return carried.cargo_type, False
        return "", False

    def _without_type(self, text: str, cargo_type: str) -> str:
        """The name of a cargo without the word for its type before or behind it, where that says nothing more."""
        first, _, rest = text.partition(" ")
        start, _, last = text.rpartition(" ")
        for word, name in ((first, rest), (last, start)):
            if name and self._parser.vocabulary.lookup(_TYPE, word).name == cargo_type and self._cargo(name)[0]:
                return name
        return text

    def _source(self, cell_text: str, phenotype_text: str) -> dict[str, str]:
        """A source by its two fields; empty where it is none, and without a cell where the state is of several."""
        try:
            cell, phenotype = self._parser.source(cell_text, phenotype_text)
        except CandidateError as error:
            ambiguous = any(fault.code == "ambiguous" for fault in error.faults)
            return {"source_phenotype": phenotype_text} if ambiguous and not cell_text else {}
        is_default = any(note.how == "default" for note in cell.notes) and phenotype.value == "unspecified"
        if is_default or any(note.how == "unknown" for note in phenotype.notes):
            return {}
        return {SOURCE: cell.value} | (
            {} if phenotype.value == "unspecified" else {"source_phenotype": phenotype.value}
        )

    def _choose(
        self, phrases: Sequence[_Phrase], words: Sequence[str]
    ) -> tuple[dict[str, list[_Phrase]], list[UnclearPhrase]]:
        """The phrases of each field, and those that can be of several. What only one field reads comes first, then what its
        neighbours say, then what is left when the others have their fields."""
        chosen: dict[str, list[_Phrase]] = {}
        open_phrases = list(phrases)
        while open_phrases:
            settled = [phrase for phrase in open_phrases if len(phrase.options) == 1]
            settled = settled or list(
                islice((each for each in open_phrases if self._by_neighbours(each, words, chosen)), 1)
            )
            settled = settled or list(islice((each for each in open_phrases if self._by_others(each, chosen)), 1))
            if not settled:
                break
            for phrase in settled:
                (name,) = phrase.options
                chosen.setdefault(name, []).append(phrase)
                open_phrases.remove(phrase)
        return chosen, [UnclearPhrase(phrase.text, tuple(phrase.options)) for phrase in open_phrases]

    @staticmethod
    def _by_neighbours(phrase: _Phrase, words: Sequence[str], chosen: Mapping[str, Sequence[_Phrase]]) -> bool:
        """Whether the words around a phrase say its field."""
        before = words[phrase.words.start - 1] if phrase.words.start else ""
        after = words[phrase.words.stop] if phrase.words.stop < len(words) else ""
        for name, says in (
            (SOURCE, before in _BEFORE_SOURCE or after in _AFTER_SOURCE),
            (_TUMOUR, before in _BEFORE_TUMOUR),
            (_RECIPIENT, before in _BEFORE_RECIPIENT),
            (_STIMULUS, after in _AFTER_STIMULUS),
        ):
            if says and name in phrase.options and name not in chosen:
                phrase.options = {name: phrase.options[name]}
                return True
        return False

    @staticmethod
    def _by_others(phrase: _Phrase, chosen: Mapping[str, Sequence[_Phrase]]) -> bool:
        """Whether only one field is left to a phrase, or one of those that it can be of goes before the others."""
        has_cargo = _CARGO in chosen
        left = {
            name: values
            for name, values in phrase.options.items()
            if name not in chosen and not (has_cargo and name == _TYPE)
        }
        if set(left) == {SOURCE, _TUMOUR} and phrase.is_tumour:
            left = {_TUMOUR: left[_TUMOUR]}
        for first, others in (
            (SOURCE, {_RECIPIENT}),
            (_SPECIES, {SOURCE}),
            (SOURCE, {_STIMULUS}),
            (_CARGO, {_STIMULUS}),
        ):
            if set(left) == {first, *others}:
                left = {first: left[first]}
        if len(left) == 1:
            phrase.options = left
        return len(left) == 1

    def _readings(
        self, chosen: Mapping[str, Sequence[_Phrase]], unclear: list[UnclearPhrase], words: Sequence[str]
    ) -> list[PhraseReading]:
        """What the phrases of each field say together, in the order of the text."""
        placed: list[tuple[int, PhraseReading]] = []
        for name, of_field in chosen.items():
            # A cell goes before the states of cells that nobody names.
            phrases = sorted(of_field, key=lambda phrase: name == SOURCE and SOURCE not in phrase.options[SOURCE])
            first = phrases[0]
            if name == SOURCE:
                texts = [phrase.text for phrase in phrases[:2]]
                joined = self._joined_source(texts) if len(texts) > 1 else {}
                if not joined and SOURCE not in first.options[SOURCE]:
                    # A state of several cells, none of which is named.
                    unclear += [UnclearPhrase(phrase.text, (SOURCE,)) for phrase in phrases]
                    continue
                values = joined or first.options[SOURCE]
                text = " ".join(texts) if joined else first.text
                placed.append((first.words.start, PhraseReading(text, values)))
                phrases = phrases[1:] if joined else phrases
            elif name in (_STIMULUS, _SPECIES, _RECIPIENT):
                placed += [(phrase.words.start, PhraseReading(phrase.text, phrase.options[name])) for phrase in phrases]
                continue
            else:
                values, assumed = first.options[name], first.assumed
                stated = chosen[_TYPE][0].options[_TYPE][_TYPE] if name == _CARGO and _TYPE in chosen else ""
                if stated and self._can_be(stated, first.text):
                    values, assumed = {**values, _TYPE: stated}, ()
                if name == _TYPE and _CARGO in chosen and not self._can_be(values[_TYPE], chosen[_CARGO][0].text):
                    unclear.append(UnclearPhrase(first.text, (_TYPE,)))
                    continue
                placed.append((first.words.start, PhraseReading(first.text, values, assumed)))
            unclear += [
                UnclearPhrase(phrase.text, (name,))
                for phrase in phrases[1:]
                if phrase.text.casefold() != first.text.casefold()
            ]
        if not {_CARGO, _TYPE} & set(chosen) and not any(_CARGO in each.fields for each in unclear):
            for place, word in enumerate(words):
                if word.casefold() in _VESICLES:
                    placed.append((place, PhraseReading(word, {_TYPE: WHOLE_VESICLE}, (_TYPE,))))
                    break
        return [reading for _, reading in sorted(placed, key=lambda each: each[0])]

    def _joined_source(self, texts: Sequence[str]) -> dict[str, str]:
        """A cell and its state that stand apart from each other."""
        first, second = texts
        for cell_text, phenotype_text in ((first, second), (second, first)):
            joined = self._source(cell_text, phenotype_text)
            if "source_phenotype" in joined:
                return joined
        return {}

    def _can_be(self, cargo_type: str, text: str) -> bool:
        names = self._parser.naming.cargos(cargo_type, text)
        return any(is_of_type(cargo_type, name.kind) and name.recognised for name in names) or cargo_type == SIRNA

    def _left_over(self, words: Sequence[str], segments: Sequence[int], used: set[int]) -> list[UnclearPhrase]:
        """The words that nothing read, neighbours together."""
        phrases: list[list[int]] = []
        for place, word in enumerate(words):
            if place in used or word.casefold() in _SILENT:
                continue
            if phrases and phrases[-1][-1] == place - 1 and segments[place] == segments[place - 1]:
                phrases[-1].append(place)
            else:
                phrases.append([place])
        texts = [[words[place] for place in places] for places in phrases]
        return [
            UnclearPhrase(" ".join(text), nearest=self._nearest(" ".join(text)))
            for text in texts
            if any(word.casefold() not in _ENDINGS for word in text)
        ]

    def _nearest(self, text: str) -> tuple[str, ...]:
        return self._parser.vocabulary.nearest(_TUMOUR, text, limit=3, cutoff=_ALIKE)


def _is_certain(name: CargoName, text: str) -> bool:
    """Whether a text names a cargo and is no common word: what genes are also called needs a capital or a number."""
    if not name.recognised:
        # What has the form of a microRNA is one, also where no table lists it.
        return name.kind == "mirna"
    if name.kind != "gene" or not (text.isalpha() and text.islower()):
        return True
    return len(text) >= _SHORTEST_SYMBOL and name.how in ("exact", "symbol", "identifier")
