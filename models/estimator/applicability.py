"""Where the model has seen enough to speak: how many findings and papers stand behind each field of a candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from models.candidates.candidate import ParsedCandidate, ParsedColumns, ParsedValue, cargo_of, value_of
from models.candidates.cargo import Cargo, terms_in
from models.candidates.wording import humanize
from models.estimator.conformal import LABELS, MIN_GROUP, groups_of
from models.estimator.features import Features
from models.naming.resolver import CargoName

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
# Of how many sources and cargos the reasons are remembered, and of how many cargos whether they are outside.
MAX_PARTS, MAX_CARGOS = 1024, 4096


@dataclass(frozen=True, slots=True)
class Count:
    """How much stands behind one value: findings, the papers that they are from, and the research groups of those papers whose
    last author is stated (`attributed`)."""

    findings: int = 0
    papers: int = 0
    groups: int = 0
    attributed: int = 0


NOTHING = Count()


@dataclass(frozen=True, slots=True)
class Reason:
    """What the domain check says of one field. `outside` tells whether it alone puts the candidate outside, `decides` whether it
    nearly decides the call."""

    field: str
    says: str
    outside: bool
    decides: bool = False


@dataclass(frozen=True, slots=True)
class DomainResult:
    """Whether the candidate is inside what the model knows, why not, and the support of each field."""

    inside: bool
    reasons: tuple[Reason, ...]
    support: Mapping[str, Count]


class Support:
    """Counts of training findings and papers by field and value."""

    def __init__(self, counts: Mapping[str, Mapping[str, Count]]) -> None:
        self.counts = {name: dict(of_field) for name, of_field in counts.items()}

    @classmethod
    def over(cls, seen: Iterable[tuple[str, ParsedCandidate]]) -> Support:
        """Counts over training findings, given as (paper, reading); the paper is empty for a laboratory's own."""
        rows: dict[str, dict[str, list[str]]] = {name: {} for name in SUPPORTED_FIELDS}
        for paper, reading in seen:
            for name, values in _values(reading).items():
                for value in values:
                    rows[name].setdefault(value, []).append(paper)
        return cls(
            {
                name: {value: Count(len(papers), len(set(papers) - {""})) for value, papers in sorted(of_field.items())}
                for name, of_field in rows.items()
            }
        )

    def with_groups(self, groups: Mapping[str, str], seen: Iterable[tuple[str, ParsedCandidate]]) -> Support:
        """The same counts with the groups of papers: `groups` by paper, and the training findings as in `over`."""
        if not groups:
            return self
        papers: dict[tuple[str, str], set[str]] = {}
        for paper, reading in seen:
            if paper in groups:
                for name, values in _values(reading).items():
                    for value in values:
                        papers.setdefault((name, value), set()).add(paper)
        return Support(
            {
                name: {
                    value: Count(
                        count.findings,
                        count.papers,
                        len({groups[paper] for paper in papers.get((name, value), ())}),
                        len(papers.get((name, value), ())),
                    )
                    for value, count in of_field.items()
                }
                for name, of_field in self.counts.items()
            }
        )

    def of(self, field: str, value: str) -> Count:
        """The support of one value of one field."""
        return self.counts[field].get(value, NOTHING)


class DomainReasons(NamedTuple):
    """The support of some fields of a candidate, and the reasons that they give.

    Those of `never` come before those of `rarely`, whatever fields they are of.
    """

    support: Mapping[str, Count]
    never: tuple[Reason, ...] = ()
    rarely: tuple[Reason, ...] = ()


