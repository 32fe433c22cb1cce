"""Cold folds, years and the learning curve: what is left out is gone from what was learned, and what cannot be judged is said."""

from __future__ import annotations

import pytest

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.assessment import Assessment
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import EvaluationPlan
from training.evaluation.shifts import COLD, PAPERS_AFTER, Cold, evaluate_by_year, learning_curve
from training.splits import PARTS, cold_splits

QUICK = EvaluationPlan(repeats=1, resamples=20, jobs=1)


@pytest.mark.parametrize("kind", COLD, ids=lambda kind: kind.name)
def test_nothing_of_the_kind_is_on_both_sides(kind: Cold, ordered: list[Finding], features: Features) -> None:
    values = [kind.values(finding, features) for finding in ordered]
    splits = cold_splits(values, [finding.paper for finding in ordered], kind.folds, (0,))
    tested = 0
    for split in splits:
        seen = {value for row in split.train for value in values[row]}
        assert seen.isdisjoint(value for row in split.test for value in values[row])
        tested += len(split.test)
    assert tested == sum(bool(of_row) for of_row in values) > 200


def test_a_narrower_term_gives_its_broader_one_away(ordered: list[Finding], features: Features) -> None:
    tumour, phenotype = COLD[1], COLD[3]
    narrow = next(one for one in ordered if one.candidate.cancer_type == "triple-negative breast cancer")
    assert tumour.values(narrow, features)[:2] == ("triple-negative breast cancer", "breast cancer")
    assert "cancer" not in tumour.values(narrow, features)
    unspecified = next(one for one in ordered if one.candidate.source_phenotype == "unspecified")
    assert phenotype.values(unspecified, features) == ()


def test_every_shift_has_the_model_and_all_baselines_or_says_why_not(thorough: tuple[Bundle, Assessment]) -> None:
    shifts = thorough[1].shifts
    assert shifts is not None
    assert [one.name for one in shifts.cold] == [kind.name for kind in COLD]
    assert [one.name for one in shifts.learning_curve] == ["20 %", "40 %", "60 %", "80 %", "100 %"]
    for one in (*shifts.cold, *shifts.by_year, *shifts.learning_curve):
        assert bool(one.comparison) != bool(one.undefined_reason)
        if one.comparison:
            assert list(one.comparison.estimates) == list(thorough[1].cross_validation.estimates)
        if one.same_findings and one.comparison:
            assert one.same_findings.findings == one.comparison.findings


def test_the_learning_curve_ends_at_the_figures_of_the_table(thorough: tuple[Bundle, Assessment]) -> None:
    whole, shifts = thorough[1].cross_validation, thorough[1].shifts
    assert shifts is not None
    assert len(shifts.learning_curve) == PARTS
    last = shifts.learning_curve[-1].comparison
    assert last is not None
    assert last.estimates[MODEL] == whole.estimates[MODEL]
    papers = [one.training_papers for one in shifts.learning_curve]
    assert papers == sorted(papers)


def test_years_are_tried_where_both_sides_have_papers_enough(ordered: list[Finding], features: Features) -> None:
    found = evaluate_by_year(ordered, features, QUICK)
    years = [int(shift.name.removeprefix("after ")) for shift in found]
    assert years == sorted(years)
    for year, shift in zip(years, found, strict=True):
        later = [one for one in ordered if one.citation["year"] and int(one.citation["year"]) > year]
        assert shift.comparison is not None
        assert shift.comparison.findings == len(later)
        assert shift.comparison.papers >= PAPERS_AFTER


def test_too_few_papers_to_learn_from_are_said_and_never_a_figure(
    thorough: tuple[Bundle, Assessment], ordered: list[Finding], features: Features
) -> None:
    papers: dict[bool, list[str]] = {True: [], False: []}
    for finding in ordered:
        if finding.paper not in papers[True] + papers[False]:
            papers[finding.suppressing].append(finding.paper)
    few = [one for one in ordered if one.paper in papers[True][:8] + papers[False][:8]]
    curve = learning_curve(few, features, thorough[1].cross_validation, QUICK)
    assert curve[0].undefined_reason.startswith("Not defined")
    assert (curve[0].comparison, "figures" in curve[0].as_dict()) == (None, False)
