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
    papers = f"{_papers(tally)} of this source with this cargo{where}"
    if tally.says == "contradictory" or label == UNDETERMINED:
        return f"Curated: {papers}."
    return f"Curated, {'in agreement' if tally.says == label else 'but against this call'}: {papers}."


def _papers(tally: EvidenceTally) -> str:
    sides = [
        f"{count} paper{'' if count == 1 else 's'} found {effect}"
        for count, effect in ((tally.suppressing_papers, "suppression"), (tally.promoting_papers, "promotion"))
        if count
    ]
    return " and ".join(sides)


def _of_a_hundred(share: float) -> str:
    whole = round(100 * share)
    if whole == 100:
        return "more than 99"
    return f"about {whole}" if whole else "fewer than 1"
