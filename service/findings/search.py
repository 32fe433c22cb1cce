"""Looks for findings: by what they are of, page by page, in the order in which they were added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from itertools import islice

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from models.candidates.parser import CandidateParser
from models.errors import FieldError
from models.naming.resolver import CargoName
from models.vocabulary.normalize import fold, plain
from service.db.tables import FindingRow
from service.errors import ParametersError
from service.findings.conflicts import Conflict, all_conflicts, conflicts_of
from service.findings.repository import FindingRepository
from service.findings.rows import CORPUS, LAB, StoredFinding
from training.data.validation import is_printable_text

MAX_PAGE = 500
_ROWS_AT_ONCE = 500
_PAPER_IDS = ("pmid", "doi", "pmcid")
_CONTROLLED = ("source_cell", "cargo_type", "cargo_state", "effect")


@dataclass(frozen=True, slots=True)
class Filters:
    """What findings are looked for; an empty text, or None, says nothing.

    `cancer_type` finds narrower tumours too, `cargo_name` the cargo under any name, `paper` a paper under any identifier,
    `q` titles with all of its words.
    """

    source_cell: str = ""
    source_phenotype: str = ""
    cargo_type: str = ""
    cargo_name: str = ""
    cargo_state: str = ""
    cancer_type: str = ""
    effect: str = ""
    paper: str = ""
    origin: str = ""
    held_out: bool | None = None
    retracted: bool = False
    q: str = ""


FILTERS = tuple(one.name for one in fields(Filters))


def search(
    findings: FindingRepository, filters: Filters, after: int = 0, limit: int = MAX_PAGE
) -> tuple[list[StoredFinding], int | None]:
    """Up to `limit` findings behind the position `after`, and the position that the next page is behind (None: no more).

    Raises ParametersError with every fault of the filters, StoreError.
    """
    with findings.database.read() as session:
        found = list(islice(_search(session, findings.reader, filters, after, limit + 1), limit + 1))
    return found[:limit], found[limit - 1].position if len(found) > limit else None


def iter_all(findings: FindingRepository, filters: Filters) -> Iterator[StoredFinding]:
    """All findings that the filters admit, as they stand at one moment. Raises as `page`."""
    with findings.database.read() as session:
        yield from _search(session, findings.reader, filters)


def conflicts_page(
    findings: FindingRepository, after: tuple[int, int] = (0, 0), limit: int = MAX_PAGE
) -> tuple[list[Conflict], tuple[int, int] | None]:
    """Up to `limit` conflicts behind the one whose order is `after`, and where the next page begins (None: no more)."""
    with findings.database.read() as session:
        behind = [conflict for conflict in all_conflicts(session, findings.reader) if conflict.order > after]
    return behind[:limit], behind[limit - 1].order if len(behind) > limit else None


def conflicts_with(findings: FindingRepository, finding_id: str) -> tuple[Conflict, ...]:
    """The conflicts that one finding is in."""
    with findings.database.read() as session:
        return conflicts_of(session, findings.reader, (finding_id,))


def _search(
    session: Session, reader: CandidateParser, filters: Filters, after: int = 0, limit: int | None = None
) -> Iterator[StoredFinding]:
    query = select(FindingRow).where(FindingRow.position > after, *conditions(session, reader, filters))
    # Titles are looked through row by row, so what is asked of them does not limit the query.
    query = query.execution_options(yield_per=_ROWS_AT_ONCE) if limit is None or filters.q else query.limit(limit)
    for row in session.scalars(query.order_by(FindingRow.position)):
        if title_matches(row.cells.get("title", ""), filters):
            yield StoredFinding.of(row)


def title_matches(title: str, filters: Filters) -> bool:
    """Whether a title has all the words that are asked for."""
    return all(word in plain(title) for word in plain(filters.q).split())


def conditions(session: Session, reader: CandidateParser, filters: Filters) -> list[ColumnElement[bool]]:
    """What the filters ask of a row, but for the words of its title. Raises ParametersError with every fault."""
    found: list[ColumnElement[bool]] = [FindingRow.retracted.is_(filters.retracted)]
    faults = _text_faults(filters)
    if faults:
        raise ParametersError(faults)
    terms, faults = _terms(reader, filters)
    found += [getattr(FindingRow, name) == term for name, term in terms.items()]
    if filters.origin:
        if filters.origin not in (CORPUS, LAB):
            faults.append(_unknown("origin", filters.origin, (CORPUS, LAB), ()))
        found.append(FindingRow.origin == filters.origin)
    if filters.held_out is not None:
        found.append(FindingRow.held_out.is_(filters.held_out))
    if filters.cancer_type:
        tumours = _tumours(session, reader, filters.cancer_type)
        if not tumours:
            nearest = reader.vocabulary.nearest("cancer_type", filters.cancer_type)
            faults.append(_unknown("cancer_type", filters.cancer_type, (), nearest))
        found.append(FindingRow.cancer_type.in_(tumours))
    if filters.paper:
        found.append(_of_paper(filters.paper))
    if faults:
        raise ParametersError(faults)
    if filters.cargo_name:
        cargos = _cargos(session, reader, filters.cargo_name)
        found.append(tuple_(FindingRow.cargo_type, FindingRow.cargo_name).in_(cargos))
    return found


def _text_faults(filters: Filters) -> list[FieldError]:
    return [
        FieldError(name, "control_character", "leave out control characters", text)
        for name in FILTERS
        if isinstance(text := getattr(filters, name), str) and not is_printable_text(text)
    ]


def _terms(reader: CandidateParser, filters: Filters) -> tuple[dict[str, str], list[FieldError]]:
    """The controlled terms that are asked for, and those that are none."""
    words = reader.vocabulary
    terms: dict[str, str] = {}
    faults = []
    for name in (*_CONTROLLED, "source_phenotype"):
        if not (given := getattr(filters, name)):
            continue
        among = None
        if name == "source_phenotype" and "source_cell" in terms:
            among = words.phenotypes_of(terms["source_cell"])
        match = words.lookup(name, given, among)
        if match.name:
            terms[name] = match.name
        elif match.names:
            remedy = f"{given[:80]!r} can mean {' or '.join(match.names)}: say which"
            faults.append(FieldError(name, "ambiguous", remedy, given, nearest=match.names))
        else:
            faults.append(_unknown(name, given, words.names(name), words.nearest(name, given, among)))
    return terms, faults


def _unknown(name: str, given: str, admitted: tuple[str, ...], nearest: tuple[str, ...]) -> FieldError:
    choice = f"did you mean {' or '.join(nearest[:3])}?" if nearest else "/v1/vocabulary lists them"
    choice = f"give {' or '.join(admitted)}" if 0 < len(admitted) <= 2 else choice
    shown = admitted if len(admitted) <= 25 else ()
    return FieldError(name, "unknown_term", f"{given[:80]!r} is not a term of {name}; {choice}", given, shown, nearest)


def _tumours(session: Session, reader: CandidateParser, given: str) -> list[str]:
    """The tumours under which findings stand that are, or are a kind of, the given one."""
    words = reader.vocabulary
    wanted = set(words.lookup("cancer_type", given).names) or {given}
    folded = {fold(one) for one in wanted}
    kept = session.scalars(select(FindingRow.cancer_type).distinct()).all()
    found = [one for one in kept if one and (fold(one) in folded or wanted & set(words.lineage("cancer_type", one)))]
    return found or [one for one in wanted if words.has("cancer_type", one)]


def _cargos(session: Session, reader: CandidateParser, given: str) -> list[tuple[str, str]]:
    """The cargos under which findings stand that hold all the given ones, each read as a name of the finding's own type."""

    @cache
    def wanted(cargo_type: str) -> list[set[str]]:
        return [_names(cargo) for cargo in reader.naming.cargos(cargo_type, given)]

    matching = []
    for cargo_type, cargo_name in session.execute(select(FindingRow.cargo_type, FindingRow.cargo_name).distinct()):
        held = [_names(cargo) for cargo in reader.naming.cargos(cargo_type, cargo_name)]
        if wanted(cargo_type) and all(any(names & other for other in held) for names in wanted(cargo_type)):
            matching.append((cargo_type, cargo_name))
    return matching


def _names(cargo: CargoName) -> set[str]:
    """What a cargo can be, folded: its name, and where it is a stem or ambiguous, each name that it can stand for."""
    silencer = "anti-" if cargo.silences else ""
    return {fold(name) for name in (cargo.name, *(silencer + name for name in cargo.alternatives))}


def _of_paper(given: str) -> ColumnElement[bool]:
    """Findings of a paper by its key, or by one of its identifiers with or without what kind it is."""
    text = given.strip()
    kind, _, identifier = text.partition(":")
    identifiers = {kind: identifier} if kind in _PAPER_IDS else dict.fromkeys(_PAPER_IDS, text)
    return or_(
        FindingRow.paper == text,
        *(func.lower(FindingRow.cells[name].as_string()) == value.lower() for name, value in identifiers.items()),
    )
