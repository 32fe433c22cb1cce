"""What each part of the model is worth, and what was tried beside it: every variant on the same folds as the model.

    python benchmarks/experiments.py            prints the table (takes minutes)
    python benchmarks/experiments.py --write    writes it into docs/model.md
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
from models.features import Features
from training.bootstrap import RESAMPLES, interval, paper_counts, resampled
from training.evaluation import FOLDS, REPEATS, grouped_splits
from training.findings import Finding, fingerprint, read_findings
from training.fit import canonical_order
from training.left_out import MODEL, leave_out

Floats = NDArray[np.float64]

DOCUMENT = Path(__file__).parent.parent / "docs" / "model.md"
SHOWN = {
    "auroc": "AUROC",
    "within_stratum_auroc": "within strata",
    "brier": "Brier",
    "log_loss": "log loss",
    "ece": "calibration error",
}


def main() -> None:
    """Runs the variants and prints or writes the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--only", action="append", choices=[one.name for one in VARIANTS])
    arguments.add_argument("--repeats", type=int, default=REPEATS)
    chosen = arguments.parse_args()
    if chosen.write and (chosen.only or chosen.repeats != REPEATS):
        arguments.error("the document has every variant on every repeat: leave --only and --repeats away")
    features = Features.load()
    ordered = canonical_order(read_findings(reader=features.reader))
    variants = [one for one in VARIANTS if not chosen.only or one.name in chosen.only]
    text = heading(ordered, features, chosen.repeats) + table(variants, ordered, features, chosen.repeats)
    if chosen.write:
        document = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(filled(document, text), encoding="utf-8")
    else:
        print(text, end="")


def heading(ordered: Sequence[Finding], features: Features, repeats: int) -> str:
    """What the table is of."""
    papers = len({finding.paper for finding in ordered})
    return (
        f"{len(ordered)} findings of {papers} papers (data {fingerprint(ordered)}, words and roles {features.fingerprint}),"
        f" {repeats} x {FOLDS} folds grouped by paper;\n"
        f"differences to the model with their 95 % interval, {RESAMPLES} resamples of the papers:\n\n"
    )


def table(variants: Sequence[Variant], ordered: Sequence[Finding], features: Features, repeats: int) -> str:
    """The table as Markdown: the model's figures, and each variant's difference to them."""
    counts = paper_counts([finding.paper for finding in ordered], 0)
    of_model = figures(COMMITTED, ordered, features, repeats, counts)
    lines = [f"| | {' | '.join(SHOWN.values())} | |", "|---" * (len(SHOWN) + 2) + "|"]
    lines.append(f"| **{COMMITTED.name}** | {' | '.join(f'{of_model[name][0]:.3f}' for name in SHOWN)} | |")
    for variant in variants:
        found = figures(variant, ordered, features, repeats, counts)
        cells = [difference(found[name], of_model[name]) for name in SHOWN]
        lines.append(f"| {variant.name} | {' | '.join(cells)} | {variant.verdict} |")
    return "\n".join(lines) + "\n"


def figures(
    variant: Variant, ordered: Sequence[Finding], features: Features, repeats: int, counts: Floats
) -> dict[str, Floats]:
    """The figures of one variant: first on the papers as they are, then under each resample."""
    splits = grouped_splits(ordered, 0, repeats)
    left_out = leave_out(ordered, features, splits, learn=variant.learn, table=variant.table(ordered, features))
    once, drawn = (resampled(left_out, MODEL, weights) for weights in (np.ones((1, len(ordered))), counts))
    return {name: np.concatenate([once[name], drawn[name]]) for name in SHOWN}


def difference(found: Floats, of_model: Floats) -> str:
    """A difference with its interval."""
    more = found - of_model
    low, high = interval(float(more[0]), more[1:])
    return f"{more[0]:+.3f} ({low:+.3f} to {high:+.3f})"


def filled(document: str, text: str) -> str:
    """The document with the table between its markers."""
    begin, end = "<!-- begin experiments -->", "<!-- end experiments -->"
    return re.sub(rf"(?s){begin}\n.*?{end}", lambda _: f"{begin}\n{text}{end}", document)


if __name__ == "__main__":
    main()
