"""The rebuild of the shipped model fails where the corpus, a feature or the fit is another one, and not for last digits."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.later_papers import FeaturesWithoutRoles
from benchmarks.rebuild import RECORD, Record, differences, make_record
from models.estimator.features import Features
from models.scorer import Scorer
from service import open_scorer
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.pipeline import train_model

BRIEF = EvaluationPlan(repeats=1, resamples=10, jobs=1)
OTHER_EFFECT = {"suppressing": "promoting", "promoting": "suppressing"}


def brief_record(findings: tuple[Finding, ...], features: Features) -> Record:
    bundle, _ = train_model(findings, features, BRIEF)
    return make_record(Scorer(bundle, features), findings)


@pytest.fixture(scope="module")
def few(corpus: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return corpus[:200]


@pytest.fixture(scope="module")
def recorded(few: tuple[Finding, ...], features: Features) -> Record:
    return brief_record(few, features)


def test_the_record_is_of_the_model_that_the_corpus_gives(trained_var: Path, corpus: tuple[Finding, ...]) -> None:
    assert differences(json.loads(RECORD.read_text("utf-8")), make_record(open_scorer(trained_var), corpus)) == []


def test_the_same_training_gives_the_same_record(
    few: tuple[Finding, ...], features: Features, recorded: Record
) -> None:
    assert brief_record(few, features) == recorded


def test_a_changed_row_of_the_corpus_is_seen_in_manifest_and_scores(
    few: tuple[Finding, ...], features: Features, recorded: Record
) -> None:
    changed = (replace(few[0], effect=OTHER_EFFECT[few[0].effect]), *few[1:])
    lines = differences(recorded, brief_record(changed, features))
    assert any(line.startswith("manifest.fingerprints.data: ") for line in lines)
    assert any(line.startswith("score of ") for line in lines)


def test_a_changed_feature_is_seen_though_the_corpus_is_the_same(
    few: tuple[Finding, ...], features: Features, recorded: Record
) -> None:
    without_roles = FeaturesWithoutRoles(features.parser, features.roles)
    lines = differences(recorded, brief_record(few, without_roles))
    assert any(line.startswith("score of ") for line in lines)
    assert not any("fingerprints" in line for line in lines)


def drop_a_feature(record: Record) -> None:
    record["manifest"]["parameters"] -= 1


def change_the_lock_file(record: Record) -> None:
    record["manifest"]["lock"] = "0" * 64


def change_the_seed(record: Record) -> None:
    record["manifest"]["seed"] += 1


def change_a_library(record: Record) -> None:
    record["manifest"]["libraries"]["numpy"] = "1.0"


def drop_a_member(record: Record) -> None:
    del record["manifest"]["roles"]


def change_only_the_id(record: Record) -> None:
    record["manifest"]["model"] = "exo-000000000000"


def change_a_prediction(record: Record) -> None:
    first = next(iter(record["scores"]))
    record["scores"][first] = ["undetermined-not", record["scores"][first][1]]


def move_a_probability(record: Record) -> None:
    first = next(iter(record["scores"]))
    record["scores"][first][1] += 0.0002


def drop_a_score(record: Record) -> None:
    del record["scores"][next(iter(record["scores"]))]


@pytest.mark.parametrize(
    "change",
    [
        drop_a_feature,
        change_the_lock_file,
        change_the_seed,
        change_a_library,
        drop_a_member,
        change_only_the_id,
        change_a_prediction,
        move_a_probability,
        drop_a_score,
    ],
)
def test_each_change_is_one_difference(recorded: Record, change: Callable[[Record], None]) -> None:
    changed = copy.deepcopy(recorded)
    change(changed)
    assert len(differences(recorded, changed)) == 1


def test_last_digits_and_the_id_that_follows_from_them_are_no_difference(recorded: Record) -> None:
    other = copy.deepcopy(recorded)
    test = other["manifest"]["self_test"]
    test["log_odds"] = math.nextafter(test["log_odds"], math.inf)
    other["manifest"]["model"] = "exo-000000000000"
    first = next(iter(other["scores"]))
    other["scores"][first][1] += 0.0001
    assert differences(recorded, other) == []
