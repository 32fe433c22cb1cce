"""Findings as a list whose pages a person turns: in an order of their choice, with how many each filter would leave."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from service.db.tables import FindingRow
from service.findings.repository import FindingRepository
from service.findings.search import Filters, conditions, title_matches

# The filters that are chosen from a list.
FACETS = ("source_cell", "cargo_type", "cargo_state", "effect", "origin", "held_out")
_CITED = ("first_author", "year", "title", "journal")


class _Order(NamedTuple):
    """What findings are sorted by, and whether the last of it comes first; those that do not state it always come last."""

    key: Callable[[Row[Any]], str]
    descending: bool = False


def _text(name: str) -> Callable[[Row[Any]], str]:
    """A column without accents and in one case, as people sort names."""

    def key(row: Row[Any]) -> str:
        spelled = unicodedata.normalize("NFKD", getattr(row, name) or "")
        return "".join(letter for letter in spelled if not unicodedata.combining(letter)).casefold()

    return key


ORDERS: Mapping[str, _Order] = {
    "newest": _Order(lambda row: row.year or "", descending=True),
    "oldest": _Order(lambda row: row.year or ""),
    "author": _Order(_text("first_author")),
    "title": _Order(_text("title")),
    "journal": _Order(_text("journal")),
    "cancer_type": _Order(_text("cancer_type")),
    "effect": _Order(_text("effect")),
    "added": _Order(lambda row: f"{row.position:012}", descending=True),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list of findings: its rows, its number from 1, how many pages there are, and how many findings would be
    left with each value of each of the FACETS, the other filters standing."""

    rows: tuple[FindingRow, ...]
    page: int
    pages: int
    facets: Mapping[str, Counter[Any]]


def list_page(findings: FindingRepository, filters: Filters, order: str, page: int, size: int) -> Listing:
    """One page of the findings that the filters admit, in one of the ORDERS; the last page where there are fewer.

    Sorted here, so that every database has the same order. Raises ParametersError with every fault of the filters,
    StoreError.
    """
    cited = [FindingRow.cells[name].as_string().label(name) for name in _CITED]
    with findings.database.read() as session:
        clauses = conditions(session, findings.reader, filters)
        facets = [clauses.pop(name).label(f"is_{name}") for name in FACETS if name in clauses]
        columns = [getattr(FindingRow, name) for name in ("position", "cancer_type", *FACETS)]
        query = select(*columns, *cited, *facets).where(*clauses.values()).order_by(FindingRow.position)
        rows = [row for row in session.execute(query) if title_matches(row.title or "", filters)]
        chosen = {name: [bool(getattr(row, f"is_{name}", True)) for row in rows] for name in FACETS}
        misses = [sum(not held for held in of_row) for of_row in zip(*chosen.values(), strict=True)]
        counts = {
            name: Counter(
                getattr(row, name)
                for row, miss, held in zip(rows, misses, chosen[name], strict=True)
                if miss <= (not held)
            )
            for name in FACETS
        }
        admitted = [row for row, miss in zip(rows, misses, strict=True) if not miss]
        key, descending = ORDERS[order]
        stated = sorted((row for row in admitted if key(row)), key=key, reverse=descending)
        ordered = [*stated, *(row for row in admitted if not key(row))]
        pages = max(1, -(-len(ordered) // size))
        page = min(page, pages)
        positions = [row.position for row in ordered[(page - 1) * size : page * size]]
        stored = {
            row.position: row for row in session.scalars(select(FindingRow).where(FindingRow.position.in_(positions)))
        }
    return Listing(tuple(stored[position] for position in positions), page, pages, counts)
