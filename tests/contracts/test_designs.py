"""What the manual says of designs is what was measured, and what its sentences claim is what the figures show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.designs import DOCUMENT, KEPT, NEWEST_TABLE
from benchmarks.designs_figures import CHANCE, document, rules
from benchmarks.later_papers import CARGO, MODEL, NO_ROLES, ROLE, SOURCE_AND_CARGO, all_cuts
from models.designs.feasibility import load_rules
from models.designs.ranking import SPREAD
from models.designs.request import Constraints
from training.data.findings import Finding
from training.evaluation.bootstrap import RESAMPLES

SUPPRESSING, PROMOTING = "suppressing", "promoting"


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return figures


def ranking(measured: dict[str, Any], varied: str, effect: str, goal: str, method: str = MODEL) -> dict[str, Any]:
    rankings: list[dict[str, Any]] = measured["rankings"]
    which = {"varied": varied, "effect": effect, "goal": goal, "method": method}
    return next(of for of in rankings if which.items() <= {name: of[name] for name in which}.items())


def part(measured: dict[str, Any], name: str) -> dict[str, Any]:
    parts: list[dict[str, Any]] = measured["slices"]
    return next(of for of in parts if of["name"].startswith(name))


def test_the_document_is_made_of_the_kept_figures(measured: dict[str, Any]) -> None:
    text = DOCUMENT.read_text("utf-8")
    assert document(text, measured) == text
    assert measured["resamples"] == RESAMPLES
    assert measured["machine"]["command"] == "designs.py"


def test_every_year_with_enough_papers_is_a_cut(measured: dict[str, Any], corpus: tuple[Finding, ...]) -> None:
    cuts = all_cuts(corpus)
    assert [cut["year"] for cut in measured["cuts"]] == [cut.year for cut in cuts]
    assert all(cut["training_papers"] < cut["training_findings"] for cut in measured["cuts"])
    assert max(cut.year for cut in cuts) >= NEWEST_TABLE


def test_the_defaults_in_the_text_are_those_of_the_product() -> None:
    text = " ".join(DOCUMENT.read_text("utf-8").split())
    assert (Constraints().max_per_family, Constraints().max_per_source, Constraints().inside_domain) == (1, 5, True)
    assert "one cargo of each family and, where there are several sources, five candidates of each" in text
    assert f"Up to {SPREAD} variants are taken evenly" in text


def test_every_rule_is_shown_with_its_reason() -> None:
    shown = rules().splitlines()[2:]
    assert len(shown) == len(load_rules())
    assert all(rule.reason in line for rule, line in zip(load_rules(), shown, strict=True))


def test_the_order_means_something_in_one_source(measured: dict[str, Any]) -> None:
    suppressing, control = (ranking(measured, CARGO, of, SUPPRESSING)["figures"] for of in (SUPPRESSING, PROMOTING))
    assert suppressing["percentile"]["interval"][0] > 0.5 > control["percentile"]["interval"][1]
    assert 0.28 < suppressing["top_10"]["mean"] < 0.39
    chance = ranking(measured, CARGO, PROMOTING, SUPPRESSING, CHANCE)["figures"]
    assert control["top_10"]["interval"][1] < chance["top_10"]["mean"]


def test_in_one_source_the_model_ranks_as_role_alone(measured: dict[str, Any]) -> None:
    for effect, goal in ((SUPPRESSING, SUPPRESSING), (PROMOTING, SUPPRESSING), (PROMOTING, PROMOTING)):
        for less in ranking(measured, CARGO, effect, goal, ROLE)["model_less_this"].values():
            assert abs(less["mean"]) < 0.02


def test_what_sources_add(measured: dict[str, Any]) -> None:
    control = ranking(measured, SOURCE_AND_CARGO, PROMOTING, SUPPRESSING)
    assert control["figures"]["top_10"]["mean"] == 0.0
    less_role = ranking(measured, SOURCE_AND_CARGO, PROMOTING, SUPPRESSING, ROLE)["model_less_this"]
    assert less_role["percentile"]["interval"][1] < -0.05
    for_promoting = ranking(measured, SOURCE_AND_CARGO, PROMOTING, PROMOTING, ROLE)["model_less_this"]
    assert for_promoting["percentile"]["interval"][0] > 0.1
    without_roles = ranking(measured, SOURCE_AND_CARGO, PROMOTING, PROMOTING, NO_ROLES)["model_less_this"]
    assert abs(without_roles["percentile"]["mean"]) < 0.05
    for_suppressing = ranking(measured, SOURCE_AND_CARGO, SUPPRESSING, SUPPRESSING, ROLE)["model_less_this"]
    assert for_suppressing["percentile"]["interval"][0] < 0.0 < for_suppressing["percentile"]["interval"][1]
    assert for_suppressing["top_1"]["interval"][1] < 0.0


def test_effects_are_right_as_often_as_is_said(measured: dict[str, Any]) -> None:
    suppressing, promoting = (of["right_at_even_odds"] for of in measured["effects"])
    assert suppressing[MODEL]["interval"][0] > max(suppressing[ROLE]["mean"], suppressing[NO_ROLES]["mean"])
    assert abs(promoting[MODEL]["mean"] - promoting[NO_ROLES]["mean"]) < 0.02


def test_where_it_holds_and_where_not(measured: dict[str, Any]) -> None:
    for name in ("cargo type: microRNA", "cargos with no finding", f"papers after {NEWEST_TABLE}"):
        of = part(measured, name)
        assert of[SUPPRESSING]["percentile"]["interval"][0] > 0.5 > of[PROMOTING]["percentile"]["interval"][1]
    of_type = {name: part(measured, f"cargo type: {name}") for name in ("microRNA", "protein", "lncRNA")}
    low, high = of_type["protein"][SUPPRESSING]["percentile"]["interval"]
    assert low < 0.5 < high
    low, high = of_type["lncRNA"][PROMOTING]["percentile"]["interval"]
    assert low < 0.5 < high
    assert of_type["lncRNA"][SUPPRESSING]["papers"] < 10
    best = max(part["percentile"]["mean"] for of in of_type.values() for part in [of[SUPPRESSING]])
    assert of_type["microRNA"][SUPPRESSING]["percentile"]["mean"] == best


def test_the_tested_cargos_are_reported_as_is_said(measured: dict[str, Any]) -> None:
    of = {of["kind"]: of for of in measured["reports"]}
    mirna = of["mirna"]
    assert mirna[SUPPRESSING]["median"] > 3 * mirna["known"]["median"]
    assert mirna[PROMOTING]["median"] == pytest.approx(mirna[SUPPRESSING]["median"], rel=0.2)
    for kind in ("gene", "lncrna"):
        assert sum(of[kind][effect]["without"] for effect in (SUPPRESSING, PROMOTING)) > 10
