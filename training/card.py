"""The model card: what a model is for, what it was made of, how good it is and where it is not, from its manifest alone.

After Mitchell et al. 2019, "Model cards for model reporting" (doi:10.1145/3287560.3287596), the DOME recommendations for
machine learning in biology (doi:10.1038/s41592-021-01205-4) and the OECD principles for the validation of (Q)SAR models
(doi:10.1787/9789264085442-en). Every figure is one of the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.evaluation.bootstrap import MIN_PAPERS
from training.fit import INNER_FOLDS, PENALTY

MODEL = "model"
NOT_RUN = "Not run for this model; `exoscore train --report` runs it."


@dataclass(frozen=True)
class Section:
    """One framework of the card: its title, the DOI of its source, and its items in order, each with what is said."""

    title: str
    doi: str
    items: dict[str, str]


def card(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The card of a model as one document, ready for JSON; `figures` are the metrics of the manifest."""
    return {
        "model": manifest["model"],
        "created": manifest["created"],
        "seconds": manifest["seconds"],
        "code": manifest["code"],
        "seed": manifest["seed"],
        "fingerprints": dict(manifest["fingerprints"]),
        "libraries": dict(manifest["libraries"]),
        "trained_on": dict(manifest["trained_on"]),
        "composition": manifest["composition"],
        "sections": [asdict(section) for section in sections(manifest)],
        "figures": manifest["metrics"],
    }


def sections(manifest: Mapping[str, Any]) -> list[Section]:
    """The three frameworks, filled in."""
    said = _Said(manifest)
    return [
        Section("Model card", "10.1145/3287560.3287596", _model_card(said)),
        Section("DOME", "10.1038/s41592-021-01205-4", _dome(said)),
        Section("OECD principles for (Q)SAR models", "10.1787/9789264085442-en", _oecd(said)),
    ]


