"""The variants of the model that `benchmarks/experiments.py` compares: what is left out, added or done otherwise, each small."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models.candidates.candidate import ParsedCandidate, ParsedValue
from models.candidates.cargo import SIRNA, Cargo
from models.estimator.conformal import MondrianClassifier
from models.estimator.features import PRIOR_SCALE, Features
from training.data.findings import Finding, paper_weights
from training.evaluation.out_of_fold import CalibratedFit, FitCalibrated, fit_calibrated
from training.fit import TrainingTable, calibrate, fit_pipeline, left_out_log_odds

Floats = NDArray[np.float64]
Values = dict[str, float]
Describe = Callable[[Features, ParsedCandidate], Values]

IN_MODEL, NOT_KEPT = "in the model", "not kept"
ROLE = "cargo_name:role"
DISPOSITIONS = ("source_phenotype:aggressive", "source_phenotype:restrained")
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
GRADE_WEIGHT = {"A": 1.0, "B": 0.75, "C": 0.5}


def committed(features: Features, reading: ParsedCandidate) -> Values:
    """The features of the model as it is."""
    return features.of(reading)


def papers_equal(findings: Sequence[Finding]) -> Floats:
    """Every paper weighs one."""
    return np.array(paper_weights(findings))


@dataclass(frozen=True)
class Variant:
    """One way to make the model otherwise: its name in the table, what became of the thing that it changes, the features of
    a candidate, the weights to learn with, and how a training part is learned."""

    name: str
    verdict: str
    describe: Describe = committed
    weights: Callable[[Sequence[Finding]], Floats] = papers_equal
    fit_calibrated: FitCalibrated = fit_calibrated

    def table(self, findings: Sequence[Finding], features: Features) -> TrainingTable:
        """The findings as this variant learns from them."""
        plain = TrainingTable.from_findings(findings, features)
        described = [self.describe(features, finding.reading) for finding in findings]
        return replace(plain, features=described, weights=self.weights(findings))


def without(*names: str) -> Describe:
    """The features but for some."""
    return lambda features, reading: {name: value for name, value in features.of(reading).items() if name not in names}


def with_terms(field: str, kept: Callable[[Features, ParsedCandidate], Sequence[str]]) -> Describe:
    """The features, and one level for each term of a field."""
    return lambda features, reading: {
        **features.of(reading),
        **{f"{field}:{term}": 1.0 for term in kept(features, reading)},
    }


def with_role_by(key: Callable[[ParsedCandidate], str]) -> Describe:
    """The features, and the role once more under a name of its own for each level: a slope by level."""

    def describe(features: Features, reading: ParsedCandidate) -> Values:
        values = features.of(reading)
        role = values.get(ROLE, 0.0)
        return {**values, f"{ROLE} of {key(reading)}": role} if role else values

    return describe


def _changed(reading: ParsedCandidate, **reads: ParsedValue) -> ParsedCandidate:
    """A candidate as if some of its fields had been read otherwise."""
    return ParsedCandidate(reading.reads._replace(**reads))


def role_of_all_tumours(features: Features, reading: ParsedCandidate) -> Values:
    """The role by the reports on all tumours together."""
    return features.of(_changed(reading, cancer_type=ParsedValue()))


def role_without_family(features: Features, reading: ParsedCandidate) -> Values:
    """The role of a microRNA without its seed family."""
    names = tuple(name._replace(seed="") for name in reading.cargo)
    cargo = replace(reading.reads.cargo_name, cargo=replace(reading.carried, names=names))
    return features.of(_changed(reading, cargo_name=cargo))


def constant_carrier(features: Features, reading: ParsedCandidate) -> Values:
    """Source and phenotype count the same in every state of the cargo."""
    native = features.of(_changed(reading, cargo_state=ParsedValue("native")))
    source = {name: value for name, value in native.items() if name.startswith("source_")}
    rest = {name: value for name, value in features.of(reading).items() if not name.startswith("source_")}
    return {**source, **rest}


def role_unturned(features: Features, reading: ParsedCandidate) -> Values:
    """The role does not turn for depleted cargo, siRNAs and inhibitors."""
    names = tuple(name._replace(silences=False) for name in reading.cargo)
    # Genes stand in reports under the same names, whatever of them is carried.
    cargo_type = "mrna" if reading.carried.cargo_type == SIRNA else reading.carried.cargo_type
    role = features.role_of_all(Cargo(cargo_type, names), reading.candidate.cancer_type)
    values = without(ROLE)(features, reading)
    return {**values, ROLE: PRIOR_SCALE["role"] * role} if role else values


def role_squashed(features: Features, reading: ParsedCandidate) -> Values:
    """The role in log-odds, squashed so that many reports say little more than some."""
    values = features.of(reading)
    return {name: 2.0 * math.tanh(value / 2.0) if name == ROLE else value for name, value in values.items()}


def with_source_by_state(features: Features, reading: ParsedCandidate) -> Values:
    """Each source cell in each state has an effect of its own."""
    one = reading.candidate
    return {**features.of(reading), f"source_cell:{one.source_cell} {one.cargo_state}": 1.0}


def graded(findings: Sequence[Finding]) -> Floats:
    """Findings weigh by how directly their text states them."""
    grades = [GRADE_WEIGHT.get(finding.observed.get("grade", ""), 0.5) for finding in findings]
    return papers_equal(findings) * np.array(grades)


def effects_equal(findings: Sequence[Finding]) -> Floats:
    """Both effects weigh the same in all."""
    weights, truth = papers_equal(findings), np.array([finding.suppressing for finding in findings])
    of_effect = np.where(truth, weights[truth].sum(), weights[~truth].sum())
    found: Floats = weights * weights.sum() / (2.0 * of_effect)
    return found


def recalibrated(
    table: TrainingTable, seed: tuple[int, ...], fit_map: Callable[[Floats, TrainingTable], Callable[[Floats], Floats]]
) -> CalibratedFit:
    """The fit with another map of its scores to log-odds, fitted to the scores of left-out papers."""
    calibration = calibrate(table, [seed])
    scores = calibration.left_out / calibration.slope
    calibrated = fit_map(scores, table)
    mapped = calibrated(scores)
    return CalibratedFit(fit_pipeline(table), calibrated, MondrianClassifier(mapped[table.truth], mapped[~table.truth]))


def identity(scores: Floats, table: TrainingTable) -> Callable[[Floats], Floats]:
    """The scores of the fit as they are."""
    return lambda raw: raw


def isotonic(scores: Floats, table: TrainingTable) -> Callable[[Floats], Floats]:
    """An isotonic step function instead of a slope."""
    steps = IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip")
    steps.fit(scores, table.truth, sample_weight=table.weights)
    return lambda raw: logit(steps.predict(raw))


def slope_and_shift(scores: Floats, table: TrainingTable) -> Callable[[Floats], Floats]:
    """A slope and a shift (Platt scaling)."""
    platt = LogisticRegression(C=1e6).fit(scores[:, None], table.truth, sample_weight=table.weights)
    return lambda raw: platt.decision_function(raw[:, None])


def nested_penalty(table: TrainingTable) -> Any:
    """The penalty that predicts left-out papers of the training part best."""

    def loss(penalty: float) -> float:
        scores = left_out_log_odds(table, (0,), fit=partial(fit_pipeline, penalty=penalty))
        return float(table.weights @ (np.logaddexp(0.0, scores) - scores * table.truth))

    return fit_pipeline(table, min(PENALTIES, key=loss))


class Trees:
    """An ensemble of trees on the same features, its probabilities as log-odds."""

    def __init__(self, table: TrainingTable, ensemble: Any) -> None:
        self.columns = DictVectorizer(sparse=False)
        self.ensemble = ensemble.fit(
            self.columns.fit_transform(table.features), table.truth, sample_weight=table.weights
        )

    def decision_function(self, features: list[Values]) -> Floats:
        """The log-odds of suppressing."""
        chance = self.ensemble.predict_proba(self.columns.transform(features))[:, 1]
        found: Floats = logit(np.clip(chance, 0.005, 0.995))
        return found


def boosting(table: TrainingTable) -> Trees:
    """Gradient boosting."""
    return Trees(table, HistGradientBoostingClassifier(max_leaf_nodes=8, min_samples_leaf=5, random_state=0))


def forest(table: TrainingTable) -> Trees:
    """A random forest."""
    return Trees(table, RandomForestClassifier(200, min_samples_leaf=2, random_state=0))


def _tumours(features: Features, reading: ParsedCandidate) -> Sequence[str]:
    return (
        features.vocabulary.lineage("cancer_type", reading.candidate.cancer_type)
        if reading.candidate.cancer_type
        else ()
    )


def _phenotype(reading: ParsedCandidate) -> str:
    return f"{reading.candidate.source_cell} {reading.candidate.source_phenotype}"


COMMITTED = Variant("the model", IN_MODEL)
VARIANTS = (
    Variant("without the role of the cargo", IN_MODEL, without(ROLE)),
    Variant("without dispositions", IN_MODEL, without(*DISPOSITIONS)),
    Variant("without the tumours' levels of the role", IN_MODEL, role_of_all_tumours),
    Variant("without the seed family", IN_MODEL, role_without_family),
    Variant("constant carrier", IN_MODEL, constant_carrier),
    Variant("role without turning", IN_MODEL, role_unturned),
    Variant("role squashed", NOT_KEPT, role_squashed),
    Variant("+ tumour", NOT_KEPT, with_terms("cancer_type", _tumours)),
    Variant("+ recipient cell", NOT_KEPT, with_terms("recipient_cell", lambda _, one: one.candidate.recipient_cell)),
    Variant("+ species", NOT_KEPT, with_terms("species", lambda _, one: one.candidate.species)),
    Variant("+ engineering", NOT_KEPT, with_terms("engineering", lambda _, one: one.candidate.engineering)),
    Variant("+ cargo type", NOT_KEPT, with_terms("cargo_type", lambda _, one: (one.candidate.cargo_type,))),
    Variant("+ each cargo", NOT_KEPT, with_terms("cargo_name", lambda _, one: [name.stem for name in one.cargo])),
    Variant("+ source x state", NOT_KEPT, with_source_by_state),
    Variant("+ role x state", NOT_KEPT, with_role_by(lambda one: one.candidate.cargo_state)),
    Variant("+ role x source", NOT_KEPT, with_role_by(lambda one: one.candidate.source_cell)),
    Variant("+ role x phenotype", NOT_KEPT, with_role_by(_phenotype)),
    Variant("penalty 0.3", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=partial(fit_pipeline, penalty=0.3))),
    Variant("penalty 3", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=partial(fit_pipeline, penalty=3.0))),
    Variant(
        "penalty chosen inside each training part", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=nested_penalty)
    ),
    Variant("grades as weights", NOT_KEPT, weights=graded),
    Variant("effects weighing equal", NOT_KEPT, weights=effects_equal),
    Variant("no calibration", NOT_KEPT, fit_calibrated=partial(recalibrated, fit_map=identity)),
    Variant("slope and shift", NOT_KEPT, fit_calibrated=partial(recalibrated, fit_map=slope_and_shift)),
    Variant("isotonic calibration", NOT_KEPT, fit_calibrated=partial(recalibrated, fit_map=isotonic)),
    Variant("gradient boosting", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=boosting)),
    Variant("random forest", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=forest)),
)
