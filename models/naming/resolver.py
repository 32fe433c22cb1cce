"""Resolves the names that people type for cargo: microRNAs, genes and proteins, lncRNAs, circRNAs, drugs. Offline.

It says what it matched and how, keeps the arm and letter that were given, lists the meanings of an ambiguous name rather
than choosing one, and never fails: a name that nothing matches stays usable, as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple

from rapidfuzz import process

from models.knowledge.roles import Roles
from models.knowledge.sources import KNOWLEDGE
from models.naming.mirna import MirnaName, MirnaNames
from models.vocabulary.normalize import fold, greek_as_letters, plain
from models.vocabulary.tsv import read_table
from models.vocabulary.vocabulary import LONGEST_SPELLING, Vocabulary

# How many names are remembered.
MAX_REMEMBERED = 4096
# Which kinds of name to try, in order, for each type of cargo; the first that matches wins.
KINDS_OF_CARGO_TYPE = {
    "mirna": ("mirna", "gene", "lncrna", "circrna", "small_molecule"),
    "lncrna": ("lncrna", "gene", "circrna", "mirna"),
    "circrna": ("circrna", "lncrna", "gene", "mirna"),
    "mrna": ("gene", "lncrna", "mirna"),
    "sirna": ("gene", "lncrna", "circrna", "mirna"),
    "protein": ("gene", "small_molecule", "mirna", "lncrna"),
}
DEFAULT_KINDS = ("small_molecule", "gene", "mirna", "lncrna", "circrna")

_SILENCER_BEFORE = re.compile(
    r"^(?:anti-?sense|antago-?|anti-?|inhibitor of|si-?rna(?: against)?|sh-?rna(?: against)?|si-|sh-)\W*(?=\w)"
)
_SILENCER_AFTER = re.compile(
    r"\b(?:inhibitors?|antagomirs?|anti-?mirs?|sponges?|antisense(?: oligonucleotides?)?|aso|si-?rnas?|sh-?rnas?)$"
)
_SIRNA_BEFORE = re.compile(r"^(?:si|sh)-?(?:rna(?: against)?)?\W*(?=\w)")
_NEUTRAL_AFTER = re.compile(r"\b(?:mimics?|agomirs?|proteins?|mrnas?|genes?|hydrochloride|hcl)$")
_NEUTRAL_BEFORE = re.compile(
    r"^(?:exosomal|exosome|ev|lnc-?rnas?|long non-?coding rnas?|lincrna|lnc|circular rna|mrna|protein)\W+(?=\w)"
)
_CIRC = re.compile(r"^(?:hsa[-_ ])?circ(?:ular)?[-_ ]?(?:rna)?[-_ ]?s?[-_ ]?(?P<rest>[a-z0-9][\w.-]*)$")


def closest(name: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The `names` that are spelled most like the beginning of `name`, the most alike first; none where no one is at all like
    it."""
    begin = name[:LONGEST_SPELLING]
    return tuple(match for match, _, _ in process.extract(begin, list(names), limit=limit, score_cutoff=60))


class CargoName(NamedTuple):
    """What one cargo name was read as.

    `kind` is mirna, gene, lncrna, circrna, small_molecule or unknown; `stem` the name under which reports of its role are
    counted; `silences` says that the cargo switches the named thing off (an inhibitor, an siRNA), so its role turns.
    `how` is exact, spelling, alias, symbol, mature, stem, star, cluster, form, previous symbol, ambiguous or unknown.
    """

    given: str
    name: str
    kind: str
    how: str
    stem: str = ""
    identifier: str = ""
    alternatives: tuple[str, ...] = ()
    seed: str = ""
    silences: bool = False

    @property
    def recognised(self) -> bool:
        """Whether the name stands for one known thing."""
        return self.how not in ("ambiguous", "unknown")


@dataclass(frozen=True, slots=True)
class NameVariant:
    """One spelling of a name by its folded `key`; `other` is the spelling where it is not the name itself."""

    key: str
    name: str
    identifier: str
    other: str = ""


