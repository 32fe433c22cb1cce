"""The shortlist of a space is what somebody would choose who scored every variant alone; nothing is proposed that cannot be made,
that was excluded, or that is predicted to do the opposite."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import ParsedCandidate, columns_of
from models.designs.designs import Designs, make_space
from models.designs.families import family_of
from models.designs.feasibility import find_rule, load_rules
from models.designs.ranking import BLOCK
from models.designs.request import DesignRequest
from models.designs.space import DesignSpace
from models.errors import MAX_FAULTS, CandidateError, DesignError
from models.rounding import round_probability
from models.scorer import Scorer
from training.data.findings import Finding

CELLS = ["macrophage", "mesenchymal_stem_cell", "natural_killer_cell", "platelet"]
STATES = ["native", "enriched", "loaded", "depleted"]
NAMES = ["miR-21", "miR-155-5p", "miR-34a", "let-7a", "anti-miR-21", "miR-124", "miR-145", "miR-200c"]
NO_CARGO = {"exclude_cargos": ["miR-99999"]}
NO_MIR_21 = {"exclude_cargos": ["miR-21"]}
KNOWN = {"cargo_name": "known"}
MIRNA = {"source_phenotype": "M1", "cargo_type": "mirna"}
SPACE: dict[str, Any] = {"source_cell": CELLS, "cargo_name": NAMES, "cargo_state": STATES}


def rank_alone(scorer: Scorer, space: DesignSpace, request: DesignRequest) -> list[dict[str, Any]]:
    """The shortlist by the scores of single candidates: sorting all, and taking the best that the bounds admit."""
    support, bounds, rows = scorer.bundle.model.support, request.constraints, []
    readings = []
    for place in range(len(space)):
        with suppress(CandidateError):
            reading = scorer.parser.parse(space.candidate(place))
            stated = reading.candidate
            if find_rule(reading.carried, stated.source_cell, stated.cargo_state) < 0:
                readings.append((place, reading))
    scores = scorer.predict(columns_of([reading for _, reading in readings]))
    for row, (place, reading) in enumerate(readings):
        label = scores.calls[row][0]
        lower = scores.called.low[row] if request.goal == "suppressing" else 1.0 - scores.called.high[row]
        domain, stated = scores.domains[row], reading.candidate
        papers = max((support.of("cargo_name", key).papers for key in reading.carried.keys), default=0)
        if (
            label in (request.goal, "undetermined")
            and (domain.inside or not bounds.inside_domain)
            and not (bounds.exclude_published and scores.known[row].says != "nothing")
            and domain.support["stratum"].papers >= bounds.min_papers
        ):
            rank = label != request.goal, -round_probability(lower), -domain.support["stratum"].papers, -papers, place
            rows.append((rank, reading, (stated.source_cell, stated.source_phenotype)))
    families, sources = Counter[str](), Counter[Any]()
    chosen: list[dict[str, Any]] = []
    for _, reading, source in sorted(rows, key=lambda row: row[0]):
        family = family_of(reading.carried)
        has_room = (not bounds.max_per_family or families[family] < bounds.max_per_family) and (
            not bounds.max_per_source or len(space.axes.sources) == 1 or sources[source] < bounds.max_per_source
        )
        if has_room and len(chosen) < request.limit:
            families[family] += 1
            sources[source] += 1
            chosen.append(reading.candidate.to_dict())
    return chosen


def can_be_made(scorer: Scorer, request: DesignRequest) -> bool:
    try:
        make_space(scorer, request)
    except DesignError:
        return False
    return True


def proposed(designs: Designs) -> list[dict[str, Any]]:
    return [design.score.candidate.to_dict() for design in designs.designs]


@given(
    goal=st.sampled_from(["suppressing", "promoting"]),
    cells=st.lists(st.sampled_from(CELLS), min_size=1, unique=True),
    names=st.lists(st.sampled_from(NAMES), min_size=2, unique=True),
    states=st.lists(st.sampled_from(["native", "enriched", "loaded"]), min_size=1, unique=True),
    constraints=st.fixed_dictionaries(
        {},
        optional={
            "inside_domain": st.booleans(),
            "min_papers": st.integers(0, 3),
            "exclude_published": st.booleans(),
            "max_per_family": st.integers(0, 3),
            "max_per_source": st.integers(0, 3),
        },
    ),
    limit=st.integers(1, 12),
)
def test_the_shortlist_is_that_of_scoring_each_variant_alone(
    scorer: Scorer,
    goal: str,
    cells: list[str],
    names: list[str],
    states: list[str],
    constraints: dict[str, Any],
    limit: int,
) -> None:
    vary = {"source_cell": cells, "cargo_name": names, "cargo_state": states}
    fixed = {"cargo_type": "mirna", "cancer_type": "glioblastoma"}
    request = DesignRequest.parse(vary, fixed, goal, constraints, limit, 0)
    if len(cells) * len(names) * len(states) < 2 or not can_be_made(scorer, request):
        with pytest.raises(DesignError):
            scorer.design(vary, fixed, goal, constraints, limit, test_first=0)
        return
    designs = scorer.design(vary, fixed, goal, constraints, limit, test_first=0)
    assert proposed(designs) == rank_alone(scorer, make_space(scorer, request), request)
    assert designs.variants == len(cells) * len(names) * len(states)


def test_over_20_000_variants_the_best_are_those_of_scoring_each_alone(scorer: Scorer) -> None:
    vary = {
        "source_cell": ["macrophage", "monocyte"],
        "source_phenotype": ["M0", "M1", "M2", "TAM"],
        "cargo_name": "known",
        "cargo_state": ["native", "enriched", "loaded"],
    }
    fixed = {"cargo_type": "mirna", "cancer_type": "melanoma"}
    designs = scorer.design(vary, fixed, limit=25, test_first=0)
    assert designs.variants > 20_000
    request = DesignRequest.parse(vary, fixed, limit=25)
    assert proposed(designs) == rank_alone(scorer, make_space(scorer, request), request)


def test_a_space_of_many_blocks_is_ranked_as_one(scorer: Scorer) -> None:
    vary = {
        "source_cell": "known",
        "source_phenotype": "known",
        "cargo_name": "known",
        "cargo_state": ["enriched", "loaded"],
    }
    fixed = {"cargo_type": "mirna", "cancer_type": "glioblastoma"}
    free = {"max_per_family": 0, "max_per_source": 0}
    whole = scorer.design(vary, fixed, constraints=free, limit=40, test_first=0)
    assert whole.variants > BLOCK
    in_states = [
        scorer.design({**vary, "cargo_state": [state]}, fixed, constraints=free, limit=40, test_first=0)
        for state in ("enriched", "loaded")
    ]
    lower = sorted((round_probability(design.lower) for part in in_states for design in part.designs), reverse=True)
    assert [round_probability(design.lower) for design in whole.designs] == lower[:40]
    assert whole.scored == sum(part.scored for part in in_states)
    assert Counter(whole.left_out) == sum((Counter(part.left_out) for part in in_states), Counter())


def test_each_variant_is_counted_once(scorer: Scorer) -> None:
    designs = scorer.design(SPACE, {"cargo_type": "mirna"}, constraints={"exclude_published": True, "min_papers": 1})
    assert designs.variants == designs.scored + sum(designs.left_out.values())
    assert designs.scored == sum(designs.of_label.values())


def test_the_score_of_a_proposal_is_that_of_its_candidate(scorer: Scorer) -> None:
    designs = scorer.design(SPACE, {"cargo_type": "mirna", "cancer_type": "glioma"})
    assert designs.designs
    for design in (*designs.designs, *designs.test_first):
        assert scorer.score(design.score.candidate.to_dict()).log_odds == design.score.log_odds


def test_a_proposal_of_the_opposite_goal_is_none(scorer: Scorer) -> None:
    for goal, opposite in (("suppressing", "promoting"), ("promoting", "suppressing")):
        labels = [
            design.score.label for design in scorer.design(SPACE, {"cargo_type": "mirna"}, goal, limit=100).designs
        ]
        assert opposite not in labels
        assert labels == sorted(labels, key=lambda label: label != goal), (
            "An undetermined candidate goes before a determined one"
        )


def test_every_finding_of_the_corpus_can_be_made(corpus: tuple[Finding, ...]) -> None:
    barred = [
        f"{finding.finding_id}: {load_rules()[rule].reason}"
        for finding in corpus
        if (rule := rule_of(finding.reading)) >= 0
    ]
    assert not barred


def rule_of(reading: ParsedCandidate) -> int:
    return find_rule(reading.carried, reading.candidate.source_cell, reading.candidate.cargo_state)


def test_whatever_scoring_refuses_in_a_state_a_rule_excludes(scorer: Scorer) -> None:
    vocabulary = scorer.features.vocabulary
    names = ["miR-21", "anti-miR-21", "TP53", "MALAT1", "doxorubicin", "gold nanoparticle", "cholesterol", "blorb", ""]
    refused = 0
    for cell, cargo_type, name, state in product(
        vocabulary.names("source_cell"), vocabulary.names("cargo_type"), names, STATES
    ):
        fields = {"source_cell": cell, "cargo_type": cargo_type, "cargo_name": name}
        with suppress(CandidateError):
            carried = scorer.parser.parse(fields).carried
            try:
                scorer.parser.parse({**fields, "cargo_state": state})
            except CandidateError:
                refused += 1
                assert find_rule(carried, cell, state) >= 0, (fields, state)
    assert refused > 100


def test_rules_give_a_reason_and_name_known_terms(scorer: Scorer) -> None:
    vocabulary = scorer.features.vocabulary
    for rule in load_rules():
        assert rule.reason[0].isupper()
        assert rule.source_cell in ("*", *vocabulary.names("source_cell"))
        assert rule.cargo in ("*", "made_outside", *vocabulary.names("cargo_type"))
        assert rule.cargo_state in vocabulary.names("cargo_state")
    assert len(set(load_rules())) == len(load_rules())


def test_what_is_excluded_by_one_spelling_is_excluded_by_all(scorer: Scorer) -> None:
    spellings = {"exclude_cargos": ["hsa-mir-21", "MIR155HG", "let7a"]}
    designs = scorer.design(SPACE, {"cargo_type": "mirna"}, constraints=spellings | {"max_per_family": 0}, limit=200)
    stems = {
        name.stem for design in designs.designs for name in scorer.parser.parse(design.score.candidate.to_dict()).cargo
    }
    assert stems
    assert stems.isdisjoint({"miR-21", "let-7a"})


def test_what_is_published_is_named_as_such_and_left_out_where_asked(
    scorer: Scorer, corpus: tuple[Finding, ...]
) -> None:
    finding = next(
        each.reading.candidate for each in corpus if each.suppressing and each.reading.candidate.cargo_type == "mirna"
    )
    fixed = {"cargo_type": "mirna", "source_cell": finding.source_cell, "cancer_type": finding.cancer_type}
    fixed |= {"source_phenotype": finding.source_phenotype, "cargo_state": finding.cargo_state}
    vary = {"cargo_name": [finding.cargo_name, *NAMES]}
    free = {"max_per_family": 0, "inside_domain": False}
    novelty = {
        design.score.candidate.cargo_name: design.novelty
        for design in scorer.design(vary, fixed, constraints=free, limit=50).designs
    }
    assert novelty[finding.cargo_name] == "published_in_this_cancer"
    without = scorer.design(vary, fixed, constraints=free | {"exclude_published": True}, limit=50)
    assert {design.novelty for design in without.designs} <= {"cargo_published_in_another_source", "new"}


@pytest.mark.parametrize(
    ("vary", "fixed", "constraints", "field", "code"),
    [
        ({}, {"cargo_type": "mirna"}, {}, "vary", "missing"),
        ({"cargo_nam": ["x"]}, MIRNA, {}, "vary.cargo_nam", "unknown_field"),
        ({"cargo_name": []}, MIRNA, {}, "vary.cargo_name", "missing"),
        ({"cargo_name": "miR-21"}, MIRNA, {}, "vary.cargo_name", "wrong_type"),
        ({"cargo_name": 7}, MIRNA, {}, "vary.cargo_name", "wrong_type"),
        ({"cargo_name": ["miR-21"]}, MIRNA, {}, "vary", "empty"),
        ({"cargo_name": ["miR-21", "miR-22"]}, {"cargo_type": "mirna"}, {}, "vary.source_cell", "missing"),
        ({"cargo_name": ["miR-21", "miR-22"]}, {"source_phenotype": "M1"}, {}, "vary.cargo_type", "missing"),
        (
            {"source_cell": list(map(str, range(200))), "source_phenotype": list(map(str, range(200)))},
            {"cargo_type": "mirna", "cargo_name": "miR-21"},
            {},
            "vary.source_phenotype",
            "too_large",
        ),
        (
            {"cargo_type": ["mirna", "protein"], "cargo_name": [f"x{place}" for place in range(10_001)]},
            {"source_phenotype": "M1"},
            {},
            "vary.cargo_name",
            "too_large",
        ),
        (KNOWN, MIRNA | {"source_phenotype": "M9"}, {}, "fixed.source_phenotype", "unknown_term"),
        (KNOWN | {"source_cell": ["macrophage", "cat"]}, {"cargo_type": "mirna"}, {}, "vary.source_cell", "unknown_term"),
        (KNOWN, {"source_phenotype": "M1", "cargo_type": "mirnaa"}, {}, "fixed.cargo_type", "unknown_term"),
        (KNOWN | {"cargo_state": ["loadedd"]}, MIRNA, {}, "vary.cargo_state", "unknown_term"),
        (KNOWN, MIRNA | {"cargo_type": "sirna", "cargo_state": "native"}, {}, "vary", "empty"),
        (KNOWN, MIRNA, {"min_papers": -1}, "constraints.min_papers", "invalid"),
        (KNOWN, MIRNA, {"min_papers": 9999}, "vary", "empty"),
        (KNOWN, MIRNA, {"inside": True}, "constraints.inside", "unknown_field"),
        (KNOWN, MIRNA, NO_CARGO, "constraints.exclude_cargos", "unknown_term"),
        ({"cargo_name": ["miR-21", "miR-21-5p"]}, MIRNA, NO_MIR_21, "constraints", "empty"),
        (KNOWN, MIRNA, {"validated_targets": True}, "constraints.validated_targets", "missing"),
        ({"cargo_name": "known", "cargo_type": ["mirna"]}, MIRNA, {}, "vary.cargo_type", "contradiction"),
        (
            dict.fromkeys(("source_cell", "source_phenotype", "cargo_type", "cargo_name", "cargo_state", "cancer_type"), "known"),
            {},
            {},
            "vary",
            "too_large",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_designed_is_refused_by_the_field_at_fault(
    scorer: Scorer,
    vary: dict[str, Any],
    fixed: dict[str, Any],
    constraints: dict[str, Any],
    field: str,
    code: str,
) -> None:
    with pytest.raises(DesignError) as refused:
        scorer.design(vary, fixed, constraints=constraints)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]
    assert refused.value.faults[0].remedy.endswith((".", "?"))


def test_every_fault_of_a_request_is_named_at_once(scorer: Scorer) -> None:
    with pytest.raises(DesignError) as refused:
        scorer.design({"cargo_name": []}, {"cats": 1}, "healing", {"min_papers": "x"}, limit=0, test_first=-1)
    fields = {fault.field for fault in refused.value.faults}
    assert fields == {"vary.cargo_name", "fixed.cats", "goal", "constraints.min_papers", "limit", "test_first"}


def test_an_unknown_name_is_scored_as_in_scoring_and_warned_of(scorer: Scorer) -> None:
    fixed = {"source_phenotype": "M1", "cargo_type": "mirna", "cancer_type": "gastrc cancer"}
    designs = scorer.design({"cargo_name": ["miR-21", "miR-155", "miR-99999"]}, fixed)
    assert {warning.field for warning in designs.warnings} == {"cancer_type", "cargo_name"}
    assert designs.left_out == {"Outside what the model knows": 1}


def test_of_many_unknown_names_all_are_warned_of_and_the_first_have_suggestions(scorer: Scorer) -> None:
    names = [f"miR-21q{place}" for place in range(2 * MAX_FAULTS)]
    designs = scorer.design({"cargo_name": names}, MIRNA, constraints={"inside_domain": False})
    suggested = [bool(warning.nearest) for warning in designs.warnings]
    assert len(suggested) == len(names)
    assert suggested[:MAX_FAULTS] == [True] * MAX_FAULTS
    assert not any(suggested[MAX_FAULTS:])


def test_names_go_with_the_cargo_types_that_they_fit(scorer: Scorer) -> None:
    vary = {"cargo_type": ["mirna", "protein", "small_molecule"], "cargo_name": ["miR-34a", "TP53", "doxorubicin"]}
    designs = scorer.design(vary, {"source_phenotype": "M1", "cargo_state": "loaded"}, limit=50)
    pairs = {(design.score.candidate.cargo_type, design.score.candidate.cargo_name) for design in designs.designs}
    assert designs.variants == 3
    assert pairs <= {("mirna", "miR-34a"), ("protein", "TP53"), ("small_molecule", "doxorubicin")}


def test_tests_are_of_unpublished_vesicles_and_come_with_their_controls(scorer: Scorer) -> None:
    designs = scorer.design(SPACE, {"cargo_type": "mirna", "cancer_type": "glioblastoma"}, test_first=4)
    assert len(designs.test_first) == 4
    gains = [test.reduction for test in designs.test_first]
    assert gains == sorted(gains, reverse=True)
    for test in designs.test_first:
        assert test.novelty in ("cargo_published_in_another_source", "new")
        assert test.controls
        assert 0.0 < test.reduction < 1.0


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (("miR-17-5p", "miR-20a"), True),
        (("miR-34a", "anti-miR-34a"), True),
        (("miR-34a", "miR-21"), False),
    ],
)
def test_micrornas_of_one_seed_are_a_family(scorer: Scorer, names: tuple[str, str], same: bool) -> None:
    families = {family_of(scorer.parser.cargo("mirna", name, True).cargo) for name in names}
    assert (len(families) == 1) == same


@pytest.mark.parametrize(
    ("names", "same"), [(("CXCL9", "CXCL10"), True), (("CD9", "CD63"), False), (("TP53", "PTEN"), False)]
)
def test_genes_of_one_root_symbol_are_a_family(scorer: Scorer, names: tuple[str, str], same: bool) -> None:
    families = {family_of(scorer.parser.cargo("protein", name, True).cargo) for name in names}
    assert (len(families) == 1) == same
