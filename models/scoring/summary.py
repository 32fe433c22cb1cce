"""One plain sentence or two for a reader who is no statistician: the call, how often it is right, and what the papers say."""

from collections.abc import Iterable

from models.candidates.cargo import Cargo, state_sign
from models.estimator.applicability import Reason
from models.evidence.evidence import EvidenceTally, LiteratureSupport

UNDETERMINED = "undetermined"


def summary(
    label: str,
    because: str,
    chance: float,
    reasons: Iterable[Reason],
    known: LiteratureSupport,
    cargo: Cargo,
    state: str,
) -> str:
    """What the score means in words. `chance` is the probability of suppressing, `reasons` those of the domain."""
    if because == "domain":
        outside = "; ".join(reason.says for reason in reasons if reason.outside)
        call = f"Undetermined: outside what the model has seen ({outside or 'unlike the findings of either effect'})."
    else:
        call = _call(label, because, _of_a_hundred(chance), known.says)
        rests_on = [reason.says for reason in reasons if reason.decides] if label != UNDETERMINED else ()
        call += "".join(f" {says[0].upper()}{says[1:]}." for says in rests_on)
    return f"{call} {_literature(label, known, cargo, state)}"


def _call(label: str, because: str, of_a_hundred: str, says: str) -> str:
    odds = f"of 100 candidates that score like this one, {of_a_hundred} would be expected to suppress the tumour"
    if label != UNDETERMINED:
        return f"Likely tumour-{label}: {odds}."
    if because == "conflict":
        against = "each other" if says == "contradictory" else "the model"
        return f"Undetermined: the papers on this very vesicle contradict {against} ({odds})."
    return f"Undetermined: neither effect can be ruled out ({odds})."


def _literature(label: str, known: LiteratureSupport, cargo: Cargo, state: str) -> str:
    here = known.in_this_cancer
    tally, where = (here, " in this tumour") if here and here.says != "nothing" else (known.anywhere, "")
    if tally.says == "nothing":
        return "No curated paper has tested this source with this cargo."
    papers = "; ".join(filter(None, (_direct(tally, where), _turned(tally, where, cargo, state))))
    if tally.says == "contradictory" or label == UNDETERMINED:
        return f"Curated: {papers}."
    return f"Curated, {'in agreement' if tally.says == label else 'but against this call'}: {papers}."


def _direct(tally: EvidenceTally, where: str) -> str:
    """What the papers on such a vesicle say."""
    sides = _sides(tally.suppressing_papers - tally.suppressing_turned, tally.promoting_papers - tally.promoting_turned)
    return sides and f"{sides} of this source with this cargo{where}"


def _turned(tally: EvidenceTally, where: str, cargo: Cargo, state: str) -> str:
    """What the papers on vesicles that do the opposite say, and what this one does."""
    sides = _sides(tally.promoting_turned, tally.suppressing_turned)
    does = "lacks" if state_sign(state) < 0 else "silences" if cargo.sign < 0 else "brings"
    named = "+".join(name.stem if name.silences else name.name for name in cargo.names) or "its cargo"
    opposite = f"without {named}, or silencing it" if does == "brings" else f"that brings {named}"
    return sides and f"{sides} of this source {opposite}{where}, and this vesicle {does} it"


def _sides(suppressing: int, promoting: int) -> str:
    return " and ".join(
        f"{count} paper{'' if count == 1 else 's'} found {effect}"
        for count, effect in ((suppressing, "suppression"), (promoting, "promotion"))
        if count
    )


def _of_a_hundred(share: float) -> str:
    whole = round(100 * share)
    if whole == 100:
        return "more than 99"
    return f"about {whole}" if whole else "fewer than 1"