class NameResolver:
    """The resolver of cargo names; immutable once built."""

    def __init__(self, vocabulary: Vocabulary, mirnas: MirnaNames, genes: Iterable[dict[str, str]]) -> None:
        """`genes`: rows with symbol, hgnc, previous and aliases (`|`-separated)."""
        self._vocabulary = vocabulary
        self._mirnas = mirnas
        self._hgnc: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        self._other_symbols: dict[str, dict[str, str]] = {}
        for row in genes:
            self._add_gene(row["symbol"], row["hgnc"], row["previous"].split("|"), row["aliases"].split("|"))
        for term in vocabulary.terms("protein"):
            self._add_gene(term.name, term.curie, (), term.aliases)
        self._make_caches()
        self._resolve_as: dict[str, Callable[[str], CargoName | None]] = {
            "mirna": self._mirna,
            "gene": self._gene,
            "lncrna": partial(self._term, "lncrna"),
            "circrna": self._circrna,
            "small_molecule": partial(self._term, "small_molecule"),
        }

    def _make_caches(self) -> None:
        self.variants = cache(self._sort_spellings)
        self._read = lru_cache(MAX_REMEMBERED)(self._read_name)

    def __getstate__(self) -> dict[str, Any]:
        # Caches cannot be sent to another process.
        return {name: value for name, value in vars(self).items() if name not in ("variants", "_read")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._make_caches()

    @classmethod
    def load(cls, vocabulary: Vocabulary | None = None, roles: Roles | None = None) -> NameResolver:
        """The resolver over the shipped tables, and the stems that `roles` speak of."""
        return cls(
            vocabulary or Vocabulary.load(),
            MirnaNames(read_table(KNOWLEDGE / "mirna_names.tsv"), (roles or Roles.load()).stems("mirna")),
            read_table(KNOWLEDGE / "gene_names.tsv"),
        )

    def cargo(self, cargo_type: str, text: str) -> CargoName:
        """The one cargo that `text` names, read first as names of `cargo_type` are; never fails."""
        return self._read(cargo_type if cargo_type in KINDS_OF_CARGO_TYPE else "", text)

    def _read_name(self, cargo_type: str, text: str) -> CargoName:
        given = " ".join(text.split())
        text = plain(given)
        # One letter can become many.
        if len(text) > LONGEST_SPELLING:
            return CargoName(given, given, "unknown", "unknown", fold(text))
        name = self._first(cargo_type, text)
        if name is None:
            return CargoName(given, given, "unknown", "unknown", fold(given))
        if not name.recognised:
            return name._replace(given=given, name=given)
        how = "exact" if name.how == "spelling" and name.name == given else name.how
        return name._replace(given=given, how=how)

    def cargos(self, cargo_type: str, text: str) -> tuple[CargoName, ...]:
        """The co-loaded cargos that `text` joins by `+`, in the order given, each once."""
        names = [self.cargo(cargo_type, part) for part in text.split("+") if part.strip()]
        return tuple({(name.name, name.silences): name for name in names}.values())

    def _sort_spellings(self, kind: str) -> list[NameVariant]:
        """Every spelling of every name of one kind, in the order of the keys. Any number names a circRNA, so those have none."""
        return sorted(self._spellings_of(kind), key=attrgetter("key", "other", "name"))

    def _spellings_of(self, kind: str) -> Iterator[NameVariant]:
        if kind == "mirna":
            for name, accession in self._mirnas.names():
                yield NameVariant(fold(name), name, f"mirbase.mature:{accession}" if accession else "")
        elif kind == "gene":
            yield from (NameVariant(fold(symbol), symbol, self._hgnc[symbol]) for symbol in self._symbols.values())
            for key, meant in self._other_symbols.items():
                yield from (NameVariant(key, symbol, self._hgnc[symbol], key.upper()) for symbol in meant)
        elif kind != "circrna":
            for term in self._vocabulary.terms(kind):
                yield NameVariant(fold(term.name), term.name, term.curie)
                yield from (NameVariant(fold(alias), term.name, term.curie, alias) for alias in term.aliases)

    def _first(self, cargo_type: str, text: str) -> CargoName | None:
        kinds = KINDS_OF_CARGO_TYPE.get(cargo_type, DEFAULT_KINDS)
        is_sirna = cargo_type == "sirna"
        for spelling, silences in _spellings(text, _SIRNA_BEFORE if is_sirna else _SILENCER_BEFORE):
            for kind in kinds:
                if name := self._resolve_as[kind](spelling):
                    if silences and not is_sirna:
                        return name._replace(name=f"anti-{name.name}", silences=True)
                    return name
        return None

    def _mirna(self, text: str) -> CargoName | None:
        mirna: MirnaName | None = self._mirnas.read(text)
        if mirna is None:
            return None
        identifier = f"mirbase.mature:{mirna.accession}" if mirna.accession else ""
        return CargoName(text, mirna.name, "mirna", mirna.how, mirna.stem, identifier, mirna.arms, mirna.seed)

    def _gene(self, text: str) -> CargoName | None:
        key = fold(text)
        for spelling in dict.fromkeys((key, greek_as_letters(key))):
            if symbol := self._symbols.get(spelling):
                return CargoName(text, symbol, "gene", "symbol", symbol, self._hgnc[symbol])
            if symbols := self._other_symbols.get(spelling):
                if len(symbols) > 1:
                    return CargoName(text, text, "gene", "ambiguous", key, "", tuple(sorted(symbols)))
                ((symbol, how),) = symbols.items()
                return CargoName(text, symbol, "gene", how, symbol, self._hgnc[symbol])
        return None

    def _term(self, kind: str, text: str) -> CargoName | None:
        match = self._vocabulary.lookup(kind, text)
        if match.name:
            curie = self._vocabulary.term(kind, match.name).curie
            return CargoName(text, match.name, kind, match.how, match.name, curie)
        if match.names:
            return CargoName(text, text, kind, "ambiguous", fold(text), "", match.names)
        return None

    def _circrna(self, text: str) -> CargoName | None:
        """A circBase number (`circ_0008253`) or the symbol of the host gene (`circBTG2`)."""
        shape = _CIRC.match(text)
        if shape is None:
            return None
        rest = shape["rest"].strip("-_ ")
        # There are digits of other scripts, which circBase does not write.
        if rest.isascii() and rest.isdecimal():
            name = f"circ_{int(rest):07d}" if len(rest) >= 5 else f"circ_{rest}"
            identifier = f"circbase:hsa_{name}" if len(rest) >= 5 else ""
            return CargoName(text, name, "circrna", "form", name, identifier)
        host = self._gene(rest)
        symbol = host.name if host and host.recognised else rest.upper()
        return CargoName(text, f"circ{symbol}", "circrna", "form", f"circ{symbol}")

    def _add_gene(self, symbol: str, identifier: str, previous: Iterable[str], aliases: Iterable[str]) -> None:
        self._hgnc[symbol] = identifier
        self._symbols[fold(symbol)] = symbol
        for how, names in (("previous symbol", previous), ("alias", aliases)):
            for name in filter(None, names):
                key = fold(name)
                for spelling in dict.fromkeys((key, greek_as_letters(key))):
                    self._other_symbols.setdefault(spelling, {}).setdefault(symbol, how)


def _spellings(text: str, silencer_before: re.Pattern[str]) -> Iterable[tuple[str, bool]]:
    """`text` as given, then without words that say nothing of the name, then without those that say it is switched off."""
    yield text, False
    bare = _NEUTRAL_BEFORE.sub("", _without_end(_NEUTRAL_AFTER, text))
    if bare != text and bare:
        yield bare, False
    for named in (_without_end(_SILENCER_AFTER, bare), silencer_before.sub("", bare)):
        named = named.strip(" -_")
        if named != bare and named:
            yield named, True


def _without_end(pattern: re.Pattern[str], text: str) -> str:
    """`text` without the words at its end and what parts them from the name. A pattern with that in it would look through a long
    row of hyphens again from every one of them."""
    match = pattern.search(text)
    if match is None:
        return text
    end = match.start()
    while end and not (text[end - 1].isalnum() or text[end - 1] == "_"):
        end -= 1
    return text[:end]