class _Said:
    """The figures of a manifest in words."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        self.metrics: Mapping[str, Any] = manifest["metrics"]
        self.findings, self.papers = self.metrics["findings"], self.metrics["papers"]
        effects = manifest["composition"]["effect"]
        self.trained = (
            f"{self.findings} findings of {self.papers} papers: {effects.get('suppressing', 0)} suppressing,"
            f" {effects.get('promoting', 0)} promoting"
        )

    def figure(self, name: str, of: str = MODEL) -> str:
        """A figure with its interval."""
        return _measured(self.metrics["figures"][of][name])

    def best_baseline(self) -> str:
        """The baseline with the highest AUROC, and what the model has more."""
        figures = self.metrics["figures"]
        ranked = {name: one["auroc"]["mean"] for name, one in figures.items() if name != MODEL and one["auroc"]}
        best = max(ranked, key=lambda name: ranked[name])
        more = _measured(self.metrics["differences"][best]["auroc"], sign=True)
        return f"{best}, AUROC {ranked[best]:.3f}; the model has {more} more"

    def fit(self, name: str) -> str:
        """A figure on the very findings that the model learned from."""
        value = self.metrics["goodness_of_fit"][name]
        return "not defined" if value is None else f"{value:.3f}"

    def weakest(self) -> str:
        """The slices with enough papers where probabilities are furthest off."""
        found = [
            (one["figures"]["brier"]["mean"], f"{field} {one['value']}")
            for field, of_field in self.metrics["slices"].items()
            for one in of_field
            if one["papers"] >= MIN_PAPERS and one["figures"]["brier"]
        ]
        worst = sorted(found, key=lambda one: (-one[0], one[1]))[:3]
        return (
            "; ".join(f"{name.replace('_', ' ')} (Brier {brier:.3f})" for brier, name in worst) or "none large enough"
        )

    def pairs(self) -> str:
        """Which strata the within-stratum figure rests on."""
        large = [one for one in self.metrics["strata"] if one["auroc"]][:2]
        total = self.metrics["pairs"]
        parts = [
            f"{one['source_cell']} {one['cargo_state']} ({one['pairs']} pairs, AUROC {_measured(one['auroc'])})"
            for one in large
        ]
        return f"{total} pairs within strata; the largest: {'; '.join(parts) or 'none of enough pairs'}"

    def shift(self, kind: str) -> str:
        """The AUROC under each shift of one kind."""
        shifts = self.metrics.get("shifts")
        if not shifts:
            return NOT_RUN
        parts = [
            f"{one['name']} {one['undefined'] or _measured(one['figures'][MODEL]['auroc'])}" for one in shifts[kind]
        ]
        return "AUROC: " + ("; ".join(parts) or "too few papers") + "."


def _measured(one: Mapping[str, Any] | None, sign: bool = False) -> str:
    if one is None:
        return "not defined"
    shape = "+.3f" if sign else ".3f"
    within = one.get("interval")
    said = f" (95 % interval {within[0]:{shape}} to {within[1]:{shape}})" if within else ""
    return f"{one['mean']:{shape}}{said}"


def _model_card(said: _Said) -> dict[str, str]:
    manifest, metrics = said.manifest, said.metrics
    return {
        "Model details": (
            f"{manifest['model']}, made by Exoscore {manifest['code']}. An additive logistic regression"
            " over source cell, phenotype with its broader terms and disposition, cargo state, and the signed role that"
            f" independent reports give the cargo; {manifest['parameters']} parameters under one Gaussian prior. Its log-odds"
            " are scaled by one slope found on papers left out; label sets are class-conditional conformal at 90 %."
            " Apache-2.0; cite CITATION.cff."
        ),
        "Intended use": (
            "Research: to rank and question exosome candidates before an experiment, to see what was published of similar"
            " ones, and to find gaps and contradictions. For people who can read the papers behind an answer. Not for the"
            " treatment of anybody, not as evidence that a vesicle is safe or works, not for how often exosomes help or harm."
        ),
        "Factors": (
            "What was published differs by source cell, phenotype, cargo type and state, tumour and year; figures are given"
            " for each. Isolation, dose and recipient are seldom told alike and are not used."
        ),
        "Metrics": (
            "AUROC over all findings and within strata (pairs of the same source cell, macrophage phenotype and cargo state);"
            " Matthews correlation of the calls at even odds; Brier score, log loss, calibration error in ten bins; coverage of"
            " the prediction sets by effect. Papers weigh equal. Each figure is a mean over repeats, with its spread over them"
            f" and a 95 % interval from {metrics['resamples']} bootstrap resamples of the papers."
        ),
        "Evaluation data": (
            f"The same findings, each predicted by models that had none of its paper: {metrics['protocol']}. Slope and"
            f" conformal sets come from {INNER_FOLDS} folds inside each training part."
        ),
        "Training data": f"{said.trained}; data {manifest['fingerprints']['data']}. See training/data/DATASHEET.md.",
        "Quantitative analyses": (
            f"AUROC {said.figure('auroc')}; within strata {said.figure('within_stratum_auroc')}, named cargo"
            f" {said.figure('within_stratum_auroc_named')}; MCC {said.figure('mcc')}; Brier {said.figure('brier')}; log loss"
            f" {said.figure('log_loss')}; calibration error {said.figure('ece')}, where exact probabilities would show"
            f" {metrics['ece_if_calibrated']['mean']:.3f}. Coverage of the 90 % sets {said.figure('coverage_suppressing')} of"
            f" suppressing and {said.figure('coverage_promoting')} of promoting findings, with {said.figure('singletons')} of"
            f" the sets naming one label. Least reliable: {said.weakest()}. {said.pairs()}."
        ),
        "Ethical considerations": (
            "No data about people beyond authors' names in citations. Published findings are a skewed sample: positive results,"
            " and loaded vesicles made to suppress, are over-reported, so a score is a summary of reports and not of nature."
        ),
        "Caveats and recommendations": (
            "Read the prediction set, the domain and the papers beside the score, not the probability alone. Intervals judge"
            " the papers at hand; they do not cover that future papers differ, for which see the cold folds and the years."
            " A figure that all papers of a slice share has an interval of no width: the bootstrap sees no further."
        ),
    }


def _dome(said: _Said) -> dict[str, str]:
    manifest, metrics = said.manifest, said.metrics
    return {
        "Data: provenance": f"Curated from primary papers, each finding with its citation. {said.trained}.",
        "Data: splits": (
            f"{metrics['protocol'].capitalize()}, both effects spread evenly; no further test set. A laboratory's own findings"
            " are the external test (`exoscore evaluate`)."
        ),
        "Data: redundancy between splits": (
            "A paper is never on both sides, under any of its identifiers. Votes of the corpus' own papers were taken out of"
            " the role tables. The same cargo, tumour or source can be on both sides; cold folds take that away: "
            f"{said.shift('cold')}"
        ),
        "Data: availability": (
            "training/data/findings.tsv and models/knowledge/, with their datasheet and sources; fingerprints"
            f" {manifest['fingerprints']['data']} (data) and {manifest['fingerprints']['vocabulary']} (words and roles)."
        ),
        "Optimisation: algorithm": "L2-penalised logistic regression by Newton's method (scikit-learn), papers weighing equal.",
        "Optimisation: meta-predictions": (
            "No other predictor is an input. The role of a cargo is a count of independent reports, not of this corpus."
        ),
        "Optimisation: encoding": "models/features.py: one level a term, signed by the cargo's state; role in log-odds.",
        "Optimisation: parameters": f"{manifest['parameters']}, one penalty (prior variance {PENALTY:g}), fixed beforehand.",
        "Optimisation: features": (
            "Chosen from biology; the ideas behind some came from looking at this corpus, which the folds do not undo"
            " (docs/model.md lists what was tried, with figures)."
        ),
        "Optimisation: fitting": (
            f"AUROC {said.fit('auroc')} and Brier {said.fit('brier')} on its own training findings against"
            f" {said.figure('auroc')} and {said.figure('brier')} on papers left out."
        ),
        "Optimisation: regularisation": "The Gaussian prior alone; rare levels shrink to none, phenotypes to broader terms.",
        "Optimisation: availability": "training/ in the repository; settings, seed and library versions in the manifest.",
        "Model: interpretability": "Transparent: contributions of the fields in log-odds sum to the score exactly.",
        "Model: output": "A probability with a 90 % band, a label set at 90 %, or undetermined with the reason.",
        "Model: execution time": (
            "Scoring is a sum of a few weights (benchmarks/ has the figures); how long the model took to make, with its folds"
            " and figures, is told above as `seconds`."
        ),
        "Model: availability": "A signed bundle; source code under Apache-2.0; HTTP, command line and Python.",
        "Evaluation: method": f"{metrics['protocol'].capitalize()}, cold folds, a learning curve and splits by year.",
        "Evaluation: measures": "AUROC, within-stratum AUROC, MCC, Brier, log loss, calibration error, coverage, set size.",
        "Evaluation: comparison": f"{len(metrics['differences'])} baselines on the same folds. Best: {said.best_baseline()}.",
        "Evaluation: confidence": (
            f"Spread over repeats and {metrics['resamples']} bootstrap resamples of the papers; differences from the same"
            " resamples."
        ),
        "Evaluation: availability": "This card, report.html beside it, and the manifest of the model have the same figures.",
    }


def _oecd(said: _Said) -> dict[str, str]:
    return {
        "1. A defined endpoint": (
            "The net effect on the tumour of vesicles in the stated cargo state, as a paper reports it: suppressing or"
            " promoting. Depleted vesicles are judged against the same ones with the cargo."
        ),
        "2. An unambiguous algorithm": (
            "log-odds = baseline + sum of weight x value; weights, values and every step are in the open code, and the same"
            " findings, words and seed give the same model, named by a digest of what it learned."
        ),
        "3. A defined domain of applicability": (
            "Checked field by field: a cell, phenotype, cargo type or state that was never seen, or a cargo without any"
            " report, puts a candidate outside, and the call is undetermined with the reason."
        ),
        "4. Goodness-of-fit, robustness and predictivity": (
            f"Fit: AUROC {said.fit('auroc')} on its own findings. Robustness: AUROC {said.figure('auroc')} on papers left out;"
            f" with fewer papers, {said.shift('learning_curve')} Predictivity on later papers: {said.shift('by_year')}"
        ),
        "5. A mechanistic interpretation": (
            "A native vesicle speaks for its source cell; a depleted one turns what source and cargo say; a loaded one is"
            " judged for its cargo. The cargo counts by its role in tumours (suppressor or oncogenic, by independent reports),"
            " the source by what its state makes of it. Targets and pathways that papers saw are shown and never an input."
        ),
    }
