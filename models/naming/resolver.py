"""Resolves the names that people type for cargo: microRNAs, genes and proteins, lncRNAs, circRNAs, drugs. Offline.

It says what it matched and how, keeps the arm and letter that were given, lists the meanings of an ambiguous name rather
than choosing one, and never fails: a name that nothing matches stays usable, as unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import islice, takewhile
from operator import attrgetter
from typing import Any, NamedTuple

from rapidfuzz import process

from models.knowledge.roles import Roles
from models.knowledge.sources import KNOWLEDGE
from models.naming.genes import Gene, GeneNames
from models.naming.mirna import MirnaName, MirnaNames
from models.naming.wording import VARIANT_WORDS, names_control, split_names, strip_prefix, strip_words
from models.vocabulary.normalize import fold, plain
from models.vocabulary.tsv import read_table
from models.vocabulary.vocabulary import LONGEST_SPELLING, Term, Vocabulary

# How many names are remembered.
MAX_REMEMBERED = 4096
# Which kinds of name to try, in order, for each type of cargo; the first that matches wins.
KINDS_OF_CARGO_TYPE = {
    "mirna": ("mirna", "gene", "lncrna", "circrna", "small_molecule"),
    "lncrna": ("lncrna", "gene", "circrna", "mirna"),
    "circrna": ("circrna", "lncrna", "gene", "mirna"),
    "mrna": ("gene", "lncrna", "mirna"),
    "sirna": ("gene", "lncrna", "circrna", "mirna", "small_molecule"),
    "protein": ("gene", "small_molecule", "mirna", "lncrna"),
}
# What the kinds are called.
KINDS = {
    "mirna": "a microRNA",
    "gene": "a gene or its protein",
    "lncrna": "a long non-coding RNA",
    "circrna": "a circular RNA",
    "small_molecule": "a small molecule",
}
# The kinds that a type of cargo is of; a name of another kind is said to be one. Types that are not listed are small molecules.
_OWN_KINDS = {
    "protein": ("gene",),
    "mrna": ("gene", "lncrna"),
    "sirna": ("gene", "lncrna", "circrna", "mirna"),
    "mirna": ("mirna",),
    "lncrna": ("lncrna", "gene"),
    "circrna": ("circrna", "lncrna"),
}
_OTHER_KINDS = ("small_molecule",)
# The types whose names are commonly those of genes, so that anything that a gene is also called means it.
_NAMED_AS_GENES = ("mrna", "sirna", "protein", "")
# What is shorter has been said of too many things.
SHORTEST_ALIAS = 3
# What is also the name of a tumour, a cell or a kind of cargo means that (HCC, NK, NP), whichever gene was once called so.
_OTHER_FIELDS = ("cancer_type", "source_cell", "cargo_type")
DEFAULT_KINDS = ("small_molecule", "gene", "mirna", "lncrna", "circrna")

# What a spreadsheet makes of the names of genes that look like dates.
_DATE = re.compile(
    r"(?P<before>\d{1,2})-(?P<month_after>mar|apr|sep|oct|nov|dec)|(?P<month_before>mar|apr|sep|oct|nov|dec)-0?(?P<after>\d{1,2})"
    r"|\d{4}-(?P<month>03|04|09|10|11|12)-(?P<day>\d\d)",
    re.ASCII,
)
_GENES_OF_MONTH = {
    "mar": ("march", "marc"),
    "apr": ("apr",),
    "sep": ("sept",),
    "oct": ("oct",),
    "nov": ("nov",),
    "dec": ("dec",),
}
_GENES_OF_MONTH |= dict(zip(("03", "04", "09", "10", "11", "12"), _GENES_OF_MONTH.values(), strict=True))
# How HGNC names genes that make no protein.
_NON_CODING = re.compile(r"^(?:LINC|SNHG|LNC|RN7SK|MIR\w+HG$)|-(?:AS|IT|DT|OT|AU)\d*$")
_ANTIBODY = re.compile(r"anti-(?P<target>\S+) antibody")
_CIRC = re.compile(r"^(?:hsa[-_ ]?)?circ(?:ular)?[-_ ]?(?:rna(?:s(?=[-_ ]))?)?[-_ ]*(?P<rest>[a-z0-9][\w.-]*)$")
_CIRCBASE_DIGITS = 7


def is_of_type(cargo_type: str, kind: str) -> bool:
    """Whether what is of that kind of name can be a cargo of that type; what is unknown can be anything."""
    return kind == "unknown" or kind in _OWN_KINDS.get(cargo_type, _OTHER_KINDS)


def types_of_kind(kind: str) -> tuple[str, ...]:
    """The types of cargo that are mostly of that kind of name."""
    return tuple(cargo_type for cargo_type, kinds in _OWN_KINDS.items() if kinds[0] == kind) or ("small_molecule",)


def closest(name: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The `names` that are spelled most like the beginning of `name`, the most alike first; none where no one is at all like
    it."""
    begin = name[:LONGEST_SPELLING]
    return tuple(match for match, _, _ in process.extract(begin, list(names), limit=limit, score_cutoff=60))


