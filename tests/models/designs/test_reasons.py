"""The reason of a proposal is true of its score: what it says speaks for the goal does, and counts are those of findings and
reports."""

from __future__ import annotations

import re

import pytest

from models.scorer import Scorer
from training.data.findings import Finding

CELLS = ["macrophage", "mesenchymal_stem_cell", "natural_killer_cell", "cancer_cell"]
STATES = ["native", "enriched", "loaded", "depleted"]
NAMES = ["miR-21", "miR-34a", "anti-miR-21", "miR-4458", "miR-155", "miR-99999"]


@pytest.fixture(scope="module", params=["suppressing", "promoting"])
def proposals(scorer: Scorer, request: pytest.FixtureRequest) -> list[tuple[str, str, dict[str, float], str]]:
    """Goal, cargo state, contributions towards the goal and reason of each."""
    vary = {"source_cell": CELLS, "source_phenotype": "known", "cargo_name": NAMES, "cargo_state": STATES}
    free = {"max_per_family": 0, "max_per_source": 0, "inside_domain": False}
    goal = request.param
    designs = scorer.design(vary, {"cargo_type": "mirna"}, goal, free, limit=500, test_first=0)
    sign = 1.0 if goal == "suppressing" else -1.0
    return [
        (
            goal,
            design.score.candidate.cargo_state,
            {field: sign * value for field, value in design.score.contributions.items()},
            design.reason,
        )
        for design in designs.designs
    ]


def test_what_is_said_to_speak_for_the_goal_does(proposals: list[tuple[str, str, dict[str, float], str]]) -> None:
    for _, state, towards, reason in proposals:
        source = max(towards.get("source_phenotype", 0.0), towards.get("source_cell", 0.0))
        if "The source" in reason or " vesicles are " in reason:
            assert source > 0.0, reason
            assert state != "loaded"
        if f"findings on {state} cargo" in reason:
            assert towards["cargo_state"] > 0.0, reason
        if "reports call" in reason:
            assert towards["cargo_name"] > 0.0, reason


def test_findings_are_counted_as_they_are(
    proposals: list[tuple[str, str, dict[str, float], str]], corpus: tuple[Finding, ...]
) -> None:
    counted = 0
    for _, _, _, reason in proposals:
        for count, total, state, effect in re.findall(r"(\d+) of (\d+) findings on (\w+) cargo are (\w+)", reason):
            same = [finding.effect for finding in corpus if finding.reading.candidate.cargo_state == state]
            assert (same.count(effect), len(same)) == (int(count), int(total))
            counted += 1
    assert counted


def test_reports_are_counted_as_the_role_tables_have_them(
    proposals: list[tuple[str, str, dict[str, float], str]], scorer: Scorer
) -> None:
    counted = 0
    for _, _, _, reason in proposals:
        for count, total, stem, role in re.findall(r"(\d+) of (\d+) reports call (miR-\w+) a tumour (\w+)", reason):
            votes = scorer.features.roles.of("mirna", stem)
            assert votes.total == int(total)
            assert {"suppressor": votes.suppressing, "driver": votes.oncogenic}[role] == int(count)
            counted += 1
    assert counted


def test_a_cargo_with_few_reports_is_said_to_rest_on_its_family(scorer: Scorer) -> None:
    fixed = {"source_phenotype": "M1", "cargo_type": "mirna"}
    designs = scorer.design({"cargo_name": ["miR-4458", "miR-34a"]}, fixed, test_first=0)
    reasons = {design.score.candidate.cargo_name: design.reason for design in designs.designs}
    assert "call the others of its seed" in reasons["miR-4458"]
    assert "of its seed" not in reasons["miR-34a"]
