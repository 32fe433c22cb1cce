"""Numbers and words as a reader wants to see them, for the templates of reports and pages."""

from collections.abc import Mapping
from typing import Any

from models.candidates.wording import MINUS as MINUS
from models.candidates.wording import describe_cargo as describe_cargo
from models.candidates.wording import describe_source as describe_source
from models.candidates.wording import humanize as humanize
from models.candidates.wording import percent as percent
from models.candidates.wording import pluralize as pluralize
from models.candidates.wording import signed as signed

NARROW_SPACE = "\u202f"
_ISOLATE, _POP = "\u2068", "\u2069"


def tick(value: float) -> str:
    """A number of an axis: as short as it can be."""
    return f"{value:g}".replace("-", MINUS)


def brief_estimate(metric: Mapping[str, Any] | None) -> str:
    """A metric with its interval, short enough for a chart."""
    if metric is None:
        return "not defined"
    within = metric["interval"]
    return f"{metric['mean']:.3f}" + (f" ({within[0]:.2f} to {within[1]:.2f})" if within else "")


def estimate(measured: Mapping[str, Any] | None, signed: bool = False) -> str:
    """A metric, as a manifest has it, with its 95 % interval."""
    if measured is None:
        return "not defined"
    shape = "+.3f" if signed else ".3f"
    interval = measured.get("interval")
    within = f" (95 % interval {interval[0]:{shape}} to {interval[1]:{shape}})" if interval else ""
    return f"{measured['mean']:{shape}}{within}"


def learned_from(trained_on: Mapping[str, int]) -> str:
    """What a model learned from, in words; a laboratory's own findings are called that, and never published."""
    findings, papers, own = (trained_on.get(name, 0) for name in ("findings", "papers", "lab_findings"))
    # The papers of models that earlier versions trained may be notebooks.
    paper = "published paper" if "lab_findings" in trained_on else "paper"
    published = f"{pluralize(findings - own, 'finding')} of {pluralize(papers, paper)}"
    return f"{published} and {pluralize(own, 'finding')} of this lab" if own else published


def describe_lab_share(lab: Mapping[str, Any] | None, trained_on: Mapping[str, int]) -> str:
    """How many of the findings that a model learned from are the laboratory's own, in sentences; `lab` is as
    `training.data.description.describe_lab` has it, None for models that did not note it."""
    total, unpublished = trained_on["findings"], trained_on.get("lab_findings", 0)
    if lab is None or not lab["recorded"]:
        said = f"{unpublished} of {pluralize(total, 'finding')} are unpublished results of the lab. "
        return f"{said}Which of the others it added to the shipped ones was not recorded."
    if not lab["findings"]:
        return f"None of {pluralize(total, 'finding')} is the lab's own: all are of the shipped corpus."
    of_papers = lab["findings"] - lab["unpublished"]
    parts = f"{lab['unpublished']} unpublished and {of_papers} of {pluralize(lab['papers'], 'paper')} that it added"
    types = ", ".join(f"{count} {humanize(value)}" for value, count in lab["by_field"]["cargo_type"].items())
    return f"{lab['findings']} of {pluralize(total, 'finding')} are the lab's own: {parts}. By cargo type: {types}."


def shorten(text: str, limit: int) -> str:
    """A text cut to fit into a chart, isolated so that it does not turn the direction of the text beside it."""
    return f"{_ISOLATE}{text if len(text) <= limit else text[: limit - 1] + '…'}{_POP}"


def calibration_of(metrics: Mapping[str, Any], cargo_type: str) -> dict[str, Any]:
    """How the predictions of one cargo type were calibrated on papers left out, as the metrics of a manifest have it, and what
    that says in a sentence. Its figures are None where there are none."""
    measured = next(
        (each for each in metrics.get("calibration_by_cargo_type", ()) if each["cargo_type"] == cargo_type),
        {"cargo_type": cargo_type, "findings": 0, "papers": 0, "predicted": None, "observed": None, "difference": None},
    )
    figures = {name: part for name, part in measured.items() if name != "undefined"}
    return {**figures, "says": _describe_calibration(metrics, measured)}


def _describe_calibration(metrics: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    cargo = f"{humanize(measured['cargo_type'])} " if measured["cargo_type"] else ""
    if "calibration_by_cargo_type" not in metrics:
        return "Calibration by cargo type was not measured when this model was trained. Train it again to measure it."
    findings = pluralize(measured["findings"], f"{cargo}finding")
    if not measured["findings"]:
        return f"No {cargo}findings are in the training data, so the calibration of these predictions is not known."
    if measured["observed"] is None:
        papers = pluralize(measured["papers"], "paper")
        return f"The calibration for {findings} of {papers} is n{measured['undefined'][1:]}."
    low, high = measured["observed"]["interval"]
    within = "" if low == high else f" (90{NARROW_SPACE}% interval {percent(low)} to {percent(high)})"
    beyond = measured["difference"]["mean"]
    begin, end = measured["difference"]["interval"]
    error = "No systematic error can be seen"
    if begin > 0.0 or end < 0.0:
        points = round(100 * abs(beyond)) or "less than 1"
        error = f"These probabilities are too {'low' if beyond > 0.0 else 'high'}, by {points} in 100"
    return (
        f"On papers not used for training, {percent(measured['observed']['mean'])} of {findings} suppressed the "
        f"tumour{within}; the model predicted {percent(measured['predicted'])} on average. {error}."
    )
