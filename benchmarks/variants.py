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
from models.candidates.cargo import SIRNA, WHOLE_VESICLE, Cargo, state_sign
from models.estimator.conformal import MondrianClassifier
from models.estimator.features import IMMUNE_CELLS, PRIOR_SCALE, SOURCE_EFFECT_BY_STATE, Features
from models.knowledge.roles import Votes
from training.data.findings import Finding, paper_weights
from training.evaluation.out_of_fold import FitCalibrated, fit_calibrated
from training.fit import (
    PENALTY,
    CalibratedFit,
    TrainingTable,
    calibrate,
    fit_pipeline,
    fit_posterior,
    left_out_log_odds,
)

Floats = NDArray[np.float64]
Values = dict[str, float]
Describe = Callable[[Features, ParsedCandidate], Values]
Change = Callable[[Values], Values]

IN_MODEL, NOT_KEPT = "in the model", "not kept"
ROLE = "cargo_name:role"
DISPOSITIONS = ("source_phenotype:aggressive", "source_phenotype:restrained")
IMMUNE = "recipient_cell:immune"
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
CORRELATIONS = (0.0, 0.1, 0.2, 0.3, 0.5)
FAMILIES = {
    **dict.fromkeys(("t_cell", "b_cell", "natural_killer_cell"), "lymphoid"),
    **dict.fromkeys(
        ("macrophage", "monocyte", "microglia", "neutrophil", "dendritic_cell", "mdsc", "mast_cell"), "myeloid"
    ),
    **dict.fromkeys(("fibroblast", "endothelial_cell", "epithelial_cell"), "stromal"),
    **dict.fromkeys(("platelet", "erythrocyte"), "blood"),
    **dict.fromkeys(("plant", "milk"), "edible"),
}
GRADE_WEIGHT = {"A": 1.0, "B": 0.75, "C": 0.5}


def committed(features: Features, reading: ParsedCandidate) -> Values:
    """The features of the model as it is."""
    return features.of(reading)


def papers_equal(findings: Sequence[Finding]) -> Floats:
    """Every paper weighs one."""
    return np.array(paper_weights([finding.paper for finding in findings]))


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


def reshaped(shape: Callable[[float], float]) -> Describe:
    """The role in log-odds in another shape, so that many reports say little more than some."""
    return lambda features, reading: {
        name: shape(value) if name == ROLE else value for name, value in features.of(reading).items()
    }


def role_by(worth: Callable[[float], float]) -> Callable[[Features, ParsedCandidate], float]:
    """The role, were so many reports on a cargo worth another number of independent ones."""
    made: dict[int, Features] = {}

    def role(features: Features, reading: ParsedCandidate) -> float:
        if id(features) not in made:
            made[id(features)] = _Weighed(features, worth)
        return PRIOR_SCALE["role"] * made[id(features)].signed_role(reading)

    return role


class _Weighed(Features):
    def __init__(self, features: Features, worth: Callable[[float], float]) -> None:
        self.worth = worth
        super().__init__(features.parser, features.roles)

    def independent(self, votes: Votes) -> Votes:
        scale = self.worth(votes.total) / votes.total if votes.total else 0.0
        return Votes(votes.suppressing * scale, votes.oncogenic * scale)


def correlated(correlation: float) -> Callable[[float], float]:
    """What reports are worth that are correlated so."""
    return lambda reports: reports / (1.0 + max(reports - 1.0, 0.0) * correlation)


def with_role(role: Callable[[Features, ParsedCandidate], float]) -> Describe:
    """The features with another role."""
    return lambda features, reading: {**without(ROLE)(features, reading), ROLE: role(features, reading)}


