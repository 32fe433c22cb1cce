"""Where a value stands in a figure, and at which values it is read."""

from __future__ import annotations

import math
from dataclasses import dataclass

# The log-odds of the probabilities that people read: 0.1, 1, 10, 50, 90, 99 and 99.9 %.
READ_PROBABILITIES = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear scale: values from `low` to `high` on user units from `left` to `right`."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Where a value stands, to a hundredth of a unit."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 2)

    def ticks(self, most: int = 7) -> list[float]:
        """At most so many round values between the ends, evenly spaced."""
        step = next((step for step in _STEPS if (self.high - self.low) / step < most), _STEPS[-1])
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [whole * step for whole in range(first, last + 1)]


def log_odds(chance: float) -> float:
    """The log-odds of a probability."""
    return math.log(chance / (1.0 - chance))
