"""One or two plain sentences for a reader who is no statistician: the prediction, how often it is right, what papers say."""

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
        outside = ". ".join(reason.says for reason in reasons if reason.outside)
        prediction = (
            f"Undetermined: outside the training data. {outside or 'It is unlike the findings of either effect'}."
        )
    else:
        prediction = _describe_prediction(label, because, _of_a_hundred(chance), known.says)
        rests_on = [reason.says for reason in reasons if reason.decides] if label != UNDETERMINED else ()
        prediction += "".join(f" {says}." for says in rests_on)
    return f"{prediction} {describe_literature(label, known, cargo, state)}"


def _describe_prediction(label: str, because: str, of_a_hundred: str, says: str) -> str:
    odds = f"of 100 such candidates, {of_a_hundred} would be expected to suppress the tumour"
    if label != UNDETERMINED:
        return f"Likely tumour-{label}: {odds}."
    if because == "conflict":
        against = "each other" if says == "contradictory" else "the model"
        return f"Undetermined: papers on this source with this cargo contradict {against} ({odds})."
    return f"Undetermined: neither effect can be ruled out ({odds})."


def describe_literature(label: str, known: LiteratureSupport, cargo: Cargo, state: str) -> str:
    """What papers say of a source with its cargo, beside a prediction, in a sentence."""
    here = known.in_this_cancer
    tally, where = (here, " in this cancer") if here and here.says != "nothing" else (known.anywhere, "")
    if tally.says == "nothing":
        return "No paper in the corpus tested this source with this cargo."
    papers = "; ".join(filter(None, (_direct(tally, where), _turned(tally, where, cargo, state))))
    if tally.says == "contradictory" or label == UNDETERMINED:
        return f"So far, {papers}."
    return f"{'In agreement' if tally.says == label else 'Against this prediction'}, {papers}."


def _direct(tally: EvidenceTally, where: str) -> str:
    """What was seen of such a vesicle."""
    sides = _sides(
        (
            tally.suppressing_papers - tally.suppressing_turned,
            tally.suppressing_lab_findings - tally.suppressing_lab_turned,
        ),
        (tally.promoting_papers - tally.promoting_turned, tally.promoting_lab_findings - tally.promoting_lab_turned),
    )
    return sides and f"{sides} by this source with this cargo{where}"


def _turned(tally: EvidenceTally, where: str, cargo: Cargo, state: str) -> str:
    """What was seen of vesicles that do the opposite, and what this one does."""
    sides = _sides(
        (tally.promoting_turned, tally.promoting_lab_turned), (tally.suppressing_turned, tally.suppressing_lab_turned)
    )
    does = "lacks" if state_sign(state) < 0 else "silences" if cargo.sign < 0 else "brings"
    named = "+".join(name.stem if name.silences else name.name for name in cargo.names) or "its cargo"
    opposite = f"where {named} was taken out or silenced" if does == "brings" else f"with {named}"
    return sides and f"{sides} by this source {opposite}{where}, and this vesicle {does} it"


def _sides(suppressing: tuple[int, int], promoting: tuple[int, int]) -> str:
    """Papers and the laboratory's own findings each way."""
    sides = [
        f"{whose} found {effect}"
        for whose, effect in (
            (describe_sources(*suppressing), "suppression"),
            (describe_sources(*promoting), "promotion"),
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
        ("1 finding that was", "It is") if retracted == 1 else (f"{retracted} findings that were", "They are")
    )
    return (
        f"This model was trained on {findings} retracted since. {they} no longer shown as evidence, but the probability "
        "still depends on the old training data until the model is trained again"
    )


def _of_a_hundred(share: float) -> str:
    whole = round(100 * share)
    if whole == 100:
        return "more than 99"
    return f"about {whole}" if whole else "fewer than 1"
