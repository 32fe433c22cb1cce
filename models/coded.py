"""Scores of columns of candidates: each field as codes into its distinct values, each score a few look-ups in arrays.

The scores are those of `Scorer` to the last bit. What a value means is asked of the same reader and the same functions, once
for each distinct value or combination of values; rows only look up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.candidate import FIELD
from models.coded_reader import Coded as Coded
from models.coded_reader import CodedReader, ReadCodes
from models.coded_standing import SETS as SETS
from models.coded_standing import StandingTable
from models.compiled import CARGO, Carrier
from models.errors import CandidateError
from models.judgements import call
from models.known_table import SAYS as SAYS
from models.known_table import KnownTable
from models.lookup import Codes, Growing, Lookup
from models.memo import ALL, Memo
from models.role_table import RoleTable
from models.scorer import Scorer
from models.summary import UNDETERMINED

Floats = NDArray[np.float64]
Small = NDArray[np.int8]

LABELS = ("suppressing", "promoting", UNDETERMINED)
BECAUSE = ("", "domain", "conflict", "thin_data")
AGREES = ("", "false", "true")

MOST_MET = 1_000_000


@dataclass(frozen=True)
class ScoredColumns:
    """The scores of the candidates that could be understood, in their order, and the faults of the others.

    `read` is what the former were understood as, `good` are their places, shape (good,), as of every array; `bad` are the
    latter by place. `label`, `because`, `prediction_set`, `known` and `agrees` are codes into LABELS, BECAUSE, SETS, SAYS and
    AGREES. `percentile_of_type` is NaN where there is no finding of the type. `of_role` is what the role of the cargo adds to
    the log-odds; `carrier` is a code into `carriers`, which have what the rest does.
    """

    read: ReadCodes
    good: NDArray[np.intp]
    bad: Mapping[int, CandidateError]
    label: Small
    because: Small
    probability: Floats
    low: Floats
    high: Floats
    log_odds: Floats
    prediction_set: Small
    confidence: Floats
    credibility: Floats
    percentile: Floats
    percentile_of_type: Floats
    inside: NDArray[np.bool_]
    known: Small
    agrees: Small
    baseline: float
    of_role: Floats
    carrier: Codes
    carriers: Sequence[Carrier] = field(repr=False)

    @cached_property
    def contributions(self) -> dict[str, Floats]:
        """Log-odds by field, zero where a field adds nothing; with `baseline` they sum to `log_odds`."""
        met, which = np.unique(self.carrier, return_inverse=True)
        carriers = [self.carriers[code].contributions for code in met.tolist()]
        names = [name for name in FIELD if any(name in one for one in carriers)]
        of_carrier = {name: np.array([one.get(name, 0.0) for one in carriers])[which] for name in names}
        return {**of_carrier, CARGO: self.of_role}


class ColumnScorer:
    """Scores columns by one scorer. What it worked out for some columns serves the next ones. For one thread at a time."""

    def __init__(self, scorer: Scorer, most_met: int = MOST_MET) -> None:
        """`most_met`: what was met is forgotten beyond so many values, so that it cannot grow with whatever columns hold."""
        self.scorer = scorer
        self._most_met = most_met
        self._calls = _calls()
        self._standing = StandingTable(scorer.standings, scorer.reader.vocabulary.names("cargo_type"))
        self._forget()

    def _forget(self) -> None:
        scorer = self.scorer
        self._reader = reader = CodedReader(scorer.reader)
        self._roles = RoleTable(scorer.features, reader)
        self._carriers: list[Carrier] = []
        self._numbers = Growing(4)
        self._number_of = Memo(self._add_carrier, ALL)
        self._carrier_of = Lookup(self._carrier)
        # What may put a candidate outside the domain, by its code; nothing has the code 0.
        self._grounds: list[tuple[str, ...]] = [()]
        self._source_outside = Lookup(
            lambda source: self._ground(scorer.domain.source_outside(*reader.sources[source]))
        )
        self._kind_outside = Lookup(self._kind_is_outside)
        self._name_inside = Memo(self._is_name_inside, ALL)
        self._cargo_inside = Lookup(self._is_cargo_inside)
        self._tumour_inside = Lookup(lambda tumour: scorer.domain.tumour[reader.tumours[tumour]].inside)
        self._known = KnownTable(scorer.evidence, reader)

    @property
    def reader(self) -> CodedReader:
        """What the codes of the columns that were scored last stand for."""
        return self._reader

    def outside(self, read: ReadCodes) -> dict[str, int]:
        """How many candidates each field puts outside the domain."""
        found: dict[str, int] = {}
        kinds = read.cargo_type * len(self._reader.states) + read.cargo_state
        for grounds in (self._source_outside.of(read.source), self._kind_outside.of(kinds)):
            for code, count in counts(grounds):
                for name in self._grounds[code]:
                    found[name] = found.get(name, 0) + count
        if unheard := int(np.count_nonzero(self._cargo_inside.of(read.cargo) == 0)):
            found[CARGO] = unheard
        return found

    def score(self, columns: Mapping[str, Coded]) -> ScoredColumns:
        """The scores of candidates given in columns of one length, by field; a field without a column is stated by none.

        `id` is not read here. Raises KeyError where a column is no field of a candidate.
        """
        if self._reader.met > self._most_met:
            self._forget()
        count = len(next(iter(columns.values())).codes)
        read = self._reader.read(columns, count)
        good = np.flatnonzero(~read.bad)
        bad = self._faults(columns, np.flatnonzero(read.bad)) if len(good) < count else {}
        return self._score(_rows(read, good) if bad else read, good, bad)

    def _score(self, read: ReadCodes, good: NDArray[np.intp], bad: Mapping[int, CandidateError]) -> ScoredColumns:
        states = len(self._reader.states)
        carrier = self._carrier_of.of((read.source * 2 + read.hypoxic) * states + read.cargo_state)
        numbers = np.ascontiguousarray(self._numbers.array.T)
        log_odds, variance, covariance, turn = (each[carrier] for each in numbers)
        role = self._roles.of(read.cargo, read.tumour)
        called = self.scorer.compiled.call_arrays(log_odds, variance, covariance, turn, role)
        standing = self._standing.of(called.log_odds, read.cargo_type)
        inside = self._source_outside.of(read.source) == 0
        inside &= self._kind_outside.of(read.cargo_type * states + read.cargo_state) == 0
        inside &= self._cargo_inside.of(read.cargo) > 0
        inside &= self._tumour_inside.of(read.tumour) > 0
        known = self._known.of(read)
        called_as = (2 * standing.prediction_set + inside.view(np.int8)) * np.int8(len(SAYS)) + known
        label, because = self._calls.take(called_as, axis=1)
        points = (known == 1) | (known == 2)
        agrees = np.where(points, 1 + ((called.probability > 0.5) == (known == 1)), 0).astype(np.int8)
        return ScoredColumns(
            read=read,
            good=good,
            bad=bad,
            label=label,
            because=because,
            probability=called.probability,
            low=called.low,
            high=called.high,
            log_odds=called.log_odds,
            prediction_set=standing.prediction_set,
            confidence=standing.confidence,
            credibility=standing.credibility,
            percentile=standing.percentile,
            percentile_of_type=standing.percentile_of_type,
            inside=inside,
            known=known,
            agrees=agrees,
            baseline=self.scorer.bundle.model.baseline,
            of_role=called.of_role,
            carrier=carrier,
            carriers=self._carriers,
        )

    def _faults(self, columns: Mapping[str, Coded], places: NDArray[np.intp]) -> dict[int, CandidateError]:
        """What is wrong with each bad candidate, told by the reader; once for those that are alike."""
        told: dict[tuple[int, ...], CandidateError] = {}
        found: dict[int, CandidateError] = {}
        rows = zip(*(column.codes[places].tolist() for column in columns.values()), strict=True)
        for place, row in zip(places.tolist(), rows, strict=True):
            if row not in told:
                told[row] = self._fault(
                    {name: columns[name].values[code] for name, code in zip(columns, row, strict=True)}
                )
            found[place] = told[row]
        return found

    def _fault(self, raw: Mapping[str, object]) -> CandidateError:
        try:
            self.scorer.reader.read(raw)
        except CandidateError as error:
            return error
        raise AssertionError(f"{raw} can be understood alone, but could not in columns")

    def _carrier(self, key: int) -> int:
        source_hypoxic, state = divmod(key, len(self._reader.states))
        source, hypoxic = divmod(source_hypoxic, 2)
        cell, phenotype = self._reader.sources[source]
        of = (cell, phenotype, bool(hypoxic), self._reader.states[state])
        return self._number_of[self.scorer.compiled.carrier[of]]

    def _add_carrier(self, one: Carrier) -> int:
        self._carriers.append(one)
        return self._numbers.add((one.log_odds, one.variance, one.covariance, one.turn))

    def _kind_is_outside(self, key: int) -> int:
        cargo_type, state = divmod(key, len(self._reader.states))
        return self._ground(self.scorer.domain.kind_outside(self._reader.types[cargo_type], self._reader.states[state]))

    def _ground(self, fields_outside: tuple[str, ...]) -> int:
        if fields_outside not in self._grounds:
            self._grounds.append(fields_outside)
        return self._grounds.index(fields_outside)

    def _is_name_inside(self, code: int) -> int:
        cargo_type, name, _ = self._reader.names[code]
        return self.scorer.domain.is_name_inside(name, cargo_type)

    def _is_cargo_inside(self, code: int) -> int:
        return all(self._name_inside[name] for name in self._reader.cargos[code].names)


def counts(codes: NDArray[np.integer]) -> list[tuple[int, int]]:
    """The codes that occur, and how often."""
    often = np.bincount(codes)
    met = np.flatnonzero(often)
    return list(zip(met.tolist(), often[met].tolist(), strict=True))


def _rows(read: ReadCodes, places: NDArray[np.intp]) -> ReadCodes:
    return ReadCodes(**{one.name: getattr(read, one.name)[places] for one in fields(ReadCodes)})


def _calls() -> Small:
    """Labels and reasons as codes, shape (2, sets * 2 * words): by prediction set, inside or not, and what is known."""
    of = product(SETS, (False, True), SAYS)
    called = [call([each for each in chosen.split(";") if each], inside, says) for chosen, inside, says in of]
    return np.array(
        [(LABELS.index(label), BECAUSE.index(because)) for label, because in called], dtype=np.int8
    ).T.copy()
