"""The model card: what a model is for, what it was made of, how good it is and where it is not, from its manifest alone.

After Mitchell et al. 2019, "Model cards for model reporting" (doi:10.1145/3287560.3287596), the DOME recommendations for
machine learning in biology (doi:10.1038/s41592-021-01205-4) and the OECD principles for the validation of (Q)SAR models
(doi:10.1787/9789264085442-en). Every figure is one of the manifest; the sentences are in templates/card_sections.md.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from training.evaluation.baselines import MODEL
from training.evaluation.bootstrap import MIN_PAPERS
from training.evaluation.curves import MIN_CALIBRATED
from training.evaluation.metrics import METRICS
from training.fit import INNER_FOLDS, PENALTY
from training.report.evaluation_charts import best_baselines
from training.report.formatting import describe_lab_share, humanize, learned_from
from training.report.sheets import Section, Sheet, Table, parse_sections, sheet_text
from training.report.templating import TEMPLATES

NOT_RUN = "Not run for this model; `exoscore train --report` runs it."
_WEAKEST = 3
_OF_SLICES = ("auroc", "mcc", "brier", "coverage_suppressing", "coverage_promoting")
_FROM_MANIFEST = (
    "model",
    "created",
    "seconds",
    "code",
    "seed",
    "fingerprints",
    "libraries",
    "trained_on",
    "composition",
)


def card(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The card of a model as one document, ready for JSON; `figures` are the metrics of the manifest."""
    return {
        **{name: manifest[name] for name in _FROM_MANIFEST},
        # Models of earlier versions did not note it.
        "lab": manifest.get("lab"),
        "sections": [asdict(section) for section in sections(manifest)],
        "figures": manifest["metrics"],
    }


def sections(manifest: Mapping[str, Any]) -> list[Section]:
    """The three frameworks, filled in."""
    text = TEMPLATES.get_template("card_sections.md").render(
        manifest=manifest,
        weakest_slices=_weakest_slices(manifest["metrics"]["slices"]),
        best_baseline=best_baselines(manifest["metrics"], 1)[0],
        inner_folds=INNER_FOLDS,
        penalty=PENALTY,
        not_run=NOT_RUN,
        lab_share=describe_lab_share(manifest.get("lab"), manifest["trained_on"]),
    )
    return parse_sections(text)


def card_text(document: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    return sheet_text(card_sheet(document))


def card_sheet(document: Mapping[str, Any]) -> Sheet:
    """The card set for reading."""
    libraries = ", ".join(f"{name} {version}" for name, version in document["libraries"].items())
    facts = {
        "trained on": learned_from(document["trained_on"]),
        "data": document["fingerprints"]["data"],
        "vocabulary and roles": document["fingerprints"]["vocabulary"],
        "seed": str(document["seed"]),
        "Exoscore": document["code"],
        "libraries": libraries,
        "made": f"{document['created']}, in {document['seconds']} s",
    }
    tables = [_figures_table(document["figures"]), _calibration_table(document["figures"])]
    if document["lab"] and document["lab"]["findings"]:
        tables.append(lab_table(document["lab"]))
    tables += _slice_tables(document["figures"]["slices"])
    sections = [Section(**section) for section in document["sections"]]
    return Sheet(f"Model card of {document['model']}", facts, sections, tables)


def lab_table(lab: Mapping[str, Any]) -> Table:
    """What a laboratory's own findings are of."""
    rows = [
        (humanize(field), humanize(value), str(count))
        for field, values in lab["by_field"].items()
        for value, count in values.items()
    ]
    return Table("The lab's own findings", "", ("field", "value", "findings"), rows)


def _figures_table(metrics: Mapping[str, Any]) -> Table:
    def cells(of: Mapping[str, Any]) -> list[str]:
        return [f"{of[name]['mean']:.3f}" if of[name] else "–" for name in METRICS]

    intervals = [(metrics["figures"][MODEL][name] or {}).get("interval") for name in METRICS]
    rows = [(name, *cells(of)) for name, of in metrics["figures"].items()]
    rows.append(
        ("model, interval", *(f"{within[0]:.3f} to {within[1]:.3f}" if within else "–" for within in intervals))
    )
    remark = (
        f"{metrics['protocol'].capitalize()}; mean over repeats, and for the model the 95 % interval from "
        f"{metrics['resamples']} bootstrap resamples of the papers."
    )
    return Table("Figures", remark, ("", *(metric.title for metric in METRICS.values())), rows)


def _calibration_table(metrics: Mapping[str, Any]) -> Table:
    remark = (
        "Findings of papers left out: the share that suppressed, with its 90 % interval, and the mean predicted probability. "
        f"“–”: fewer than {MIN_CALIBRATED} findings or {MIN_PAPERS} papers."
    )
    rows = []
    for each in metrics.get("calibration_by_cargo_type", ()):
        figures = ["–"] * 3
        if each["observed"]:
            low, high = each["observed"]["interval"]
            figures = [f"{each['predicted']:.3f}", f"{each['observed']['mean']:.3f}", f"{low:.3f} to {high:.3f}"]
        rows.append((humanize(each["cargo_type"]), str(each["findings"]), str(each["papers"]), *figures))
    if not rows:
        remark = "Not measured when this model was trained."
    columns = ("cargo type", "findings", "papers", "predicted", "observed", "interval")
    return Table("Calibration by cargo type", remark, columns, rows)


def _slice_tables(slices: Mapping[str, Any]) -> list[Table]:
    titles = TEMPLATES.get_template("slices.txt").module.titles  # type: ignore[attr-defined]
    tables = []
    for field, of_field in slices.items():
        rows = []
        for part in of_field:
            figures = [f"{part['figures'][name]['mean']:.3f}" if part["figures"][name] else "–" for name in _OF_SLICES]
            if not part["figures"]["auroc"]:
                figures[0] = part["undefined"]
            rows.append((humanize(part["value"]), str(part["findings"]), str(part["papers"]), *figures))
        figures = ["AUROC", "MCC", "Brier", "coverage, suppressing", "coverage, promoting"]
        columns = (humanize(field), "findings", "papers", *figures)
        if rows:
            tables.append(Table(titles[field], "", columns, rows))
    return tables


def _weakest_slices(slices: Mapping[str, Any]) -> list[tuple[float, str]]:
    """The slices with enough papers where probabilities are furthest off: the Brier score and the name of each."""
    scored = [
        (part["figures"]["brier"]["mean"], f"{field} {part['value']}")
        for field, parts in slices.items()
        for part in parts
        if part["papers"] >= MIN_PAPERS and part["figures"]["brier"]
    ]
    return sorted(scored, key=lambda scored: (-scored[0], scored[1]))[:_WEAKEST]
