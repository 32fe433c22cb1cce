"""The Beta prior of shares is the likeliest one, and does not depend on the order of the counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import betaln

from models.knowledge.beta_prior import fit_beta
from models.knowledge.roles import Roles


@pytest.mark.parametrize("kind", ["gene", "lncrna", "mirna"])
def test_it_equals_what_a_general_optimiser_finds_on_the_shipped_votes(kind: str) -> None:
    roles = Roles.load()
    votes = [roles.of(kind, stem) for stem in roles.stems(kind)]
    counts = np.array([(each.suppressing, each.oncogenic) for each in votes if each.total])

    def loss(log_parameters: np.ndarray) -> float:  # type: ignore[type-arg]
        one, other = np.exp(log_parameters)
        return -float((betaln(one + counts[:, 0], other + counts[:, 1]) - betaln(one, other)).sum())

    theirs = np.exp(minimize(loss, [0.0, 0.0], tol=1e-10).x)
    prior = roles.priors[kind]
    assert (prior.suppressing, prior.oncogenic) == pytest.approx(tuple(theirs), rel=1e-3)


def test_the_priors_of_the_shipped_votes_stay_what_they_are() -> None:
    priors = {kind: (prior.suppressing, prior.oncogenic) for kind, prior in Roles.load().priors.items()}
    assert priors == {
        "gene": pytest.approx((0.35700672, 0.46070712), rel=1e-6),
        "lncrna": pytest.approx((0.42368174, 1.23335606), rel=1e-6),
        "mirna": pytest.approx((1.45957516, 0.79350738), rel=1e-6),
    }


def test_the_parameters_that_made_the_counts_are_found_again() -> None:
    random = np.random.default_rng(0)
    totals = random.integers(1, 40, 4000)
    shares = random.beta(2.0, 0.7, len(totals))
    suppressing = random.binomial(totals, shares)
    found = fit_beta(zip(suppressing.tolist(), (totals - suppressing).tolist(), strict=True))
    assert found == pytest.approx((2.0, 0.7), rel=0.1)


def test_the_order_of_the_counts_does_not_matter_and_one_sided_ones_teach_no_spread() -> None:
    counts = [(3.0, 1.0), (0.0, 2.0), (5.0, 5.0), (1.0, 0.0)]
    assert fit_beta(counts) == fit_beta(counts[::-1])
    assert fit_beta([]) == fit_beta([(4.0, 0.0), (2.0, 0.0)]) == (1.0, 1.0)
