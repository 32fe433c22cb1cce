"""Papers that contradict each other: the same source, phenotype, state and cargo with opposite effects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.candidates.cargo import WHOLE_VESICLE
from models.naming.resolver import CargoName
from training.data.citation import cited, link
from training.data.findings import EFFECTS, Finding

NO_TUMOUR = "not stated"


@dataclass(frozen=True)
class Conflict:
    """One vesicle of which papers say both effects: what they share, their findings, and the tumours in which both were
    seen (empty where each tumour has one effect, so that the tumour may be the reason)."""

    source_cell: str
    source_phenotype: str
    cargo_state: str
    cargo: str
    same_tumour: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def papers(self) -> int:
        """How many published papers take part."""
        return len({finding.paper for finding in self.findings if not finding.of_lab})

    @property
    def lab_findings(self) -> int:
        """How many of the findings are a laboratory's own."""
        return sum(finding.of_lab for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The conflict ready for JSON, findings by effect with their citations."""
        by_effect = {
            effect: [_describe(finding) for finding in self.findings if finding.effect == effect] for effect in EFFECTS
        }
        own = ("source_cell", "source_phenotype", "cargo_state", "cargo", "papers", "lab_findings", "same_tumour")
        return {name: getattr(self, name) for name in own} | by_effect


def find_conflicts(findings: Sequence[Finding]) -> list[Conflict]:
    """Every conflict between papers: those within one tumour first, then those of most papers.

    A cargo is the same by the stem under which reports of it are counted, and whole vesicles are the same as each other;
    findings whose cargo is not named are not compared.
    """
    by_vesicle: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        tested = finding.candidate
        if cargo := same_cargo(tested.cargo_type, finding.reading.cargo):
            key = tested.source_cell, tested.source_phenotype, tested.cargo_state, cargo
            by_vesicle.setdefault(key, []).append(finding)
    conflicts = []
    for key, same_vesicle in by_vesicle.items():
        if _contradict(same_vesicle):
            same_vesicle.sort(key=lambda finding: (finding.candidate.cancer_type, finding.paper, finding.finding_id))
            conflicts.append(Conflict(*key, _in_same_tumour(same_vesicle), tuple(same_vesicle)))

    def rank(conflict: Conflict) -> tuple[object, ...]:
        in_order = conflict.cargo, conflict.source_cell, conflict.cargo_state
        return not conflict.same_tumour, -conflict.papers, *in_order

    return sorted(conflicts, key=rank)


def same_cargo(cargo_type: str, cargo: Sequence[CargoName]) -> str:
    """What two cargos have in common that are compared; empty where none is named. What silences a gene is not the gene."""
    if cargo_type == WHOLE_VESICLE:
        return WHOLE_VESICLE
    silences = cargo_type == "sirna"
    return "+".join(sorted(("anti-" if silences or name.silences else "") + (name.stem or name.name) for name in cargo))


def _contradict(findings: Sequence[Finding]) -> bool:
    """Whether two papers say opposite effects."""
    papers = [{finding.paper for finding in findings if finding.effect == effect} for effect in EFFECTS]
    return all(papers) and len(set().union(*papers)) > 1


def _in_same_tumour(findings: Sequence[Finding]) -> tuple[str, ...]:
    tumours = sorted({finding.candidate.cancer_type for finding in findings} - {""})
    same = {tumour: [known for known in findings if known.candidate.cancer_type == tumour] for tumour in tumours}
    return tuple(tumour for tumour in tumours if _contradict(same[tumour]))


def _describe(finding: Finding) -> dict[str, str]:
    return {
        **cite(finding),
        "cancer_type": finding.candidate.cancer_type or NO_TUMOUR,
        "cargo_name": finding.candidate.cargo_name,
        "grade": finding.observed.get("grade", ""),
        "evidence": finding.observed.get("evidence", ""),
    }


def cite(finding: Finding) -> dict[str, str]:
    """The finding and its paper, with where to read it, ready for JSON."""
    return {
        "finding_id": finding.finding_id,
        "paper": finding.paper,
        "cited": cited(finding.citation, finding.paper),
        "title": finding.citation.get("title", ""),
        "link": link(finding.citation),
    }
