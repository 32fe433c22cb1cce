"""Where the model has seen enough to speak: how many findings and papers stand behind each field of a candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.candidate import Candidate, Reading
from models.features import Features

SUPPORTED_FIELDS = (
    "source_cell",
    "source_phenotype",
    "cargo_type",
    "cargo_name",
    "cargo_state",
    "cancer_type",
    "stratum",
    "combination",
)

# Fewer findings than this are said to be few.
RARE = 3


@dataclass(frozen=True, slots=True)
class Count:
    """How much stands behind one value: findings, and the papers that they are from."""

    findings: int = 0
    papers: int = 0


NOTHING = Count()


@dataclass(frozen=True, slots=True)
class Reason:
    """What the domain check says of one field. `outside` tells whether it alone puts the candidate outside."""

    field: str
    says: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Domain:
    """Whether the candidate is inside what the model knows, why not, and the support of each field."""

    inside: bool
    reasons: tuple[Reason, ...]
    support: Mapping[str, Count]


class Support:
    """Counts of training findings and papers by field and value."""

    def __init__(self, counts: Mapping[str, Mapping[str, Count]]) -> None:
        self.counts = {name: dict(of_field) for name, of_field in counts.items()}

    @classmethod
    def over(cls, seen: Iterable[tuple[str, Reading]]) -> Support:
        """Counts over training findings, given as (paper, reading)."""
        rows: dict[str, dict[str, list[str]]] = {name: {} for name in SUPPORTED_FIELDS}
        for paper, reading in seen:
            for name, values in _values(reading).items():
                for value in values:
                    rows[name].setdefault(value, []).append(paper)
        return cls(
            {
                name: {value: Count(len(papers), len(set(papers))) for value, papers in sorted(of_field.items())}
                for name, of_field in rows.items()
            }
        )

    def of(self, field: str, value: str) -> Count:
        """The support of one value of one field."""
        return self.counts[field].get(value, NOTHING)

    def check(self, reading: Reading, features: Features) -> Domain:
        """The domain of a candidate: which of its fields, and which combination of them, the model never or rarely met."""
        candidate = reading.candidate
        values = _values(reading)
        support = {
            name: max(
                (self.of(name, value) for value in values[name]), key=lambda count: count.findings, default=NOTHING
            )
            for name in SUPPORTED_FIELDS
            if values[name]
        }
        reasons = [
            Reason(name, f"{name.replace('_', ' ')} {candidate_value} was never seen in training", outside=True)
            for name, candidate_value in (
                ("source_cell", candidate.source_cell),
                ("cargo_type", candidate.cargo_type),
                ("cargo_state", candidate.cargo_state),
            )
            if not support[name].findings
        ]
        if not support["source_phenotype"].findings and support["source_cell"].findings:
            same_cell = _findings(support["source_cell"])
            says = f"{candidate.source_cell} was never seen as {candidate.source_phenotype}; {same_cell} share its source cell"
            reasons.append(Reason("source_phenotype", says, outside=True))
        if not reasons:
            reasons += _combination_reasons(candidate, support)
        reasons += [
            Reason(name, f"only {_findings(support[name])} share its {name.replace('_', ' ')}", outside=False)
            for name in ("source_cell", "source_phenotype", "cargo_type", "cancer_type")
            if 0 < support.get(name, NOTHING).findings < RARE
        ]
        reasons += self._cargo_reasons(reading, features)
        reasons += self._cancer_reasons(reading, support)
        return Domain(not any(reason.outside for reason in reasons), tuple(reasons), support)

    def _cargo_reasons(self, reading: Reading, features: Features) -> list[Reason]:
        same_type = _findings(self.of("cargo_type", reading.candidate.cargo_type))
        reasons = []
        for name in reading.cargo:
            if self.of("cargo_name", f"{name.kind}:{name.stem}").findings:
                continue
            seen = f"{name.name} was never seen in training; {same_type} share its type"
            if name.how == "ambiguous":
                says = f"{name.given} can mean {' or '.join(name.alternatives)}, so nothing known of either was used; {seen}"
                reasons.append(Reason("cargo_name", says, outside=True))
            elif not name.recognised:
                reasons.append(
                    Reason("cargo_name", f"{name.given} is no name that is known here; {seen}", outside=True)
                )
            elif name.kind != "small_molecule" and not features.reports(name, reading.candidate.cargo_type).total:
                says = f"{seen}, and no independent report of its role in cancer is known"
                reasons.append(Reason("cargo_name", says, outside=True))
            else:
                reasons.append(Reason("cargo_name", seen, outside=False))
        return reasons

    def _cancer_reasons(self, reading: Reading, support: Mapping[str, Count]) -> list[Reason]:
        cancer_type = reading.candidate.cancer_type
        if not cancer_type or support["cancer_type"].findings:
            return []
        if reading.cancer_recognised:
            return [Reason("cancer_type", f"{cancer_type} was never seen in training", outside=False)]
        return [Reason("cancer_type", f"{cancer_type} is no tumour that is known here; it was left out", outside=False)]


def _combination_reasons(candidate: Candidate, support: Mapping[str, Count]) -> list[Reason]:
    """What was seen of each field, but never together."""
    source = f"{candidate.source_cell} ({candidate.source_phenotype})"
    if not support["stratum"].findings:
        says = f"{candidate.cargo_state} cargo of {source} was never seen, though each of them was"
        return [Reason("stratum", says, outside=False)]
    if not support["combination"].findings:
        says = f"{candidate.cargo_type} as {candidate.cargo_state} cargo of {source} was never seen, though each of them was"
        return [Reason("combination", says, outside=False)]
    return []


def _findings(count: Count) -> str:
    papers = f"{count.papers} paper{'' if count.papers == 1 else 's'}"
    return f"{count.findings} finding{'' if count.findings == 1 else 's'} of {papers}"


def _values(reading: Reading) -> dict[str, tuple[str, ...]]:
    one: Candidate = reading.candidate
    return {
        "source_cell": (one.source_cell,),
        "source_phenotype": (f"{one.source_cell}/{one.source_phenotype}",),
        "cargo_type": (one.cargo_type,),
        "cargo_name": tuple(f"{name.kind}:{name.stem}" for name in reading.cargo),
        "cargo_state": (one.cargo_state,),
        "cancer_type": (one.cancer_type,) if one.cancer_type else (),
        "stratum": (f"{one.source_cell}/{one.source_phenotype}/{one.cargo_state}",),
        "combination": (f"{one.source_cell}/{one.source_phenotype}/{one.cargo_state}/{one.cargo_type}",),
    }
