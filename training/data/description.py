"""What findings are made of: how many there are of everything, what they state, and what they lack. For cards and datasheets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.evidence.evidence import IDENTIFIERS, Evidence
from models.vocabulary.vocabulary import Vocabulary
from training.data.findings import COLUMNS

DESCRIBED = (
    "source_cell",
    "source_phenotype",
    "cargo_type",
    "cargo_state",
    "cancer_type",
    "species",
    "recipient_cell",
    "engineering",
)
# Cells and states with fewer findings than this are not said to have one effect only.
MIN_ONE_EFFECT = 5
# A value with fewer findings than this is said to have few.
FEW = 10
NOT_STATED = "not stated"
_ALWAYS_STATED = ("finding_id", "paper", "effect")


def describe_findings(evidence: Sequence[Evidence], vocabulary: Vocabulary) -> dict[str, Any]:
    """The counts of findings, ready for JSON: by effect and origin, by the values of each field, which columns they state, and
    what of the vocabulary has none or few of them, or one effect only."""
    return {
        "findings": len(evidence),
        "papers": count_papers(evidence),
        "suppressing": _suppressing(evidence),
        "promoting": len(evidence) - _suppressing(evidence),
        "identified": sum(any(finding.citation.get(name) for name in IDENTIFIERS) for finding in evidence),
        "lab": describe_lab(evidence),
        "by_field": {field: _describe_field(evidence, field) for field in DESCRIBED},
        "evidence": _count(finding.observed.get("evidence", "") for finding in evidence),
        "grades": _count(finding.observed.get("grade", "") for finding in evidence),
        "years": dict(sorted(_count(finding.citation.get("year", "") for finding in evidence).items())),
        "stated": _count_stated(evidence),
        "gaps": _find_gaps(evidence, vocabulary),
    }


def describe_lab(evidence: Sequence[Evidence]) -> dict[str, Any]:
    """How many of the findings are a laboratory's own: unpublished, or of papers that it added to the shipped ones; and of what.

    Where no finding is known to be shipped, as in models of earlier versions, only the unpublished ones are known to be its own
    (`recorded` is false).
    """
    recorded = any(finding.kept_as for finding in evidence)
    own = [finding for finding in evidence if finding.of_lab or (recorded and finding.origin != "corpus")]
    return {
        "recorded": recorded,
        "findings": len(own),
        "unpublished": sum(finding.of_lab for finding in own),
        "papers": count_papers(own),
        "by_field": {field: _count(values_of(own, field)) for field in DESCRIBED} if own else {},
    }


def count_papers(evidence: Iterable[Evidence]) -> int:
    """How many published papers findings are of."""
    return len({finding.paper for finding in evidence if not finding.of_lab})


def values_of(evidence: Iterable[Evidence], field: str) -> list[str]:
    """The values that findings have in a field, every one of a list; empty where it is not stated."""
    values: list[str] = []
    for finding in evidence:
        value = finding.candidate.get(field, "")
        values += value or [""] if isinstance(value, list) else [value]
    return values


def _count(values: Iterable[str]) -> dict[str, int]:
    """How often each value comes, the most frequent first."""
    counts = sorted(Counter(values).items(), key=lambda entry: (-entry[1], entry[0]))
    return {value or NOT_STATED: count for value, count in counts}


def _suppressing(evidence: Iterable[Evidence]) -> int:
    return sum(finding.effect == "suppressing" for finding in evidence)


def _describe_field(evidence: Sequence[Evidence], field: str) -> list[dict[str, Any]]:
    """Every value of a field, the most frequent first, with its findings, papers and effects."""
    having: dict[str, list[Evidence]] = {}
    for finding in evidence:
        for value in values_of([finding], field):
            having.setdefault(value or NOT_STATED, []).append(finding)
    described = [
        {
            "value": value,
            "findings": len(own),
            "papers": count_papers(own),
            "suppressing": _suppressing(own),
            "promoting": len(own) - _suppressing(own),
        }
        for value, own in having.items()
    ]
    return sorted(described, key=lambda each: (-each["findings"], each["value"]))


def _count_stated(evidence: Sequence[Evidence]) -> dict[str, int]:
    """How many findings state each column, also of those that none does; the most often stated first."""
    stated: Counter[str] = Counter()
    for finding in evidence:
        for part in (finding.candidate, finding.observed, finding.citation):
            stated.update(name for name, value in part.items() if value)
    columns = (column for column in COLUMNS if column not in _ALWAYS_STATED)
    return {column: stated[column] for column in sorted(columns, key=lambda column: -stated[column])}


def _find_gaps(evidence: Sequence[Evidence], vocabulary: Vocabulary) -> dict[str, Any]:
    """The terms without any finding, those with few, and the cells in a state of cargo with one effect only."""
    absent: dict[str, list[str]] = {}
    few: dict[str, Mapping[str, int]] = {}
    for field in DESCRIBED:
        counts = Counter(values_of(evidence, field))
        absent[field] = [term for term in vocabulary.names(field) if term not in counts]
        few[field] = {value: count for value, count in _count(counts.elements()).items() if count < FEW}
    effects: dict[tuple[str, str], Counter[str]] = {}
    for finding in evidence:
        key = str(finding.candidate.get("source_cell", "")), str(finding.candidate.get("cargo_state", ""))
        effects.setdefault(key, Counter())[finding.effect] += 1
    one_effect: list[dict[str, Any]] = [
        {"source_cell": cell, "cargo_state": state, "effect": next(iter(counts)), "findings": counts.total()}
        for (cell, state), counts in effects.items()
        if len(counts) == 1 and counts.total() >= MIN_ONE_EFFECT
    ]
    one_effect.sort(key=lambda each: (-each["findings"], each["source_cell"], each["cargo_state"]))
    return {"absent": absent, "few": few, "one_effect": one_effect}
