"""Which experiments would teach the model most: Bayesian experimental design on the posterior of its weights.

The weights have a Gaussian posterior with covariance S (`models/estimator/posterior.py`). Testing a candidate x once,
whatever comes out, changes S by - g S x x' S / (1 + g x' S x), where g = E[p (1 - p)] is how much one outcome of x
tells. The probability of a target t has the variance E[p (1 - p)]^2 t' S t (to first order), so that testing x lowers
the mean variance of all targets by g x' S M S x / (1 + g x' S x), with M the mean of E[p (1 - p)]^2 t t'. Candidates
are chosen greedily by that reduction, S being updated after each, so that the second is what is still worth testing
after the first.

This is A-optimal design for logistic regression (Schein and Ungar 2007, doi:10.1007/s10994-007-5019-5) in its Bayesian form
(Chaloner and Verdinelli 1995, doi:10.1214/ss/1177009939). The information that an outcome carries on the weights (BALD,
Houlsby et al. 2011, doi:10.48550/arXiv.1112.5745) is reported beside it; chosen by that alone, oddities that share no weight with
anything else would come first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats, one_thread
from models.estimator.applicability import Count
from models.estimator.features import Features
from models.estimator.information import expected_information, posterior, posterior_after, variance_reduction
from models.estimator.linear_model import FittedModel, probability
from models.rounding import round_probability
from training.advice.candidate_grid import CandidatePool, build_pools


@dataclass(frozen=True)
class Experiment:
    """A candidate worth testing: what it is, what the model says of it now, and what a test would settle.

    `reduction` is the share of the targets' mean variance that it takes off after the experiments before it, `remaining` what
    is left then, `information` what one outcome tells of the weights, in bits. `support` counts the findings of its source
    and state; `reduces_uncertainty_of` names the weights that become surest, with the share of their variance taken off;
    `equivalents` counts the other candidates of the grid that the model cannot tell from it.
    """

    candidate: Mapping[str, str]
    probability: float
    interval: tuple[float, float]
    reduction: float
    remaining: float
    information: float
    support: Count
    reduces_uncertainty_of: tuple[tuple[str, float], ...]
    equivalents: int

    def as_dict(self) -> dict[str, object]:
        """The experiment ready for JSON."""
        return {
            "candidate": dict(self.candidate),
            "probability_suppressing": round_probability(self.probability),
            "interval": [round_probability(bound) for bound in self.interval],
            "reduction": self.reduction,
            "remaining": self.remaining,
            "information_bits": self.information,
            "same_source_and_state": {"findings": self.support.findings, "papers": self.support.papers},
            "settles": [{"weight": name, "variance_taken_off": share} for name, share in self.reduces_uncertainty_of],
            "alike": self.equivalents,
        }


def next_experiments(model: FittedModel, features: Features, count: int) -> list[Experiment]:
    """The `count` experiments that together would teach most, best first (see the module)."""
    names, pools = build_pools(model, features)
    mean, covariance = posterior(model, names)
    with one_thread():
        centres = [pool.linear_predictor(mean) for pool in pools]
        importance = np.zeros_like(covariance)
        for pool, centre in zip(pools, centres, strict=True):
            weights = expected_information(centre, pool.quadratic(covariance)) ** 2
            importance += pool.second_moment(pool.target[:, None] / len(pool.cargos) * weights)
        whole = remaining = float((covariance * importance).sum())
        available = [~pool.known for pool in pools]
        experiments: list[Experiment] = []
        while len(experiments) < count:
            gains = [
                _variance_reduction(pool, centre, covariance, importance) * free
                for pool, centre, free in zip(pools, centres, available, strict=True)
            ]
            best = max(range(len(pools)), key=lambda place: float(gains[place].max(initial=0.0)))
            if gains[best].max(initial=0.0) <= 0.0:
                break
            pool = pools[best]
            source, cargo = divmod(int(gains[best].argmax()), len(pool.cargos))
            tested = pool.source_values[source] + pool.cargo_values[cargo]
            after, information = posterior_after(tested, float(centres[best][source, cargo]), covariance)
            gain = float(gains[best][source, cargo])
            remaining -= gain
            candidate = {**pool.sources[source], "cargo_state": pool.state, **pool.cargos[cargo]}
            values = features.of(features.parser.parse(candidate))
            log_odds = model.log_odds(values).total
            stratum = f"{candidate['source_cell']}/{candidate['source_phenotype']}/{pool.state}"
            experiments.append(
                Experiment(
                    candidate=candidate,
                    probability=probability(log_odds),
                    interval=model.interval(values, log_odds),
                    reduction=gain / whole,
                    remaining=remaining / whole,
                    information=information,
                    support=model.support.of("stratum", stratum),
                    reduces_uncertainty_of=_largest_reductions(names, covariance, after),
                    equivalents=int(pool.equivalents[source, cargo]),
                )
            )
            # The same vesicle in other words is no other experiment.
            available[best][source] = False
            covariance = after
    return experiments


def _variance_reduction(pool: CandidatePool, centre: Floats, covariance: Floats, importance: Floats) -> Floats:
    """By how much a test of each candidate lowers the mean variance of the targets."""
    spread = pool.quadratic(covariance @ importance @ covariance)
    return variance_reduction(centre, pool.quadratic(covariance), spread)


def _largest_reductions(
    names: Sequence[str], before: Floats, after: Floats, count: int = 2
) -> tuple[tuple[str, float], ...]:
    """The weights whose variance falls most, with the share that is taken off."""
    taken_off = np.diag(before) - np.diag(after)
    # Rounded, so that what falls alike is in the order of the names.
    order = np.argsort(-taken_off.round(9), kind="stable")[:count]
    return tuple((names[place], float(taken_off[place] / before[place, place])) for place in order)
