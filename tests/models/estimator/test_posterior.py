"""The band of a probability: exact for its formula, wider where less is known, and as wide as refits on other papers spread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.estimator.features import Features
from models.estimator.posterior import Z_90, LaplacePosterior
from models.scorer import Scorer
from training.data.findings import Finding
from training.fit import TrainingTable, canonical_order, fit_pipeline

SEEN = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def width(scorer: Scorer, **changed: object) -> float:
    return scorer.bundle.model.band.interval_half_width(scorer.features.of(scorer.parser.parse(SEEN | changed)))


def test_the_half_width_is_the_quadratic_form_of_the_covariance() -> None:
    random = np.random.default_rng(0)
    root = random.normal(size=(4, 4))
    band = LaplacePosterior(["a", "b", "c"], root @ root.T, prior_variance=1.0)
    row = np.array([0.5, 0.0, -2.0, 1.0])
    expected = Z_90 * np.sqrt(row @ band.covariance @ row + 9.0)
    assert band.interval_half_width({"a": 0.5, "c": -2.0, "never met": 3.0}) == pytest.approx(expected, rel=1e-12)


def test_what_was_never_seen_widens_the_band(scorer: Scorer) -> None:
    assert width(scorer, source_cell="milk", source_phenotype="unspecified") > 1.2 * width(scorer)
    assert width(scorer, source_phenotype="M0") > width(scorer)


def test_the_band_holds_the_probability_of_every_finding(scorer: Scorer, corpus: tuple[Finding, ...]) -> None:
    for finding in corpus:
        score = scorer.score_reading(finding.reading)
        low, high = score.interval
        assert 0 <= low < score.probability_suppressing < high <= 1, finding.finding_id


def test_the_band_is_about_as_wide_as_refits_on_resampled_papers_spread(
    scorer: Scorer, corpus: tuple[Finding, ...], features: Features
) -> None:
    table = TrainingTable.from_findings(canonical_order(corpus), features)
    papers = sorted(set(table.papers))
    random = np.random.default_rng(0)
    refits = []
    for _ in range(60):
        drawn = dict.fromkeys(papers, 0)
        for paper in random.choice(papers, len(papers)):
            drawn[paper] += 1
        weights = table.weights * np.array([drawn[paper] for paper in table.papers])
        pipeline = fit_pipeline(replace(table, weights=weights))
        refits.append(pipeline.decision_function(table.features))
    spread = np.std(refits, axis=0)
    band = np.array([scorer.bundle.model.band.interval_half_width(row) for row in table.features]) / Z_90
    assert 0.7 < np.median(band / spread) < 2.0
