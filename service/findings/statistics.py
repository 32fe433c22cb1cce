"""Counts findings: how many of each effect there are of a stratum, a tumour, a year, and of cargos that papers disagree on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from models.candidates.cargo import WHOLE_VESICLE
from models.candidates.parser import CandidateParser
from models.evidence.evidence import IDENTIFIERS, is_of_lab
from service.db.tables import FindingRow
from service.findings.conflicts import COLUMNS, ConflictFinding, find_conflicts, with_cargo
from service.findings.repository import FindingRepository
from service.findings.search import Filters, conditions, title_matches


@dataclass(frozen=True, slots=True)
class EffectCount:
    """How many findings of each effect share a `key`; a part of it that is not stated is empty."""

    key: tuple[str, ...]
    suppressing: int
    promoting: int

    @property
    def findings(self) -> int:
        """How many there are of both."""
        return self.suppressing + self.promoting


EffectCounts = tuple[EffectCount, ...]


@dataclass(frozen=True, slots=True)
class FindingStatistics:
    """What some findings are of. The keys of `strata` are source cell, phenotype and state of the cargo; those of
    `contradictory` are a cargo, by its stem, and its state, of which both effects were reported. Most first, years in order.
    `papers` are published ones, `lab_findings` a laboratory's own. `conflicts` counts the pairs that contradict each other on
    the very same vesicle."""

    findings: int
    papers: int
    lab_findings: int
    strata: EffectCounts
    tumours: EffectCounts
    years: EffectCounts
    contradictory: EffectCounts
    conflicts: int


def count_findings(findings: FindingRepository, filters: Filters) -> FindingStatistics:
    """Counts the findings that the filters admit. Raises ParametersError with every fault of the filters, StoreError."""
    cited = [FindingRow.cells[name].as_string() for name in (*IDENTIFIERS, "year", "title")]
    with findings.database.read() as session:
        query = select(*COLUMNS, *cited).where(*conditions(session, findings.reader, filters).values())
        rows = [row for row in session.execute(query) if title_matches(row[-1] or "", filters)]
    counted = [ConflictFinding(*row[: len(COLUMNS)]) for row in rows]
    own = {
        finding.finding_id
        for finding, row in zip(counted, rows, strict=True)
        if is_of_lab(finding.paper, dict(zip(IDENTIFIERS, row[len(COLUMNS) :], strict=False)))
    }
    return FindingStatistics(
        len(counted),
        len({finding.paper for finding in counted if finding.finding_id not in own}),
        len(own),
        _most_first(
            ((finding.source_cell, finding.source_phenotype, finding.cargo_state), finding.effect)
            for finding in counted
        ),
        _most_first(((finding.cancer_type,), finding.effect) for finding in counted),
        _in_order(((row[-2],), finding.effect) for finding, row in zip(counted, rows, strict=True) if row[-2]),
        _contradictory(findings.reader, counted),
        len(find_conflicts(counted, findings.reader)),
    )


def _contradictory(reader: CandidateParser, findings: Iterable[ConflictFinding]) -> EffectCounts:
    tallies = _most_first(
        ((cargo, finding.cargo_state), finding.effect)
        for finding, cargo in with_cargo(findings, reader)
        if cargo != WHOLE_VESICLE
    )
    return tuple(tally for tally in tallies if tally.suppressing and tally.promoting)


def _most_first(effects: Iterable[tuple[tuple[str, ...], str]]) -> EffectCounts:
    return tuple(sorted(_in_order(effects), key=lambda tally: -tally.findings))


def _in_order(effects: Iterable[tuple[tuple[str, ...], str]]) -> EffectCounts:
    counted: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: {"suppressing": 0, "promoting": 0})
    for key, effect in effects:
        counted[key][effect] += 1
    return tuple(EffectCount(key, **counted[key]) for key in sorted(counted))
