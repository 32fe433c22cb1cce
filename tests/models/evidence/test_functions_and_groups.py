"""Findings say whether they tested gain or loss of function, in which setting, and of how many research groups they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.candidates.cargo import cargo_function
from models.candidates.parser import CandidateParser
from models.estimator.artifact import Bundle
from models.evidence.evidence import Evidence, EvidenceBase, EvidenceTally
from models.scorer import Scorer

RAW = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21"}


def finding(
    paper: str, effect: str = "promoting", evidence: str = "both", author: str = "", **candidate: str
) -> Evidence:
    observed = {"grade": "A", **({"evidence": evidence} if evidence else {})}
    citation = {"last_author": author} if author else {}
    name = f"EXF-{paper}-{effect}-{evidence}-{'-'.join(candidate.values())}"
    return Evidence(name, paper, {**RAW, **candidate}, effect, observed, citation, 0.0)


def tally(reader: CandidateParser, *findings: Evidence, **candidate: str) -> EvidenceTally:
    (known,) = EvidenceBase(findings, reader).known(reader.parse({**RAW, **candidate}).columns)
    return known.anywhere


@pytest.mark.parametrize(
    ("candidate", "function"),
    [
        ({}, "as_found"),
        ({"cargo_state": "native"}, "as_found"),
        ({"cargo_state": "enriched"}, "gain"),
        ({"cargo_state": "loaded"}, "gain"),
        ({"cargo_state": "depleted"}, "loss"),
        ({"cargo_name": "anti-miR-21", "cargo_state": "loaded"}, "loss"),
        ({"cargo_type": "sirna", "cargo_name": "KRAS", "cargo_state": "loaded"}, "loss"),
        ({"cargo_type": "small_molecule", "cargo_name": "doxorubicin"}, "gain"),
        ({"cargo_name": "anti-miR-21+miR-145", "cargo_state": "loaded"}, "gain_and_loss"),
        ({"cargo_type": "whole_vesicle", "cargo_name": ""}, "as_found"),
        ({"cargo_type": "protein", "cargo_name": "", "cargo_state": "depleted"}, "loss"),
    ],
)
def test_the_state_of_the_cargo_says_what_was_done_to_its_function(
    candidate: dict[str, str], function: str, reader: CandidateParser
) -> None:
    reading = reader.parse({**RAW, **candidate}, require_cargo_name=False)
    assert cargo_function(reading.carried, reading.candidate.cargo_state) == function


def test_papers_are_counted_by_function_and_setting_each_once(reader: CandidateParser) -> None:
    counted = tally(
        reader,
        finding("pmid:1"),
        finding("pmid:1", cancer_type="melanoma"),
        finding("pmid:2", "suppressing", "in_vivo", cargo_state="depleted"),
        finding("lab:3", evidence="", cargo_state="enriched"),
    )
    assert [
        (test.function, test.setting, test.promoting_papers, test.promoting_lab_findings) for test in counted.tests
    ] == [
        ("gain", "not_stated", 0, 1),
        ("loss", "in_vivo", 1, 0),
        ("as_found", "both", 1, 0),
    ]
    assert not any(test.suppressing_papers + test.suppressing_lab_findings for test in counted.tests)


@pytest.mark.parametrize(
    ("effects_of_loss", "says"),
    [
        ((), "not_tested"),
        (("suppressing",), "agrees"),
        (("promoting",), "disagrees"),
        (("suppressing", "promoting"), "in_part"),
    ],
)
def test_loss_of_function_agrees_where_it_does_the_opposite(
    effects_of_loss: tuple[str, ...], says: str, reader: CandidateParser
) -> None:
    losses = [
        finding(f"pmid:{number}", effect, cargo_state="depleted")
        for number, effect in enumerate(effects_of_loss, start=2)
    ]
    assert tally(reader, finding("pmid:1"), *losses).loss_of_function == says
    assert tally(reader, finding("pmid:1"), *losses, cargo_state="depleted").loss_of_function == says
    if losses:
        assert tally(reader, *losses).loss_of_function == "alone"


def test_papers_of_one_last_author_are_one_group_and_the_others_are_said_to_be_unknown(reader: CandidateParser) -> None:
    counted = tally(
        reader,
        finding("pmid:1", author="Müller A"),
        finding("pmid:2", author="MULLER A"),
        finding("pmid:3", author="Muller B"),
        finding("pmid:3", cancer_type="melanoma"),
        finding("pmid:4"),
        finding("lab:5", author="Muller C"),
    )
    assert (counted.promoting_papers, counted.groups, counted.papers_without_author) == (4, 2, 1)


def test_first_authors_are_no_groups(scorer: Scorer) -> None:
    """The corpus has first authors, which change from paper to paper, and no last ones."""
    assert not scorer.evidence.groups
    support = scorer.score({**RAW}).domain.support["source_cell"]
    assert (support.groups, support.attributed) == (0, 0)


def test_the_support_of_a_field_counts_groups_by_all_findings_learned_from(scorer: Scorer) -> None:
    evidence = [
        replace(each, citation={**each.citation, "last_author": f"Zhang {'AB'[number % 2]}"})
        for number, each in enumerate(scorer.evidence.evidence)
    ]
    bundle = Bundle(replace(scorer.bundle.model, evidence=tuple(evidence)), scorer.bundle.manifest)
    own = Scorer(bundle, scorer.features)
    for name, count in own.score(RAW).domain.support.items():
        before = scorer.score(RAW).domain.support[name]
        assert (count.findings, count.papers) == (before.findings, before.papers)
        assert 1 <= count.groups <= 2
        assert count.attributed == count.papers
