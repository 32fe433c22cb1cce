"""Which paper a finding is of, whatever names it is cited by, and which findings of one paper are the same experiment."""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Generic, TypeVar
from urllib.parse import unquote

from models.candidates.candidate import Candidate
from models.evidence.evidence import IDENTIFIERS, OF_LAB
from models.vocabulary.normalize import fold, greek_as_letters
from training.data.validation import MAX_CELL

Finding = TypeVar("Finding")

# How many titles are remembered with their names: those of a corpus, which are looked at with every change.
MAX_REMEMBERED = 4096

_SITE = r"(?:https?://)?(?:www\.)?"
_END = r"/?(?:[?#]\S*)?"
# Identifiers as people write and copy them.
_WRITTEN = {
    "pmid": re.compile(
        rf"(?:(?:pmid|pubmed)(?:\s*id)?\s*[:=]?\s*|{_SITE}(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed"
        rf"|europepmc\.org/(?:article|abstract)/med)/)([1-9]\d{{0,8}}){_END}",
        re.IGNORECASE,
    ),
    "doi": re.compile(
        rf"(?:doi\s*[:=]?\s*)?(?:{_SITE}(?:dx\.)?doi\.org/)?(10\.\d{{4,9}}/\S*[^\s.,;])[.,;]*", re.IGNORECASE
    ),
    "pmcid": re.compile(
        rf"(?:pmcid\s*[:=]?\s*|{_SITE}(?:pmc\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pmc|europepmc\.org)"
        rf"/articles?/(?:pmc/)?)?(PMC\s?\d+){_END}",
        re.IGNORECASE,
    ),
}
_NUMBER_ALONE = {"pmid": re.compile(r"([1-9]\d{0,8})(?:\.0)?"), "pmcid": re.compile(r"(\d+)")}
_MARKUP = re.compile(r"</?[A-Za-z]+>")

_STATED = ("polarisation", "species", "engineering", "cancer_type", "recipient_cell")
_REST = ("source_cell", "source_phenotype", "cargo_type", "cargo_name", "cargo_state")
_Statement = tuple[tuple[str, object], ...]


def identifier(text: str) -> tuple[str, str] | None:
    """The kind of an identifier of a paper (pmid, doi or pmcid) and itself, as other tables have it, of what names one."""
    text = unquote(text) if text.casefold().startswith(("http", "doi.org")) else text
    for kind, written in _WRITTEN.items():
        if match := written.fullmatch(text.strip()):
            return kind, match[1].upper().replace(" ", "") if kind == "pmcid" else match[1]
    return None


