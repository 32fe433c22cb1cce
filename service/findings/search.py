"""Looks for findings: by what they are of, page by page, in the order in which they were added."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache, partial
from itertools import islice

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from models.candidates.cargo import AS_FOUND, FUNCTIONS, Cargo, cargo_function
from models.candidates.parser import CandidateParser
from models.candidates.text_fields import MAX_TEXT
from models.errors import FieldError
from models.evidence.evidence import IDENTIFIERS
from models.naming.resolver import CargoName
from models.vocabulary.normalize import fold, plain
from service.db.tables import FindingRow
from service.errors import ParametersError
from service.findings.conflicts import Conflict, all_conflicts, conflicts_of
from service.findings.repository import FindingRepository
from service.findings.rows import CORPUS, LAB, rows_where
from training.data.papers import identifier
from training.data.validation import is_printable_text

MAX_PAGE = 500
_ROWS_AT_ONCE = 500
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
    function: str = ""
    cancer_type: str = ""
    effect: str = ""
    paper: str = ""
    origin: str = ""
    held_out: bool | None = None
    retracted: bool = False
    q: str = ""


FILTERS = tuple(field.name for field in fields(Filters))


def search(
    findings: FindingRepository, filters: Filters, after: int = 0, limit: int = MAX_PAGE
) -> tuple[list[FindingRow], int | None]:
    """Up to `limit` findings behind the position `after`, and the position that the next page is behind (None: no more).

    Raises ParametersError with every fault of the filters, StoreError.
    """
    with findings.database.read() as session:
        rows = list(islice(_search(session, findings.reader, filters, after, limit + 1), limit + 1))
    return rows[:limit], rows[limit - 1].position if len(rows) > limit else None


def iter_all(findings: FindingRepository, filters: Filters) -> Iterator[FindingRow]:
    """All findings that the filters admit, as they stand at one moment. Raises as `search`."""
    # Whole, since whoever takes them slowly would keep a connection from others.
    with findings.database.read() as session:
        rows = list(_search(session, findings.reader, filters))
    yield from rows


def rows_by_id(findings: FindingRepository, finding_ids: Iterable[str]) -> list[FindingRow]:
    """The findings of these ids that are stored. Raises StoreError."""
    with findings.database.read() as session:
        return list(rows_where(session, FindingRow.finding_id, finding_ids))


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
) -> Iterator[FindingRow]:
    query = select(FindingRow).where(FindingRow.position > after, *conditions(session, reader, filters).values())
    # Titles are looked through row by row, so a filter by them does not limit the query.
    query = query.execution_options(yield_per=_ROWS_AT_ONCE) if limit is None or filters.q else query.limit(limit)
    for row in session.scalars(query.order_by(FindingRow.position)):
        if title_matches(row.cells.get("title", ""), filters):
            yield row


def title_matches(title: str, filters: Filters) -> bool:
    """Whether a title has all the words of the filter `q`."""
    return all(word in plain(title) for word in plain(filters.q).split())


def conditions(session: Session, reader: CandidateParser, filters: Filters) -> dict[str, ColumnElement[bool]]:
    """What the filters ask of a row, by the name of each, but for the words of its title.

    Raises ParametersError with every fault.
    """
    clauses: dict[str, ColumnElement[bool]] = {"retracted": FindingRow.retracted.is_(filters.retracted)}
    faults = _text_faults(filters)
    if faults:
        raise ParametersError(faults)
    terms, faults = _terms(reader, filters)
    clauses |= {name: getattr(FindingRow, name) == term for name, term in terms.items()}
    if filters.origin:
        if filters.origin not in (CORPUS, LAB):
            faults.append(_unknown_term("origin", filters.origin, (CORPUS, LAB)))
        clauses["origin"] = FindingRow.origin == filters.origin
    if filters.held_out is not None:
        clauses["held_out"] = FindingRow.held_out.is_(filters.held_out)
    if filters.cancer_type:
        tumours = _tumours(session, reader, filters.cancer_type)
        if not tumours:
            suggest = partial(reader.vocabulary.nearest, "cancer_type", filters.cancer_type)
            faults.append(_unknown_term("cancer_type", filters.cancer_type, (), suggest))
        clauses["cancer_type"] = FindingRow.cancer_type.in_(tumours)
    if filters.function and filters.function not in FUNCTIONS:
        faults.append(_unknown_term("function", filters.function, FUNCTIONS))
    if filters.paper:
        clauses["paper"] = _is_of_paper(filters.paper)
    if faults:
        raise ParametersError(faults)
    if filters.cargo_name:
        cargos = _cargos(session, reader, filters.cargo_name)
        clauses["cargo_name"] = tuple_(FindingRow.cargo_type, FindingRow.cargo_name).in_(cargos)
    if filters.function:
        clauses["function"] = _has_function(session, reader, filters.function)
    return clauses


def _text_faults(filters: Filters) -> list[FieldError]:
    texts = {name: text for name in FILTERS if isinstance(text := getattr(filters, name), str)}
    too_long = f"Give at most {MAX_TEXT} characters."
    return [
        *(FieldError(name, "too_long", too_long, text[:80]) for name, text in texts.items() if len(text) > MAX_TEXT),
        *(
            FieldError(name, "control_character", "Remove the control characters.", text[:80])
            for name, text in texts.items()
            if not is_printable_text(text)
        ),
    ]


def _terms(reader: CandidateParser, filters: Filters) -> tuple[dict[str, str], list[FieldError]]:
    """The controlled terms of the filters, and the faults of those that are none."""
    vocabulary = reader.vocabulary
    terms: dict[str, str] = {}
    faults = []
    for name in (*_CONTROLLED, "source_phenotype"):
        if not (text := getattr(filters, name)):
            continue
        admitted = None
        if name == "source_phenotype" and "source_cell" in terms:
            admitted = vocabulary.phenotypes_of(terms["source_cell"])
        match = vocabulary.lookup(name, text, admitted)
        if match.name:
            terms[name] = match.name
        elif match.names:
            remedy = f"{text[:80]!r} can mean {' or '.join(match.names)}. Choose one."
            faults.append(FieldError(name, "ambiguous", remedy, text, match.names))
        else:
            suggest = partial(vocabulary.nearest, name, text, admitted)
            faults.append(_unknown_term(name, text, vocabulary.names(name), suggest))
    return terms, faults


def _unknown_term(
    name: str, text: str, admitted: tuple[str, ...], suggest: Callable[[], tuple[str, ...]] = tuple
) -> FieldError:
    choice = f" Choose {' or '.join(admitted)}." if 0 < len(admitted) <= 2 else ""
    shown = admitted if len(admitted) <= 25 else ()
    return FieldError(name, "unknown_term", f"{text[:80]!r} is not a known {name}.{choice}", text, shown, suggest)


def _tumours(session: Session, reader: CandidateParser, text: str) -> list[str]:
    """The tumours of the stored findings that are, or are a kind of, the one that `text` names."""
    vocabulary = reader.vocabulary
    names = set(vocabulary.lookup("cancer_type", text).names) or {text}
    folded = {fold(name) for name in names}
    stored = [tumour for tumour in session.scalars(select(FindingRow.cancer_type).distinct()) if tumour]
    matching = [
        tumour for tumour in stored if fold(tumour) in folded or names & set(vocabulary.lineage("cancer_type", tumour))
    ]
    return matching or [name for name in names if vocabulary.has("cancer_type", name)]


def _cargos(session: Session, reader: CandidateParser, text: str) -> list[tuple[str, str]]:
    """The cargos of the stored findings that hold all those named by `text`, each read as a name of the finding's own type."""

    @cache
    def sought_names(cargo_type: str) -> list[set[str]]:
        return [_names(cargo) for cargo in reader.naming.cargos(cargo_type, text)]

    matching = []
    for cargo_type, cargo_name in session.execute(select(FindingRow.cargo_type, FindingRow.cargo_name).distinct()):
        stored_names = [_names(cargo) for cargo in reader.naming.cargos(cargo_type, cargo_name)]
        sought = sought_names(cargo_type)
        if sought and all(any(names & other for other in stored_names) for names in sought):
            matching.append((cargo_type, cargo_name))
    return matching


