"""What was measured of designs, and the rules of what they never propose, as the document has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.bars import table
from benchmarks.experiments import filled
from benchmarks.later_papers import CARGO, MODEL, NO_ROLES, ROLE, SOURCE_AND_CARGO
from models.designs.feasibility import ANY, MADE_OUTSIDE, load_rules
from models.estimator.conformal import LABELS as EFFECTS

SHARES = {"top_1": 0.01, "top_5": 0.05, "top_10": 0.1}
FIGURES = ("percentile", *SHARES)
CHANCE = "chance"
METHODS = {CARGO: (MODEL, ROLE, CHANCE), SOURCE_AND_CARGO: (MODEL, ROLE, NO_ROLES, CHANCE)}
CARGO_WORDS = {
    "mirna": "microRNA",
    "lncrna": "lncRNA",
    "circrna": "circRNA",
    "mrna": "mRNA",
    "sirna": "siRNA",
    ANY: "any",
    MADE_OUTSIDE: "what cells do not make",
}
KIND_WORDS = {"mirna": "microRNAs", "gene": "genes", "lncrna": "lncRNAs and circRNAs"}
_HEAD = ("percentile", *(f"in the top {100 * share:.0f} %" for share in SHARES.values()))

Measured = Mapping[str, Any]


def document(text: str, measured: Measured) -> str:
    """docs/explanation/designs.md with its generated parts."""
    return filled(filled(text, of_later_papers(measured), "later papers"), rules(), "rules")


def rules() -> str:
    """The rules of feasibility as a table in words."""
    return table(
        ("source", "cargo", "state", "never proposed, since"),
        [
            [_words(rule.source_cell), _words(rule.cargo), _words(rule.cargo_state), f"{rule.reason}."]
            for rule in load_rules()
        ],
    )


def of_later_papers(measured: Measured) -> str:
    """What was measured, as tables with what they are of."""
    return "\n".join(
        [
            _about(measured),
            table(
                ("learned from papers up to", "papers", "findings", "later findings", "of them ranked", "of papers"),
                [
                    [cut[name] for name in ("year", "training_papers", "training_findings", "later_findings")]
                    + [cut["ranked_findings"], cut["ranked_papers"]]
                    for cut in measured["cuts"]
                ],
            ),
            "### Which cargo, in the source and state of the paper\n",
            _table_of_rankings(measured, CARGO),
            "### Which source and which cargo, in the state of the paper\n",
            _table_of_rankings(measured, SOURCE_AND_CARGO),
            "### Is the predicted effect right\n",
            _table_of_effects(measured),
            "### Where it holds\n\nThe goal is suppressing, the cargo varies, and the model ranks.\n",
            _table_of_slices(measured),
            "### How well reported the tested cargos are\n",
            _table_of_reports(measured),
        ]
    )


def _about(measured: Measured) -> str:
    left = measured["left_out"]
    ranked = left["later"] - left["no_cargo"] - left["no_reports"] - left["not_feasible"]
    return (
        f"{measured['findings']} findings (data {measured['data']}, words and roles {measured['words']}), of which"
        f" {measured['without_year']} have no year\nand are on neither side. Intervals are of 95 %, from"
        f" {measured['resamples']:,} resamples of the papers, which have equal weights.\nMeasured on"
        f" {measured['machine']['measured'][:10]} by `python benchmarks/{measured['machine']['command']}`.\n\n"
        f"Of {left['later']} later findings, {left['no_cargo']} name no cargo, {left['no_reports']} name a drug or particle, of"
        f" which no report speaks, and {left['not_feasible']} are\nexcluded by the rules. The other {ranked} are ranked, each"
        " once: by the model of the last year before its paper. Only the rows by\nyear in the last table rank every later"
        " finding by each model.\n"
    )


def _table_of_rankings(measured: Measured, varied: str) -> str:
    own = [of for of in measured["rankings"] if of["varied"] == varied]
    rows, less = [], []
    for of in own:
        is_first = of["method"] == MODEL
        exact = of["method"] == CHANCE
        figures = [_percent(of["figures"][name], name in SHARES, exact) for name in FIGURES]
        rows.append([*([_size(of), of["goal"]] if is_first else ["", ""]), of["method"], *figures])
        if not is_first and not exact:
            points = [_points(of["model_less_this"][name]) for name in FIGURES]
            less.append([of["effect"], of["goal"], of["method"], *points])
    return (
        table(("later papers reported", "goal", "ranked by", *_HEAD), rows)
        + "\nThe model less the others, in points:\n\n"
        + table(("later papers reported", "goal", "less", *_HEAD), less)
    )


def _table_of_effects(measured: Measured) -> str:
    methods = (MODEL, ROLE, NO_ROLES)
    at_even_odds = (f"right at even odds: {method}" for method in methods)
    return table(
        ("later papers reported", "determined", "right, of those", *at_even_odds),
        [
            [
                _size(of),
                *(_percent(of[name]) for name in ("determined", "right_of_determined")),
                *(_percent(of["right_at_even_odds"][method]) for method in methods),
            ]
            for of in measured["effects"]
        ],
    )


def _table_of_slices(measured: Measured) -> str:
    head = [
        name
        for effect in EFFECTS
        for name in (f"later {effect}: findings (papers)", "percentile", "in the top 10 %", "by chance")
    ]
    return table(
        ("", *head),
        [[part["name"], *(cell for effect in EFFECTS for cell in _slice(part[effect]))] for part in measured["slices"]],
    )


def _slice(of: Mapping[str, Any]) -> list[str]:
    if not of["findings"]:
        return ["none", "–", "–", "–"]
    by_chance = f"{_whole(100 * of['top_10_by_chance'])} %"
    size = f"{of['findings']} ({of['papers']})"
    return [size, _percent(of["percentile"], is_share=False), _percent(of["top_10"]), by_chance]


def _table_of_reports(measured: Measured) -> str:
    later = [
        cell for effect in EFFECTS for cell in (f"later {effect}: findings", "median reports", "with no report at all")
    ]
    return table(
        ("reports on", "known cargos", "median reports", *later),
        [
            [
                KIND_WORDS[of["kind"]],
                f"{of['known']['cargos']:,}",
                f"{of['known']['median']:.0f}",
                *(cell for effect in EFFECTS for cell in _reports(of[effect])),
            ]
            for of in measured["reports"]
        ],
    )


def _reports(of: Mapping[str, Any]) -> list[str]:
    median = "–" if of["median"] is None else f"{of['median']:.0f}"
    return [str(of["findings"]), median, str(of["without"])]


def _size(of: Mapping[str, Any]) -> str:
    return f"{of['effect']}: {of['findings']} findings of {of['papers']} papers"


def _percent(estimate: Mapping[str, Any] | None, is_share: bool = True, is_exact: bool = False) -> str:
    """A figure in whole percent with its interval, if it has one and is not exact; a dash where there is none."""
    if estimate is None:
        return "–"
    sign, interval = " %" if is_share else "", estimate["interval"]
    # Resamples of figures that are all the same say nothing of how far they could differ.
    has_width = interval and interval[0] < interval[1] and not is_exact
    within = f" ({_whole(100 * interval[0])} to {_whole(100 * interval[1])})" if has_width else ""
    return f"{_whole(100 * estimate['mean'])}{sign}{within}"


def _points(estimate: Mapping[str, Any]) -> str:
    mean, low, high = (
        f"{round(100 * value):+d}".replace("+0", "0") for value in (estimate["mean"], *estimate["interval"])
    )
    return f"{mean} ({low} to {high})"


def _whole(percent: float) -> str:
    """Whole percent; what is close to none or all is not said to be it."""
    if 0.0 < percent < 1.0:
        return "< 1"
    return "> 99" if 99.0 < percent < 100.0 else f"{percent:.0f}"


def _words(term: str) -> str:
    return CARGO_WORDS.get(term, term.replace("_", " "))