def read_identifiers(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row with the identifiers of its paper as they are kept; what is none stays as it was written.

    One that stands in the column of another kind, or in the address of the paper, goes into its own where that is empty.
    """
    read = dict(cells)
    for column in (*IDENTIFIERS, "url"):
        text = cells.get(column, "")
        if column in _NUMBER_ALONE and (number := _NUMBER_ALONE[column].fullmatch(text)):
            read[column] = f"PMC{number[1]}" if column == "pmcid" else number[1]
        elif text and (named := identifier(text)):
            kind, key = named
            if kind == column or not cells.get(kind):
                read[kind] = key
                if kind != column != "url":
                    read[column] = ""
    kind, _, key = cells.get("paper", "").partition(":")
    if kind not in (*IDENTIFIERS, "lab", "title") or key != key.strip():
        named = identifier(cells.get("paper", ""))
        read |= {"paper": ":".join(named)} if named else {}
    elif named := identifier(key):
        read["paper"] = ":".join(named) if named[0] == kind else cells["paper"]
    return read


def paper_names(paper: str, citation: Mapping[str, str]) -> frozenset[str]:
    """Every name that the paper of a row is known by, so that two rows that cite it differently still meet."""
    names = {paper, *(f"{kind}:{citation[kind]}" for kind in IDENTIFIERS if citation.get(kind))}
    return frozenset(name.casefold() for name in names | _title_names(citation.get("title", "")[:MAX_CELL]))


@lru_cache(MAX_REMEMBERED)
def _title_names(title: str) -> frozenset[str]:
    """The name of a title, and what models of earlier versions kept for it."""
    name = title_name(title)
    return frozenset({name, f"title:{fold(title)}"}) if name else frozenset()


def title_name(title: str) -> str:
    """The name of a paper by its title, the same for every way of setting it: case, marks, accents, Greek letters, markup."""
    plain = unicodedata.normalize("NFKD", html.unescape(_MARKUP.sub("", title[:MAX_CELL])))
    folded = greek_as_letters(fold("".join(letter for letter in plain if not unicodedata.combining(letter))))
    return f"title:{folded}" if folded else ""


class PaperIndex:
    """Papers by all their names. Names are joined over any number of rows: what has two of them makes them one paper.

    A laboratory's own keys say which of its results belong together, so a title joins them to a published paper only.
    """

    def __init__(self, papers: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """Of the keys of papers, each with a citation."""
        named = [(paper, paper_names(paper, citation)) for paper, citation in papers]
        published = {name for paper, names in named if not paper.startswith(OF_LAB) for name in names}
        self._next: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        for paper, names in named:
            root = self._root(paper.casefold())
            for name in names:
                if name in published or not (paper.startswith(OF_LAB) and name.startswith("title:")):
                    self._next[self._root(name)] = root
        for paper, _ in named:
            root = self._root(paper.casefold())
            self._keys[root] = min(paper, self._keys.get(root, paper), key=lambda key: (key.startswith(OF_LAB), key))

    def _root(self, name: str) -> str:
        """The name that stands for all names of a paper."""
        while (following := self._next.setdefault(name, name)) != name:
            self._next[name] = name = self._next[following]
        return name

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for name in list(self._next):
            names.setdefault(self._root(name), set()).add(name)
        return names

    def names(self, paper: str) -> set[str]:
        """All names of a paper, by one of its keys."""
        return self._names[self._root(paper.casefold())]

    def key(self, paper: str) -> str:
        """The one key of a paper: the first in the alphabet of those that its rows have, a laboratory's own last."""
        return self._keys[self._root(paper.casefold())]


class ExperimentIndex(Generic[Finding]):
    """Findings by what was tested in which paper. Two are of the same experiment unless both state a field differently:
    what one leaves out, such as the recipient cell, makes it no other experiment."""

    def __init__(self) -> None:
        self._masks: dict[object, dict[tuple[str, ...], None]] = {}
        self._first: dict[object, Finding] = {}

    def add(self, paper: str, tested: Candidate, effect: str, finding: Finding) -> None:
        """Adds a finding of a paper, by the one key of that."""
        rest, stated = _parts(tested)
        rest = (paper, effect, *rest)
        mask = tuple(name for name, _ in stated)
        self._masks.setdefault(rest, {})[mask] = None
        for count in range(len(stated) + 1):
            for some in combinations(stated, count):
                self._first.setdefault((rest, mask, some), finding)

    def find(self, paper: str, tested: Candidate, effect: str) -> Finding | None:
        """The finding of that effect that is of the same experiment, if any: one that states the same, else the first of
        those that state most."""
        rest, stated = _parts(tested)
        rest = (paper, effect, *rest)
        own = tuple(name for name, _ in stated)
        for mask in sorted(self._masks.get(rest, ()), key=lambda mask: (mask != own, -len(mask))):
            some = tuple((name, value) for name, value in stated if name in mask)
            if (rest, mask, some) in self._first:
                return self._first[rest, mask, some]
        return None


def _parts(tested: Candidate) -> tuple[tuple[object, ...], _Statement]:
    """What every candidate states, and what this one does of the rest."""
    stated = ((name, getattr(tested, name)) for name in _STATED)
    return tuple(getattr(tested, name) for name in _REST), tuple(
        (name, tuple(sorted(value)) if isinstance(value, tuple) else value) for name, value in stated if value
    )