def _has_function(session: Session, reader: CandidateParser, function: str) -> ColumnElement[bool]:
    """Findings that tested this function of their cargo; most are as found, so those that are not are listed."""
    columns = (FindingRow.cargo_type, FindingRow.cargo_name, FindingRow.cargo_state)
    functions = {
        (cargo_type, name, state): cargo_function(Cargo(cargo_type, reader.naming.cargos(cargo_type, name)), state)
        for cargo_type, name, state in session.execute(select(*columns).distinct())
    }
    if function == AS_FOUND:
        return tuple_(*columns).not_in([cargo for cargo, tested in functions.items() if tested != AS_FOUND])
    return tuple_(*columns).in_([cargo for cargo, tested in functions.items() if tested == function])


def _names(cargo: CargoName) -> set[str]:
    """What a cargo can be, folded: its name, and where it is a stem or ambiguous, each name that it can stand for."""
    silencer = "anti-" if cargo.silences else ""
    return {fold(name) for name in (cargo.name, *(silencer + name for name in cargo.alternatives))}


def _is_of_paper(typed: str) -> ColumnElement[bool]:
    """Findings of a paper by its key, or by one of its identifiers with or without what kind it is."""
    text = typed.strip()
    kind, key = identifier(text) or ("", text)
    identifiers = {kind: key} if kind else dict.fromkeys(IDENTIFIERS, text)
    return or_(
        FindingRow.paper.in_((text, f"{kind}:{key}")),
        *(func.lower(FindingRow.cells[name].as_string()) == value.lower() for name, value in identifiers.items()),
    )