def role_within_kind(features: Features, reading: ParsedCandidate) -> float:
    """The role less that of a typical cargo of its kind, should some kinds be published for one effect only."""
    typical = []
    for name, sign in zip(reading.carried.names, reading.carried.signs, strict=True):
        kind, _ = features.reported_as(name, reading.candidate.cargo_type)
        if kind in features.roles.priors:
            prior = features.roles.priors[kind]
            typical.append(sign * math.log(prior.suppressing / prior.oncogenic))
    role = features.signed_role(reading)
    return role - state_sign(reading.candidate.cargo_state) * float(np.mean(typical)) if typical else role


def circrna_without_host(features: Features, reading: ParsedCandidate) -> float:
    """The role, a circRNA counting as a typical one whatever its host gene."""
    if reading.carried.cargo_type != "circrna":
        return features.signed_role(reading)
    names = tuple(name._replace(name="", kind="unknown", stem="", how="unknown") for name in reading.cargo)
    cargo = replace(reading.reads.cargo_name, cargo=replace(reading.carried, names=names))
    return features.signed_role(_changed(reading, cargo_name=cargo))


def with_carried_terms(
    field: str, kept: Callable[[ParsedCandidate], Sequence[str]], base: Describe = committed
) -> Describe:
    """The features and some more levels, each multiplied by how much of the carrier's own effect the vesicle shows."""

    def describe(features: Features, reading: ParsedCandidate) -> Values:
        carrier = SOURCE_EFFECT_BY_STATE[reading.candidate.cargo_state]
        more = {f"{field}:{term}": carrier for term in kept(reading)} if carrier else {}
        return {**base(features, reading), **more}

    return describe


def source_when_loaded(share: float) -> Describe:
    """A loaded vesicle shows a share of its carrier's own effect."""

    def describe(features: Features, reading: ParsedCandidate) -> Values:
        values = features.of(reading)
        if reading.candidate.cargo_state != "loaded":
            return values
        native = features.of(_changed(reading, cargo_state=ParsedValue("native")))
        return {**{name: share * value for name, value in native.items() if name.startswith("source_")}, **values}

    return describe


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


def with_band(
    table: TrainingTable, seed: tuple[int, ...], penalty: float = PENALTY, change: Change = lambda values: values
) -> CalibratedFit:
    """The fit by another penalty, or of features that are changed first, with its bands."""
    changed = replace(table, features=list(map(change, table.features)))
    fit = partial(fit_pipeline, penalty=penalty)
    calibration, pipeline = calibrate(changed, [seed], fit), fit(changed)
    band = fit_posterior(pipeline, changed)
    return CalibratedFit(
        Changed(pipeline, change),
        calibration.log_odds,
        calibration.sets,
        lambda values: calibration.slope * band.interval_half_width(change(values)),
    )


def nested(table: TrainingTable, seed: tuple[int, ...], choices: Sequence[tuple[float, Change]]) -> CalibratedFit:
    """The penalty and the change of features that predict left-out papers of the training part best."""

    def loss(choice: tuple[float, Change]) -> float:
        penalty, change = choice
        changed = replace(table, features=list(map(change, table.features)))
        scores = left_out_log_odds(changed, seed, fit=partial(fit_pipeline, penalty=penalty))
        return float(table.weights @ (np.logaddexp(0.0, scores) - scores * table.truth))

    penalty, change = min(choices, key=loss)
    return with_band(table, seed, penalty, change)


class Changed:
    """A fit that changes features before it scores them."""

    def __init__(self, pipeline: Any, change: Change) -> None:
        self.pipeline, self.change = pipeline, change

    def decision_function(self, features: list[Values]) -> Floats:
        """The log-odds of suppressing."""
        found: Floats = self.pipeline.decision_function(list(map(self.change, features)))
        return found


def widened(**factors: float) -> Change:
    """Prior widths times a factor, by field; those of dispositions apart."""
    return lambda values: {
        name: value * factors.get("disposition" if name in DISPOSITIONS else name.partition(":")[0], 1.0)
        for name, value in values.items()
    }


def with_all_roles() -> Describe:
    """The features, with the role by each of several correlations of reports."""
    roles = {f"{ROLE} {each}": role_by(correlated(each)) for each in CORRELATIONS}
    return lambda features, reading: {
        **without(ROLE)(features, reading),
        **{name: value for name, role in roles.items() if (value := role(features, reading))},
    }


