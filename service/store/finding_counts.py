"""Counts findings: how many of each effect there are of a stratum, a tumour, a year, and of cargos that papers disagree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from models.candidate import Reader
from models.cargo import WHOLE_VESICLE
from service.store.conflicts import TOLD, Told, among
from service.store.finding_search import Filters, conditions, titled
from service.store.findings import Findings
from service.store.tables import FindingRow
from training.data.conflicts import same_cargo


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of each effect share a `key`; a part of it that is not stated is empty."""

    key: tuple[str, ...]
    suppressing: int
    promoting: int

    @property
    def findings(self) -> int:
        """How many there are of both."""
        return self.suppressing + self.promoting


Tallies = tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What some findings are of. The keys of `strata` are source cell, phenotype and state of the cargo; those of
    `contradictory` are a cargo, by its stem, and its state, of which both effects were reported. Most first, years in order.
    `conflicts` counts the pairs that contradict each other on the very same vesicle."""

    findings: int
    papers: int
    strata: Tallies
    tumours: Tallies
    years: Tallies
    contradictory: Tallies
    conflicts: int


def counts(findings: Findings, filters: Filters) -> Counts:
    """Counts the findings that the filters admit. Raises ParametersError with every fault of the filters, StoreError."""
    year, title = (FindingRow.cells[name].as_string() for name in ("year", "title"))
    with findings.store.read() as session:
        chosen = select(*TOLD, year, title).where(*conditions(session, findings.reader, filters))
        rows = [row for row in session.execute(chosen) if titled(row[-1] or "", filters)]
    found = [(Told(*row[:-2]), row[-2] or "") for row in rows]
    told = [one for one, _ in found]
    return Counts(
        len(told),
        len({one.paper for one in told}),
        _most_first(((one.source_cell, one.source_phenotype, one.cargo_state), one.effect) for one in told),
        _most_first(((one.cancer_type,), one.effect) for one in told),
        _in_order(((year,), one.effect) for one, year in found if year),
        _contradictory(findings.reader, told),
        len(among(told, findings.reader)),
    )


def _contradictory(reader: Reader, told: Iterable[Told]) -> Tallies:
    cargo_of: dict[tuple[str, str], str] = {}
    seen = []
    for one in told:
        named = (one.cargo_type, one.cargo_name)
        if named not in cargo_of:
            cargo_of[named] = same_cargo(one.cargo_type, reader.naming.cargos(*named))
        if cargo_of[named] not in ("", WHOLE_VESICLE):
            seen.append(((cargo_of[named], one.cargo_state), one.effect))
    return tuple(one for one in _most_first(seen) if one.suppressing and one.promoting)


def _most_first(seen: Iterable[tuple[tuple[str, ...], str]]) -> Tallies:
    return tuple(sorted(_in_order(seen), key=lambda tally: -tally.findings))


def _in_order(seen: Iterable[tuple[tuple[str, ...], str]]) -> Tallies:
    found: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: {"suppressing": 0, "promoting": 0})
    for key, effect in seen:
        found[key][effect] += 1
    return tuple(Tally(key, **found[key]) for key in sorted(found))
