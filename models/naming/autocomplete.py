"""What somebody may be about to type: names of cargos and terms of fields that begin like it, with their identifiers."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, takewhile
from operator import attrgetter, itemgetter

from models.knowledge.roles import Roles
from models.naming.resolver import DEFAULT_KINDS, KINDS_OF_CARGO_TYPE, NameResolver, NameVariant
from models.vocabulary.normalize import fold, plain
from models.vocabulary.vocabulary import LONGEST_SPELLING, Vocabulary

MAX_SUGGESTIONS = 8
_MIRNA_HEAD = re.compile(r"^(?:(?:hsa|mmu|rno)\W*)?(?:(?:micro\W*rna|mirna|mirn|mir)\W*|(?=\d))")
_SPECIES = re.compile(r"^(?:hsa|mmu|rno)\W+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to choose, its identifier where it has one, and the spelling that was matched where that is another one."""

    name: str
    identifier: str = ""
    spelled: str = ""


def suggest_cargos(
    naming: NameResolver, roles: Roles, cargo_type: str, text: str, limit: int = MAX_SUGGESTIONS
) -> tuple[Suggestion, ...]:
    """Cargos of a type: what `text` is read as, what that can mean, then names that begin with it, of which most reports speak
    first."""
    if len(text) > LONGEST_SPELLING or not fold(text):
        return ()
    kinds = KINDS_OF_CARGO_TYPE.get(cargo_type, DEFAULT_KINDS)
    as_mirna = _SPECIES.sub("", _MIRNA_HEAD.sub("mir-", plain(text)))
    read = naming.cargo(cargo_type, as_mirna if kinds[0] == "mirna" else text)
    suggestions: dict[str, Suggestion] = {}
    if read.recognised and read.how != "form":
        suggestions[read.name] = Suggestion(read.name, read.identifier)
    for name in read.alternatives:
        suggestions.setdefault(name, Suggestion(name, naming.cargo(cargo_type, name).identifier))
    for kind in kinds:
        begin = fold(as_mirna if kind == "mirna" else text)
        variants = _variants_beginning(naming.variants(kind), begin)
        for variant in sorted(variants, key=partial(_rank_variant, roles, kind)):
            if len(suggestions) >= limit:
                break
            # As a cargo of this type a name can be read as another one, as MIR210HG among microRNAs.
            if naming.cargo(cargo_type, variant.name).name == variant.name:
                suggestions.setdefault(variant.name, Suggestion(variant.name, variant.identifier, variant.other))
    return tuple(islice(suggestions.values(), limit))


def suggest_terms(
    vocabulary: Vocabulary, field: str, text: str, among: Collection[str] | None = None, limit: int = MAX_SUGGESTIONS
) -> tuple[Suggestion, ...]:
    """Terms of a field, or `among` some of them, of which a word, or a word of another name, begins with `text`; those that
    begin with it first. Without a text every term is as good, in the order of its table."""
    key = plain(text[:LONGEST_SPELLING])
    ranked: list[tuple[int, Suggestion]] = []
    for term in vocabulary.terms(field):
        if among is not None and term.name not in among:
            continue
        ranks = [
            (rank, place, spelling)
            for place, spelling in enumerate((term.name.replace("_", " "), *term.aliases))
            if (rank := _rank(plain(spelling), key)) is not None
        ]
        if ranks:
            rank, place, spelling = min(ranks)
            ranked.append((rank, Suggestion(term.name, term.curie, spelling if place else "")))
    return tuple(suggestion for _, suggestion in sorted(ranked, key=itemgetter(0)))[:limit]


def _variants_beginning(variants: list[NameVariant], begin: str) -> Iterator[NameVariant]:
    """Those whose key begins so; `variants` are in the order of their keys."""
    first = bisect_left(variants, begin, key=attrgetter("key"))
    return takewhile(lambda variant: variant.key.startswith(begin), islice(variants, first, None))


def _rank_variant(roles: Roles, kind: str, variant: NameVariant) -> tuple[float, bool, int, list[int], str]:
    """Most reports first, own names before others, short before long, and numbers in their order."""
    name = variant.name
    return -roles.of(kind, name).total, bool(variant.other), len(name), list(map(int, _NUMBER.findall(name))), name


def _rank(spelling: str, key: str) -> int | None:
    if spelling == key:
        return 0
    if spelling.startswith(key):
        return 1
    return 2 if re.search(rf"\b{re.escape(key)}", spelling) else None