def choose_role(correlation: float) -> Change:
    """The role by one of those correlations."""
    chosen = f"{ROLE} {correlation}"
    return lambda values: {
        ROLE if name == chosen else name: value
        for name, value in values.items()
        if name == chosen or not name.startswith(ROLE)
    }


class Stack:
    """A weighted sum of fits on parts of the features, which is additive as they are; the weights are from left-out papers."""

    def __init__(self, table: TrainingTable) -> None:
        parts = [replace(table, features=list(map(part, table.features))) for part in STACKED]
        scores = np.column_stack([left_out_log_odds(part, (0,)) for part in parts])
        self.weights = LogisticRegression(C=1.0).fit(scores, table.truth, sample_weight=table.weights)
        self.fits = [Changed(fit_pipeline(part), keep) for part, keep in zip(parts, STACKED, strict=True)]

    def decision_function(self, features: list[Values]) -> Floats:
        """The log-odds of suppressing."""
        scores = np.column_stack([fitted.decision_function(features) for fitted in self.fits])
        found: Floats = self.weights.decision_function(scores)
        return found


def only(*fields: str) -> Change:
    """The features of some fields."""
    return lambda values: {name: value for name, value in values.items() if name.partition(":")[0] in fields}


STACKED: tuple[Change, ...] = (
    lambda values: values,
    only("source_cell", "source_phenotype", "cargo_state"),
    only("cargo_name", "cargo_state"),
)


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


def _family(reading: ParsedCandidate) -> str:
    return f"family {FAMILIES.get(reading.candidate.source_cell, reading.candidate.source_cell)}"


def _whole(key: Callable[[ParsedCandidate], str]) -> Callable[[ParsedCandidate], Sequence[str]]:
    return lambda one: (f"whole {key(one)}",) if one.candidate.cargo_type == WHOLE_VESICLE else ()


def _source(reading: ParsedCandidate) -> str:
    return reading.candidate.source_cell


