"""Doubts follow confident learning: thresholds by effect, ranked by self-confidence, explained by what speaks against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.estimator.features import Features
from tests.training.conftest import MakeUp
from training.advice.label_errors import find_label_errors
from training.data.findings import Finding
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import EvaluationPlan, grouped_splits
from training.evaluation.out_of_fold import OutOfFold, cross_val_predict

PLAN = EvaluationPlan(repeats=1)


@pytest.fixture(scope="module")
def predicted(ordered: list[Finding], features: Features) -> OutOfFold:
    return cross_val_predict(ordered, features, grouped_splits(ordered, PLAN), with_contributions=True, jobs=1)


def test_findings_are_ranked_by_the_probability_of_their_own_effect(make_up: MakeUp) -> None:
    predictions = make_up()
    found = find_label_errors(predictions)
    assert sorted(one.finding.finding_id for one in found.findings) == sorted(
        f.finding_id for f in predictions.findings
    )
    confidence = [one.self_confidence for one in found.findings]
    assert confidence == sorted(confidence)
    chance = dict(
        zip((f.finding_id for f in predictions.findings), predictions.probability[MODEL].mean(axis=0), strict=True)
    )
    for one in found.findings:
        own = chance[one.finding.finding_id]
        assert one.self_confidence == pytest.approx(own if one.finding.suppressing else 1.0 - own)


def test_thresholds_are_the_mean_confidence_of_each_effect_and_the_suspected_pass_the_other(make_up: MakeUp) -> None:
    predictions = make_up(repeats=1)
    found = find_label_errors(predictions)
    for effect, threshold in found.thresholds.items():
        of_effect = [one.self_confidence for one in found.findings if one.finding.effect == effect]
        assert threshold == pytest.approx(np.mean(of_effect))
    for one in found.findings:
        other = "promoting" if one.finding.suppressing else "suppressing"
        passes_other = 1.0 - one.self_confidence >= found.thresholds[other]
        passes_own = one.self_confidence >= found.thresholds[one.finding.effect]
        likelier = 1.0 - one.self_confidence > one.self_confidence
        assert one.is_label_issue == (passes_other and (likelier or not passes_own))
    assert 0 < found.suspected < len(found.findings)
    assert 0.0 < found.estimated_errors < len(found.findings)


def test_a_turned_label_is_suspected(predicted: OutOfFold, ordered: list[Finding], features: Features) -> None:
    surest = find_label_errors(predicted).findings[-1].finding
    turned = [
        replace(one, effect="promoting" if one.suppressing else "suppressing") if one is surest else one
        for one in ordered
    ]
    again = find_label_errors(
        cross_val_predict(turned, features, grouped_splits(turned, PLAN), with_contributions=True, jobs=1)
    )
    (doubt,) = [one for one in again.findings if one.finding.finding_id == surest.finding_id]
    assert doubt.is_label_issue
    assert doubt.p_value < 0.05
    assert doubt in again.findings[:5]


def test_what_speaks_against_the_effect_comes_first_and_sums_to_its_log_odds(predicted: OutOfFold) -> None:
    for doubt in find_label_errors(predicted).findings[:40]:
        added = list(doubt.contributions.values())
        assert added == sorted(added)
        log_odds = np.log(doubt.self_confidence / (1.0 - doubt.self_confidence))
        assert sum(added) == pytest.approx(log_odds, abs=1e-8)
        strongest, most = next((name, value) for name, value in doubt.contributions.items() if name != "baseline")
        if most < 0:
            assert doubt.because.startswith(strongest.replace("_", " "))
        said = doubt.as_dict()
        assert said["effect"] == doubt.finding.effect
        assert str(said["link"]).startswith("https://") or not said["link"]


def test_findings_of_one_effect_cannot_be_doubted(make_up: MakeUp) -> None:
    predictions = make_up()
    with pytest.raises(ValueError, match="one effect"):
        find_label_errors(predictions.subset(predictions.truth))
