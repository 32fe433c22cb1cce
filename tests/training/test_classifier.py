"""`ExosomeClassifier` is the model of `exoscore train`, to the last bit, in whatever takes a classifier of scikit-learn; all
kinds of tables give it the same candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from _pytest.mark import ParameterSet
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.calibration import CalibrationDisplay
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import _get_check_estimator_ids, estimator_checks_generator
from sklearn.utils.validation import validate_data

from models.candidates.candidate import FIELD_BY_NAME
from models.errors import TableError
from models.estimator import artifact
from models.estimator.artifact import Bundle
from models.estimator.conformal import members_of
from models.estimator.features import Features
from models.estimator.linear_model import calibrated
from models.scorer import Scorer
from training import ExosomeClassifier
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan, grouped_splits
from training.evaluation.out_of_fold import cross_val_predict as predict_left_out
from training.fit import TrainingTable

mpl.use("Agg")
FIELDS = [name for name in FIELD_BY_NAME if name != "id"]

NUMBERS = "It gives numbers, which state no candidate."
LABELS = "It gives labels other than the two effects."
STEPS = "A Pipeline fits the estimators that it was given, so its parameter `steps` changes."
BEHIND_A_STEP = {
    "check_estimators_overwrite_params": STEPS,
    "check_dont_overwrite_parameters": STEPS,
    "check_estimators_dtypes": LABELS,
    "check_classifier_data_not_an_array": LABELS,
    "check_classifiers_classes": LABELS,
    "check_fit2d_1feature": LABELS,
}
_WITH_NUMBERS = """
check_fit_score_takes_y check_estimators_overwrite_params check_dont_overwrite_parameters check_estimators_fit_returns_self
check_readonly_memmap_input check_n_features_in_after_fitting check_positive_only_tag_during_fit check_dtype_object
check_pipeline_consistency check_estimators_pickle check_f_contiguous_array_estimator check_classifiers_train
check_supervised_y_2d check_decision_proba_consistency check_methods_sample_order_invariance
check_methods_subset_invariance check_dict_unchanged check_fit_idempotent check_fit_check_is_fitted check_n_features_in
check_fit2d_predict1d
"""
BY_ITSELF = {
    **{name: reason for name, reason in BEHIND_A_STEP.items() if reason is LABELS},
    **dict.fromkeys(_WITH_NUMBERS.split(), NUMBERS),
}


class CandidatesOfNumbers(TransformerMixin, BaseEstimator):
    """Candidates by the signs of two columns of numbers, so that the checks of scikit-learn can be asked of them."""

    def fit(self, X: Any, y: Any = None) -> CandidatesOfNumbers:  # noqa: N803
        validate_data(self, X)
        return self

    def transform(self, X: Any) -> list[dict[str, str]]:  # noqa: N803
        values = validate_data(self, X, reset=False)
        phenotypes, states = np.where(values[:, 0] > 0, "M1", "M2"), np.where(values[:, -1] > 0, "loaded", "native")
        return [
            {"source_phenotype": phenotype, "cargo_type": "protein", "cargo_state": state}
            for phenotype, state in zip(phenotypes.tolist(), states.tolist(), strict=True)
        ]


def impossible_checks(estimator: Any) -> dict[str, str]:
    return BY_ITSELF if isinstance(estimator, ExosomeClassifier) else BEHIND_A_STEP


def checks_of(estimator: BaseEstimator) -> Iterator[Any]:
    """scikit-learn's checks of an estimator, those that cannot apply marked with the reason. The check of array namespaces needs
    SciPy to be imported otherwise than the product does."""
    checks = estimator_checks_generator(estimator, expected_failed_checks=impossible_checks(estimator), mark="xfail")
    for check in checks:
        function = (check.values if isinstance(check, ParameterSet) else check)[1]
        if getattr(function, "func", function).__name__ != "check_array_api_input":
            yield check


# Some checks have too few numbers for the last digits.
@pytest.mark.filterwarnings("ignore:Line search of Newton solver:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        *checks_of(ExosomeClassifier(repeats=1)),
        *checks_of(make_pipeline(CandidatesOfNumbers(), ExosomeClassifier(repeats=1))),
    ],
    ids=_get_check_estimator_ids,
)
def test_the_checks_of_scikit_learn_pass_but_for_those_that_cannot_apply(
    estimator: Any, check: Callable[[Any], None]
) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def table(ordered: list[Finding]) -> pd.DataFrame:
    """The corpus as a frame: candidates in their fields, effect and paper."""
    rows = [{**finding.candidate.to_dict(), "effect": finding.effect, "paper": finding.paper} for finding in ordered]
    return pd.DataFrame(rows, columns=[*FIELDS, "effect", "paper"])


@pytest.fixture(scope="module")
def fitted(table: pd.DataFrame) -> ExosomeClassifier:
    return ExosomeClassifier().fit(table[FIELDS], table.effect, groups=table.paper)


def test_the_corpus_through_the_class_is_the_very_model_of_a_training(
    fitted: ExosomeClassifier, produced: Bundle
) -> None:
    weights, baseline = calibrated(fitted.pipeline_, fitted.calibration_.slope)
    learned: Any = SimpleNamespace(weights=weights, baseline=baseline, sets=fitted.calibration_.sets)
    assert artifact.content_id(learned, produced.manifest["fingerprints"]) == produced.id
    assert np.array_equal(fitted.posterior_.covariance, produced.model.band.covariance)


def test_probabilities_are_those_of_the_scorer(
    fitted: ExosomeClassifier, scorer: Scorer, table: pd.DataFrame, ordered: list[Finding]
) -> None:
    scores = [scorer.score_reading(finding.reading) for finding in ordered]
    assert fitted.decision_function(table[FIELDS]) == pytest.approx([score.log_odds for score in scores], abs=1e-9)
    probabilities = fitted.predict_proba(table[FIELDS])[:, list(fitted.classes_).index("suppressing")]
    assert probabilities == pytest.approx([score.probability_suppressing for score in scores], abs=1e-9)
    sets = [[label in score.prediction_set for label in fitted.classes_] for score in scores]
    assert np.array_equal(fitted.predict_set(table[FIELDS]), sets)


def test_folds_through_the_class_are_those_of_the_reported_figures(
    table: pd.DataFrame, ordered: list[Finding], features: Features
) -> None:
    (splits,) = grouped_splits(ordered, EvaluationPlan(repeats=1))
    reported = predict_left_out(ordered, features, [splits], jobs=1)
    rows = TrainingTable.from_findings(ordered, features)
    for split in splits:
        seen, left = table.iloc[split.train], table.iloc[split.test]
        classifier = ExosomeClassifier(repeats=1, seed=split.seed).fit(seen[FIELDS], seen.effect, groups=seen.paper)
        log_odds = classifier.decision_function(left[FIELDS])
        assert np.array_equal(reported.log_odds[0, split.test], log_odds)
        groups = members_of(rows.rows(split.test).groups)
        p_values = classifier.calibration_.sets.p_values(log_odds, groups)
        assert np.array_equal(reported.p_values[0, split.test], p_values)


def as_texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.map(lambda value: ";".join(value) if isinstance(value, list) else value)


KINDS: Mapping[str, Callable[[pd.DataFrame], Any]] = {
    "pandas with texts": as_texts,
    "pandas with NA": lambda table: as_texts(table).astype("string"),
    "pandas by category": lambda table: as_texts(table).astype("category"),
    "pandas with another index": lambda table: as_texts(table).set_index(pd.Index(range(len(table), 0, -1))),
    "polars": lambda table: pl.DataFrame(
        as_texts(table).astype(object).where(as_texts(table).notna(), None).to_dict("list")
    ),
    "polars with lists": lambda table: pl.from_dicts([*records(table)], infer_schema_length=None),
    "pyarrow with lists": lambda table: pa.Table.from_pylist([*records(table)]).select(FIELDS),
    "records": lambda table: [*records(table)],
    "an array of records": lambda table: np.array([*records(table)], dtype=object),
    "an array of objects": lambda table: as_texts(table).to_numpy(dtype=object),
    "columns the other way": lambda table: as_texts(table)[FIELDS[::-1]],
}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: None if value is None or value is pd.NA or value != value else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_is_read_as_the_same_candidates(
    fitted: ExosomeClassifier, table: pd.DataFrame, kind: str
) -> None:
    X = KINDS[kind](table[FIELDS])  # noqa: N806
    classifier = ExosomeClassifier(columns=FIELDS).fit(X, table.effect, groups=list(table.paper))
    assert set(classifier.feature_names_in_) == set(FIELDS)
    assert classifier.n_features_in_ == len(FIELDS)
    assert np.array_equal(classifier.decision_function(X), fitted.decision_function(table[FIELDS]))


def test_what_candidates_are_called_does_not_matter(fitted: ExosomeClassifier, table: pd.DataFrame) -> None:
    named = table[FIELDS].assign(id=range(len(table)))
    assert np.array_equal(fitted.predict_proba(named), fitted.predict_proba(table[FIELDS]))


def test_a_fit_forgets_the_columns_of_the_one_before(table: pd.DataFrame) -> None:
    classifier = ExosomeClassifier(repeats=1).fit(table[FIELDS[:6]], table.effect)
    classifier.fit(as_texts(table[FIELDS]).assign(id="")[list(FIELD_BY_NAME)].to_numpy(dtype=object), table.effect)
    assert list(classifier.feature_names_in_) == list(FIELD_BY_NAME)


def test_effects_may_be_numbers(fitted: ExosomeClassifier, table: pd.DataFrame) -> None:
    for effects in ((table.effect == "suppressing"), (table.effect == "suppressing").astype(int).to_numpy()):
        classifier = ExosomeClassifier().fit(table[FIELDS], effects, groups=table.paper)
        assert np.array_equal(classifier.predict_proba(table[FIELDS]), fitted.predict_proba(table[FIELDS]))
        predicted = classifier.classes_[1] == classifier.predict(table[FIELDS])
        assert np.array_equal(predicted, fitted.predict(table[FIELDS]) == "suppressing")


def test_the_order_of_the_rows_does_not_matter(fitted: ExosomeClassifier, table: pd.DataFrame) -> None:
    shuffled = table.sample(frac=1.0, random_state=1)
    again = ExosomeClassifier().fit(shuffled[FIELDS], shuffled.effect, groups=shuffled.paper)
    expected = fitted.decision_function(table[FIELDS])
    assert again.decision_function(table[FIELDS]) == pytest.approx(expected, abs=1e-5)


def test_a_paper_weighs_one_however_many_rows_it_has(table: pd.DataFrame) -> None:
    copies = table[table.paper == table.paper[0]]
    more = pd.concat([table, copies, copies, copies])
    once, often = (
        ExosomeClassifier(repeats=1).fit(rows[FIELDS], rows.effect, groups=rows.paper) for rows in (table, more)
    )
    assert often.pipeline_[-1].coef_ == pytest.approx(once.pipeline_[-1].coef_, abs=1e-6)


def test_the_table_of_weights_adds_up_to_the_log_odds(fitted: ExosomeClassifier, table: pd.DataFrame) -> None:
    baseline, *weights = fitted.coef_table_
    assert baseline["field"] == "baseline"
    named = [f"{row['field']}:{row['level']}" for row in weights]
    assert named == list(fitted.get_feature_names_out())
    log_odds = baseline["weight"] + fitted.encode(table[FIELDS]) @ [row["weight"] for row in weights]
    assert log_odds == pytest.approx(fitted.decision_function(table[FIELDS]), abs=1e-9)
    assert all(row["low"] < row["weight"] < row["high"] for row in fitted.coef_table_)


def test_cross_validation_by_paper_separates_the_effects(table: pd.DataFrame) -> None:
    probabilities = cross_val_predict(
        ExosomeClassifier(repeats=1),
        table[FIELDS],
        table.effect,
        groups=table.paper,
        cv=GroupKFold(5),
        method="predict_proba",
        params={"groups": table.paper},
    )
    suppressing = table.effect == "suppressing"
    assert roc_auc_score(suppressing, probabilities[:, 1]) > 0.8
    assert CalibrationDisplay.from_predictions(suppressing, probabilities[:, 1], n_bins=5).prob_true.shape == (5,)


def test_papers_reach_the_fit_by_metadata_routing(table: pd.DataFrame) -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        scores = cross_val_predict(
            make_pipeline(FunctionTransformer(), ExosomeClassifier(repeats=1)),
            table[FIELDS],
            table.effect,
            cv=GroupKFold(3),
            method="decision_function",
            params={"groups": table.paper},
        )
    expected = cross_val_predict(
        ExosomeClassifier(repeats=1),
        table[FIELDS],
        table.effect,
        groups=table.paper,
        cv=GroupKFold(3),
        method="decision_function",
        params={"groups": table.paper},
    )
    assert np.array_equal(scores, expected)


def test_displays_importances_and_searches_take_it(fitted: ExosomeClassifier, table: pd.DataFrame) -> None:
    X, y = table[FIELDS], table.effect  # noqa: N806
    CalibrationDisplay.from_estimator(fitted, X, y, pos_label="suppressing")
    importances = permutation_importance(fitted, X, y, n_repeats=2, random_state=0, scoring="neg_log_loss")
    importance = dict(zip(FIELDS, importances.importances_mean, strict=True))
    assert importance["source_phenotype"] > importance["species"] == 0.0
    search = GridSearchCV(
        ExosomeClassifier(repeats=1), {"penalty": [0.01, 1.0]}, cv=GroupKFold(3), scoring="neg_log_loss"
    ).fit(X, y, groups=table.paper)
    assert search.best_params_ == {"penalty": 1.0}


def test_it_is_cloned_and_stored_whole(fitted: ExosomeClassifier, table: pd.DataFrame, tmp_path: Path) -> None:
    copy = clone(ExosomeClassifier(penalty=0.5, seed=(1, 2), columns=("cargo_type",)))
    assert copy.get_params() == {
        "penalty": 0.5,
        "repeats": 10,
        "seed": (1, 2),
        "columns": ("cargo_type",),
        "imported": None,
    }
    assert copy.set_params(repeats=3).repeats == 3
    joblib.dump(fitted, tmp_path / "model.joblib")
    again = joblib.load(tmp_path / "model.joblib")
    assert np.array_equal(again.predict_proba(table[FIELDS]), fitted.predict_proba(table[FIELDS]))
    # Not the words of a vocabulary, which every process has.
    assert (tmp_path / "model.joblib").stat().st_size < 1_000_000


def test_what_cannot_be_learned_from_is_refused_by_name(fitted: ExosomeClassifier, table: pd.DataFrame) -> None:
    X, y = table[FIELDS], table.effect  # noqa: N806
    with pytest.raises(TableError, match=r"cargo_type \(row 2\): .*protien.* Did you mean protein"):
        fitted.predict([{"cargo_type": "protein"}] * 2 + [{"cargo_type": "protien"}])
    with pytest.raises(TableError, match="'doses' is not a field of a candidate"):
        ExosomeClassifier().fit(X.assign(doses="3"), y)
    with pytest.raises(ValueError, match=r"lack columns .*: cargo_name, cargo_type"):
        fitted.predict(X.drop(columns=["cargo_type", "cargo_name"]))
    with pytest.raises(ValueError, match="11 features as input: id, source_cell"):
        ExosomeClassifier().fit(as_texts(X).to_numpy(dtype=object), y)
    with pytest.raises(ValueError, match="promoting and suppressing, or 0 and 1; they are no and yes"):
        ExosomeClassifier().fit(X, np.where(y == "promoting", "no", "yes"))
    with pytest.raises(ValueError, match="Give the paper of every row; 1 have none"):
        ExosomeClassifier().fit(X, y, groups=[None, *table.paper[1:]])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ExosomeClassifier().fit(X, y, groups=table.paper[1:])
    with pytest.raises(ValueError, match="5 folds need at least 5 papers; there are 1"):
        ExosomeClassifier().fit(X, y, groups=["one paper"] * len(y))
    with pytest.raises(ValueError, match="1 or more repeats"):
        ExosomeClassifier(repeats=0).fit(X, y)
    with pytest.raises(ValueError, match="minimum of 1 sample"):
        fitted.predict(X[:0])
    for X in ({"cargo_type": "protein"}, pl.LazyFrame(), iter([]), "M2", None):  # noqa: N806
        with pytest.raises(ValueError, match=f"not as {type(X).__name__}"):
            fitted.predict(X)
    with pytest.raises(NotFittedError):
        ExosomeClassifier().predict_set(table[FIELDS])


@pytest.mark.parametrize(
    ("field", "value"), [("source_phenotype", "CAF"), ("cargo_state", "depleted"), ("cargo_name", "miR-21")]
)
def test_what_cannot_be_is_refused_in_learning_and_left_out_in_predicting(
    fitted: ExosomeClassifier, table: pd.DataFrame, field: str, value: str
) -> None:
    possible = {
        "source_phenotype": {"source_cell": "cancer_cell", "cargo_type": "protein"},
        "cargo_state": {"source_phenotype": "M1", "cargo_type": "sirna", "cargo_name": "KRAS"},
        "cargo_name": {"cargo_type": "whole_vesicle", "source_phenotype": "M1"},
    }[field]
    impossible = {**possible, field: value}
    one, other = fitted.decision_function([possible, impossible])
    assert one == other
    with pytest.raises(TableError, match=f"column {field}"):
        ExosomeClassifier().fit([impossible, *records(table[FIELDS])[1:]], table.effect)
