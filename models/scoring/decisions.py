"""Decisions by stated costs: the choice that costs least in expectation, and what it rests on.

With a probability p of suppressing, to decide that a candidate suppresses costs (1 - p) times the cost of being wrong in that,
to decide that it promotes costs p times the other, and to leave it undetermined costs what that costs, whatever p is. The
least of these is decided, which makes thresholds of p: see C. K. Chow, On optimum recognition error and reject tradeoff (1970,
doi:10.1109/TIT.1970.1054406), and for the two costs alone C. Elkan, The foundations of cost-sensitive learning (2001).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache

from models.candidates.wording import percent
from models.errors import CandidateError, FieldError
from models.estimator.conformal import LABELS
from models.rounding import STEPS, round_probability
from models.scoring.summary import UNDETERMINED

COST_PREFIX = "cost_"
SUPPRESSING, PROMOTING = LABELS
CHOICES = (*LABELS, UNDETERMINED)
REASONS = LEAST_COST, DOMAIN, TIE = ("least_cost", "domain", "tie")
_OUTSIDE = (
    "The candidate is outside the domain: nothing like it is in the training data, so its probability decides nothing."
)


class CostsError(CandidateError):
    """Costs that cannot be used, with every error found in them; their fields are such as `cost_wrong_suppressing`."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What decisions cost, in one unit of any kind: one that is wrong in saying that a candidate suppresses
    (`wrong_suppressing`) or promotes (`wrong_promoting`), and one that is left `undetermined`; None where no candidate inside
    the domain is to be left so. A wrong decision costs more than 0, a decision that is right nothing."""

    wrong_suppressing: float
    wrong_promoting: float
    undetermined: float | None = None

    @classmethod
    def parse(cls, stated: Mapping[str, object]) -> Costs | None:
        """The costs of a mapping of `cost_wrong_suppressing` and so on to numbers, or texts of them; None where it states none.

        What is None or a blank text is not stated. Raises CostsError with every error.
        """
        values = {
            name: value
            for name in COST_FIELDS
            if (value := stated.get(name)) is not None
            and value != ""
            and not (isinstance(value, str) and value.isspace())
        }
        if not values:
            return None
        faults = missing_costs(values)
        costs: dict[str, float] = {}
        for name, value in values.items():
            number = _number(value)
            if number is None or (number == 0 and name in NEEDED_COSTS):
                least = "above 0" if name in NEEDED_COSTS else "from 0 upwards"
                faults.append(FieldError(name, "invalid", f"Give a number {least}, such as 5 or 0.5", given=value))
            else:
                costs[name.removeprefix(COST_PREFIX)] = number
        if faults:
            raise CostsError(sorted(faults, key=lambda fault: COST_FIELDS.index(fault.field)))
        return cls(**costs)

    def as_query(self) -> dict[str, str]:
        """The stated costs by the names that `parse` reads, as texts."""
        stated = zip(COST_FIELDS, (self.wrong_suppressing, self.wrong_promoting, self.undetermined), strict=True)
        return {name: repr(cost).removesuffix(".0") for name, cost in stated if cost is not None}

    @property
    def suppressing_above(self) -> float:
        """The probability of suppressing above which suppressing costs least: max(1 - u / s, s / (s + p)) of costs s, p and u."""
        return float(self._thresholds[0])

    @property
    def promoting_below(self) -> float:
        """The probability of suppressing below which promoting costs least: min(u / p, s / (s + p)) of costs s, p and u."""
        return float(self._thresholds[1])

    @property
    def _thresholds(self) -> tuple[Fraction, Fraction]:
        suppressing, promoting, undetermined = self._exact
        even = suppressing / (suppressing + promoting)
        if undetermined is None:
            return even, even
        return max(even, 1 - undetermined / suppressing), min(even, undetermined / promoting)

    @property
    def _exact(self) -> tuple[Fraction, Fraction, Fraction | None]:
        """The costs as they were written, so that costs that are equal on paper are so here."""
        undetermined = None if self.undetermined is None else Fraction(repr(self.undetermined))
        return Fraction(repr(self.wrong_suppressing)), Fraction(repr(self.wrong_promoting)), undetermined

    def expected(self, probability: float) -> dict[str, float]:
        """What each choice costs in expectation at a probability of suppressing, as documents round it."""
        return {choice: float(cost) for choice, cost in self._expected(probability).items()}

    def _expected(self, probability: float) -> dict[str, Fraction]:
        suppressing, promoting, undetermined = self._exact
        share = Fraction(round(probability * STEPS), STEPS)
        expected = {SUPPRESSING: (1 - share) * suppressing, PROMOTING: share * promoting}
        return expected if undetermined is None else expected | {UNDETERMINED: undetermined}

    @lru_cache(1 << 14)  # noqa: B019 (costs are values, and few)
    def choose(self, probability: float) -> tuple[str, str]:
        """The choice that costs least at a probability of suppressing, as documents round it, and one of REASONS.

        Where undetermined costs no more than the others, it is chosen. Where suppressing and promoting cost the same and
        less than it, the costs favour neither: that is a `tie`, and undetermined too.
        """
        expected = self._expected(probability)
        least = min(expected.values())
        cheapest = [choice for choice, cost in expected.items() if cost == least]
        if UNDETERMINED in cheapest:
            return UNDETERMINED, LEAST_COST
        return (cheapest[0], LEAST_COST) if len(cheapest) == 1 else (UNDETERMINED, TIE)


COST_FIELDS = tuple(f"{COST_PREFIX}{field.name}" for field in fields(Costs))
NEEDED_COSTS = COST_FIELDS[:2]


def missing_costs(stated: Mapping[str, object]) -> list[FieldError]:
    """An error for each cost that is missing beside those that are stated, by their names."""
    remedy = "State both costs of a wrong decision, in one unit"
    return [FieldError(name, "missing", remedy) for name in NEEDED_COSTS if name not in stated]


@dataclass(frozen=True, slots=True)
class Decision:
    """What stated costs decide of one candidate, beside its prediction.

    `choice` is suppressing, promoting or undetermined. `because` says least_cost (it costs least), domain (the candidate is
    outside the domain, where its probability is not to be trusted: undetermined, whatever it costs) or tie (suppressing and
    promoting cost the same, so that the costs favour neither). `cost` is what the choice costs in expectation, None where that
    cannot be said; `expected` is the same of each choice, and empty outside the domain. `is_sure` says whether the choice is
    the same over the whole 90 % band of the probability (None outside the domain). `calibration_error` is that of the model
    (0 to 1), None where it was not measured.
    """

    costs: Costs
    probability: float
    interval: tuple[float, float]
    choice: str
    because: str
    cost: float | None
    expected: Mapping[str, float]
    is_sure: bool | None
    calibration_error: float | None = None

    @property
    def rests_on(self) -> tuple[str, ...]:
        """What it rests on, in sentences."""
        if self.because == DOMAIN:
            return (_OUTSIDE,)
        above, below = self.costs.suppressing_above, self.costs.promoting_below
        between = ", undetermined between them" if above > below else ""
        low, high = self.interval
        sentences = [
            f"The probability of suppressing is {percent(self.probability)} (90\u202f% band {percent(low)} to {percent(high)}).",
            f"Suppressing costs least above {_threshold(above)}, promoting below {_threshold(below)}{between}.",
        ]
        if self.because == TIE:
            sentences.append("Suppressing and promoting cost the same here, so the costs favour neither.")
        if self.is_sure:
            sentences.append("The whole band leads to this decision.")
        else:
            ends = {self.costs.choose(end)[0] for end in self.interval}
            # What lies between promoting and suppressing is crossed where the band goes from the one to the other.
            crossed = {UNDETERMINED} if ends == set(LABELS) and above > below else set()
            others = sorted((ends | crossed) - {self.choice})
            to = f" to {' or '.join(others)}" if others else ""
            sentences.append(f"The band crosses a threshold, so the decision could change{to}.")
        if self.calibration_error is not None:
            points = f"{100 * self.calibration_error:.0f} percentage points"
            sentences.append(
                f"On papers left out of the training, stated probabilities were off by {points} on average "
                "(the calibration error)."
            )
        return tuple(sentences)


def decide(
    costs: Costs,
    probability: float,
    interval: tuple[float, float],
    outside: bool,
    calibration_error: float | None = None,
) -> Decision:
    """The decision on a candidate by its probability of suppressing and the 90 % band of that, which count as documents round
    them, so that whoever reads one can check it. `outside` says whether the candidate is outside the domain."""
    probability = round_probability(probability)
    low, high = map(round_probability, interval)
    if outside:
        choice, because, expected, is_sure = UNDETERMINED, DOMAIN, {}, None
        cost = costs.undetermined
    else:
        choice, because = costs.choose(probability)
        expected = costs.expected(probability)
        # A tie leaves the candidate undetermined, which has no cost of its own where none was stated.
        cost = expected.get(choice)
        # Each choice is one interval of probabilities.
        is_sure = costs.choose(low) == costs.choose(high) == (choice, because)
    return Decision(costs, probability, (low, high), choice, because, cost, expected, is_sure, calibration_error)


def _threshold(share: float) -> str:
    """A threshold in percent. It is made of costs alone, so it is as exact as these."""
    return f"{100 * share:.3g}\u202f%"


def _number(value: object) -> float | None:
    # Python reads 1_000 as a number.
    if isinstance(value, bool) or not isinstance(value, int | float | str) or (isinstance(value, str) and "_" in value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number + 0.0 if math.isfinite(number) and number >= 0 else None
