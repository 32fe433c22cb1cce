"""The gate lets a model through that is not worse, stops one that is, and says why in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.estimator.features import Features
from models.estimator.linear_model import FittedModel
from training.classifier import fit_model
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.gate import MARGIN, Verdict, compare_models, findings_of

QUICK = EvaluationPlan(repeats=2, resamples=200, jobs=1)


def of_papers(corpus: tuple[Finding, ...], begin: float, end: float) -> list[Finding]:
    """The findings of a share of the papers, in the order of their names."""
    papers = sorted({finding.paper for finding in corpus})
    papers = papers[round(begin * len(papers)) : round(end * len(papers))]
    return [finding for finding in corpus if finding.paper in papers]


@pytest.fixture(scope="module")
def before(corpus: tuple[Finding, ...]) -> list[Finding]:
    return of_papers(corpus, 0.0, 0.73)


@pytest.fixture(scope="module")
def champion(before: list[Finding], features: Features) -> FittedModel:
    return fit_model(before, features, repeats=1)


@pytest.fixture(scope="module")
def more(corpus: tuple[Finding, ...]) -> list[Finding]:
    return of_papers(corpus, 0.0, 0.88)


@pytest.fixture(scope="module")
def held_out(corpus: tuple[Finding, ...]) -> list[Finding]:
    return of_papers(corpus, 0.88, 1.0)


@pytest.fixture(scope="module")
def verdict(more: list[Finding], champion: FittedModel, held_out: list[Finding], features: Features) -> Verdict:
    return compare_models(fit_model(more, features, repeats=1), champion, more, features, held_out, QUICK)


def flipped(findings: list[Finding]) -> list[Finding]:
    """The findings with the effect of every fourth turned round."""
    other = {"suppressing": "promoting", "promoting": "suppressing"}
    return [replace(one, effect=other[one.effect]) if number % 4 == 0 else one for number, one in enumerate(findings)]


def test_more_findings_of_the_same_kind_pass(verdict: Verdict, more: list[Finding], before: list[Finding]) -> None:
    assert verdict.recommends
    assert verdict.messages[0] == "Promotion is recommended"
    assert verdict.on_folds is not None
    assert verdict.on_folds.findings == len(more)
    assert verdict.shared is not None
    assert verdict.shared.findings == len(before)


def test_only_findings_of_papers_that_neither_has_seen_are_held_out(
    verdict: Verdict, champion: FittedModel, more: list[Finding], held_out: list[Finding], features: Features
) -> None:
    assert verdict.held_out is not None
    assert verdict.held_out.findings == len(held_out)
    seen = compare_models(champion, champion, more, features, more, QUICK)
    assert seen.held_out is not None
    assert seen.held_out.findings == len(more) - len(findings_of(champion, features))
    own = findings_of(champion, features)
    assert compare_models(champion, champion, own, features, own, QUICK).held_out is None


def test_wrong_labels_are_stopped_and_the_reason_is_told(
    more: list[Finding], champion: FittedModel, held_out: list[Finding], features: Features
) -> None:
    wrong = flipped(more)
    verdict = compare_models(fit_model(wrong, features, repeats=1), champion, wrong, features, held_out, QUICK)
    assert not verdict.recommends
    assert verdict.messages[0] == "Promotion is not recommended"
    assert any(f"worse by more than the margin of {MARGIN}" in line for line in verdict.messages)


def test_two_models_of_the_same_findings_are_told_to_be_so(
    champion: FittedModel, before: list[Finding], features: Features
) -> None:
    verdict = compare_models(champion, champion, before, features, plan=QUICK)
    assert (verdict.recommends, verdict.on_folds, verdict.shared, verdict.held_out) == (True, None, None, None)
    assert any("same findings" in line for line in verdict.messages)


def test_what_a_model_learned_from_is_found_in_it_again(
    champion: FittedModel, before: list[Finding], features: Features
) -> None:
    found = {(one.paper, one.candidate, one.effect) for one in findings_of(champion, features)}
    assert found == {(one.paper, one.candidate, one.effect) for one in before}


def test_the_order_of_the_findings_changes_nothing(
    verdict: Verdict, more: list[Finding], champion: FittedModel, held_out: list[Finding], features: Features
) -> None:
    challenger = fit_model(more, features, repeats=1)
    again = compare_models(challenger, champion, more[::-1], features, held_out[::-1], QUICK)
    assert again.as_dict() == verdict.as_dict()


def test_the_difference_is_that_of_the_two_and_inside_its_interval(verdict: Verdict) -> None:
    for trial in (verdict.on_folds, verdict.shared, verdict.held_out):
        assert trial is not None
        for name, more in trial.difference.items():
            assert more.mean == pytest.approx(trial.challenger[name] - trial.champion[name], nan_ok=True)
            low, high = more.interval
            if low == low:
                assert low <= more.mean <= high
