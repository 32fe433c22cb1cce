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
from models.vocabulary.normalize import all_greek_as_letters, fold
from training.data.validation import MAX_CELL

Finding = TypeVar("Finding")

# How many titles are remembered with their names: those of a corpus, which are looked at with every change.
MAX_REMEMBERED = 4096

_END = r"(?:[/?#]\S*)?"
_PUBMED = r"(?:pmid|(?:pub)?med(?:line)?)"
# Identifiers as people write and copy them: alone, behind their kind, or in an address.
_WRITTEN = {
    "pmid": re.compile(
        rf"(?:{_PUBMED}\s*)+(?:id)?\s*[:=]?\s*0*([1-9]\d{{0,8}})"
        rf"|(?:https?://)?[\w.-]*(?:pubmed[\w.-]*|ncbi\.nlm\.nih\.gov/pubmed|europepmc\.org/(?:article|abstract)/med"
        rf"|identifiers\.org)/(?:\?term=|{_PUBMED}[:/])?0*([1-9]\d{{0,8}}){_END}",
        re.IGNORECASE,
    ),
    "doi": re.compile(
        r"(?:(?:digital object identifier|(?:info:|urn:)?doi)\s*[:=/]?\s*)*"
        r"(?:(?:https?://)?[\w-]+(?:\.[\w-]+)+/(?:[\w.-]+/)*(?:doi:)?)?(10\.\d{4,9}/\S+)",
        re.IGNORECASE,
    ),
    "pmcid": re.compile(
        rf"(?:pmcid\s*[:=]?\s*|(?:https?://)?[\w.-]+/(?:[\w.-]+/)*)?(?:pmc[:/])?(PMC[\s-]?0*[1-9]\d*)(?:\.\d+)?{_END}",
        re.IGNORECASE,
    ),
}
_NUMBER_ALONE = {"pmid": re.compile(r"0*([1-9]\d{0,8})(?:\.0)?"), "pmcid": re.compile(r"(\d+)(?:\.\d+)?")}
# What surrounds identifiers that are copied from a text, and what sites put behind a DOI.
_AROUND = " \t.,;:'\"“”‘’#*"
_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}
_BEHIND_DOI = re.compile(
    r"(?:[/.](?:v\d+\.)?(?:full(?:[.-]text)?|abstract|pdf|epdf|pdfdirect|html?|xml|meta|references|figures))+$",
    re.IGNORECASE,
)
_PREPRINT_VERSION = re.compile(r"^(10\.(?:1101|64898)/\S+?)v\d+$", re.IGNORECASE)
_TIDY_NAME = re.compile(
    r"pmid:[1-9]\d*|pmcid:PMC[1-9]\d*|doi:10\.\d+/[A-Za-z0-9.-]*[A-Za-z0-9]|(?:title|lab):.*", re.DOTALL
)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
# What journals and databases write around the title of a paper that is no longer as it was.
_NOTICE = r"(?:retract(?:ed|ion)|withdraw(?:n|al)|correct(?:ion|ed)|corrigendum|erratum|expression of concern)"
_NOTICES = re.compile(
    rf"^\W*{_NOTICE}(?: (?:article|paper|note|notice))?(?:\W*[:\]]\W*| (?:to|of|for)\W+)"
    rf"|[\[({{]\s*(?:{_NOTICE}|vol)\b[^\])}}]*[\])}}]\W*$",
    re.IGNORECASE,
)
# Where a title can be cut, such as before its subtitle, and how much must be left to name the paper.
_CUT = re.compile(r":\s|\s[-–|]\s|\s?—")
_MIN_CUT_WORDS = 7

_STATED = ("polarisation", "species", "engineering", "cancer_type", "recipient_cell")
_REST = ("source_cell", "source_phenotype", "cargo_type", "cargo_name", "cargo_state")
_Statement = tuple[tuple[str, object], ...]


def identifier(text: str) -> tuple[str, str] | None:
    """The kind of an identifier of a paper (pmid, doi or pmcid) and itself, as other tables have it, of what names one."""
    text = _plain(text)
    if re.match(r"https?:|(?:[\w-]+\.)+[a-z]+/", text, re.IGNORECASE):
        text = unquote(re.split(r"[?#](?!term=)", text)[0])
    for kind, written in _WRITTEN.items():
        if match := written.fullmatch(text):
            key = next(filter(None, match.groups()))
            return kind, _TIDY.get(kind, str)(key)
    return None


