"""Papers that contradict each other: the same source, phenotype, state and cargo with opposite effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.cargo import WHOLE_VESICLE
from models.naming import CargoName
from training.citation import cited, link
from training.findings import EFFECTS, Finding

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
        """How many papers take part."""
        return len({finding.paper for finding in self.findings})

    def as_dict(self) -> dict[str, Any]:
        """The conflict ready for JSON, findings by effect with their citations."""
        return {
            "source_cell": self.source_cell,
            "source_phenotype": self.source_phenotype,
            "cargo_state": self.cargo_state,
            "cargo": self.cargo,
            "papers": self.papers,
            "same_tumour": list(self.same_tumour),
            **{effect: [_cited(one) for one in self.findings if one.effect == effect] for effect in EFFECTS},
        }


def conflicts(findings: Sequence[Finding]) -> list[Conflict]:
    """Every conflict between papers: those within one tumour first, then those of most papers.

    A cargo is the same by the stem under which reports of it are counted, and whole vesicles are the same as each other;
    findings whose cargo is not named are not compared.
    """
    alike: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        one = finding.candidate
        if cargo := same_cargo(one.cargo_type, finding.reading.cargo):
            alike.setdefault((one.source_cell, one.source_phenotype, one.cargo_state, cargo), []).append(finding)
    found = []
    for key, of_vesicle in alike.items():
        if _contradict(of_vesicle):
            ordered = sorted(of_vesicle, key=lambda one: (one.candidate.cancer_type, one.paper, one.finding_id))
            found.append(Conflict(*key, _in_same_tumour(ordered), tuple(ordered)))
    return sorted(
        found, key=lambda one: (not one.same_tumour, -one.papers, one.cargo, one.source_cell, one.cargo_state)
    )


def same_cargo(cargo_type: str, cargo: Sequence[CargoName]) -> str:
    """What two cargos have in common that are compared; empty where none is named. What silences a gene is not the gene."""
    if cargo_type == WHOLE_VESICLE:
        return WHOLE_VESICLE
    silences = cargo_type == "sirna"
    return "+".join(sorted(("anti-" if silences or name.silences else "") + (name.stem or name.name) for name in cargo))


def _contradict(findings: Sequence[Finding]) -> bool:
    """Whether two papers say opposite effects."""
    papers = [{one.paper for one in findings if one.effect == effect} for effect in EFFECTS]
    return all(papers) and len(set().union(*papers)) > 1


def _in_same_tumour(findings: Sequence[Finding]) -> tuple[str, ...]:
    of_tumour: dict[str, list[Finding]] = {}
    for finding in findings:
        of_tumour.setdefault(finding.candidate.cancer_type, []).append(finding)
    return tuple(sorted(tumour for tumour, these in of_tumour.items() if tumour and _contradict(these)))


def _cited(finding: Finding) -> dict[str, str]:
    return {
        "finding_id": finding.finding_id,
        "paper": finding.paper,
        "cancer_type": finding.candidate.cancer_type or NO_TUMOUR,
        "cargo_name": finding.candidate.cargo_name,
        "grade": finding.observed.get("grade", ""),
        "evidence": finding.observed.get("evidence", ""),
        "cited": cited(finding.citation, finding.paper),
        "title": finding.citation.get("title", ""),
        "link": link(finding.citation),
    }
