"""Experiments are chosen by what they take off the targets' uncertainty: the arithmetic is that of Bayes' rule, each choice is
the best that is left, and nothing is proposed that is published or that another choice already settles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import expit

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.estimator.information import INTERCEPT, posterior, posterior_after
from models.estimator.linear_model import FittedModel
from training.advice.candidate_grid import CandidatePool, build_pools
from training.advice.experiments import next_experiments


@pytest.fixture(scope="module")
def model(produced: Bundle) -> FittedModel:
    return produced.model


@pytest.fixture(scope="module")
def laid_out(model: FittedModel, features: Features) -> tuple[list[str], list[CandidatePool]]:
    return build_pools(model, features)


def test_a_candidate_of_the_grid_has_the_features_it_is_scored_by(
    laid_out: tuple[list[str], list[CandidatePool]], features: Features
) -> None:
    names, pools = laid_out
    for pool in pools:
        picks = np.random.default_rng(0).integers(0, [len(pool.sources), len(pool.cargos)], size=(60, 2))
        for source, cargo in picks:
            fields = {**pool.sources[source], "cargo_state": pool.state, **pool.cargos[cargo]}
            expected = {**features.of(features.parser.parse(fields)), INTERCEPT: 1.0}
            row = pool.source_values[source] + pool.cargo_values[cargo]
            assert {name: value for name, value in zip(names, row, strict=True) if value} == pytest.approx(expected)


def test_forms_over_a_pool_are_those_of_its_rows(laid_out: tuple[list[str], list[CandidatePool]]) -> None:
    names, pools = laid_out
    random = np.random.default_rng(1)
    root = random.normal(size=(len(names), len(names)))
    matrix, weights = root @ root.T, random.normal(size=len(names))
    pool = pools[0]
    importance = random.random((len(pool.sources), len(pool.cargos)))
    importance[4:] = 0.0
    importance[:, 5:] = 0.0
    moment = np.zeros_like(matrix)
    for source, cargo in itertools.product(range(4), range(5)):
        row = pool.source_values[source] + pool.cargo_values[cargo]
        assert pool.linear_predictor(weights)[source, cargo] == pytest.approx(row @ weights)
        assert pool.quadratic(matrix)[source, cargo] == pytest.approx(row @ matrix @ row)
        moment += importance[source, cargo] * np.outer(row, row)
    assert pool.second_moment(importance) == pytest.approx(moment)


def test_targets_weigh_one_in_all_and_every_cell_the_same(laid_out: tuple[list[str], list[CandidatePool]]) -> None:
    _, pools = laid_out
    assert sum(pool.target.sum() for pool in pools) == pytest.approx(1.0)
    by_cell: dict[str, float] = {}
    for source, weight in zip(pools[0].sources, pools[0].target, strict=True):
        by_cell[source["source_cell"]] = by_cell.get(source["source_cell"], 0.0) + weight
    assert list(by_cell.values()) == pytest.approx([next(iter(by_cell.values()))] * len(by_cell))


def test_the_posterior_is_that_of_the_band_and_the_prior_where_nothing_was_seen(
    model: FittedModel, laid_out: tuple[list[str], list[CandidatePool]], features: Features
) -> None:
    names, pools = laid_out
    mean, covariance = posterior(model, names)
    assert np.linalg.eigvalsh(covariance).min() > 0
    unseen = [place for place, name in enumerate(names) if name not in model.weights and name != INTERCEPT]
    assert unseen
    assert (covariance[unseen, unseen] == model.band.prior_variance).all()
    for pool, source, cargo in itertools.product(pools, (0, -1), (0, -1)):
        fields = {**pool.sources[source], "cargo_state": pool.state, **pool.cargos[cargo]}
        values = features.of(features.parser.parse(fields))
        row = pool.source_values[source] + pool.cargo_values[cargo]
        assert model.slope * (row @ mean) == pytest.approx(model.log_odds(values).total)
        assert 1.6448536269514722 * np.sqrt(row @ covariance @ row) == pytest.approx(
            model.band.interval_half_width(values)
        )


def test_a_test_updates_the_covariance_as_the_inverse_of_the_information_does() -> None:
    random = np.random.default_rng(2)
    root = random.normal(size=(5, 5))
    covariance, values = root @ root.T / 5 + np.eye(5) * 0.1, random.normal(size=5)
    after, information = posterior_after(values, 0.3, covariance)
    draws = expit(0.3 + np.sqrt(values @ covariance @ values) * random.normal(size=400_000))
    tells = float((draws * (1 - draws)).mean())
    expected = np.linalg.inv(np.linalg.inv(covariance) + tells * np.outer(values, values))
    assert after == pytest.approx(expected, abs=2e-3)
    assert np.linalg.eigvalsh(covariance - after).min() > -1e-9
    entropy = -(draws * np.log2(draws) + (1 - draws) * np.log2(1 - draws)).mean()
    whole = draws.mean()
    assert information == pytest.approx(
        -(whole * np.log2(whole) + (1 - whole) * np.log2(1 - whole)) - entropy, abs=2e-3
    )


def test_each_choice_takes_off_no_more_than_the_one_before_and_all_add_up(
    model: FittedModel, features: Features
) -> None:
    chosen = next_experiments(model, features, 8)
    reductions = [one.reduction for one in chosen]
    assert len(chosen) == 8
    assert reductions == sorted(reductions, reverse=True)
    assert min(reductions) > 0
    assert 1.0 - np.cumsum(reductions) == pytest.approx([one.remaining for one in chosen])
    assert next_experiments(model, features, 3) == chosen[:3]


def test_choices_differ_are_not_published_and_can_be_scored(model: FittedModel, features: Features) -> None:
    chosen = next_experiments(model, features, 12)
    strata = [
        tuple(one.candidate[name] for name in ("source_cell", "source_phenotype", "cargo_state")) for one in chosen
    ]
    assert len(set(strata)) == len(strata)
    published = {
        (one.candidate["source_cell"], one.candidate["source_phenotype"], one.candidate["cargo_state"], name.stem)
        for one in model.evidence
        for name in features.parser.parse(one.candidate, require_cargo_name=False).cargo
    }
    for one, stratum in zip(chosen, strata, strict=True):
        reading = features.parser.parse(one.candidate)
        assert reading.cargo[0].recognised
        assert features.reports(reading.cargo[0], one.candidate["cargo_type"]).total >= 10
        assert (*stratum, reading.cargo[0].stem) not in published
        assert one.interval[0] < one.probability < one.interval[1]
        assert all(0.0 < share < 1.0 for _, share in one.reduces_uncertainty_of)
