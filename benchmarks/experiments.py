"""What each part of the model is worth, and what was tried beside it: every variant on the same folds as the model.

    python benchmarks/experiments.py            prints the table (takes minutes)
    python benchmarks/experiments.py --write    writes it into docs/explanation/experiments.md
    python benchmarks/experiments.py --only "penalty 3" --repeats 2    some variants, fewer repeats: a first look

Differences are to the model, from the same bootstrap resamples of the papers.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.variants import COMMITTED, VARIANTS, Variant
from models.estimator.features import Features
from training.data.findings import Finding, fingerprint, read_findings
from training.evaluation.baselines import MODEL
from training.evaluation.bootstrap import Estimate, bootstrap_metrics, cluster_weights, estimate_differences
from training.evaluation.cross_validation import REPEATS, EvaluationPlan, grouped_splits
from training.evaluation.out_of_fold import cross_val_predict
from training.fit import canonical_order

Floats = NDArray[np.float64]

DOCUMENT = Path(__file__).parent.parent / "docs" / "explanation" / "experiments.md"
SHOWN = {
    "auroc": "AUROC",
    "within_stratum_auroc": "within strata",
    "brier": "Brier",
    "log_loss": "log loss",
    "ece": "calibration error",
    "determined": "determined",
    "accuracy_determined": "right, of those",
}


def main() -> None:
    """Runs the variants and prints or writes the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--only", action="append", choices=[variant.name for variant in VARIANTS])
    arguments.add_argument("--repeats", type=int, default=REPEATS)
    chosen = arguments.parse_args()
    if chosen.write and (chosen.only or chosen.repeats != REPEATS):
        arguments.error("the document has every variant on every repeat: leave --only and --repeats away")
    features = Features.load()
    ordered = canonical_order(read_findings(reader=features.parser))
    variants = [variant for variant in VARIANTS if not chosen.only or variant.name in chosen.only]
    plan = EvaluationPlan(repeats=chosen.repeats)
    text = heading(ordered, features, plan) + table(variants, ordered, features, plan)
    if chosen.write:
        document = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(filled(document, text), encoding="utf-8")
    else:
        print(text, end="")


def heading(ordered: Sequence[Finding], features: Features, plan: EvaluationPlan) -> str:
    """What the table is of."""
    papers = len({finding.paper for finding in ordered})
    return (
        f"{len(ordered)} findings of {papers} papers (data {fingerprint(ordered)}, words and roles {features.fingerprint}),"
        f" {plan.repeats} x {plan.folds} folds grouped by paper;\n"
        f"differences to the model with their 95 % interval, {plan.resamples} resamples of the papers:\n\n"
    )


def table(variants: Sequence[Variant], ordered: Sequence[Finding], features: Features, plan: EvaluationPlan) -> str:
    """The table as Markdown: the model's metrics, and each variant's difference to them."""
    of_model = metrics_of(COMMITTED, ordered, features, plan)
    lines = [f"| | {' | '.join(SHOWN.values())} | |", "|---" * (len(SHOWN) + 2) + "|"]
    lines.append(f"| **{COMMITTED.name}** | {' | '.join(f'{of_model[name][0]:.3f}' for name in SHOWN)} | |")
    for variant in variants:
        differences = estimate_differences(metrics_of(variant, ordered, features, plan), of_model)
        cells = [difference(differences[name]) for name in SHOWN]
        lines.append(f"| {variant.name} | {' | '.join(cells)} | {variant.verdict} |")
    return "\n".join(lines) + "\n"


def metrics_of(
    variant: Variant, ordered: Sequence[Finding], features: Features, plan: EvaluationPlan
) -> dict[str, Floats]:
    """The metrics of one variant: first on the papers as they are, then under each resample."""
    splits = grouped_splits(ordered, plan)
    table = variant.table(ordered, features)
    predictions = cross_val_predict(ordered, features, splits, fit_calibrated=variant.fit_calibrated, table=table)
    metrics = bootstrap_metrics(predictions, MODEL, cluster_weights(predictions.papers, plan.seed, plan.resamples))
    if not predictions.half_width.any():
        # Without bands it would call more.
        metrics |= {name: np.full_like(metrics[name], np.nan) for name in ("determined", "accuracy_determined")}
    return metrics


def difference(estimate: Estimate) -> str:
    """A difference with its interval, a dash where there is none."""
    if not estimate.defined:
        return "–"
    low, high = estimate.interval
    return f"{estimate.mean:+.3f} ({low:+.3f} to {high:+.3f})"


def filled(document: str, text: str, part: str = "experiments") -> str:
    """The document with the text between the markers of a part."""
    begin, end = f"<!-- begin {part} -->", f"<!-- end {part} -->"
    return re.sub(rf"(?s){begin}\n.*?{end}", lambda _: f"{begin}\n{text}{end}", document)


if __name__ == "__main__":
    main()
