"""A laboratory's own findings are called that, never published; retracted ones are no evidence, and change no digit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.columnar.scorer import BatchScorer, RawColumn
from models.estimator.applicability import Support
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.evidence.evidence import CONSENSUS, Evidence, EvidenceBase, is_of_lab
from models.scorer import Score, Scorer
from models.scoring.summary import retraction_remark

RAW = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21"}
MEMBERS = ("label", "undetermined_because", "known", "mechanism", "distance", "summary", "agrees")
FIRST = np.zeros(1, dtype=np.int32)
IDENTIFIERS = {"pmid": "1", "doi": "10.1000/1", "pmcid": "PMC1"}


def finding(number: int, paper: str, effect: str = "promoting", **citation: str) -> Evidence:
    return Evidence(f"EXF-{number}", paper, RAW, effect, {"grade": "A", "evidence": "both"}, citation, float(number))


def score_with(scorer: Scorer, added: list[Evidence], **raw: str) -> Score:
    """The score of a candidate by a model that has learned from these findings of its source and cargo only."""
    bundle = scorer.bundle
    own = Scorer(Bundle(replace(bundle.model, evidence=tuple(added)), bundle.manifest), scorer.features)
    return own.score({**RAW, **raw})


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_a_finding_with_an_identifier_is_published_whatever_its_key(kind: str) -> None:
    assert not is_of_lab("lab:7", {kind: IDENTIFIERS[kind]})
    assert not is_of_lab(f"{kind}:{IDENTIFIERS[kind]}", {})
    assert is_of_lab("lab:7", {"title": "Notebook 7"})


@pytest.mark.parametrize(
    ("papers", "said"),
    [
        (["pmid:1", "pmid:2"], "In agreement, 2 papers found promotion"),
        (["pmid:1", "lab:7"], "In agreement, 1 published paper and 1 finding of this lab found promotion"),
        (["lab:7", "lab:7"], "In agreement, 2 findings of this lab found promotion"),
    ],
)
def test_a_summary_calls_papers_and_own_findings_what_they_are(scorer: Scorer, papers: list[str], said: str) -> None:
    evidence = [finding(number, paper) for number, paper in enumerate(papers)]
    score = score_with(scorer, evidence)
    assert said in score.summary
    known = score.known.anywhere
    own = sum(paper.startswith("lab:") for paper in papers)
    assert (known.promoting_findings, known.promoting_lab_findings) == (len(papers), own)
    assert known.promoting_papers == len({paper for paper in papers if not paper.startswith("lab:")})
    assert known.says == "promoting", "a laboratory's own findings are believed as papers are"


def test_evidence_says_whose_it_is() -> None:
    shipped = replace(finding(1, "pmid:1"), kept_as="corpus")
    assert [each.origin for each in (shipped, finding(2, "pmid:2"), finding(3, "lab:7"))] == [
        "corpus",
        "published",
        "lab",
    ]


def test_a_model_counts_published_papers_and_own_findings_apart(scorer: Scorer) -> None:
    bundle = scorer.bundle
    evidence = (*bundle.model.evidence, finding(1, "lab:7"), finding(2, "lab:7"))
    with_own = Scorer(Bundle(replace(bundle.model, evidence=evidence), bundle.manifest), scorer.features)
    assert (with_own.papers, with_own.lab_findings) == (scorer.papers, 2)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_was_retracted_is_in_no_evidence_and_changes_no_digit_of_the_prediction(
    scorer: Scorer, data: st.DataObject
) -> None:
    candidates = {each.finding_id: each.candidate for each in scorer.bundle.model.evidence}
    chosen = data.draw(st.sets(st.sampled_from(sorted(candidates)), min_size=1, max_size=40) | st.just(set(candidates)))
    tested = data.draw(st.sampled_from(sorted(chosen)))
    left = scorer.without(frozenset(chosen) | {"EXF-nothing"})
    assert left.retracted == chosen
    reading = scorer.parser.parse(candidates[tested], require_cargo_name=False)
    before, after = scorer.score_reading(reading), left.score_reading(reading)
    shown = {*after.known.findings, *(each.evidence.finding_id for each in left.nearest(reading))}
    for part in ("post_transcriptional_targets", "other_targets", "pathways", "processes"):
        shown.update(*getattr(after.mechanism, part).values())
    assert not shown & chosen
    assert replace(after, **{name: getattr(before, name) for name in MEMBERS}) == before
    # A label follows from its set and from what the literature says, so it can only change with the latter.
    assert after.label == before.label or "contradictory" in (before.known.says, after.known.says)
    # Whoever gets the scorer in another process says the same, and so do files.
    make, made_of = left.__reduce__()
    assert make(*made_of).score_reading(reading) == after
    assert left.without(frozenset()).score_reading(reading) == before
    if reading.candidate.cargo_name:
        stated = reading.candidate.to_dict().items()
        scored = BatchScorer(left).score(
            {name: RawColumn([tuple(value) if isinstance(value, list) else value], FIRST) for name, value in stated}
        )
        assert CONSENSUS[scored.known[0]] == after.known.says
        assert np.isclose(scored.probability[0], after.probability_suppressing, rtol=1e-12)


def test_a_contradiction_ends_where_one_side_of_it_is_retracted(features: Features) -> None:
    evidence = [finding(1, "pmid:1"), finding(2, "pmid:2", "suppressing")]
    columns = features.parser.parse(RAW).columns
    assert EvidenceBase(evidence, features.parser).known(columns)[0].says == "contradictory"
    (known,) = EvidenceBase(evidence, features.parser, {"EXF-2"}).known(columns)
    assert (known.says, known.findings) == ("promoting", ("EXF-1",))


def test_a_model_says_that_it_learned_from_what_was_retracted() -> None:
    assert retraction_remark(0) == ""
    assert "trained on 1 finding that was retracted since" in retraction_remark(1)
    assert "trained on 2 findings that were retracted since" in retraction_remark(2)


def test_the_domain_counts_no_notebook_as_a_paper(features: Features) -> None:
    reading = features.parser.parse(RAW)
    counts = Support.over([("pmid:1", reading), ("", reading), ("", reading)]).of("cargo_type", "mirna")
    assert (counts.findings, counts.papers) == (3, 1)