class CargoName(NamedTuple):
    """What one cargo name was read as.

    `kind` is mirna, gene, lncrna, circrna, small_molecule or unknown; `stem` the name under which reports of its role are
    counted; `silences` says that the cargo switches the named thing off (an inhibitor, an siRNA), so its role turns.
    `how` is exact, spelling, alias, symbol, previous symbol, identifier, variant (of a gene), one of those of a `MirnaName`, or
    ambiguous. `alternatives` are what an ambiguous name can mean, the members of a family, or what an unknown name may have been.
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

    def __init__(
        self, vocabulary: Vocabulary, mirnas: MirnaNames, genes: GeneNames, reported_genes: Iterable[str] = ()
    ) -> None:
        """`reported_genes`: those that reports speak of, which are offered by all their names."""
        self._reported_genes = frozenset(reported_genes)
        self._vocabulary = vocabulary
        self._mirnas = mirnas
        self._genes = genes
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
        vocabulary = vocabulary or Vocabulary.load()
        genes = _load_genes(vocabulary.terms("protein"))
        roles = roles or Roles.load()
        mirnas = MirnaNames(read_table(KNOWLEDGE / "mirna_names.tsv"), roles.stems("mirna"), genes.names_of("MIR"))
        return cls(vocabulary, mirnas, genes, roles.stems("gene"))

    def cargo(self, cargo_type: str, text: str) -> CargoName:
        """The one cargo that `text` names, read first as names of `cargo_type` are; never fails."""
        # What has no kinds of its own is read as a drug is; without a type nothing is known of it.
        own = cargo_type if cargo_type in KINDS_OF_CARGO_TYPE or not cargo_type else "small_molecule"
        return self._read(own, text)

    def cargos(self, cargo_type: str, text: str) -> tuple[CargoName, ...]:
        """The co-loaded cargos that `text` joins, in the order given, each once.

        `+` always joins; what else may join (`&`, `,`, `/`, `and`) does so where each part is a name.
        """
        names = [name for part in text.split("+") if part.strip() for name in self._joined(cargo_type, part)]
        return tuple({(name.name, name.silences): name for name in names}.values())

    def nearest(self, text: str, limit: int = 3) -> tuple[str, ...]:
        """The names of cargos that are spelled most like `text`, among those that begin with the same letters."""
        key = fold(text)[:LONGEST_SPELLING]
        begin = key[: 4 if key.startswith(("mir", "let")) else 2]
        variants = [
            variant
            for kind in DEFAULT_KINDS
            for variant in takewhile(
                lambda variant: variant.key.startswith(begin),
                islice(self.variants(kind), bisect_left(self.variants(kind), begin, key=attrgetter("key")), None),
            )
        ]
        if not begin:
            return ()
        scored = process.extract(key, [variant.key for variant in variants], limit=4 * limit, score_cutoff=75)
        return tuple(dict.fromkeys(variants[place].name for _, _, place in scored))[:limit]

    def _joined(self, cargo_type: str, text: str) -> list[CargoName]:
        whole = self.cargo(cargo_type, text)
        if whole.how != "unknown":
            return [whole]
        names = [self.cargo(cargo_type, part) for part in split_names(" ".join(text.split()))]
        return names if len(names) > 1 and all(name.recognised for name in names) else [whole]

    def _read_name(self, cargo_type: str, text: str) -> CargoName:
        given = " ".join(text.split())
        # One letter can become many when it is written plainly.
        if len(plain(given)) > LONGEST_SPELLING:
            return CargoName(given, given, "unknown", "unknown", fold(given))
        text = plain(given)
        if names_control(text):
            return CargoName(given, given, "unknown", "unknown", fold(given))
        name = self._identified(given.lower()) or self._first(cargo_type, text)
        # What is written as a name with a letter before it is that, also where the hyphen alone parts it from another: sPD-L1.
        if name is None or name.how == "unknown" or (name.how == "symbol" and not self._genes.spells(name.name, text)):
            stripped = strip_prefix(given)
            alone = stripped and self._first(cargo_type, plain(stripped.name))
            if stripped and alone and alone.kind == "gene" and alone.recognised:
                as_written = (
                    name is None or name.how == "unknown" or self._genes.spells(alone.name, plain(stripped.name))
                )
                if as_written:
                    name = _as_variant(alone, stripped.variant) if stripped.variant else alone
        if name is None:
            return CargoName(given, given, "unknown", "unknown", fold(given), alternatives=self._undated(given))
        if not name.recognised:
            return name._replace(given=given, name=given)
        how = "exact" if name.how == "spelling" and name.name == given else name.how
        return name._replace(given=given, how=how)

    def _first(self, cargo_type: str, text: str) -> CargoName | None:
        kinds = KINDS_OF_CARGO_TYPE.get(cargo_type, DEFAULT_KINDS)
        is_sirna = cargo_type == "sirna"
        unknown = None
        for wording in strip_words(text, is_sirna):
            for kind in kinds:
                name = self._resolve_as[kind](wording.name)
                if name and wording.variant:
                    # Two letters and a number stand at the end of many names; behind a gene's own symbol they are a variant.
                    name = _as_variant(name, wording.variant) if name.kind == "gene" and name.recognised else None
                if name and name.kind == "gene" and not self._is_meant(cargo_type, name, wording.name):
                    unknown = unknown or name._replace(kind="unknown", how="unknown", alternatives=(name.name,))
                    if is_of_type(cargo_type, "gene"):
                        return unknown
                elif name and name.how != "unknown":
                    if wording.silences and not is_sirna:
                        return name._replace(name=f"anti-{name.name}", silences=True)
                    return name
                else:
                    unknown = unknown or name
        return unknown

    def _is_meant(self, cargo_type: str, name: CargoName, text: str) -> bool:
        """Whether a gene is meant by what it was or is also called, and not something else that is called so."""
        if name.how not in ("alias", "previous symbol") or self._vocabulary.lookup("protein", text).names:
            return True
        of_lncrna = name.how == "previous symbol" or _NON_CODING.search(name.name)
        if len(text) < SHORTEST_ALIAS or not (cargo_type in _NAMED_AS_GENES or (cargo_type == "lncrna" and of_lncrna)):
            return False
        return not any(self._vocabulary.lookup(field, text).names for field in _OTHER_FIELDS)

    def _identified(self, text: str) -> CargoName | None:
        """What an identifier stands for, as it is printed or bare."""
        if genes := self._genes.read_identifier(text):
            return self._of_genes(text, genes)
        if mirna := self._mirnas.read_accession(text.removeprefix("mirbase.mature:").removeprefix("mirbase:")):
            return _of_mirna(text, mirna)._replace(how="identifier")
        return self._circrna(text.removeprefix("circbase:")) if text.startswith("circbase:") else None

    def _undated(self, given: str) -> tuple[str, ...]:
        """The genes whose names a spreadsheet turns into such a date: `2-Sep`, in a workbook 2026-09-02, was SEPT2."""
        dated = _DATE.fullmatch(given.lower())
        if dated is None:
            return ()
        number = int(dated["before"] or dated["after"] or dated["day"])
        words = _GENES_OF_MONTH[dated["month_after"] or dated["month_before"] or dated["month"]]
        genes = [gene for word in words for gene in self._genes.read(f"{word}{number}")]
        renamed = [gene for gene in genes if gene.how == "previous symbol"]
        return tuple(dict.fromkeys(gene.symbol for gene in renamed or genes))

    def _mirna(self, text: str) -> CargoName | None:
        if text.endswith(" family"):
            family = self._mirnas.read_family(text.removesuffix(" family"))
            return _of_mirna(text, family) if family else None
        mirna = self._mirnas.read(text)
        return _of_mirna(text, mirna) if mirna else None

    def _gene(self, text: str) -> CargoName | None:
        genes = self._genes.read(text)
        if genes and (mirna := self._mirnas.read(text)):
            # Without its hyphens, `miR-3-1` would be the gene of another microRNA.
            genes = tuple(gene for gene in genes if gene.symbol.casefold() == text)
            if not genes and mirna.how != "unknown":
                return _of_mirna(text, mirna)
        return self._of_genes(text, genes)

    def _of_genes(self, text: str, genes: Sequence[Gene]) -> CargoName | None:
        if not genes:
            return None
        if len(genes) > 1:
            # Those that reports speak of are meant more often.
            symbols = tuple(
                sorted((gene.symbol for gene in genes), key=lambda symbol: (symbol not in self._reported_genes, symbol))
            )
            return CargoName(text, text, "gene", "ambiguous", fold(text), "", symbols)
        (gene,) = genes
        if mirna := self._mirnas.read_gene(gene.symbol):
            return _of_mirna(text, mirna)._replace(how=gene.how)
        name = CargoName(text, gene.symbol, "gene", gene.how, gene.symbol, gene.identifier)
        # An antibody switches off what it binds, and what is reported of that turns.
        bound = _ANTIBODY.fullmatch(gene.symbol)
        target = self._genes.read(bound["target"]) if bound else ()
        return name._replace(stem=target[0].symbol, silences=True) if len(target) == 1 else name

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
            name = f"circ_{rest}"
            # Shorter numbers are of other makers of lists: circRNA_100338 is not circ_0100338.
            identifier = f"circbase:hsa_{name}" if len(rest) == _CIRCBASE_DIGITS else ""
            return CargoName(text, name, "circrna", "form", name, identifier)
        host = self._gene(rest)
        symbol = host.name if host and host.recognised else rest.upper()
        return CargoName(text, f"circ{symbol}", "circrna", "form", f"circ{symbol}")

    def _sort_spellings(self, kind: str) -> list[NameVariant]:
        """Every spelling of every name of one kind, in the order of the keys. Any number names a circRNA, so those have none."""
        return sorted(self._spellings_of(kind), key=attrgetter("key", "other", "name"))

    def _spellings_of(self, kind: str) -> Iterator[NameVariant]:
        if kind == "mirna":
            for name, accession in self._mirnas.names():
                yield NameVariant(fold(name), name, f"mirbase.mature:{accession}" if accession else "")
        elif kind == "gene":
            for symbol, hgnc, other in self._genes.spellings(self._reported_genes):
                if self._mirnas.read_gene(symbol) is None:
                    yield NameVariant(fold(other or symbol), symbol, hgnc, other)
        elif kind != "circrna":
            for term in self._vocabulary.terms(kind):
                yield NameVariant(fold(term.name), term.name, term.curie)
                yield from (NameVariant(fold(alias), term.name, term.curie, alias) for alias in term.aliases)


@cache
def _load_genes(proteins: tuple[Term, ...]) -> GeneNames:
    # Some 20 MiB that never change: the resolvers of one process share them.
    return GeneNames(KNOWLEDGE / "genes.tsv", proteins)


def _of_mirna(text: str, mirna: MirnaName) -> CargoName:
    identifier = f"mirbase.mature:{mirna.accession}" if mirna.accession else ""
    return CargoName(text, mirna.name, "mirna", mirna.how, mirna.stem, identifier, mirna.members, mirna.seed)


def _as_variant(name: CargoName, variant: str) -> CargoName:
    if variant in VARIANT_WORDS:
        joined = f"{variant} {name.name}"
    else:
        joined = f"{name.name}{'' if variant.startswith('_') else ' '}{variant}"
    return name._replace(name=joined, how="variant")
