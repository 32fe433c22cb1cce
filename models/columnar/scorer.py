"""Scores of columns of candidates, as files have them: a candidate's score is computed by the same functions as by
`Scorer`, once for each distinct value or combination of values, and the numbers in arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Flags, Floats, Rows
from models.candidates.candidate import FIELD_BY_NAME, RawValue
from models.candidates.cargo import Cargo
from models.candidates.warnings import misunderstood
from models.columnar.lookup import ColumnFunction, DictionaryColumn
from models.columnar.parser import ColumnParser, Notes, ParsedCodes
from models.errors import CandidateError
from models.estimator.conformal import groups_of
from models.estimator.features import PRIOR_SCALE
from models.evidence.evidence import CONSENSUS as CONSENSUS
from models.evidence.evidence import sources_of, vesicle_key, vesicle_sign
from models.scoring.compiled import CARGO, SourceTerm
from models.scoring.percentiles import SHARED_FIELDS, Percentiles
from models.scoring.predictions import LABELS as LABELS
from models.scoring.predictions import MODERATE, NONE, STRONG, STRONG_PROBABILITY, WEAK, decide_label
from models.scoring.predictions import SUPPORT as SUPPORT
from models.scoring.predictions import UNDETERMINED_REASONS as UNDETERMINED_REASONS

if TYPE_CHECKING:
    from models.scorer import Scorer

Small = NDArray[np.int8]

# One field of many candidates as given, None where it is not stated.
RawColumn = DictionaryColumn[RawValue]

PREDICTION_SETS = ("", "suppressing", "promoting", "suppressing;promoting")
AGREEMENT = ("", "false", "true")
MAX_CACHED_VALUES = 100_000
NEITHER, SUPPRESSING, PROMOTING, BOTH = range(len(PREDICTION_SETS))
# The codes of what `decide_label` decides by: the effects that are possible, inside the domain or not, what the literature says.
_CALLS = [
    decide_label(labels.split(";") if labels else (), inside, says)
    for labels, inside, says in product(PREDICTION_SETS, (False, True), CONSENSUS)
]
_LABEL = np.array([LABELS.index(label) for label, _ in _CALLS], dtype=np.int8)
_BECAUSE = np.array([UNDETERMINED_REASONS.index(because) for _, because in _CALLS], dtype=np.int8)


@dataclass(frozen=True)
class BatchScores:
    """The scores of the candidates that are valid, in their order, and the faults of the others.

    `good` are the rows of the former, shape (good,), as of every array; `bad` are the latter by row. `label`, `because`,
    `prediction_set`, `known`, `agrees` and `support` are codes into LABELS, UNDETERMINED_REASONS, PREDICTION_SETS, CONSENSUS,
    AGREEMENT and SUPPORT. `percentiles` are those of `Percentiles` by name, NaN where there are none. `of_role` is what the
    role of the cargo adds to the log-odds. `warned` is what is to be warned of.
    """

    good: Rows
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
    percentiles: Mapping[str, Floats]
    inside: Flags
    known: Small
    agrees: Small
    baseline: float
    of_role: Floats
    carrier: DictionaryColumn[SourceTerm] = field(repr=False)
    warned: DictionaryColumn[Notes] = field(repr=False)

    @property
    def support(self) -> Small:
        """`grade_support` of each, as codes into SUPPORT."""
        none, weak, moderate, strong = (np.int8(SUPPORT.index(grade)) for grade in (NONE, WEAK, MODERATE, STRONG))
        determined = np.where(
            np.maximum(self.probability, 1.0 - self.probability) >= STRONG_PROBABILITY, strong, moderate
        )
        undetermined = np.where(self.because == UNDETERMINED_REASONS.index("domain"), none, weak)
        return np.where(self.because == 0, determined, undetermined)

    @cached_property
    def contributions(self) -> dict[str, Floats]:
        """Log-odds by field, zero where a field adds nothing; with `baseline` they sum to `log_odds`."""
        carriers = self.carrier.values
        names = [name for name in FIELD_BY_NAME if any(name in carrier.contributions for carrier in carriers)]
        of_carrier = {
            name: np.array([carrier.contributions.get(name, 0.0) for carrier in carriers])[self.carrier.codes]
            for name in names
        }
        return {**of_carrier, CARGO: self.of_role}


class BatchScorer:
    """Scores columns by one scorer. What it computed for some columns serves the next ones. Not for several threads at once."""

    def __init__(self, scorer: Scorer, max_cached_values: int = MAX_CACHED_VALUES) -> None:
        """Beyond `max_cached_values` distinct values all that is remembered is forgotten, so that it cannot grow with a file."""
        self.scorer = scorer
        self._max_cached_values = max_cached_values
        self._reset_caches()

    def _reset_caches(self) -> None:
        compiled, domain, features = self.scorer.compiled, self.scorer.domain, self.scorer.features
        evidence = self.scorer.evidence
        self._reader = ColumnParser(self.scorer.parser)
        self._carrier = ColumnFunction(lambda source, *of: compiled.carrier(*source, *of))
        self._roles = ColumnFunction(lambda cargo: features.roles_of_all(cargo).tobytes())
        self._tumour = ColumnFunction(features.tumour_code.__getitem__)
        self._source_inside = ColumnFunction(lambda source: not domain.source_outside(source[0]))
        self._kind_inside = ColumnFunction(lambda cargo_type, state: not domain.kind_outside(cargo_type, state))
        self._cargo_inside = ColumnFunction(lambda cargo: not domain.cargo_outside(cargo))
        alike: dict[frozenset[str], Cargo] = {}
        # One of the cargos that are alike stands for all of them; none for those that no finding carries.
        self._known_cargo = ColumnFunction(
            lambda cargo: alike.setdefault(cargo.identity_key, cargo) if cargo.identity_key in evidence.alikes else None
        )
        self._source_is_known = ColumnFunction(lambda source: not evidence.sources.isdisjoint(sources_of(*source)))
        self._vesicle = ColumnFunction(
            lambda source, cargo: (
                same if (same := vesicle_key(source[0], source[1], cargo)) in evidence.vesicles else None
            )
        )
        self._sign = ColumnFunction(vesicle_sign)
        self._cell = ColumnFunction(lambda source: source[0])
        self._cell_groups = ColumnFunction(lambda source: groups_of(source[0], "")[:1])
        self._state_groups = ColumnFunction(lambda state: groups_of("", state)[1:])
        self._says = ColumnFunction(lambda *of: CONSENSUS.index(evidence.known_of(*of).says))

    def score(self, columns: Mapping[str, RawColumn], strict: bool = False) -> BatchScores:
        """The scores of candidates given in columns of one length, by field; a field without a column is stated by none. Where
        `strict`, a candidate that is to be warned of is not valid.

        `id` is not read here. Raises KeyError where a column is no field of a candidate.
        """
        if len(self._reader) > self._max_cached_values:
            self._reset_caches()
        count = len(next(iter(columns.values())).codes)
        read, valid = self._reader.read(columns, count)
        if strict:
            valid &= ~_is_misunderstood(read.warned)
        good = np.flatnonzero(valid)
        if len(good) == count:
            return self._score(read, good, {})
        return self._score(read.take(good), good, self._faults(columns, np.flatnonzero(~valid), strict))

    def _score(self, read: ParsedCodes, good: Rows, bad: Mapping[int, CandidateError]) -> BatchScores:
        carrier = self._carrier(read.source, read.hypoxic, read.immune, read.cargo_state)
        of_carrier = [(each.log_odds, each.variance, each.covariance, each.turn) for each in carrier.values]
        log_odds, variance, covariance, turn = np.array(of_carrier).reshape(-1, 4).T[:, carrier.codes]
        predicted = self.scorer.compiled.predict(log_odds, variance, covariance, turn * self._role(read))
        inside = self._source_inside(read.source).to_array(np.bool_)
        inside &= self._kind_inside(read.cargo_type, read.cargo_state).to_array(np.bool_)
        inside &= self._cargo_inside(read.cargo).to_array(np.bool_)
        known = self._known(read)
        # Far fewer scores than rows differ.
        scores, rows = np.unique(predicted.log_odds, return_inverse=True)
        p_values = self.scorer.classifier.p_values(predicted.log_odds, self._members(read))
        suppressing, promoting = (p_values > self.scorer.classifier.significance).T
        prediction_set = (suppressing + 2 * promoting).astype(np.int8)
        possible = self._possible(prediction_set, predicted.low, predicted.high)
        called = (2 * possible + inside) * np.int8(len(CONSENSUS)) + known
        points = (known == CONSENSUS.index("suppressing")) | (known == CONSENSUS.index("promoting"))
        alike = (predicted.probability > 0.5) == (known == CONSENSUS.index("suppressing"))
        return BatchScores(
            good=good,
            bad=bad,
            label=_LABEL[called],
            because=_BECAUSE[called],
            probability=predicted.probability,
            low=predicted.low,
            high=predicted.high,
            log_odds=predicted.log_odds,
            prediction_set=prediction_set,
            confidence=1.0 - p_values.min(axis=1),
            credibility=p_values.max(axis=1),
            percentiles=self._percentiles(scores, rows, read),
            inside=inside,
            known=known,
            agrees=np.where(points, 1 + alike, 0).astype(np.int8),
            baseline=self.scorer.bundle.model.baseline,
            of_role=predicted.of_role,
            carrier=carrier,
            warned=read.warned,
        )

    def _members(self, read: ParsedCodes) -> dict[str, Rows]:
        """The rows of each group within which sets are calibrated."""
        members: dict[str, Rows] = {}
        for column in (self._cell_groups(read.source), self._state_groups(read.cargo_state)):
            for code, groups in enumerate(column.values):
                # A set whose cargos are in several states is in the groups of all of them.
                for group in self.scorer.classifier.calibrated_groups.intersection(groups):
                    rows = np.flatnonzero(column.codes == code)
                    members[group] = np.append(members[group], rows) if group in members else rows
        return members

    @staticmethod
    def _possible(prediction_set: Small, low: Floats, high: Floats) -> Small:
        """`possible_effects` as codes into PREDICTION_SETS."""
        beyond_even = ((prediction_set == SUPPRESSING) & (low > 0.5)) | ((prediction_set == PROMOTING) & (high < 0.5))
        return np.where(beyond_even | (prediction_set == NEITHER), prediction_set, np.int8(BOTH))

    def _role(self, read: ParsedCodes) -> Floats:
        """The role of each cargo in its tumour."""
        roles = self._roles(read.cargo)
        by_tumour = np.frombuffer(b"".join(roles.values)).reshape(-1, len(self.scorer.features.tumour_code))
        role: Floats = PRIOR_SCALE["role"] * by_tumour[roles.codes, self._tumour(read.tumour).to_array(np.intp)]
        return role

    def _known(self, read: ParsedCodes) -> Small:
        """What the literature says of each candidate, as codes into CONSENSUS."""
        cargo = self._known_cargo(read.cargo)
        rows = np.flatnonzero(_is_set(cargo) & self._source_is_known(read.source).to_array(np.bool_))
        vesicles = self._vesicle(read.source.take(rows), cargo.take(rows))
        tested = np.flatnonzero(_is_set(vesicles))
        rows = rows[tested]
        signs = self._sign(read.cargo.take(rows), read.cargo_state.take(rows))
        says = self._says(vesicles.take(tested), signs, read.tumour.take(rows))
        known = np.zeros(len(read.cargo.codes), dtype=np.int8)
        known[rows] = says.to_array(np.int8)
        return known

    def _percentiles(self, scores: Floats, rows: Rows, read: ParsedCodes) -> dict[str, Floats]:
        """`Percentiles` in columns: the distinct `scores`, and for each candidate the place of its own among them."""
        cells = self._cell(read.source)
        shared = zip(SHARED_FIELDS, (read.cargo_type, read.tumour, cells), strict=True)
        columns = (self._percentiles_among(name, column, scores, rows) for name, column in shared)
        return dict(zip(Percentiles._fields, (self.scorer.ranks.of_all(scores)[rows], *columns), strict=True))

    def _percentiles_among(self, field: str, column: DictionaryColumn[str], scores: Floats, rows: Rows) -> Floats:
        """The percentiles among the findings with the value that each candidate has in a field."""
        percentiles = np.empty(len(rows))
        for code in np.unique(column.codes).tolist():
            sharing = np.flatnonzero(column.codes == code)
            among = self.scorer.ranks.of_value(field, column.values[code], scores[rows[sharing]])
            percentiles[sharing] = among
        return percentiles

    def _faults(self, columns: Mapping[str, RawColumn], rows: Rows, strict: bool) -> dict[int, CandidateError]:
        """What is wrong with each candidate that is not valid; computed once for those that are alike."""
        error = ColumnFunction(lambda *values: self._error(dict(zip(columns, values, strict=True)), strict))
        errors = error(*(column.take(rows) for column in columns.values()))
        return {row: errors.values[code] for row, code in zip(rows.tolist(), errors.codes.tolist(), strict=True)}

    def _error(self, raw: Mapping[str, object], strict: bool) -> CandidateError:
        try:
            self.scorer.parser.parse(raw, strict=strict)
        except CandidateError as error:
            # Its traceback would keep the frames alive that keep it, until a collector comes.
            return error.with_traceback(None)
        raise AssertionError(f"{raw} is valid alone, but was not in columns")


def _is_misunderstood(warned: DictionaryColumn[Notes]) -> Flags:
    return np.array([bool(misunderstood(notes)) for notes in warned.values], dtype=np.bool_)[warned.codes]


def _is_set(column: DictionaryColumn[Any]) -> Flags:
    return np.array([value is not None for value in column.values], dtype=np.bool_)[column.codes]
