"""Whether what is submitted still looks like what the current model learned from.

For each field the population stability index, PSI = sum over categories of (a - e) ln(a / e), of the shares submitted (a)
against those in the training table (e): Siddiqi, Credit Risk Scorecards (Wiley 2006, ISBN 978-0-471-75451-0), who takes less
than 0.1 for little and more than 0.25 for much. Without any drift, n submissions and m findings over B categories give it
the distribution (1/n + 1/m) chi-squared(B - 1): Yurdakul and Naranjo, Journal of Risk Model Validation 2020, 14(4),
doi:10.21314/JRMV.2020.227. Only what exceeds that by chance at most once in twenty is called drift.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from models.scorer import Scorer
from service.db.database import Database
from service.db.tables import Submission, now
from service.monitoring.submissions import COUNTED, Categories
from service.scoring.counts import FIELDS

# Below so many submissions nothing is said of a field.
MIN_SUBMISSIONS = 100
PSI_MINOR, PSI_MAJOR = 0.1, 0.25
SHOWN = 5
# Added to every count, so that a category which one side lacks has a share (Jeffreys' prior).
_PRIOR = 0.5


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a field: how often it was submitted and trained on, and its shares of each."""

    category: str
    submitted: int
    trained: int
    share_submitted: float
    share_trained: float


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """The drift of one field.

    `verdict` is too few, none, little, some or much. `psi`, its 90 % `interval` (delta method) and the value that chance alone
    would exceed once in twenty (`by_chance`) are None where there are too few. `over` are the categories most submitted beyond
    their share of the training table, `unseen` those that it lacks.
    """

    field: str
    submitted: int
    trained: int
    verdict: str
    psi: float | None
    interval: tuple[float, float] | None
    by_chance: float | None
    over: tuple[Category, ...]
    unseen: tuple[Category, ...]


def document(scorer: Scorer, database: Database, days: int) -> dict[str, Any]:
    """The drift of the last `days` days from the training table of a model, as people and programs get it."""
    submitted, trained = submitted_since(database, days), trained_on(scorer)
    fields = [asdict(field_drift(field, submitted[field], trained[field])) for field in COUNTED]
    return {"model": scorer.bundle.id, "days": days, "fields": fields}


def submitted_since(database: Database, days: int) -> dict[str, Counter[str]]:
    """What was submitted today and on the `days` - 1 days before (UTC), by field and category."""
    first = (now().date() - timedelta(days=days - 1)).isoformat()
    counts: dict[str, Counter[str]] = {field: Counter() for field in COUNTED}
    query = select(Submission.field, Submission.value, func.sum(Submission.count)).where(Submission.day >= first)
    with database.read() as session:
        for field, value, count in session.execute(query.group_by(Submission.field, Submission.value)):
            if field in counts:
                counts[field][value] = int(count)
    return counts


def trained_on(scorer: Scorer) -> dict[str, Counter[str]]:
    """The training table of a model, by field and category: one count a finding."""
    categories = Categories(scorer.features.vocabulary)
    counts: dict[str, Counter[str]] = {field: Counter() for field in COUNTED}
    for evidence in scorer.bundle.model.evidence:
        candidate = {name: value for name, value in evidence.candidate.items() if name != "id"}
        reading = scorer.parser.parse(candidate, require_cargo_name=False)
        values = [getattr(reading.candidate, field) for field in FIELDS]
        for field, category in categories.of(values, [name.how for name in reading.cargo]):
            counts[field][category] += 1
    return counts


def field_drift(field: str, submitted: Counter[str], trained: Counter[str]) -> FieldDrift:
    """The drift of one field, from the counts of its categories on both sides."""
    names = sorted(submitted.keys() | trained.keys())
    n, m = submitted.total(), trained.total()
    categories = [
        Category(name, submitted[name], trained[name], submitted[name] / max(n, 1), trained[name] / max(m, 1))
        for name in names
    ]
    unseen = sorted(
        (each for each in categories if not each.trained), key=lambda each: (-each.submitted, each.category)
    )
    if n < MIN_SUBMISSIONS or not m:
        return FieldDrift(field, n, m, "too few", None, None, None, (), tuple(unseen))
    actual = _shares(np.array([each.submitted for each in categories]))
    expected = _shares(np.array([each.trained for each in categories]))
    from scipy import stats

    psi = float(np.sum((actual - expected) * np.log(actual / expected)))
    half = stats.norm.ppf(0.95) * _standard_error(actual, expected, n, m)
    by_chance = float((1 / n + 1 / m) * stats.chi2.ppf(0.95, max(len(names) - 1, 1)))
    over = sorted(
        (each for each in categories if each.share_submitted > each.share_trained),
        key=lambda each: (each.share_trained - each.share_submitted, each.category),
    )
    interval = (max(0.0, psi - half), psi + half)
    return FieldDrift(
        field, n, m, _verdict(psi, by_chance), psi, interval, by_chance, tuple(over[:SHOWN]), tuple(unseen)
    )


def _shares(counts: np.ndarray) -> np.ndarray:
    smoothed = counts + _PRIOR
    return np.asarray(smoothed / smoothed.sum())


def _standard_error(actual: np.ndarray, expected: np.ndarray, n: int, m: int) -> float:
    """Of the PSI of two multinomial samples of sizes n and m, by the delta method."""
    slopes_actual = np.log(actual / expected) + 1 - expected / actual
    slopes_expected = np.log(expected / actual) + 1 - actual / expected
    variances = [
        np.cov(slopes_actual, aweights=actual, ddof=0) / n,
        np.cov(slopes_expected, aweights=expected, ddof=0) / m,
    ]
    return float(np.sqrt(np.sum(variances)))


def _verdict(psi: float, by_chance: float) -> str:
    if psi <= by_chance:
        return "none"
    return "little" if psi < PSI_MINOR else "some" if psi < PSI_MAJOR else "much"
