"""`ExosomeClassifier`: the model of `exoscore train` as an estimator of scikit-learn.

`exoscore train` and the folds of its evaluation fit by it. Whatever takes a classifier can use it: cross-validation with
`GroupKFold`, pipelines, searches over its parameters, displays, and joblib.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar, Self

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, assert_all_finite, check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from models.arrays import Flags, Floats
from models.candidates.candidate import FIELD_BY_NAME, ParsedCandidate
from models.errors import CandidateError, RowError, TableError
from models.estimator.applicability import Support
from models.estimator.conformal import SIGNIFICANCE, members_of
from models.estimator.features import Features
from models.estimator.linear_model import FittedModel, calibrated, probabilities
from models.estimator.posterior import Z_90
from models.evidence.evidence import Evidence
from training.data.findings import EFFECTS, Finding
from training.fit import (
    PENALTY,
    CalibratedFit,
    TrainingTable,
    calibrate,
    canonical_order,
    fit_pipeline,
    fit_posterior,
    raw_log_odds,
)
from training.onnx_export import export_onnx

REPEATS = 10
# The codes of errors of a field that other fields contradict.
CONTRADICTIONS = ("wrong_cell", "not_applicable")


# scikit-learn's classes have no types.
class ExosomeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts whether candidates suppress a tumour: the additive logistic regression that `exoscore train` fits.

    Candidates are a frame (pandas, polars or pyarrow) with a column for each field of a candidate, a list of records (mappings of
    fields), or an array whose columns are fields; empty and missing values are not stated. Effects are the texts `promoting`
    and `suppressing`, or 0 and 1 with 1 for suppressing. `groups` are the papers of the rows: folds keep a paper whole, and
    every paper weighs the same. `fit` refuses a candidate whose fields contradict each other; the others read it without the
    phenotype, state or cargo that cannot be, since `permutation_importance` makes such candidates.

    `penalty` is the prior variance of a weight, `repeats` how often the folds are dealt from which the calibration comes, `seed`
    what they are dealt by. `columns` names the columns of arrays (by default all fields of a candidate, in their order),
    `imported` is the folder of a laboratory's own role tables, if it has any.

    A fit has `classes_`, `n_features_in_`, `feature_names_in_` (the fields that were stated), `pipeline_` (over dictionaries of
    features), `calibration_` (its slope and conformal sets), `posterior_`, and `coef_table_`.
    """

    # Under metadata routing the papers reach `fit` by themselves.
    __metadata_request__fit: ClassVar = {"groups": True}

    def __init__(
        self,
        *,
        penalty: float = PENALTY,
        repeats: int = REPEATS,
        seed: int | tuple[int, ...] = 0,
        columns: Sequence[str] | None = None,
        imported: str | Path | None = None,
    ) -> None:
        self.penalty = penalty
        self.repeats = repeats
        self.seed = seed
        self.columns = columns
        self.imported = imported

    def fit(self, X: Any, y: ArrayLike, groups: Iterable[object] | None = None) -> Self:  # noqa: N803 (scikit-learn's name)
        """Learns from candidates `X` with their effects `y`; without `groups` every row is a paper of its own.

        Raises TableError with every error of every row of X; ValueError where y has other than both effects, or there are fewer
        papers than folds.
        """
        effects = column_or_1d(y, warn=True)
        if effects.dtype.kind == "f":
            assert_all_finite(effects, input_name="y")
        check_classification_targets(effects)
        classes, truth = np.unique(effects, return_inverse=True)
        if len(classes) > 2:
            kind = type_of_target(effects)
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}")
        if len(classes) == 1:
            raise ValueError(f"y has only one class, {classes[0]}; a model needs findings of both effects")
        if classes.tolist() not in ([EFFECTS[1], EFFECTS[0]], [0, 1]):
            shown = " and ".join(map(str, classes.tolist()))
            raise ValueError(f"The classes of y are to be promoting and suppressing, or 0 and 1; they are {shown}")
        if self.repeats < 1:
            raise ValueError(f"Give 1 or more repeats, not {self.repeats}")
        names, rows = _rows(X, self.columns or tuple(FIELD_BY_NAME))
        papers = [str(row) for row in range(len(rows))] if groups is None else _papers(groups)
        check_consistent_length(rows, effects, papers)
        features = load_features(self.imported)
        self.fit_table(TrainingTable.from_readings(_read(rows, features), truth == 1, papers, features))
        self.classes_ = classes
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        self.knowledge_ = features.fingerprint
        return self

    def fit_table(self, table: TrainingTable) -> Self:
        """Learns from rows whose features are known. Raises ValueError where all rows have one effect, or there are fewer papers
        than folds."""
        if table.truth.all() or not table.truth.any():
            raise ValueError("A model needs findings of both effects")
        fit = partial(fit_pipeline, penalty=self.penalty)
        seed = np.atleast_1d(self.seed).tolist()
        self.pipeline_ = fit(table)
        # NumPy takes a zero at the end of a seed for none.
        self.calibration_ = calibrate(table, [(*seed, repeat) for repeat in range(self.repeats)], fit)
        self.posterior_ = fit_posterior(self.pipeline_, table)
        return self

    @property
    def calibrated_fit(self) -> CalibratedFit:
        """The fit as the evaluation takes it."""
        slope, band = self.calibration_.slope, self.posterior_
        return CalibratedFit(
            self.pipeline_,
            self.calibration_.log_odds,
            self.calibration_.sets,
            lambda features: slope * band.interval_half_width(features),
        )

    def decision_function(self, X: Any) -> Floats:  # noqa: N803
        """The calibrated log-odds of suppressing, shape (candidates,). Raises as `fit` does."""
        return self._log_odds(self._table(X))

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803
        """The probabilities of both effects, shape (candidates, 2), in the order of `classes_`."""
        suppressing = probabilities(self.decision_function(X))
        return np.column_stack([1.0 - suppressing, suppressing])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The more probable effect of each candidate. It never abstains; `predict_set` says what cannot be ruled out."""
        log_odds = self.decision_function(X)
        effects: NDArray[Any] = self.classes_[(log_odds > 0.0).astype(int)]
        return effects

    def predict_set(self, X: Any, significance: float = SIGNIFICANCE) -> Flags:  # noqa: N803
        """Which effects cannot be ruled out at a significance, shape (candidates, 2), in the order of `classes_`."""
        table = self._table(X)
        p_values = self.calibration_.sets.p_values(self._log_odds(table), members_of(table.groups))
        in_set: Flags = p_values[:, ::-1] > significance
        return in_set

    def encode(self, X: Any) -> Floats:  # noqa: N803
        """The vectors of candidates whose weighted sums are the log-odds, shape (candidates, features), by the columns of
        `get_feature_names_out`: what `to_onnx` takes."""
        return _vectors(self._table(X), self.get_feature_names_out().tolist())

    def get_feature_names_out(self) -> NDArray[Any]:
        """The names of the features, `field:level`, in the order of `encode`."""
        check_is_fitted(self)
        names: NDArray[Any] = self.pipeline_[0].get_feature_names_out()
        return names

    def to_onnx(self) -> bytes:
        """The model as an ONNX file, which takes what `encode` gives (see `export_onnx`). Raises OnnxError without the extra
        `exoscore[onnx]`."""
        check_is_fitted(self)
        return export_onnx(*calibrated(self.pipeline_, self.calibration_.slope))

    @property
    def coef_table_(self) -> list[dict[str, Any]]:
        """The calibrated weight of every feature in log-odds of suppressing, and the 90 % band around it; the baseline is the
        first row. A row for each, ready to make a frame of."""
        weights, baseline = calibrated(self.pipeline_, self.calibration_.slope)
        variances = np.diag(self.posterior_.covariance)
        named = {"baseline": baseline, **weights}
        half = self.calibration_.slope * Z_90 * np.sqrt([variances[-1], *variances[:-1]])
        return [
            {
                "field": name.partition(":")[0],
                "level": name.partition(":")[2],
                "weight": weight,
                "low": weight - width,
                "high": weight + width,
            }
            for (name, weight), width in zip(named.items(), half.tolist(), strict=True)
        ]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        for kind in ("dict", "string", "categorical", "allow_nan"):
            setattr(tags.input_tags, kind, True)
        return tags

    def _log_odds(self, table: TrainingTable) -> Floats:
        return self.calibration_.log_odds(raw_log_odds(self.pipeline_, table))

    def _table(self, X: Any) -> TrainingTable:  # noqa: N803
        check_is_fitted(self)
        names, rows = _rows(X, self.columns or tuple(self.feature_names_in_))
        missing = set(self.feature_names_in_) - set(names)
        if missing and not _are_records(X):
            raise ValueError(
                f"The candidates lack columns that the classifier was fitted with: {', '.join(sorted(missing))}. Add them, empty "
                "where they are not stated"
            )
        features = load_features(self.imported)
        if features.fingerprint != self.knowledge_:
            raise ValueError("The classifier was fitted with another vocabulary or other role tables. Fit it again")
        return _unlabelled(rows, features)


@lru_cache(4)
def load_features(imported: str | Path | None) -> Features:
    """The features over the role tables in a folder, or the shipped ones; of each folder as they were when it was first read."""
    return Features.load(Path(imported) if imported else None)


def _rows(X: Any, columns: Sequence[str]) -> tuple[list[str], list[dict[str, object]]]:  # noqa: N803
    """The names of the columns or fields, and each candidate by them; `columns` are those of an array."""
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        names = list(map(str, frame.columns))
        cells_of_columns = [
            [
                None if is_missing else value
                for is_missing, value in zip(column.is_null(), column.to_list(), strict=True)
            ]
            for column in frame.iter_columns()
        ]
        rows = [dict(zip(names, map(_cell, cells), strict=True)) for cells in zip(*cells_of_columns, strict=True)]
    elif _are_records(X):
        names = list(dict.fromkeys(name for record in X for name in record))
        rows = [{name: _cell(value) for name, value in record.items()} for record in X]
    elif np.ndim(X) == 0:
        raise ValueError(
            f"Give candidates as a frame, a list of records or an array of texts, not as {type(X).__name__}"
        )
    else:
        cells = check_array(X, dtype=None, ensure_all_finite=False, estimator="ExosomeClassifier", input_name="X")
        names = list(columns)
        if cells.shape[1] != len(names):
            raise ValueError(
                f"X has {cells.shape[1]} features, but ExosomeClassifier is expecting {len(names)} features as input: "
                f"{', '.join(names)}. Give a frame, records, or an array whose columns `columns` names"
            )
        rows = [dict(zip(names, map(_cell, row), strict=True)) for row in cells.tolist()]
    if not rows:
        raise ValueError("X has no candidates: a minimum of 1 sample is required")
    return names, rows


def _unlabelled(rows: Sequence[Mapping[str, object]], features: Features) -> TrainingTable:
    """Candidates as rows of a table whose truth and papers nothing looks at."""
    readings = _read(rows, features, backs_off=True)
    return TrainingTable.from_readings(readings, np.zeros(len(rows), dtype=bool), [""] * len(rows), features)


def encode_candidates(
    X: Any,  # noqa: N803
    features: Sequence[str],
    imported: str | Path | None = None,
) -> Floats:
    """The vectors of candidates by named features, as the metadata of an exported model have them, shape (candidates, features).

    Candidates and `imported` are as for ExosomeClassifier, whose errors are raised.
    """
    _, rows = _rows(X, tuple(FIELD_BY_NAME))
    return _vectors(_unlabelled(rows, load_features(imported)), features)


def _vectors(table: TrainingTable, features: Sequence[str]) -> Floats:
    return np.array([[row.get(name, 0.0) for name in features] for row in table.features])


def _are_records(X: Any) -> bool:  # noqa: N803
    return isinstance(X, Sequence | np.ndarray) and len(X) > 0 and all(isinstance(record, Mapping) for record in X)


def _cell(value: Any) -> object:
    """A value as the parser of candidates takes it: lists as lists, and nothing for what is missing."""
    if isinstance(value, float) and np.isnan(value):
        return None
    # Arrays and columns of a frame that stand in one cell.
    for convert in ("tolist", "to_list"):
        if hasattr(value, convert):
            return getattr(value, convert)()
    return value


def _read(rows: Sequence[Mapping[str, object]], features: Features, backs_off: bool = False) -> list[ParsedCandidate]:
    """The candidates of rows; one that `backs_off` is read without what its other fields contradict. Raises TableError with every
    error of every row."""
    readings: list[ParsedCandidate] = []
    errors: list[RowError] = []
    for number, stated in enumerate(rows):
        # What a candidate is called is not learned from, and may be a number.
        row = {**stated, "id": None}
        try:
            try:
                readings.append(features.parser.parse(row, require_cargo_name=False))
            except CandidateError as error:
                if not backs_off or any(fault.code not in CONTRADICTIONS for fault in error.faults):
                    raise
                without = {**row, **dict.fromkeys((fault.field for fault in error.faults), None)}
                readings.append(features.parser.parse(without, require_cargo_name=False))
        except CandidateError as error:
            errors += [RowError(number + 2, fault, f"row {number}") for fault in error.faults]
    if errors:
        raise TableError(errors)
    return readings


def _papers(groups: Iterable[object]) -> list[str]:
    papers = list(groups)
    if missing := sum(paper is None or paper != paper for paper in papers):
        raise ValueError(f"Give the paper of every row; {missing} have none")
    return list(map(str, papers))


def fit_model(findings: Sequence[Finding], features: Features, seed: int = 0, repeats: int = REPEATS) -> FittedModel:
    """The model of all `findings`, the same for any order of them, with what stands beside its scores.

    Raises ValueError where there are too few papers for the folds, or findings of one effect only.
    """
    ordered = canonical_order(findings)
    table = TrainingTable.from_findings(ordered, features)
    classifier = ExosomeClassifier(seed=seed, repeats=repeats).fit_table(table)
    pipeline, calibration = classifier.pipeline_, classifier.calibration_
    weights, baseline = calibrated(pipeline, calibration.slope)
    return FittedModel(
        weights=weights,
        baseline=baseline,
        slope=calibration.slope,
        band=classifier.posterior_,
        sets=calibration.sets,
        support=Support.over(("" if finding.of_lab else finding.paper, finding.reading) for finding in ordered),
        papers=frozenset().union(*(finding.paper_names for finding in ordered)),
        evidence=tuple(map(as_evidence, ordered, calibration.left_out.tolist())),
        pipeline_loader=lambda: pipeline,
    )


def as_evidence(finding: Finding, left_out: float = 0.0) -> Evidence:
    """A finding as it is kept beside scores; `left_out` is the log-odds of a model without its paper."""
    return Evidence(
        finding.finding_id,
        finding.paper,
        finding.candidate.to_dict(),
        finding.effect,
        {name: text for name, text in finding.observed.items() if text},
        {name: text for name, text in finding.citation.items() if text},
        left_out,
        finding.origin,
    )