class ApplicabilityDomain:
    """Which fields of a candidate, and which combination of them, the model never or rarely met.

    The reasons are put together from those of three parts, each of which is remembered: the source with the type and state of
    the cargo, the cargo by name, and the tumour. Whether a candidate is inside is known without them.
    """

    def __init__(self, support: Support, features: Features, effects: Mapping[str, Mapping[str, int]]) -> None:
        """`effects`: by effect, how many findings of each source cell and of each state have it (see `groups_of`)."""
        self._effects = effects
        self._support = support
        self._features = features
        self.source_outside = lru_cache(MAX_PARTS)(self._source_outside)
        self.kind_outside = lru_cache(MAX_PARTS)(self._kind_outside)
        self.cargo_outside = lru_cache(MAX_CARGOS)(self._cargo_outside)
        self._source_reasons = lru_cache(MAX_PARTS)(self._explain_source)
        self._cargo_reasons = lru_cache(MAX_PARTS)(self._explain_cargo)
        self._tumour_reasons = lru_cache(MAX_PARTS)(self._explain_tumour)

    def outside(self, columns: ParsedColumns) -> list[tuple[str, ...]]:
        """The fields that put each candidate outside; none for one that is inside."""
        sources = map(self.source_outside, map(value_of, columns.source_cell))
        kinds = map(self.kind_outside, map(value_of, columns.cargo_type), map(value_of, columns.cargo_state))
        cargos = map(self.cargo_outside, map(cargo_of, columns.cargo_name))
        return [source + kind + cargo for source, kind, cargo in zip(sources, kinds, cargos, strict=True)]

    def check(self, columns: ParsedColumns) -> list[DomainResult]:
        """The domain of each candidate, with the reasons and the support of every field."""
        of_source = (columns.source_cell, columns.source_phenotype, columns.cargo_type, columns.cargo_state)
        return list(
            map(
                _combine,
                map(self._source_reasons, *(map(value_of, column) for column in of_source)),
                map(self._cargo_reasons, map(cargo_of, columns.cargo_name)),
                map(self._tumour_reasons, columns.cancer_type),
            )
        )

    def _source_outside(self, cell: str) -> tuple[str, ...]:
        """The fields that put a cell outside, whatever it carries and whichever state it is in.

        An unseen state of a cell that was seen widens the band, and left out, calls on such are as often right as others.
        """
        return () if self._seen("source_cell", cell) else ("source_cell",)

    def _kind_outside(self, cargo_type: str, state: str) -> tuple[str, ...]:
        """The fields that put cargo of this type in this state outside, whatever it is and whichever cell it comes from."""
        stated = (("cargo_type", cargo_type), ("cargo_state", state))
        return tuple(field for field, value in stated if not all(self._seen(field, term) for term in terms_in(value)))

    def _cargo_outside(self, cargo: Cargo) -> tuple[str, ...]:
        """The field of the name, where one of a cargo's names was not understood and no finding has it.

        A cargo that no report speaks of is taken for a typical one of its kind, and left out, calls on such are as often right.
        """
        inside = all(
            name.recognised or self._seen("cargo_name", key) for name, key in zip(cargo.names, cargo.keys, strict=True)
        )
        return () if inside else ("cargo_name",)

    def _seen(self, field: str, value: str) -> bool:
        return self._support.of(field, value).findings > 0

    def _rarest(self, field: str, joined: str) -> Count:
        return min((self._support.of(field, term) for term in terms_in(joined)), key=attrgetter("findings"))

    def _explain_source(self, cell: str, phenotype: str, cargo_type: str, state: str) -> DomainReasons:
        outside = self.source_outside(cell) + self.kind_outside(cargo_type, state)
        values = _values_of_source(cell, phenotype, cargo_type, state)
        support = {name: self._support.of(name, value) for name, value in values.items()}
        # Of a set that has several, those of the rarest.
        support |= {name: self._rarest(name, values[name]) for name in ("cargo_type", "cargo_state")}
        never = [
            Reason(name, f"No training finding has the {humanize(name)} {humanize(values[name])}", outside=True)
            for name in outside
        ]
        if "source_cell" not in outside and not support["source_phenotype"].findings:
            same_cell = _findings(support["source_cell"])
            says = (
                f"No training finding has {humanize(cell)} as {humanize(phenotype)}; {same_cell} share the source cell"
            )
            never.append(Reason("source_phenotype", says, outside=False))
        if not never:
            never += _combination_reasons(
                f"{state} cargo", cargo_type, f"{humanize(cell)} ({humanize(phenotype)})", support
            )
        rarely = [
            reason
            for name in ("source_cell", "source_phenotype", "cargo_type")
            for reason in _rare(name, support[name])
        ]
        return DomainReasons(support, tuple(never), (*rarely, *self._one_sided(cell, state)))

    def _one_sided(self, cell: str, state: str) -> Iterable[Reason]:
        """Where nearly all findings of a source cell, or of a state, have one effect: the other could hardly be recognised."""
        subjects = [("source_cell", f"{humanize(cell)} vesicles"), ("cargo_state", f"{state} cargo")]
        # Of several states none decides alone.
        alone = subjects if len(terms_in(state)) == 1 else subjects[:1]
        for (field, subject), group in zip(alone, groups_of(cell, state), strict=False):
            number = {label: self._effects.get(label, {}).get(group, 0) for label in LABELS}
            total, rarer = sum(number.values()), min(LABELS, key=number.__getitem__)
            if total < MIN_GROUP or number[rarer] >= MIN_GROUP:
                continue
            if number[rarer]:
                few = f"only {number[rarer]} {'is' if number[rarer] == 1 else 'are'} {rarer}, too few to recognise that effect"
            else:
                few = f"none is {rarer}, so the {humanize(field)} alone nearly decides"
            yield Reason(field, f"Of {total} findings of {subject}, {few}", outside=False, decides=not number[rarer])

    def _explain_cargo(self, cargo: Cargo) -> DomainReasons:
        counts = [self._support.of("cargo_name", key) for key in cargo.keys]
        if not counts:
            return DomainReasons({})
        most = max(counts, key=lambda count: count.findings)
        each = zip(cargo.names, cargo.type_of_each, counts, strict=True)
        unseen = tuple(self._unseen(name, cargo_type) for name, cargo_type, count in each if not count.findings)
        return DomainReasons({"cargo_name": most}, unseen)

    def _unseen(self, name: CargoName, cargo_type: str) -> Reason:
        of_type = _findings(self._support.of("cargo_type", cargo_type))
        seen = f"No training finding has the cargo {name.name}; {of_type} share its cargo type"
        says = seen
        if name.how == "ambiguous":
            says = f"The cargo name {name.given} can mean {' or '.join(name.alternatives)}, and none of them was used. {seen}"
        elif not name.recognised:
            says = f"The cargo name {name.given} is unknown. {seen}"
        elif name.kind != "small_molecule" and not self._features.reports(name, cargo_type).total:
            says = f"{seen}, and its role in cancer is not in the cargo databases"
        return Reason("cargo_name", says, outside=not name.recognised)

    def _explain_tumour(self, read: ParsedValue) -> DomainReasons:
        cancer_type: str = read.value
        if not cancer_type:
            return DomainReasons({})
        count = self._support.of("cancer_type", cancer_type)
        meanings = [name for note in read.notes if note.how == "ambiguous" for name in note.alternatives]
        if meanings:
            says = f"The cancer type {cancer_type} can mean {' or '.join(meanings)}; it was not used"
        elif read.recognised:
            says = f"No training finding has the cancer type {cancer_type}"
        else:
            says = f"The cancer type {cancer_type} is unknown; it was not used"
        never = () if count.findings else (Reason("cancer_type", says, outside=False),)
        return DomainReasons({"cancer_type": count}, never, tuple(_rare("cancer_type", count)))


