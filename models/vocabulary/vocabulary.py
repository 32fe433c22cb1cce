"""The controlled vocabulary: the terms that each field of a candidate or finding admits, and what people type for them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from models.vocabulary.normalize import fold, greek_as_letters, keeps_numbers, plain
from models.vocabulary.tsv import read_table

HERE = Path(__file__).parent

CANDIDATE_FIELDS = (
    "source_cell",
    "source_phenotype",
    "polarisation",
    "species",
    "cargo_type",
    "cargo_state",
    "engineering",
    "cancer_type",
    "recipient_cell",
)
OBSERVED_FIELDS = ("effect", "mechanism", "processes", "evidence", "grade")
CARGO_TABLES = ("lncrna", "protein", "small_molecule")
FIELDS = CANDIDATE_FIELDS + OBSERVED_FIELDS + CARGO_TABLES

# No name of anything is longer, once it is written plainly.
LONGEST_SPELLING = 300
# How much of a text is compared with the terms: more than the longest of them, and little enough to take a millisecond.
_COMPARED = 80

MACROPHAGE_LINEAGE = ("macrophage", "monocyte", "microglia")


@dataclass(frozen=True, slots=True)
class Term:
    """One admissible value of a field.

    `curie` is empty where no identifier was sure. Phenotypes also name the `source_cells` that can be in that state, and
    the `disposition` that general cell biology gives them towards a tumour: aggressive, restrained or neutral.
    """

    name: str
    curie: str = ""
    parent: str = ""
    aliases: tuple[str, ...] = ()
    definition: str = ""
    source_cells: tuple[str, ...] = ()
    disposition: str = ""

    @property
    def spellings(self) -> Iterator[str]:
        """Everything that the term is written as."""
        yield from (self.name, self.curie, *self.aliases)

    def as_dict(self) -> dict[str, Any]:
        """The term as a document, without what it lacks."""
        document: dict[str, Any] = {"term": self.name, "aliases": list(self.aliases), "definition": self.definition}
        if self.curie:
            document["curie"] = self.curie
        if self.parent:
            document["parent"] = self.parent
        if self.source_cells:
            document |= {"source_cells": list(self.source_cells), "disposition": self.disposition}
        return document


@dataclass(frozen=True, slots=True)
class Match:
    """What a text means in one field: no term, one, or several that it would be a guess to choose between."""

    names: tuple[str, ...]
    how: str

    @property
    def name(self) -> str | None:
        """The one term meant, if it is one."""
        return self.names[0] if len(self.names) == 1 else None


class Vocabulary:
    """The terms of every field, looked up by any of their spellings. Immutable once loaded."""

    def __init__(self, terms: Mapping[str, Mapping[str, Term]]) -> None:
        self._terms = {field: dict(of_field) for field, of_field in terms.items()}
        self._by_key = {field: _index(of_field.values()) for field, of_field in self._terms.items()}
        self._of_cell = {
            cell: frozenset(name for name, term in self._terms["source_phenotype"].items() if cell in term.source_cells)
            for cell in self._terms["source_cell"]
        }

    @classmethod
    def load(cls, folder: Path = HERE) -> Vocabulary:
        """The vocabulary kept as one table a field in `folder` (`<field>.tsv`)."""
        tables = {field: read_table(folder / f"{field}.tsv") for field in FIELDS}
        every_cell = [row["term"] for row in tables["source_cell"]]
        return cls(
            {
                field: {
                    row["term"]: Term(
                        name=row["term"],
                        curie=row["curie"],
                        parent=row["parent"],
                        aliases=tuple(filter(None, row["aliases"].split("|"))),
                        definition=row["definition"],
                        source_cells=_cells(row.get("source_cells", ""), every_cell),
                        disposition=row.get("disposition", ""),
                    )
                    for row in rows
                }
                for field, rows in tables.items()
            }
        )

    def terms(self, field: str) -> tuple[Term, ...]:
        """Every term of a field, in the order of its table."""
        return tuple(self._terms[field].values())

    def as_dict(self, fields: Iterable[str] = FIELDS) -> dict[str, Any]:
        """The terms of fields as a document."""
        return {
            "version": self.fingerprint,
            "fields": {field: [term.as_dict() for term in self.terms(field)] for field in fields},
        }

    def names(self, field: str) -> tuple[str, ...]:
        """Every canonical name of a field, in the order of its table."""
        return tuple(self._terms[field])

    def term(self, field: str, name: str) -> Term:
        """The term of that canonical name; KeyError where there is none."""
        return self._terms[field][name]

    def has(self, field: str, name: str) -> bool:
        """Whether `name` is a canonical name of the field."""
        return name in self._terms[field]

    def phenotypes_of(self, source_cell: str) -> frozenset[str]:
        """The phenotypes that a source cell can have."""
        return self._of_cell[source_cell]

    def lookup(self, field: str, text: str, among: Container[str] | None = None) -> Match:
        """What `text` means in `field`, or among some of its terms.

        It can be a name, an alias, or either with Greek letters written as Latin ones. A name is never shadowed by
        another term's alias.
        """
        if text in self._terms[field] and (among is None or text in among):
            return Match((text,), "exact")
        if len(text) > LONGEST_SPELLING:
            return Match((), "unknown")
        key = fold(text)
        for spelling in dict.fromkeys((key, greek_as_letters(key))):
            for how, names in self._by_key[field].get(spelling, {}).items():
                meant = tuple(
                    name
                    for name in names
                    if (among is None or name in among) and keeps_numbers(text, self._terms[field][name].spellings)
                )
                if meant:
                    return Match(meant, how if len(meant) == 1 else "ambiguous")
        return Match((), "unknown")

    def lineage(self, field: str, name: str) -> tuple[str, ...]:
        """The term and its ancestors, nearest first; just the name where it is no term."""
        line = [name]
        terms = self._terms[field]
        while (term := terms.get(line[-1])) and term.parent:
            line.append(term.parent)
        return tuple(line)

    def nearest(
        self,
        field: str,
        text: str,
        among: tuple[str, ...] | frozenset[str] | None = None,
        limit: int = 5,
        cutoff: float = 55.0,
    ) -> tuple[str, ...]:
        """The terms whose name or alias is spelled most like the beginning of `text`, best first; at least `cutoff` percent
        alike."""
        return _nearest(self, field, plain(text[:_COMPARED])[:_COMPARED], among, limit, cutoff)

    @cached_property
    def plain_spellings(self) -> dict[str, dict[str, list[str]]]:
        """How each term of each field is spelled, plainly."""
        return {
            field: {
                name: [plain(spelling) for spelling in (name.replace("_", " "), *term.aliases)]
                for name, term in terms.items()
            }
            for field, terms in self._terms.items()
        }

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex, first 16) over every term: it names the version of the vocabulary in each answer."""
        digest = hashlib.sha256()
        for field in sorted(self._terms):
            for term in self._terms[field].values():
                digest.update(repr((field, term)).encode())
        return digest.hexdigest()[:16]


