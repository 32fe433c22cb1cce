"""The score is the exact sum of its contributions, and equals scikit-learn's own."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import expit

from models.estimator.linear_model import probabilities, probability
from models.scorer import Scorer
from training.data.findings import Finding

TOLERANCE = 1e-12


def generated(scorer: Scorer, count: int) -> list[dict[str, object]]:
    """Candidates over all cells, phenotypes, states and a spread of cargos, more than `count` cut to it."""
    vocabulary = scorer.parser.vocabulary
    sources = [
        (cell, phenotype)
        for cell in vocabulary.names("source_cell")
        for phenotype in sorted(vocabulary.phenotypes_of(cell))
    ]
    cargos = [("mirna", stem) for stem in scorer.features.roles.stems("mirna")[::7]]
    cargos += [("protein", symbol) for symbol in scorer.features.roles.stems("gene")[::60]]
    cargos += [("sirna", "KRAS"), ("lncrna", "H19"), ("small_molecule", "paclitaxel"), ("mirna", "unheard-of")]
    cancers = ("", *vocabulary.names("cancer_type"))
    states = vocabulary.names("cargo_state")
    wheel = zip(itertools.cycle(cargos), itertools.cycle(cancers), itertools.cycle(states), strict=False)
    return [
        {
            "source_cell": cell,
            "source_phenotype": phenotype,
            "cargo_type": cargo_type,
            "cargo_name": name,
            "cargo_state": "loaded" if cargo_type in ("sirna", "small_molecule") else state,
            "cancer_type": cancer,
        }
        for (cell, phenotype), ((cargo_type, name), cancer, state) in itertools.islice(
            zip(itertools.cycle(sources), wheel, strict=False), count
        )
    ]


def test_contributions_and_baseline_sum_to_the_score_on_every_row_of_the_corpus(
    scorer: Scorer, corpus: tuple[Finding, ...]
) -> None:
    for finding in corpus:
        score = scorer.score_reading(finding.reading)
        assert math.isclose(
            score.baseline + math.fsum(score.contributions.values()), score.log_odds, abs_tol=TOLERANCE
        ), finding.finding_id


def test_the_score_is_the_pipelines_on_the_corpus_and_on_10000_generated_candidates(
    scorer: Scorer, corpus: tuple[Finding, ...]
) -> None:
    readings = [finding.reading for finding in corpus]
    readings += [scorer.parser.parse(raw) for raw in generated(scorer, 10_000)]
    assert len({reading.candidate for reading in readings}) > 10_000
    fast = np.array([scorer.score_reading(reading).log_odds for reading in readings])
    model = scorer.bundle.model
    slow = model.slope * model.pipeline.decision_function([scorer.features.of(reading) for reading in readings])
    assert np.abs(fast - slow).max() < TOLERANCE


def test_probabilities_are_those_of_scipy() -> None:
    scores = np.random.default_rng(0).normal(0, 5, 10_000)
    assert np.abs(probabilities(scores) - expit(scores)).max() < TOLERANCE
    assert np.abs(np.array([probability(score) for score in scores.tolist()]) - expit(scores)).max() < TOLERANCE


def test_a_feature_that_training_never_met_adds_nothing(scorer: Scorer) -> None:
    model = scorer.bundle.model
    known = {"cargo_state:native": 1.0}
    assert model.log_odds(known | {"cargo_state:petrified": 1.0}).total == model.log_odds(known).total


@pytest.mark.parametrize("state", ["native", "loaded", "depleted", "enriched"])
def test_a_cargo_with_a_better_role_never_scores_lower(scorer: Scorer, state: str) -> None:
    def log_odds(name: str) -> float:
        raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": name, "cargo_state": state}
        return scorer.score(raw).log_odds

    better, worse = ("miR-21", "miR-145") if state == "depleted" else ("miR-145", "miR-21")
    assert log_odds(better) > log_odds(worse)
