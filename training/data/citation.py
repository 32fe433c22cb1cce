"""A citation in words, and where to look it up."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

_SHORT = 160
# Where papers can be read: the name of the place, its address, and what follows the identifier of a paper there.
_PLACES = {
    "doi": ("DOI", "https://doi.org/", ""),
    "pmid": ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/", "/"),
    "pmcid": ("PMC", "https://pmc.ncbi.nlm.nih.gov/articles/", "/"),
}
# What a citation consists of: each part, and the columns that state it.
_PARTS = {
    "identifier": tuple(_PLACES),
    "author": ("first_author",),
    "year": ("year",),
    "journal": ("journal",),
    "title": ("title",),
}


def missing_parts(citation: Mapping[str, str]) -> list[str]:
    """What a citation does not state: identifier, author, year, journal, title."""
    return [part for part, columns in _PARTS.items() if not any(map(citation.get, columns))]


def cited(citation: Mapping[str, str], paper: str) -> str:
    """Author, year and journal as far as they are known; else the title, else the key of the paper."""
    author = " ".join(filter(None, (citation.get("first_author"), citation.get("year"))))
    words = ", ".join(filter(None, (author, citation.get("journal")))) or citation.get("title", "")
    return (words if len(words) <= _SHORT else words[:_SHORT] + "…") or paper


def link(citation: Mapping[str, str]) -> str:
    """The address of the paper: by its DOI, its number in PubMed or in PMC, its own address, or a search for its title.

    Empty where nothing of it is known.
    """
    for name, (_, site, end) in _PLACES.items():
        if identifier := citation.get(name):
            return site + quote(identifier) + end
    if (url := citation.get("url", "")).startswith(("https://", "http://")):
        return url
    if title := citation.get("title"):
        return f"https://pubmed.ncbi.nlm.nih.gov/?term={quote(title)}"
    return ""


def addresses(citation: Mapping[str, str]) -> list[str]:
    """The addresses at which a paper can be read, by its identifiers and its own address."""
    by_identifier = [site + citation[name] + end for name, (_, site, end) in _PLACES.items() if citation.get(name)]
    return [*by_identifier, *filter(None, [citation.get("url", "")])]


def named_links(addresses: Sequence[str]) -> list[tuple[str, str, str]]:
    """Where a paper can be read: the name of the place, the address, and what the paper is called there.

    Only addresses of the web, since findings can come from anybody.
    """
    return [_named_link(address) for address in addresses if address.startswith(("https://", "http://"))]


def _named_link(address: str) -> tuple[str, str, str]:
    for title, site, _ in _PLACES.values():
        if address.startswith(site):
            return title, address, address.removeprefix(site).rstrip("/")
    return "link", address, address
