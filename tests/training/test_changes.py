"""What new findings changed is counted, traced to papers by leaving them out, and only said to follow from them where the model
before comes out again without them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.estimator.linear_model import FittedModel
from models.rounding import round_number
from models.scorer import Scorer
from training.changes import compare_predictions, describe_changes
from training.classifier import fit_model
from training.data.findings import Finding


def scorer_of(model: FittedModel, produced: Bundle, features: Features, name: str, *retracted: str) -> Scorer:
    bundle = Bundle(model, {**produced.manifest, "model": f"exo-{name:0>12}"})
    return Scorer(bundle, features, retracted=frozenset(retracted))


@pytest.fixture(scope="module")
def before(half: tuple[Finding, ...]) -> list[Finding]:
    """The findings of the model before: those of the first papers of a half of the corpus."""
    papers = sorted({finding.paper for finding in half})[:180]
    return [finding for finding in half if finding.paper in papers]


@pytest.fixture(scope="module")
def newer(half: tuple[Finding, ...], before: list[Finding]) -> list[Finding]:
    """Those of another paper."""
    papers = sorted({finding.paper for finding in half})
    return [finding for finding in half if finding.paper == papers[-1]]


@pytest.fixture(scope="module")
def previous(before: list[Finding], produced: Bundle, features: Features) -> Scorer:
    return scorer_of(fit_model(before, features), produced, features, "1", before[3].finding_id)


def corrected(finding: Finding) -> Finding:
    return replace(finding, effect=finding.opposite)


def test_findings_are_counted_as_added_corrected_retracted_and_removed(
    before: list[Finding], newer: list[Finding], previous: Scorer, produced: Bundle, features: Features
) -> None:
    # The first is corrected, the fourth was retracted since, the ninth is gone without that.
    now = [corrected(before[0]), *before[1:3], *before[4:8], *before[9:], *newer]
    model = scorer_of(fit_model(now, features), produced, features, "2")
    changes = describe_changes(model, previous, now, 0)
    counted = [changes[kind] for kind in ("added", "corrected", "retracted", "removed")]
    assert counted == [len(newer), 1, 1, 1]
    papers = {each["paper"]: each for each in changes["papers"]}
    assert papers[newer[0].paper]["added"] == sorted(finding.finding_id for finding in newer)
    assert papers[before[0].paper]["corrected"] == [before[0].finding_id]
    assert before[3].finding_id in papers[before[3].paper]["gone"]
    assert changes["reproduced"]
    assert json.loads(json.dumps(changes, allow_nan=False)) == changes
    for weight in changes["weights"]:
        name = f"{weight['field']}:{weight['level']}"
        after = round_number(model.bundle.model.weights.get(name, 0.0))
        assert (weight["before"], weight["after"]) == (
            round_number(previous.bundle.model.weights.get(name, 0.0)),
            after,
        )
    assert f"{len(newer)} added, 1 corrected, 1 retracted, 1 removed" in changes["says"][0]


def test_the_effect_of_the_only_paper_that_changed_is_all_that_changed(
    before: list[Finding], previous: Scorer, produced: Bundle, features: Features
) -> None:
    paper = before[0].paper
    now = [corrected(finding) if finding.paper == paper else finding for finding in before]
    model = scorer_of(fit_model(now, features), produced, features, "2")
    changes = describe_changes(model, previous, now, 0)
    (only,) = changes["papers"]
    pairs = compare_predictions(model, previous)
    assert abs(only["largest_effect"]) == round_number(max(abs(pair.change) for pair in pairs))
    assert abs(only["largest_effect"]) == changes["largest_change"] > 0.0
    for each in changes["predictions"]:
        change = each["probability_suppressing"] - each["other_probability_suppressing"]
        assert each["traced_to"]["paper"] == paper
        assert each["traced_to"]["change"] == pytest.approx(change, abs=2e-4)


def test_what_does_not_come_from_findings_alone_is_not_said_to(
    before: list[Finding], newer: list[Finding], previous: Scorer, produced: Bundle, features: Features
) -> None:
    now = [*before, *newer]
    model = scorer_of(fit_model(now, features), produced, features, "2")
    other = previous.bundle.model
    moved = scorer_of(replace(other, baseline=other.baseline + 0.1), produced, features, "3")
    for changes in (describe_changes(model, moved, now, 0), describe_changes(model, previous, now, 7)):
        assert not changes["reproduced"]
        assert "not all that changed follows from the findings" in changes["says"][1]
    assert describe_changes(model, previous, now[::-1], 0) == describe_changes(model, previous, now, 0)


def test_the_same_findings_are_said_to_be_the_same(
    before: list[Finding], previous: Scorer, produced: Bundle, features: Features
) -> None:
    changes = describe_changes(previous, previous, before, 0)
    assert (changes["added"], changes["changed"], changes["papers"], changes["weights"]) == (0, 0, [], [])
    assert changes["says"] == [f"{previous.bundle.id} was trained on the same findings."]
