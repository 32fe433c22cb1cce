"""Advice is one document of conflicts, doubts and experiments, the same for any order of the findings."""

from __future__ import annotations

import json

import pytest

from models.estimator.features import Features
from training.advice import advise
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan

QUICK = EvaluationPlan(repeats=1, jobs=1)


def test_advice_does_not_depend_on_the_order_of_the_findings(half: tuple[Finding, ...], features: Features) -> None:
    one, other = (advise(findings, features, 3, QUICK) for findings in (half, half[::-1]))
    assert json.dumps(one.as_dict(5)) == json.dumps(other.as_dict(5))
    said = one.as_dict(2)
    assert list(said) == ["findings", "papers", "conflicts", "doubts", "experiments"]
    assert (said["findings"], len(one.label_errors.findings)) == (len(half), len(half))
    assert len(json.loads(json.dumps(said))["doubts"]["top"]) == len(one.experiments[:2]) == 2


def test_findings_of_one_effect_give_no_advice(corpus: tuple[Finding, ...], features: Features) -> None:
    with pytest.raises(ValueError, match="both effects"):
        advise([finding for finding in corpus if finding.suppressing], features, plan=QUICK)
