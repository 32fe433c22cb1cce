"""Scores and models as a notebook shows them: HTML that needs nothing else, in the colours of the text around it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from models.candidates import wording
from models.candidates.candidate import FIELD_BY_NAME
from models.evidence.evidence import EvidenceTally
from models.scoring.predictions import SUPPORT_RULE
from models.scoring.summary import describe_sources, retraction_remark

if TYPE_CHECKING:
    from models.designs.designs import Design, Designs, ProposedTest
    from models.scorer import Score, Scorer

_LONGEST_PART = 90
# How many findings are named; the page of the candidate lists them all.
_NAMED = 10
_ENVIRONMENT = Environment(
    loader=PackageLoader("models.scoring"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    each.__name__: each for each in (wording.humanize, wording.percent, wording.pluralize, wording.signed)
}


def score_html(score: Score) -> str:
    """What the answer page shows first: prediction, support, probability with its band, warnings, reasons and literature."""
    candidate = score.candidate.to_dict()
    stated = {name: _in_words(name, value) for name, value in candidate.items()}
    parts = (wording.describe_cargo(candidate), wording.describe_source(candidate), score.candidate.cancer_type)
    tallies = (
        (f"In {wording.humanize(score.candidate.cancer_type)}", score.known.in_this_cancer),
        ("In any cancer", score.known.anywhere),
    )
    return _render(
        "score.html",
        score=score,
        heading=[part if len(part) <= _LONGEST_PART else f"{part[:_LONGEST_PART]}…" for part in parts if part],
        rule=SUPPORT_RULE[score.support],
        contributions=sorted(filter(itemgetter(1), score.contributions.items()), key=lambda each: -abs(each[1])),
        tallies=[(where, *_sides(tally)) for where, tally in tallies if tally],
        findings=score.known.findings[:_NAMED],
        more=len(score.known.findings[_NAMED:]),
        stated=stated,
    )


def scorer_html(scorer: Scorer) -> str:
    """What a model learned from, and how often it was right on papers left out."""
    return _render(
        "scorer.html",
        scorer=scorer,
        findings=len(scorer.learned_from) - scorer.lab_findings,
        # Models of earlier versions have no grades of support.
        grades=[each for each in scorer.bundle.manifest["metrics"].get("support", []) if each["grade"] != "weak"],
        retracted=retraction_remark(len(scorer.retracted)),
    )


def designs_html(designs: Designs) -> str:
    """The shortlist as the page of designs shows it, and what to test first."""
    return _render(
        "designs.html",
        designs=designs,
        rows=list(map(_proposal, designs.designs)),
        tests=list(map(_proposal, designs.test_first)),
    )


def _proposal(proposal: Design | ProposedTest) -> dict[str, Any]:
    candidate = proposal.score.candidate.to_dict()
    return {
        "proposal": proposal,
        "score": proposal.score,
        "cargo": wording.describe_cargo(candidate),
        "source": wording.describe_source(candidate),
    }


def _in_words(name: str, value: str | list[str]) -> str:
    """A value of a field; names that are no terms stay as they are."""
    if isinstance(value, list):
        return "; ".join(map(wording.humanize, value))
    return wording.humanize(value) if FIELD_BY_NAME[name].controlled else value


def _sides(tally: EvidenceTally) -> tuple[str, str]:
    """The papers, and findings of the laboratory, each way."""
    return (
        describe_sources(tally.suppressing_papers, tally.suppressing_lab_findings) or "none",
        describe_sources(tally.promoting_papers, tally.promoting_lab_findings) or "none",
    )


def _render(template: str, **context: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(context)
