"""One plain sentence or two for a reader who is no statistician: the call, how often it is right, and what the papers say."""

from collections.abc import Iterable

from models.estimator.applicability import Reason
from models.evidence.evidence import EvidenceTally, LiteratureSupport

UNDETERMINED = "undetermined"


def summary(label: str, because: str, chance: float, reasons: Iterable[Reason], known: LiteratureSupport) -> str:
    """What the score means in words. `chance` is the probability of suppressing, `reasons` those of the domain."""
    if because == "domain":
        outside = "; ".join(reason.says for reason in reasons if reason.outside)
        call = f"Undetermined: outside what the model has seen ({outside or 'unlike the findings of either effect'})."
    else:
        call = _call(label, because, _of_a_hundred(chance))
    return f"{call} {_literature(label, known)}"


def _call(label: str, because: str, of_a_hundred: str) -> str:
    odds = f"of 100 candidates that score like this one, {of_a_hundred} would be expected to suppress the tumour"
    if label != UNDETERMINED:
        return f"Likely tumour-{label}: {odds}."
    if because == "conflict":
        return f"Undetermined: the papers on this very vesicle contradict each other ({odds})."
    return f"Undetermined: the findings allow either effect ({odds})."


def _literature(label: str, known: LiteratureSupport) -> str:
    here = known.in_this_cancer
    tally, where = (here, " in this tumour") if here and here.says != "nothing" else (known.anywhere, "")
    if tally.says == "nothing":
        return "No curated paper has tested this source with this cargo."
    papers = f"{_sides(tally)} of this source with this cargo{where}"
    heading = "Known" if tally.suppressing_lab_findings + tally.promoting_lab_findings else "Curated"
    if tally.says == "contradictory" or label == UNDETERMINED:
        return f"{heading}: {papers}."
    return f"{heading}, {'in agreement' if tally.says == label else 'but against this call'}: {papers}."


def _sides(tally: EvidenceTally) -> str:
    sides = [
        f"{whose} found {effect}"
        for whose, effect in (
            (describe_sources(tally.suppressing_papers, tally.suppressing_lab_findings), "suppression"),
            (describe_sources(tally.promoting_papers, tally.promoting_lab_findings), "promotion"),
        )
        if whose
    ]
    return ", ".join(sides) if "and" in "".join(sides) else " and ".join(sides)


def describe_sources(papers: int, of_lab: int) -> str:
    """Papers and a laboratory's own findings, each called what they are."""
    published = f"{papers} {'published ' if of_lab else ''}paper{'' if papers == 1 else 's'}" if papers else ""
    own = f"{of_lab} finding{'' if of_lab == 1 else 's'} of this lab" if of_lab else ""
    return " and ".join(filter(None, (published, own)))


def retraction_remark(retracted: int) -> str:
    """What is to be said of a model of whose findings so many were retracted since; empty where none was."""
    if not retracted:
        return ""
    findings, they = (
        ("1 finding that was", "it is") if retracted == 1 else (f"{retracted} findings that were", "they are")
    )
    return (
        f"this model learned from {findings} retracted since: {they} no evidence any more, but the probability "
        "rests on what was learned until the model is trained anew"
    )


def _of_a_hundred(share: float) -> str:
    whole = round(100 * share)
    if whole == 100:
        return "more than 99"
    return f"about {whole}" if whole else "fewer than 1"