# Of a file, the same slip often stands in many rows.
@lru_cache(1024)
def _nearest(
    vocabulary: Vocabulary, field: str, text: str, among: Collection[str] | None, limit: int, cutoff: float
) -> tuple[str, ...]:
    spellings = [
        (spelling, name)
        for name, of_name in sorted(vocabulary.plain_spellings[field].items())
        if among is None or name in among
        for spelling in of_name
    ]
    scored = process.extract(
        text, [spelling for spelling, _ in spellings], scorer=fuzz.WRatio, limit=4 * limit, score_cutoff=cutoff
    )
    return tuple(dict.fromkeys(spellings[position][1] for _, _, position in scored))[:limit]


def _cells(text: str, every_cell: list[str]) -> tuple[str, ...]:
    """The cells that a `source_cells` column names; `*` stands for all but the macrophage lineage."""
    named = set(filter(None, text.split(";")))
    if "*" in named:
        named |= set(every_cell) - set(MACROPHAGE_LINEAGE)
    return tuple(cell for cell in every_cell if cell in named)


def _index(terms: Iterable[Term]) -> dict[str, dict[str, list[str]]]:
    """Folded spelling to the terms that it names (`spelling`), whose identifier it is, or that it is an alias of."""
    index: dict[str, dict[str, list[str]]] = {}
    terms = tuple(terms)
    for term in terms:
        index.setdefault(fold(term.name), {}).setdefault("spelling", []).append(term.name)
        if term.curie:
            index.setdefault(fold(term.curie), {}).setdefault("identifier", []).append(term.name)
    for term in terms:
        keys = [fold(alias) for alias in term.aliases]
        for key in dict.fromkeys([*keys, *map(greek_as_letters, keys)]):
            index.setdefault(key, {}).setdefault("alias", []).append(term.name)
    return index
