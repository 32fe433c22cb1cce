"""All human genes by their symbols, by what they were and are also called, and by their identifiers (HGNC and NCBI Gene; see
`models/knowledge/README.md`)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from models.vocabulary.normalize import fold, greek_as_letters, keeps_numbers, plain
from models.vocabulary.vocabulary import Term

_SEPARATORS = b"\t\n|"
_NOT_IN_KEYS = bytes(code for code in range(128) if not chr(code).isalnum() and code not in _SEPARATORS)
_HGNC, _ENSEMBL, _NCBI, _PREVIOUS, _ALIASES = range(1, 6)
_ENSEMBL_GENE = re.compile(r"(ensg\d{11})(?:\.\d+)?")
_NUMBERED = re.compile(r"(hgnc|ncbigene|ncbi ?gene|geneid|gene ?id|entrez|entrezgene)[:_] ?(\d{1,9})")


class Gene(NamedTuple):
    """A gene, and how a text names it: symbol, previous symbol, alias or identifier."""

    symbol: str
    identifier: str
    how: str


class GeneNames:
    """Finds genes by name. Immutable once built.

    The table is kept as text, and only its names are indexed: whole rows are parted when they are asked for.
    """

    def __init__(self, table: Path, proteins: Iterable[Term]) -> None:
        """`table` has symbol, hgnc, ensembl, ncbi, previous and aliases (`|`-separated). `proteins` are terms that stand beside
        it: their names and aliases mean them and no other gene."""
        content = table.read_bytes()
        self._rows = content.decode().splitlines()[1:]
        self._symbols: dict[str, int | tuple[int, ...]] = {}
        self._others: dict[str, int | tuple[int, ...]] = {}
        for number, (row, keys) in enumerate(zip(self._rows, _fold_table(content)[1:], strict=True)):
            cells = keys.split("\t")
            if not row.isascii():
                cells = ["|".join(map(fold, cell.split("|"))) for cell in row.split("\t")]
            _add(self._symbols, cells[0], number)
            for cell in filter(None, cells[_PREVIOUS:]):
                for key in cell.split("|"):
                    _add(self._others, key, number)
        # With one Latin letter for each Greek one, names meet that have nothing else in common (Spα of CD5L, and SP-A).
        self._latin: dict[str, int | tuple[int, ...]] = {}
        for key in self._others:
            if (latin := greek_as_letters(key)) != key:
                for number in _numbers(self._others, key):
                    _add(self._latin, latin, number)
        self._proteins = {fold(term.name): term for term in proteins}
        self._protein_aliases: dict[str, dict[str, Term]] = {}
        self._protein_latin: dict[str, dict[str, Term]] = {}
        # What differs by its hyphens alone from the symbol of another gene: P-gp, which is not PGP.
        self._as_written: dict[str, Term] = {}
        for term in self._proteins.values():
            for key, alias in zip(map(fold, term.aliases), term.aliases, strict=True):
                if key in self._symbols and fold(term.name) != key != plain(alias):
                    self._as_written[plain(alias)] = term
                self._protein_aliases.setdefault(key, {})[term.name] = term
                if (latin := greek_as_letters(key)) != key:
                    self._protein_latin.setdefault(latin, {})[term.name] = term

    def read(self, text: str) -> tuple[Gene, ...]:
        """The genes that a `plain` text can name: none, one, or several between which it would be a guess to choose."""
        if term := self._as_written.get(text):
            return (Gene(term.name, term.curie, "alias"),)
        for genes in self._readings(text):
            if kept := tuple(gene for gene in genes if keeps_numbers(text, self._spellings_of(gene.symbol))):
                return kept
        return ()

    def spells(self, symbol: str, text: str) -> bool:
        """Whether a gene is called as a `plain` text is written, hyphens and all."""
        return text in map(plain, self._spellings_of(symbol))

    def _readings(self, text: str) -> Iterator[tuple[Gene, ...]]:
        """The genes of a symbol, of the terms, and of what genes were and are also called, in this order."""
        key = fold(text)
        for spelling in dict.fromkeys((key, greek_as_letters(key))):
            genes = tuple(self._gene(number, "symbol") for number in _numbers(self._symbols, spelling))
            # MTTP and MT-TP differ by their hyphen alone.
            yield tuple(gene for gene in genes if gene.symbol.casefold() == text.casefold()) or genes
            if term := self._proteins.get(spelling):
                yield (Gene(term.name, term.curie, "symbol"),)
            yield tuple(
                Gene(term.name, term.curie, "alias") for term in self._protein_aliases.get(spelling, {}).values()
            )
            yield tuple(self._gene(number, self._how(number, spelling)) for number in _numbers(self._others, spelling))
        yield tuple(Gene(term.name, term.curie, "alias") for term in self._protein_latin.get(key, {}).values())
        yield tuple(self._gene(number, "alias") for number in _numbers(self._latin, key))

    def read_identifier(self, text: str) -> tuple[Gene, ...]:
        """The genes of an identifier in lower case: `hgnc:9588`, `ensg00000171862` with or without version, `ncbigene:5728`."""
        if matched := _ENSEMBL_GENE.fullmatch(text.removeprefix("ensembl:")):
            key = matched[1]
        elif matched := _NUMBERED.fullmatch(text):
            key = f"{'hgnc' if matched[1] == 'hgnc' else 'ncbi'}:{matched[2]}"
        else:
            return ()
        return tuple(self._gene(number, "identifier") for number in _numbers(self._by_identifier, key))

    def names_of(self, prefix: str) -> Iterator[tuple[str, list[str]]]:
        """The genes whose symbols begin so, each with its previous symbols and aliases."""
        for row in self._rows:
            if row.startswith(prefix):
                cells = row.split("\t")
                yield cells[0], [name for cell in cells[_PREVIOUS:] for name in cell.split("|") if name]

    def spellings(self, otherwise: Container[str]) -> Iterator[tuple[str, str, str]]:
        """Every symbol with its identifier, and the other name that it is spelled by, which is empty for the symbol itself; by
        other names only the genes `otherwise`."""
        for row in self._rows:
            symbol, hgnc, *_, previous, aliases = row.split("\t")
            yield symbol, hgnc, ""
            if symbol in otherwise:
                yield from ((symbol, hgnc, name) for cell in (previous, aliases) for name in cell.split("|") if name)
        for term in self._proteins.values():
            yield from ((term.name, term.curie, name) for name in ("", *term.aliases))

    @cached_property
    def _by_identifier(self) -> dict[str, int | tuple[int, ...]]:
        """The rows by HGNC, Ensembl and NCBI identifiers, made when the first identifier is looked up."""
        rows: dict[str, int | tuple[int, ...]] = {}
        for number, row in enumerate(self._rows):
            cells = row.split("\t")
            for identifier in (cells[_HGNC].lower(), cells[_ENSEMBL].lower(), f"ncbi:{cells[_NCBI]}"):
                _add(rows, identifier, number)
        return rows

    def _spellings_of(self, symbol: str) -> Iterator[str]:
        key = fold(symbol)
        if term := self._proteins.get(key):
            yield from term.spellings
        for number in _numbers(self._symbols, key):
            symbol, *_, previous, aliases = self._rows[number].split("\t")
            yield from (symbol, *previous.split("|"), *aliases.split("|"))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_by_identifier"}

    def _gene(self, number: int, how: str) -> Gene:
        symbol, hgnc, _ = self._rows[number].split("\t", 2)
        return Gene(symbol, hgnc, how)

    def _how(self, number: int, key: str) -> str:
        previous = self._rows[number].split("\t")[_PREVIOUS]
        return "previous symbol" if key in map(fold, previous.split("|")) else "alias"


def _numbers(index: Mapping[str, int | tuple[int, ...]], key: str) -> tuple[int, ...]:
    numbers = index.get(key, ())
    return (numbers,) if isinstance(numbers, int) else numbers


def _add(index: dict[str, int | tuple[int, ...]], key: str, number: int) -> None:
    # Nearly every name is of one gene, so that most rows need no tuple.
    if index.setdefault(key, number) != number and number not in (known := _numbers(index, key)):
        index[key] = (*known, number)


def _fold_table(content: bytes) -> list[str]:
    """`fold` of every cell that is ASCII, all at once: one by one they would take a tenth of a second."""
    return content.lower().translate(None, _NOT_IN_KEYS).decode().splitlines()
