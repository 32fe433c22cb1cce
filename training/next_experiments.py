"""Which experiments would teach the model most: Bayesian experimental design on the posterior of its weights.

The weights have a Gaussian posterior with covariance S (`models/band.py`). Testing a candidate x once, whatever comes out,
changes S by - g S x x' S / (1 + g x' S x), where g = E[p (1 - p)] is how much one outcome of x tells. The probability of a
target t has the variance E[p (1 - p)]^2 t' S t (to first order), so that testing x lowers the mean variance of all targets by
g x' S M S x / (1 + g x' S x), with M the mean of E[p (1 - p)]^2 t t'. Candidates are chosen greedily by that reduction, S being
updated after each, so that the second is what is still worth testing after the first.

This is A-optimal design for logistic regression (Schein and Ungar 2007, doi:10.1007/s10994-007-5019-5) in its Bayesian form
(Chaloner and Verdinelli 1995, doi:10.1214/ss/1177009939). The information that an outcome carries on the weights (BALD,
Houlsby et al. 2011, doi:10.48550/arXiv.1112.5745) is told beside it; chosen by that alone, oddities that share no weight with
anything else would come first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.domain import NOTHING, Count
from models.features import Features
from models.fitted import FittedModel, probabilities, probability
from training.fit import one_thread
from training.grid import INTERCEPT, Pool, grid

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(32)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Experiment:
    """A candidate worth testing: what it is, what the model says of it now, and what a test would settle.

    `reduction` is the share of the targets' mean variance that it takes off after the experiments before it, `remaining` what
    is left then, `information` what one outcome tells of the weights, in bits. `support` counts the findings of its source
    and state; `settles` names the weights that become surest, with the share of their variance taken off; `alike` counts the
    candidates of the grid that the model cannot tell from it.
    """

    candidate: Mapping[str, str]
    probability: float
    interval: tuple[float, float]
    reduction: float
    remaining: float
    information: float
    support: Count
    settles: tuple[tuple[str, float], ...]
    alike: int

    def as_dict(self) -> dict[str, object]:
        """The experiment ready for JSON."""
        return {
            "candidate": dict(self.candidate),
            "probability_suppressing": self.probability,
            "interval": list(self.interval),
            "reduction": self.reduction,
            "remaining": self.remaining,
            "information_bits": self.information,
            "same_source_and_state": {"findings": self.support.findings, "papers": self.support.papers},
            "settles": [{"weight": name, "variance_taken_off": share} for name, share in self.settles],
            "alike": self.alike,
        }


def next_experiments(model: FittedModel, features: Features, count: int) -> list[Experiment]:
    """The `count` experiments that together would teach most, best first (see the module)."""
    names, pools = grid(model, features)
    mean, covariance = posterior(model, names)
    with one_thread():
        centres = [pool.linear(mean) for pool in pools]
        tells = [_telling(centre, pool.quadratic(covariance)) for centre, pool in zip(centres, pools, strict=True)]
        importance = np.zeros_like(covariance)
        for pool, tell in zip(pools, tells, strict=True):
            importance += pool.moment(pool.target[:, None] / len(pool.cargos) * tell**2)
        whole = variance = float((covariance * importance).sum())
        found: list[Experiment] = []
        open_ = [~pool.known for pool in pools]
        while len(found) < count:
            gains = [
                _gain(pool, centre, covariance, importance) * free
                for pool, centre, free in zip(pools, centres, open_, strict=True)
            ]
            best = max(range(len(pools)), key=lambda place: float(gains[place].max(initial=0.0)))
            if gains[best].max(initial=0.0) <= 0.0:
                break
            source, cargo = divmod(int(gains[best].argmax()), gains[best].shape[1])
            pool, gain = pools[best], float(gains[best][source, cargo])
            chosen = pool.source_values[source] + pool.cargo_values[cargo]
            centre = float(centres[best][source, cargo])
            after, information = after_a_test(chosen, centre, covariance)
            variance -= gain
            found.append(
                _experiment(
                    model,
                    features,
                    {**pool.sources[source], "cargo_state": pool.state, **pool.cargos[cargo]},
                    reduction=gain / whole,
                    remaining=variance / whole,
                    information=information,
                    settles=_settled(names, covariance, after),
                    alike=pool.sources_alike[source] * pool.cargos_alike[cargo] - 1,
                )
            )
            # The same vesicle in other words is no other experiment.
            open_[best][source] = False
            covariance = after
    return found


def posterior(model: FittedModel, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Mean and covariance of the raw weights of `names` (the intercept last), a level never seen keeping its prior."""
    position = {name: place for place, name in enumerate([*model.band.names, INTERCEPT])}
    mean = np.array([model.weights.get(name, 0.0) / model.slope for name in names])
    mean[-1] = model.baseline / model.slope
    covariance = np.diag(np.full(len(names), model.band.prior_variance))
    met = [place for place, name in enumerate(names) if name in position]
    kept = [position[names[place]] for place in met]
    covariance[np.ix_(met, met)] = model.band.covariance[np.ix_(kept, kept)]
    return mean, covariance


def after_a_test(values: Floats, centre: float, covariance: Floats) -> tuple[Floats, float]:
    """The covariance after one test of a candidate whose log-odds have the mean `centre`, and the information in bits."""
    moved = covariance @ values
    variance = float(values @ moved)
    tell = float(_telling(np.array([[centre]]), np.array([[variance]]))[0, 0])
    log_odds = centre + np.sqrt(variance) * _NODES
    chance = probabilities(log_odds)
    from scipy.special import entr

    whole = float(_WEIGHTS @ chance)
    uncertainty = float(entr(whole) + entr(1.0 - whole) - _WEIGHTS @ (entr(chance) + entr(1.0 - chance)))
    after: Floats = covariance - np.outer(moved, moved) * (tell / (1.0 + tell * variance))
    return after, uncertainty / float(np.log(2.0))


def _telling(centre: Floats, variance: Floats) -> Floats:
    """E[p (1 - p)] of candidates whose log-odds are Gaussian, by Gauss-Hermite quadrature."""
    width, total = np.sqrt(variance), np.zeros_like(centre)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        chance = probabilities(centre + width * node)
        total += weight * chance * (1.0 - chance)
    return total


def _gain(pool: Pool, centre: Floats, covariance: Floats, importance: Floats) -> Floats:
    """By how much a test of each candidate lowers the mean variance of the targets."""
    variance = pool.quadratic(covariance)
    tell = _telling(centre, variance)
    found: Floats = tell * pool.quadratic(covariance @ importance @ covariance) / (1.0 + tell * variance)
    return found


def _settled(names: Sequence[str], before: Floats, after: Floats, most: int = 2) -> tuple[tuple[str, float], ...]:
    taken_off = np.diag(before) - np.diag(after)
    order = np.argsort(-taken_off, kind="stable")[:most]
    return tuple((names[place], float(taken_off[place] / before[place, place])) for place in order)


def _experiment(
    model: FittedModel,
    features: Features,
    candidate: Mapping[str, str],
    *,
    reduction: float,
    remaining: float,
    information: float,
    settles: tuple[tuple[str, float], ...],
    alike: int,
) -> Experiment:
    values = features.of(features.reader.read(candidate))
    total = model.log_odds(values).total
    stratum = f"{candidate['source_cell']}/{candidate['source_phenotype']}/{candidate['cargo_state']}"
    return Experiment(
        candidate=candidate,
        probability=probability(total),
        interval=model.interval(values, total),
        reduction=reduction,
        remaining=remaining,
        information=information,
        support=model.support.counts["stratum"].get(stratum, NOTHING),
        settles=settles,
        alike=alike,
    )
