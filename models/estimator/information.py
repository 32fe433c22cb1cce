"""What a test of a candidate would tell of a fitted model's weights: Bayes' rule on their Gaussian posterior.

Testing a candidate x once, whatever comes out, changes the covariance S of the weights by - g S x x' S / (1 + g x' S x), where
g = E[p (1 - p)] is how much one outcome of x tells (A-optimal design in its Bayesian form, Chaloner and Verdinelli 1995,
doi:10.1214/ss/1177009939). The information that an outcome carries on the weights is that of Houlsby et al. 2011
(doi:10.48550/arXiv.1112.5745).
"""

from collections.abc import Sequence

import numpy as np

from models.arrays import Floats
from models.estimator.linear_model import FittedModel, probabilities

INTERCEPT = "intercept"
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(32)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_LEAST = np.finfo(np.float64).tiny


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


def posterior_after(values: Floats, centre: float, covariance: Floats) -> tuple[Floats, float]:
    """The covariance after one test of a candidate whose log-odds have the mean `centre`, and the information in bits."""
    moved = covariance @ values
    variance = values @ moved
    probability = probabilities(centre + np.sqrt(variance) * _NODES)
    mean = _WEIGHTS @ probability
    information = _entropy(mean) - _WEIGHTS @ _entropy(probability)
    tells = _WEIGHTS @ (probability * (1.0 - probability))
    after: Floats = covariance - np.outer(moved, moved) * (tells / (1.0 + tells * variance))
    return after, float(information)


def _entropy(probability: Floats) -> Floats:
    """The entropy of an outcome, in bits. To load SciPy for it takes longer than a whole shortlist."""
    both = np.clip([probability, 1.0 - probability], _LEAST, 1.0)
    entropy: Floats = -(both * np.log2(both)).sum(axis=0)
    return entropy


def expected_information(centre: Floats, variance: Floats) -> Floats:
    """E[p (1 - p)] of candidates whose log-odds are Gaussian, by Gauss-Hermite quadrature."""
    width, total = np.sqrt(variance), np.zeros_like(centre)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        probability = probabilities(centre + width * node)
        total += weight * probability * (1.0 - probability)
    return total


def variance_reduction(centre: Floats, variance: Floats, spread: Floats) -> Floats:
    """By how much a test of each candidate x lowers the mean variance of the targets: g x' S M S x / (1 + g x' S x), where M is
    the mean of the targets' weighted t t'. `variance` is x' S x and `spread` x' S M S x."""
    tells = expected_information(centre, variance)
    reduction: Floats = tells * spread / (1.0 + tells * variance)
    return reduction
