"""What Crossref and PubMed know of a paper: asked only where the settings allow it, within bounds of time and size."""

import html
import http.client
import json
import queue
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from service.settings import Settings, is_safe_address
from training.data.authors import read_author
from training.data.papers import read_identifiers
from training.data.validation import MAX_CELL

TIMEOUT_SECONDS = 5.0
MAX_BYTES = 1024 * 1024
_PIECE = 64 * 1024
# Fewer than the requests that a worker handles at once, so that a service that hangs does not stop the others.
_MAX_AT_ONCE = 2
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
_INITIALS = re.compile(r"\s+[A-Z]{1,4}(?:\s+(?:Jr|Sr|[23]\w\w))?$")
_NOTHING_TO_ASK = "Enter a PMID such as 35210436 or a DOI such as 10.1038/s41419-022-04640-z first."
_BY_HAND = "Try again later, or fill in the fields yourself."
_places = threading.BoundedSemaphore(_MAX_AT_ONCE)


class PaperLookupError(Exception):
    """A paper that could not be looked up, and why, in words for a reader."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a service knows of a paper: the columns of its citation, and the name of the service."""

    columns: Mapping[str, str]
    service: str


def look_up(cells: Mapping[str, str], settings: Settings) -> Found:
    """The citation of the paper that the PMID, or else the DOI, of `cells` names.

    Raises PaperLookupError, in words for a reader, where it is not allowed, names no paper, or cannot be found in time.
    """
    if not settings.lookup:
        raise PaperLookupError(
            "This service does not look papers up. Whoever runs it can allow it with the setting lookup."
        )
    identifiers = read_identifiers({name: cells.get(name, "") for name in ("pmid", "doi", "pmcid", "url", "paper")})
    pmid, doi = identifiers.get("pmid", ""), identifiers.get("doi", "")
    if re.fullmatch(r"[1-9][0-9]{0,8}", pmid):
        address = f"{settings.pubmed_url.rstrip('/')}/esummary.fcgi?db=pubmed&id={pmid}&retmode=json"
        columns = _of_pubmed(_fetch(address, "PubMed"), pmid)
        found = Found(columns | {"pmid": pmid}, "PubMed")
    elif doi.startswith("10."):
        address = f"{settings.crossref_url.rstrip('/')}/works/{quote(doi, safe='')}"
        found = Found(_of_crossref(_fetch(address, "Crossref")) | {"doi": doi}, "Crossref")
    else:
        raise PaperLookupError(_NOTHING_TO_ASK)
    columns = {name: _plain(text) for name, text in found.columns.items()}
    if not columns.get("title"):
        raise PaperLookupError(
            f"{found.service} has no paper with this number. Check it, or fill in the fields yourself."
        )
    return Found({name: text for name, text in columns.items() if text}, found.service)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leads nowhere else than to the address that was set."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follows no redirect."""


def _fetch(address: str, service: str) -> Any:
    """The JSON at an address, or None where there is none; in a thread, since a name may take longer to resolve than allowed."""
    if not is_safe_address(address):
        raise PaperLookupError(
            f"The address of {service} must begin with https://. Whoever runs this service can correct it."
        )
    unreachable = PaperLookupError(f"{service} did not answer within {TIMEOUT_SECONDS:.0f} seconds. {_BY_HAND}")
    if not _places.acquire(blocking=False):
        raise PaperLookupError("Too many papers are being looked up. Try again in a moment.")
    answers: queue.Queue[bytes | Exception | None] = queue.Queue()

    def read() -> None:
        try:
            answers.put(_read(address))
        except (OSError, http.client.HTTPException, ValueError) as error:
            answers.put(error)
        finally:
            _places.release()

    threading.Thread(target=read, name="paper-lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT_SECONDS)
    except queue.Empty:
        raise unreachable from None
    if isinstance(answer, TimeoutError) or isinstance(getattr(answer, "reason", None), TimeoutError):
        raise unreachable
    if isinstance(answer, Exception):
        raise PaperLookupError(
            f"{service} could not be reached, or its answer was not complete. {_BY_HAND}"
        ) from answer
    if answer is None:
        return None
    try:
        return json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise PaperLookupError(f"The answer of {service} was not understood. {_BY_HAND}") from error


def _read(address: str) -> bytes | None:
    opener = urllib.request.build_opener(_NoRedirects)
    # Settings admit https and this machine alone, so that no other scheme can be opened.
    request = urllib.request.Request(address, headers={"Accept": "application/json", "User-Agent": "exoscore"})  # noqa: S310
    content, ends = b"", time.monotonic() + TIMEOUT_SECONDS
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            while piece := response.read1(_PIECE):
                content += piece
                if len(content) > MAX_BYTES or time.monotonic() > ends:
                    raise ValueError("The answer is too large or too slow.")
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return None
        raise
    return content


def _of_crossref(answer: Any) -> dict[str, str]:
    """The columns of a work of Crossref; empty where it has none. Whatever is not as documented is left out."""
    work = _member(answer, "message")
    year = next(
        (
            str(parts)
            for name in ("published-print", "published", "issued")
            if (parts := _first(_first(_member(_member(work, name), "date-parts"))))
        ),
        "",
    )
    return {
        "title": _text(_first(_member(work, "title"))),
        "first_author": _text(_member(_first(_member(work, "author")), "family")),
        "last_author": _crossref_author(_last(_member(work, "author"))),
        "year": year if re.fullmatch(r"[0-9]{4}", year) else "",
        "journal": _text(_first(_member(work, "container-title"))),
    }


def _of_pubmed(answer: Any, pmid: str) -> dict[str, str]:
    """The columns of a summary of PubMed; empty where it has none. Whatever is not as documented is left out."""
    summary = _member(_member(answer, "result"), pmid)
    identifiers = _member(summary, "articleids")
    by_type = {
        _text(_member(each, "idtype")): _text(_member(each, "value"))
        for each in (identifiers if isinstance(identifiers, list) else [])
    }
    year = re.match(r"[0-9]{4}", _text(_member(summary, "pubdate")))
    pmcid = re.search(r"PMC[0-9]+", by_type.get("pmc", ""))
    return {
        "title": _text(_member(summary, "title")).rstrip("."),
        "first_author": _INITIALS.sub("", _text(_member(_first(_member(summary, "authors")), "name"))),
        "last_author": read_author(_text(_member(summary, "lastauthor"))),
        "year": year[0] if year else "",
        "journal": _text(_member(summary, "fulljournalname")) or _text(_member(summary, "source")),
        "doi": by_type.get("doi", ""),
        "pmcid": pmcid[0] if pmcid else "",
    }


def _member(document: Any, name: str) -> Any:
    return document.get(name) if isinstance(document, dict) else None


def _crossref_author(author: Any) -> str:
    family, given = _text(_member(author, "family")), _text(_member(author, "given"))
    return read_author(f"{family}, {given}") if family and given else ""


def _last(listed: Any) -> Any:
    return listed[-1] if isinstance(listed, list) and listed else None


def _first(listed: Any) -> Any:
    return listed[0] if isinstance(listed, list) and listed else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """A text without markup, entities and control characters, as a cell may hold it."""
    plain = html.unescape(_MARKUP.sub("", text))
    printable = "".join(letter if letter.isprintable() else " " for letter in plain)
    return " ".join(printable.split())[:MAX_CELL]
