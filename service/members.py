"""The members of a score's document, each written for a column of candidates at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from models.candidate import Reading, Reads, cargo_of
from models.compiled import contributions
from models.evidence import Evidence, Neighbour
from models.flips import Flip
from models.judgements import Judgements
from models.memo import Memo
from models.scorer import Scorer
from models.standing import Standing
from service.fragments import Fragments, Grounds, encode

# What is only told on request, and all that can be, in the order in which it is told.
INCLUDES = ("contributions", "evidence", "flips")
STANDING = ("prediction_set", "confidence", "credibility", "percentile")
MEMBERS = (
    "candidate",
    "normalisation",
    "label",
    "probability_suppressing",
    "interval",
    *STANDING,
    "domain",
    "known",
    "mechanism",
    *INCLUDES,
    "summary",
    "versions",
)

_ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "url": "{}",
}


def chosen(include: Collection[str] = (), only: Collection[str] = ()) -> tuple[str, ...]:
    """The members of a document in their order: `only` those, by default all that need no request; and what to `include`."""
    wanted = {*(only or set(MEMBERS) - set(INCLUDES)), *include}
    return tuple(name for name in MEMBERS if name in wanted)


class Members:
    """Writes the members of the documents of one scorer: each as its name and value in JSON."""

    def __init__(self, scorer: Scorer, told: Sequence[str]) -> None:
        """`told`: the members to write, in their order."""
        self._scorer = scorer
        self._fragments = Fragments(scorer)
        self._standing = Memo(partial(_standing, [name for name in STANDING if name in told]))
        first = next((name for name in STANDING if name in told), None)
        self._columns = [
            self._standings if name == first else self._writer(name)
            for name in told
            if name not in STANDING or name == first
        ]

    def write(self, found: Judgements) -> list[bytes]:
        """The document of each candidate."""
        written = [column(found) for column in self._columns]
        return [b"{%b}" % b",".join(row) for row in zip(*written, strict=True)]

    def _writer(self, name: str) -> Callable[[Judgements], Iterable[bytes]]:
        writer: Callable[[Judgements], Iterable[bytes]] = getattr(self, f"_{name}")
        return writer

    def _candidate(self, found: Judgements) -> Iterable[bytes]:
        columns = [map(piece, column) for piece, column in zip(self._fragments.fields, found.columns, strict=True)]
        return [b'"candidate":{%b}' % b"".join(row)[1:] for row in zip(*columns, strict=True)]

    def _normalisation(self, found: Judgements) -> Iterable[bytes]:
        # The phenotype, which depends on the cell, and the cargo, which depends on its type, are noted last.
        _, cell, phenotype, stimuli, species, cargo_type, cargo, *rest = found.columns
        notes = self._fragments.notes
        noted = zip(cell, stimuli, species, cargo_type, *rest, phenotype, cargo, strict=True)
        return [b'"normalisation":[%b]' % b"".join([notes[read] for read in row if read.notes])[1:] for row in noted]

    def _label(self, found: Judgements) -> Iterable[bytes]:
        return self._fragments.call.of_all(found.calls)

    def _probability_suppressing(self, found: Judgements) -> Iterable[bytes]:
        return map(b'"probability_suppressing":%b'.__mod__, map(encode, found.called.probability))

    def _interval(self, found: Judgements) -> Iterable[bytes]:
        ends = zip(found.called.low, found.called.high, strict=True)
        return map(b'"interval":%b'.__mod__, map(encode, ends))

    def _standings(self, found: Judgements) -> Iterable[bytes]:
        return self._standing.of_all(found.standings)

    def _domain(self, found: Judgements) -> Iterable[bytes]:
        grounds = map(self._fragments.grounds.of_all, found.parts)
        return map(_domain, *grounds, map(encode, found.inside), map(encode, found.distances))

    def _known(self, found: Judgements) -> Iterable[bytes]:
        return self._fragments.known.of_all(zip(found.known, found.agrees, strict=True))

    def _mechanism(self, found: Judgements) -> Iterable[bytes]:
        observed = self._fragments.observed.of_all(found.mechanisms)
        validated = self._fragments.validated.of_all(map(cargo_of, found.columns.cargo_name))
        return map(b'"mechanism":{%b,%b}'.__mod__, zip(observed, validated, strict=True))

    def _contributions(self, found: Judgements) -> Iterable[bytes]:
        baseline = self._scorer.bundle.model.baseline
        for carrier, of_role, log_odds in zip(found.carriers, found.called.of_role, found.called.log_odds, strict=True):
            fields = contributions(carrier, of_role)
            yield _member("contributions", {"baseline": baseline, "fields": fields, "log_odds": log_odds})

    def _evidence(self, found: Judgements) -> Iterable[bytes]:
        for row in zip(*found.columns, strict=True):
            yield _member("evidence", list(map(neighbour, self._scorer.nearest(Reading(Reads(*row))))))

    def _flips(self, found: Judgements) -> Iterable[bytes]:
        for row, (label, _) in zip(zip(*found.columns, strict=True), found.calls, strict=True):
            yield _member("flips", list(map(_flip, self._scorer.flips(Reading(Reads(*row)), label))))

    def _summary(self, found: Judgements) -> Iterable[bytes]:
        return map(b'"summary":%b'.__mod__, map(encode, found.summaries))

    def _versions(self, found: Judgements) -> Iterable[bytes]:
        return repeat(self._fragments.versions, len(found.calls))


def citation(one: Evidence) -> dict[str, Any]:
    """Where a finding was published, and where that can be read."""
    return {**one.citation, "paper": one.paper, "links": links(one.citation)}


def links(citation: Mapping[str, str]) -> list[str]:
    """The addresses at which a paper can be read, by its identifiers."""
    return [form.format(citation[name]) for name, form in _ADDRESSES.items() if citation.get(name)]


def _member(name: str, value: object) -> bytes:
    return encode({name: value})[1:-1]


def _standing(told: Sequence[str], standing: Standing) -> bytes:
    percentile = {"of_all": standing.percentile}
    if standing.percentile_of_type is not None:
        percentile["of_cargo_type"] = standing.percentile_of_type
    sets = standing.sets
    values = (sets.labels, sets.confidence, sets.credibility, percentile)
    return encode({name: value for name, value in zip(STANDING, values, strict=True) if name in told})[1:-1]


def _domain(source: Grounds, cargo: Grounds, tumour: Grounds, inside: bytes, distance: bytes) -> bytes:
    reasons = source.never + source.rarely + tumour.rarely + cargo.never + tumour.never
    support = source.support + cargo.support + source.state + tumour.support + source.together
    return b'"domain":{"inside":%b,"reasons":[%b],"support":{%b},"distance":%b}' % (
        inside,
        reasons[1:],
        support[1:],
        distance,
    )


def neighbour(found: Neighbour) -> dict[str, Any]:
    """One of the findings nearest to a candidate."""
    one = found.evidence
    return {
        "finding_id": one.finding_id,
        "effect": one.effect,
        "likeness": found.likeness,
        "matched": dict(found.matched),
        "candidate": dict(one.candidate),
        "observed": dict(one.observed),
        "citation": citation(one),
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "changes": [{"field": field, "from": before, "to": after} for field, before, after in flip.changes],
        "label": flip.label,
        "probability_suppressing": flip.probability_suppressing,
        "inside_domain": flip.inside_domain,
        "support": flip.support,
        "candidate": flip.candidate.stated(),
    }