def _combine(source: DomainReasons, cargo: DomainReasons, tumour: DomainReasons) -> DomainResult:
    counts = {**source.support, **cargo.support, **tumour.support}
    support = {name: counts[name] for name in SUPPORTED_FIELDS if name in counts}
    reasons = (*source.never, *source.rarely, *tumour.rarely, *cargo.never, *tumour.never)
    return DomainResult(not any(reason.outside for reason in reasons), reasons, support)


def _rare(name: str, count: Count) -> list[Reason]:
    if not 0 < count.findings < RARE:
        return []
    return [Reason(name, f"Only {_findings(count)} share the {humanize(name)}", outside=False)]


def _combination_reasons(cargo: str, cargo_type: str, source: str, support: Mapping[str, Count]) -> list[Reason]:
    """What was seen of each field, but never together."""
    if not support["stratum"].findings:
        return [
            Reason(
                "stratum",
                f"No training finding combines {cargo} with {source}, though each occurs by itself",
                outside=False,
            )
        ]
    if support["combination"].findings:
        return []
    says = f"No training finding combines {humanize(cargo_type)} as {cargo} with {source}, though each occurs by itself"
    return [Reason("combination", says, outside=False)]


def _findings(count: Count) -> str:
    papers = f"{count.papers} paper{'' if count.papers == 1 else 's'}" if count.papers else "this lab"
    return f"{count.findings} finding{'' if count.findings == 1 else 's'} of {papers}"


def _values(reading: ParsedCandidate) -> dict[str, tuple[str, ...]]:
    tested = reading.candidate
    of_source = _values_of_source(tested.source_cell, tested.source_phenotype, tested.cargo_type, tested.cargo_state)
    of_tumour = (tested.cancer_type,) if tested.cancer_type else ()
    of_others = {"cargo_name": reading.carried.keys, "cancer_type": of_tumour}
    return {name: (value,) for name, value in of_source.items()} | of_others


def _values_of_source(cell: str, phenotype: str, cargo_type: str, state: str) -> dict[str, str]:
    stratum = f"{cell}/{phenotype}/{state}"
    return {
        "source_cell": cell,
        "source_phenotype": f"{cell}/{phenotype}",
        "cargo_type": cargo_type,
        "cargo_state": state,
        "stratum": stratum,
        "combination": f"{stratum}/{cargo_type}",
    }
