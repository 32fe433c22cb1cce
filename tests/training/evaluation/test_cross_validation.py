"""Evaluation: the model beside baselines On the same folds, better than each where it matters, and honest on new papers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.errors import SeenPapersError
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.scorer import Scorer
from training.data.findings import Finding
from training.evaluation.baselines import BASELINES
from training.evaluation.cross_validation import EvaluationPlan, cross_validate, evaluate
from training.evaluation.metrics import METRIC_NAMES
from training.pipeline import train_model


def of(produced: Bundle, name: str, figure: str) -> float:
    found: float = produced.manifest["metrics"]["figures"][name][figure]["mean"]
    return found


def test_the_model_and_every_baseline_are_in_one_table_of_the_same_run(produced: Bundle) -> None:
    table = produced.manifest["metrics"]["figures"]
    assert list(table) == [*BASELINES, "model"]
    assert all(set(figures) == set(METRIC_NAMES) for figures in table.values())


@pytest.mark.parametrize(
    ("figure", "bar"),
    [("auroc", 0.945), ("within_stratum_auroc", 0.78), ("within_stratum_auroc_named", 0.84), ("mcc", 0.75)],
)
def test_the_figures_on_left_out_papers_do_not_fall_below_their_bars(produced: Bundle, figure: str, bar: float) -> None:
    assert of(produced, "model", figure) >= bar


def test_the_probabilities_are_sharper_than_those_of_any_baseline(produced: Bundle) -> None:
    assert of(produced, "model", "brier") <= 0.095
    assert of(produced, "model", "ece") <= 0.05
    assert all(of(produced, name, "brier") > of(produced, "model", "brier") for name in BASELINES)


def test_rules_without_cargo_teach_nothing_within_a_stratum(produced: Bundle) -> None:
    assert of(produced, "rule: source x phenotype x state", "within_stratum_auroc") < 0.5
    assert of(produced, "model", "within_stratum_auroc") > 0.7


def test_each_label_is_covered_near_the_promised_rate_on_left_out_papers(produced: Bundle) -> None:
    for figure in ("coverage_suppressing", "coverage_promoting"):
        assert 0.87 <= of(produced, "model", figure) <= 0.95


def test_folds_on_two_processes_give_the_same_bits_as_on_one(corpus: tuple[Finding, ...], features: Features) -> None:
    one, two = (cross_validate(corpus, features, EvaluationPlan(repeats=2, jobs=jobs)).as_dict() for jobs in (1, 2))
    assert one == two


def test_a_model_of_half_of_the_papers_is_evaluated_on_the_other_half(
    corpus: tuple[Finding, ...], features: Features
) -> None:
    papers = sorted({finding.paper for finding in corpus})
    chosen = set(np.random.default_rng(5).permutation(papers)[: len(papers) // 2].tolist())
    bundle, _ = train_model(
        [finding for finding in corpus if finding.paper in chosen], features, EvaluationPlan(jobs=1)
    )
    scorer = Scorer(bundle, features)
    unseen = [finding for finding in corpus if finding.paper not in chosen]
    found = evaluate(scorer, unseen)
    assert (found.findings, found.overlapping_rows) == (len(unseen), 0)
    assert found.metrics["auroc"] > 0.85
    determined = [row for row in found.predictions if row["label"] != "undetermined"]
    assert 0.5 < found.metrics["determined"] < 1
    assert found.metrics["accuracy_determined"] > 0.9
    assert {row["label"] == row["effect"] for row in determined} == {True, False}
    assert [row["finding_id"] for row in found.predictions] == [finding.finding_id for finding in unseen]
    covered = found.coverage["source_cell"].values()
    assert sum(count for of_cell in covered for _, count in of_cell.values()) == len(unseen)
    with pytest.raises(SeenPapersError) as caught:
        evaluate(scorer, corpus)
    assert set(caught.value.papers) == chosen
    assert evaluate(scorer, corpus, allow_seen=True).overlapping_rows == caught.value.rows


def test_figures_that_are_not_defined_are_none_and_never_a_number(scorer: Scorer, corpus: tuple[Finding, ...]) -> None:
    found = evaluate(scorer, [finding for finding in corpus if finding.suppressing][:5], allow_seen=True).as_dict()
    assert found["auroc"] is None
    assert found["coverage_promoting"] is None
    assert not any(isinstance(value, float) and math.isnan(value) for value in found.values())
