"""Slices and strata cover the findings, and never show a number that is not defined."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from sklearn.metrics import roc_auc_score

from tests.training.conftest import MakeUp
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import EvaluationPlan
from training.evaluation.metrics import count_pairs
from training.evaluation.slices import MIN_PAIRS, ONE_EFFECT, SLICED, TOO_FEW_PAIRS, TOP_TUMOURS, slices, strata

PLAN = EvaluationPlan(resamples=50)


def test_strata_hold_every_finding_and_every_pair(make_up: MakeUp) -> None:
    predictions = make_up()
    found = strata(predictions, PLAN)
    assert sum(one.pairs for one in found) == count_pairs(predictions.truth, predictions.strata) > 0
    assert sum(one.suppressing + one.promoting for one in found) == len(predictions.findings)
    assert [one.pairs for one in found] == sorted((one.pairs for one in found), reverse=True)


def test_a_stratum_with_too_few_pairs_is_said_so_and_has_no_figure(make_up: MakeUp) -> None:
    for one in strata(make_up(), PLAN):
        expected = ONE_EFFECT if not one.pairs else TOO_FEW_PAIRS if one.pairs < MIN_PAIRS else ""
        assert one.undefined == expected
        assert one.auroc.defined == one.auroc_of_role.defined == (not expected)
        assert (one.as_dict()["auroc"] is None) == bool(expected)


def test_a_stratums_figure_is_the_auroc_of_its_findings(make_up: MakeUp) -> None:
    predictions = make_up(repeats=1)
    largest = strata(predictions, PLAN)[0]
    key = (largest.source_cell, largest.source_phenotype, largest.cargo_state)
    rows = [row for row, stratum in enumerate(predictions.strata) if stratum == key]
    plain = roc_auc_score(predictions.truth[rows], predictions.probability[MODEL][0][rows])
    assert largest.auroc.mean == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("field", list(SLICED))
def test_slices_count_the_findings_that_state_the_field(make_up: MakeUp, field: str) -> None:
    predictions = make_up()
    tally = Counter(value for value in map(SLICED[field], predictions.findings) if value)
    found = slices(predictions, PLAN)[field]
    assert {one.value: one.findings for one in found}.items() <= tally.items()
    assert len(found) == (min(TOP_TUMOURS, len(tally)) if field == "cancer_type" else len(tally))


def test_a_slice_of_one_effect_has_no_ranking_and_no_coverage_of_the_other(make_up: MakeUp) -> None:
    for of_field in slices(make_up(), PLAN).values():
        for one in of_field:
            promoting = one.findings - one.suppressing
            assert (one.undefined == ONE_EFFECT) == (not one.suppressing or not promoting)
            assert one.figures["auroc"].defined == one.figures["mcc"].defined == (not one.undefined)
            assert one.figures["coverage_suppressing"].defined == bool(one.suppressing)
            assert one.figures["coverage_promoting"].defined == bool(promoting)
            assert one.figures["brier"].defined
            if one.papers < 10:
                assert all(math.isnan(figure.interval[0]) for figure in one.figures.values())
