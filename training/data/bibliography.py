"""The papers of findings as entries for reference managers: BibTeX, RIS and CSL-JSON."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from models.evidence.evidence import OF_LAB
from training.data.citation import link

Cells = Mapping[str, str]
_COLUMNS = ("first_author", "last_author", "year", "title", "journal", "doi", "pmid", "pmcid", "url")
_BIBTEX_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        # BibTeX counts braces, also those behind a backslash.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        **{letter: f"\\{letter}" for letter in "&%$#_"},
    }
)
# The parts of a DOI or an address that would end or break a field of BibTeX.
_ENCODED = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})


def bibtex(rows: Iterable[Cells]) -> Iterator[str]:
    """An entry of BibTeX for each paper of rows of findings, in the order in which they are first met."""
    for key, (paper, ids) in _papers(rows).items():
        published = not key.startswith(OF_LAB)
        author = paper.get("first_author", "")
        fields = {
            # Only the first author is stored; a laboratory's own results have one group of authors.
            "author": f"{{{_bibtex_text(author)}}} and others" if author and published else _bibtex_text(author),
            "title": f"{{{_bibtex_text(paper.get('title', '') or key)}}}",
            **{name: _bibtex_text(paper.get(name, "")) for name in ("journal", "year")},
            **{name: paper.get(name, "").translate(_ENCODED) for name in ("doi", "pmid", "pmcid")},
            "url": _address(paper).translate(_ENCODED),
            "note": _bibtex_text(_note(paper, ids)),
        }
        kind = "article" if published else "unpublished"
        lines = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items() if text)
        yield f"@{kind}{{{_entry_key(key, paper)},\n{lines}\n}}\n\n"


def ris(rows: Iterable[Cells]) -> Iterator[str]:
    """A record of RIS for each paper of rows of findings, in the order in which they are first met."""
    for key, (paper, ids) in _papers(rows).items():
        tags = (
            ("TY", "UNPB" if key.startswith(OF_LAB) else "JOUR"),
            ("ID", _entry_key(key, paper)),
            ("AU", paper.get("first_author", "")),
            ("TI", paper.get("title", "") or key),
            ("JO", paper.get("journal", "")),
            ("PY", paper.get("year", "")),
            ("DO", paper.get("doi", "")),
            ("AN", paper.get("pmid", "")),
            ("C2", paper.get("pmcid", "")),
            ("UR", _address(paper)),
            ("N1", _note(paper, ids)),
        )
        lines = [f"{tag}  - {' '.join(text.split())}\r\n" for tag, text in tags if text.strip()]
        yield "".join([*lines, "ER  - \r\n\r\n"])


def csl(rows: Iterable[Cells]) -> Iterator[str]:
    """An array of CSL-JSON (the Citation Style Language), with an object for each paper of rows of findings."""
    items = []
    for key, (paper, ids) in _papers(rows).items():
        author, year = paper.get("first_author", ""), paper.get("year", "")
        fields = {
            "id": _entry_key(key, paper),
            "type": "manuscript" if key.startswith(OF_LAB) else "article-journal",
            "title": paper.get("title", "") or key,
            "author": [{"family": author}] if author else [],
            "issued": {"date-parts": [[int(year)]]} if year.isascii() and year.isdecimal() else {},
            "container-title": paper.get("journal", ""),
            "DOI": paper.get("doi", ""),
            "PMID": paper.get("pmid", ""),
            "PMCID": paper.get("pmcid", ""),
            "URL": _address(paper),
            "note": f"{_note(paper, ids)}. Not all authors are stored.",
        }
        items.append({name: value for name, value in fields.items() if value})
    yield json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _papers(rows: Iterable[Cells]) -> dict[str, tuple[dict[str, str], list[str]]]:
    """The citation of each paper by its key, with all that any of its findings states of it, and the ids of those."""
    papers: dict[str, tuple[dict[str, str], list[str]]] = {}
    for cells in rows:
        citation, ids = papers.setdefault(cells["paper"], ({}, []))
        ids.append(cells["finding_id"])
        for name in _COLUMNS:
            if text := cells.get(name):
                citation.setdefault(name, text)
    return papers


def _note(paper: Cells, ids: Iterable[str]) -> str:
    last = f". Last author: {paper['last_author']}" if paper.get("last_author") else ""
    return f"Exoscore findings: {', '.join(ids)}{last}"


def _entry_key(key: str, paper: Cells) -> str:
    """How a document cites the paper: the author and the year, and digits of its key that tell it from others."""
    spelled = unicodedata.normalize("NFKD", paper.get("first_author", "").casefold())
    author = re.sub(r"[^a-z]", "", spelled).capitalize()
    return f"{author or 'Paper'}{re.sub(r'[^0-9]', '', paper.get('year', ''))}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def _address(paper: Cells) -> str:
    """Where the paper can be read; a search for its title is no address of it."""
    return link({name: text for name, text in paper.items() if name != "title"})


def _bibtex_text(text: str) -> str:
    return " ".join(text.split()).translate(_BIBTEX_SPECIAL)
