"""A citation in words, and where to look it up."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

_SHORT = 160
_ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "url": "{}",
}


def cited(citation: Mapping[str, str], paper: str) -> str:
    """Author, year and journal as far as they are known; else the title, else the key of the paper."""
    author = " ".join(filter(None, (citation.get("first_author"), citation.get("year"))))
    words = ", ".join(filter(None, (author, citation.get("journal")))) or citation.get("title", "")
    return (words if len(words) <= _SHORT else words[:_SHORT] + "…") or paper


def link(citation: Mapping[str, str]) -> str:
    """The address of the paper: by its DOI, its number in PubMed or in PMC, its own address, or a search for its title.

    Empty where nothing of it is known.
    """
    if doi := citation.get("doi"):
        return f"https://doi.org/{quote(doi, safe='/')}"
    if pmid := citation.get("pmid"):
        return f"https://pubmed.ncbi.nlm.nih.gov/{quote(pmid)}/"
    if pmcid := citation.get("pmcid"):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{quote(pmcid)}/"
    if (url := citation.get("url", "")).startswith(("https://", "http://")):
        return url
    if title := citation.get("title"):
        return f"https://pubmed.ncbi.nlm.nih.gov/?term={quote(title)}"
    return ""


def links(citation: Mapping[str, str]) -> list[str]:
    """Every address at which a paper can be read, by its identifiers."""
    return [address.format(citation[name]) for name, address in _ADDRESSES.items() if citation.get(name)]