def _plain(text: str) -> str:
    """What was typed or copied, without what cannot be seen and what only surrounds it."""
    text = unicodedata.normalize("NFKC", _visible(text).translate(_DASHES)).strip(_AROUND)
    while text and (
        _BRACKETS.get(text[-1]) == text[0] or text.count(text[-1]) > text.count(_BRACKETS.get(text[-1], text[-1]))
    ):
        text = text[1 if _BRACKETS.get(text[-1]) == text[0] else 0 : -1].strip(_AROUND)
    return text


def _tidy_doi(doi: str) -> str:
    return _PREPRINT_VERSION.sub(r"\1", _BEHIND_DOI.sub("", doi))


def _tidy_pmcid(pmcid: str) -> str:
    return "PMC" + re.sub(r"\D", "", pmcid).lstrip("0")


_TIDY = {"doi": _tidy_doi, "pmcid": _tidy_pmcid}


def _read_cell(column: str, text: str) -> tuple[str, str] | None:
    """As `identifier`, of a cell in which a number alone is what the column holds."""
    if column in _NUMBER_ALONE and (number := _NUMBER_ALONE[column].fullmatch(_plain(text))):
        return column, _tidy_pmcid(number[1]) if column == "pmcid" else number[1]
    return identifier(text)


def read_identifiers(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row with the identifiers of its paper as they are kept; what is none stays as it was written.

    One that stands in the column of another kind, or in the address of the paper, goes into its own where that is empty.
    """
    read = dict(cells)
    for column in (*IDENTIFIERS, "url"):
        if (text := cells.get(column, "")) and (named := _read_cell(column, text)):
            kind, key = named
            if kind == column or not cells.get(kind):
                read[kind] = key
                if kind != column and not (column == "url" and text.startswith("http")):
                    read[column] = ""
    kind, _, key = cells.get("paper", "").partition(":")
    if kind not in ("lab", "title"):
        is_typed = kind in IDENTIFIERS
        named = _read_cell(kind, key) if is_typed else identifier(cells.get("paper", ""))
        if named and (named[0] == kind or not is_typed):
            read["paper"] = ":".join(named)
    return read


def paper_names(paper: str, citation: Mapping[str, str]) -> frozenset[str]:
    """Every name that the paper of a row is known by, so that two rows that cite it differently still meet."""
    names = {paper, *(f"{kind}:{citation[kind]}" for kind in IDENTIFIERS if citation.get(kind))}
    # Stores and models of earlier versions have identifiers as they were typed.
    names = names.union(*(_tidied(name) for name in names if not _TIDY_NAME.fullmatch(name)))
    return frozenset(name.casefold() for name in names | _title_names(citation.get("title", "")[:MAX_CELL]))


@lru_cache(MAX_REMEMBERED)
def _tidied(name: str) -> frozenset[str]:
    kind, _, key = name.partition(":")
    named = _read_cell(kind, key) if kind in IDENTIFIERS else None
    return frozenset({":".join(named)} if named else ())


@lru_cache(MAX_REMEMBERED)
def _title_names(title: str) -> frozenset[str]:
    """The names of a title, whole and without what may follow it, and what models of earlier versions kept for it."""
    plain = _plain_title(title)
    parts = [
        plain[: cut.start()] for cut in _CUT.finditer(plain) if len(plain[: cut.start()].split()) >= _MIN_CUT_WORDS
    ]
    names = {_folded_title(part) for part in (plain, *parts)}
    return frozenset({*names, f"title:{fold(title)}"} - {"", "title:"})


def title_name(title: str) -> str:
    """The name of a paper by its title, the same for every way of setting it: case, marks, accents, Greek letters, markup; and
    whatever has become of the paper since."""
    return _folded_title(_plain_title(title))


def _folded_title(plain: str) -> str:
    if not plain.isascii():
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    folded = all_greek_as_letters(fold(plain))
    return f"title:{folded}" if folded else ""


def _plain_title(title: str) -> str:
    """A title without markup and what cannot be seen, and without the notice that its paper was retracted or corrected."""
    visible = _visible(_MARKUP.sub("", html.unescape(html.unescape(title[:MAX_CELL])))).strip()
    return _NOTICES.sub("", visible).strip() or visible


def _visible(text: str) -> str:
    """A text without letters that cannot be seen, such as soft hyphens."""
    return text if text.isascii() else "".join(letter for letter in text if unicodedata.category(letter) != "Cf")


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
