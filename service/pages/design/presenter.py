"""A design in words: what is wanted, what became of each combination, the shortlist, and what to test first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from models.candidates.cargo import WHOLE_VESICLE
from models.designs.axes import Axes
from models.designs.designs import ELSEWHERE, HERE, NEW, OTHER_SOURCE, Design, Designs
from models.designs.ranking import OUTSIDE, PUBLISHED
from models.designs.request import KNOWN, DesignRequest
from models.designs.space import TOO_FEW_PAPERS
from models.estimator.conformal import LABELS
from models.evidence.evidence import LiteratureSupport
from models.rounding import round_probability
from models.scorer import Score
from models.scoring.summary import UNDETERMINED
from service.pages import charts
from service.pages.compare.query import MAX_COMPARED
from service.pages.forms.fields import CANDIDATE_TITLES
from service.pages.report import UNDETERMINED_REASONS, heading
from service.scoring import design_query, query_string
from training.report.formatting import describe_source, humanize

_NOVELTY = {
    HERE: "published in this cancer type",
    ELSEWHERE: "published in another cancer type",
    OTHER_SOURCE: "cargo published in another source",
    NEW: "new: no finding has this cargo",
}
# Those that are known go with the inhibitors that silence them.
_NOUNS = {"mirna": "known microRNAs and inhibitor"}
_MOST_NAMED = 4
# Why combinations were left out, where the reason of the engine names a parameter.
_REASONS = {
    TOO_FEW_PAPERS: "Fewer papers than you asked for have findings of this source and state",
    "Cargos that exclude_cargos names": "Cargos that you excluded",
}
_LOOSEN = {
    OUTSIDE: "include candidates outside what the model has seen",
    PUBLISHED: "allow what was published",
    TOO_FEW_PAPERS: "ask for fewer papers on the source and state",
}


def present(designs: Designs, axes: Axes, model: str) -> dict[str, Any]:
    """What the page of a result shows. `model` is the one that its address names, empty where it names none."""
    request = designs.request
    strips = charts.comparison(
        [(_chances(design.score), ", ".join(_heading(design.score))) for design in designs.designs]
    )
    rows = [
        _row(design, model) | {"rank": design.rank, "strip": strip, "why": design.reason, "papers": design.papers}
        for design, strip in zip(designs.designs, strips, strict=True)
    ]
    pinned = design_query.write(request, designs.versions.model)
    compared = [design.score.candidate.to_dict() for design in designs.designs[:MAX_COMPARED]]
    return {
        "designs": designs,
        "question": question(request, axes),
        "rows": rows,
        "tied": _tied(designs.designs),
        "predictions": [(label, designs.of_label.get(label, 0)) for label in (LABELS[0], UNDETERMINED, LABELS[1])],
        "left_out": [
            (
                count_of(count, "cargo" if reason.startswith("Cargos") else "combination"),
                _REASONS.get(reason, reason),
            )
            for reason, count in Counter(designs.left_out).most_common()
        ],
        "loosen": _loosen(designs),
        "tests": [
            _row(test, model) | {"state": test.score.candidate.cargo_state, "reduction": test.reduction}
            for test in designs.test_first
        ],
        "controls": _controls(designs),
        "exports": [
            (title, f"{url_for('.download', form=form)}?{pinned}")
            for title, form in (("CSV", "csv"), ("Excel", "xlsx"), ("JSON", "json"))
        ],
        "permanent": f"{url_for('.design')}?{pinned}",
        "comparison": f"{url_for('pages.compare.compare')}?{query_string.write_comparison(compared, model)}",
    }


def question(request: DesignRequest, axes: Axes) -> str:
    """What was asked, in a sentence, in canonical terms."""
    cancers = _listed(
        [humanize(str(value)) or "a cancer type that is not stated" for value in axes.others.get("cancer_type", [])]
    )
    sources = [
        describe_source({"source_cell": source.cell, "source_phenotype": source.phenotype}) for source in axes.sources
    ]
    states = [humanize(str(state)) for state in axes.others.get("cargo_state", []) if state]
    others = [
        f"{CANDIDATE_TITLES[name].lower()} {_listed([_term(value) for value in values])}"
        for name, values in axes.others.items()
        if name not in ("cancer_type", "cargo_state")
    ]
    stated = f" ({_listed(states, 'or')})" if states else ""
    parts = [
        f"Which candidates would {'suppress' if request.goal == LABELS[0] else 'promote'} {cancers or 'a tumour of any type'}",
        f"vesicles of {_listed(sources, 'or')}",
        f"with {_cargos(request, axes)}{stated}",
        *others,
    ]
    return f"{parts[0]}: {', '.join(parts[1:])}?"


def count_of(count: int, noun: str) -> str:
    """So many things; long numbers have commas."""
    return f"{count:,} {noun}{'' if count == 1 else 'es' if noun.endswith(('s', 'o')) else 's'}"


def _cargos(request: DesignRequest, axes: Axes) -> str:
    names = [cargo.name or humanize(cargo.cargo_type) for cargo in axes.cargos]
    if request.vary.get("cargo_name") != KNOWN:
        return _listed(names, "or")
    types = Counter(cargo.cargo_type for cargo in axes.cargos)
    return _listed(
        [
            "the whole vesicle"
            if name == WHOLE_VESICLE
            else f"one of {count_of(count, _NOUNS.get(name, f'known {humanize(name)}'))}"
            for name, count in types.items()
        ],
        "or",
    )


def _term(value: object) -> str:
    terms = value if isinstance(value, list | tuple) else [value]
    return " and ".join(humanize(str(term)) for term in terms if term) or "not stated"


def _listed(texts: Sequence[str], last: str = "and") -> str:
    """Texts as a list in a sentence; of many the first, and how many more."""
    shown = list(texts[:_MOST_NAMED])
    if len(texts) > _MOST_NAMED + 1:
        shown.append(f"{len(texts) - _MOST_NAMED:,} more")
    elif len(texts) > _MOST_NAMED:
        shown.append(texts[_MOST_NAMED])
    return f" {last} ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _heading(score: Score) -> list[str]:
    return heading({**score.candidate.to_dict(), "cancer_type": ""})


def _chances(score: Score) -> dict[str, Any]:
    low, high = map(round_probability, score.interval)
    return {
        "label": score.label,
        "probability_suppressing": round_probability(score.probability_suppressing),
        "interval": (low, high),
    }


def _row(proposal: Any, model: str) -> dict[str, Any]:
    """A candidate that is proposed, for the shortlist or to be tested."""
    score: Score = proposal.score
    candidate = score.candidate.to_dict()
    return {
        "heading": _heading(score),
        "cancer_type": candidate.get("cancer_type", ""),
        "address": f"{url_for('pages.score.score')}?{query_string.write(candidate, model)}",
        "label": score.label,
        "because": UNDETERMINED_REASONS.get(score.undetermined_because, ""),
        "support": score.support,
        **_chances(score),
        "novelty": _novelty(proposal.novelty, score.known),
    }


def _novelty(novelty: str, known: LiteratureSupport) -> str:
    tally = known.in_this_cancer if novelty == HERE else known.anywhere
    if novelty not in (HERE, ELSEWHERE) or tally is None:
        return _NOVELTY[novelty]
    words = _NOVELTY[novelty] if known.in_this_cancer is not None else "published"
    return f"{words}: {tally.says}"


def _tied(designs: Sequence[Design]) -> int:
    """How many of the first have bands that overlap with that of the first."""
    if not designs:
        return 0
    low, high = designs[0].score.interval
    return next(
        (place for place, each in enumerate(designs) if each.score.interval[1] < low or each.score.interval[0] > high),
        len(designs),
    )


def _controls(designs: Designs) -> list[tuple[str, tuple[str, ...]]]:
    """The controls of what is to be tested, once for each state of the cargo."""
    controls = {test.controls: _of_state(test.score) for test in designs.test_first}
    return [(title, each) for each, title in controls.items()]


def _of_state(score: Score) -> str:
    stated = score.candidate
    return "whole vesicles" if stated.cargo_type == WHOLE_VESICLE else f"{stated.cargo_state} cargo"


def _loosen(designs: Designs) -> Iterable[str]:
    """What would let more candidates through."""
    bounds: Mapping[str, bool] = {
        OUTSIDE: designs.request.constraints.inside_domain,
        PUBLISHED: designs.request.constraints.exclude_published,
        TOO_FEW_PAPERS: designs.request.constraints.min_papers > 0,
    }
    ways = [says for reason, says in _LOOSEN.items() if bounds[reason] and designs.left_out.get(reason)]
    if len(designs) and (designs.request.constraints.max_per_family or designs.request.constraints.max_per_source):
        ways.append("allow more of one cargo family or from one source")
    return [*ways, "add cells, cargo types, cargos or states"]