def _immune(reading: ParsedCandidate) -> bool:
    return not IMMUNE_CELLS.isdisjoint(reading.candidate.recipient_cell)


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
    Variant("reports counted as independent", IN_MODEL, with_role(role_by(correlated(0.0)))),
    Variant("immune recipients like others", IN_MODEL, without(IMMUNE)),
    Variant(
        "correlation of reports chosen inside each training part",
        NOT_KEPT,
        with_all_roles(),
        fit_calibrated=partial(nested, choices=[(PENALTY, choose_role(each)) for each in CORRELATIONS]),
    ),
    Variant("at most 5 reports", NOT_KEPT, with_role(role_by(lambda reports: min(reports, 5.0)))),
    Variant("square root of reports", NOT_KEPT, with_role(role_by(math.sqrt))),
    Variant("role squashed (2 tanh)", NOT_KEPT, reshaped(lambda role: 2.0 * math.tanh(role / 2.0))),
    Variant("role within its kind", NOT_KEPT, with_role(role_within_kind)),
    Variant("circRNA without its host gene", IN_MODEL, with_role(circrna_without_host)),
    Variant("+ tumour", NOT_KEPT, with_terms("cancer_type", _tumours)),
    Variant("+ recipient cell", NOT_KEPT, with_terms("recipient_cell", lambda _, one: one.candidate.recipient_cell)),
    Variant(
        "+ immune recipients by source",
        NOT_KEPT,
        with_carried_terms("recipient_cell", lambda one: (f"{IMMUNE} {_source(one)}",) if _immune(one) else ()),
    ),
    Variant(
        "+ immune recipients in every state",
        NOT_KEPT,
        with_terms("recipient_cell", lambda _, one: ("any state",) if _immune(one) else ()),
    ),
    Variant(
        "+ whether a cargo is named", NOT_KEPT, with_terms("cargo_name", lambda _, one: () if one.cargo else ("none",))
    ),
    Variant(
        "+ whether a tumour is stated",
        NOT_KEPT,
        with_terms("cancer_type", lambda _, one: () if one.candidate.cancer_type else ("none",)),
    ),
    Variant("+ source family", NOT_KEPT, with_carried_terms("source_cell", lambda one: (_family(one),))),
    Variant("+ role x source family", NOT_KEPT, with_role_by(_family)),
    Variant("+ whole vesicles by source", NOT_KEPT, with_carried_terms("cargo_type", _whole(_source))),
    Variant("+ whole vesicles by source and phenotype", NOT_KEPT, with_carried_terms("cargo_type", _whole(_phenotype))),
    Variant(
        "+ tumour by source",
        NOT_KEPT,
        with_carried_terms("cancer_type", lambda one: (f"{_source(one)} {one.candidate.cancer_type}",)),
    ),
    Variant("loaded showing half of the carrier", NOT_KEPT, source_when_loaded(0.5)),
    Variant(
        "+ kind of payload",
        NOT_KEPT,
        with_terms(
            "cargo_type", lambda _, one: (one.candidate.cargo_type,) if one.candidate.cargo_state == "loaded" else ()
        ),
    ),
    Variant("+ species", NOT_KEPT, with_terms("species", lambda _, one: one.candidate.species)),
    Variant("+ engineering", NOT_KEPT, with_terms("engineering", lambda _, one: one.candidate.engineering)),
    Variant("+ cargo type", NOT_KEPT, with_terms("cargo_type", lambda _, one: (one.candidate.cargo_type,))),
    Variant("+ each cargo", NOT_KEPT, with_terms("cargo_name", lambda _, one: [name.stem for name in one.cargo])),
    Variant("+ source x state", NOT_KEPT, with_source_by_state),
    Variant("+ role x state", NOT_KEPT, with_role_by(lambda one: one.candidate.cargo_state)),
    Variant("+ role x source", NOT_KEPT, with_role_by(lambda one: one.candidate.source_cell)),
    Variant("+ role x phenotype", NOT_KEPT, with_role_by(_phenotype)),
    Variant("penalty 0.3", NOT_KEPT, fit_calibrated=partial(with_band, penalty=0.3)),
    Variant("penalty 3", NOT_KEPT, fit_calibrated=partial(with_band, penalty=3.0)),
    Variant(
        "penalty chosen inside each training part",
        NOT_KEPT,
        fit_calibrated=partial(nested, choices=[(penalty, widened()) for penalty in PENALTIES]),
    ),
    Variant("source cell twice as wide", NOT_KEPT, fit_calibrated=partial(with_band, change=widened(source_cell=2.0))),
    Variant(
        "phenotypes half as wide", NOT_KEPT, fit_calibrated=partial(with_band, change=widened(source_phenotype=0.5))
    ),
    Variant(
        "widths chosen inside each training part",
        NOT_KEPT,
        fit_calibrated=partial(
            nested,
            choices=[
                (PENALTY, widened(source_cell=cell, source_phenotype=phenotype))
                for cell in (1.0, 2.0)
                for phenotype in (0.5, 1.0, 2.0)
            ],
        ),
    ),
    Variant("stacked", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=Stack)),
    Variant("grades as weights", NOT_KEPT, weights=graded),
    Variant("effects weighing equal", NOT_KEPT, weights=effects_equal),
    Variant("no calibration", NOT_KEPT, fit_calibrated=partial(recalibrated, fit_map=identity)),
    Variant("slope and shift", NOT_KEPT, fit_calibrated=partial(recalibrated, fit_map=slope_and_shift)),
    Variant("isotonic calibration", NOT_KEPT, fit_calibrated=partial(recalibrated, fit_map=isotonic)),
    Variant("gradient boosting", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=boosting)),
    Variant("random forest", NOT_KEPT, fit_calibrated=partial(fit_calibrated, fit=forest)),
)
