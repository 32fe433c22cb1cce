"""The literature beside a score: what is known of the very same vesicle, the nearest findings, the mechanism they saw.

It is never blended into the probability.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.evidence.evidence import Evidence, EvidenceBase, EvidenceTally, Mechanism
from models.scorer import Scorer
from models.scoring.summary import summary
from training.data.findings import Finding


def finding(number: int, effect: str, paper: str = "", **candidate: str) -> Evidence:
    raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", **candidate}
    observed = {"grade": "A", "evidence": "both", "targets": "PTEN-", "mechanism": "post_transcriptional"}
    return Evidence(f"EXF-{number}", paper or f"lab:{number}", raw, effect, observed, {}, float(number))


@pytest.fixture
def base(features: Features) -> EvidenceBase:
    return EvidenceBase(
        [
            finding(1, "promoting", cancer_type="gastric cancer"),
            finding(2, "promoting", cancer_type="gastric cancer"),
            finding(3, "suppressing", cancer_type="melanoma"),
            finding(4, "suppressing", cargo_state="depleted", cancer_type="glioma"),
            finding(5, "suppressing", cargo_name="miR-145"),
            finding(6, "promoting", source_phenotype="M1"),
        ],
        features.parser,
    )


def known(base: EvidenceBase, features: Features, **candidate: str) -> EvidenceTally:
    raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "hsa-miR-21-5p", **candidate}
    (found,) = base.known(features.parser.parse(raw).columns)
    return found.in_this_cancer or found.anywhere


def test_the_same_source_and_cargo_is_counted_each_way_and_depletion_is_told_round(
    base: EvidenceBase, features: Features
) -> None:
    tally = known(base, features)
    assert (tally.suppressing_findings, tally.promoting_findings) == (1, 3)
    depleted = known(base, features, cargo_state="depleted")
    assert (depleted.suppressing_findings, depleted.promoting_findings) == (3, 1)


def test_belief_is_positive_times_one_minus_negative(base: EvidenceBase, features: Features) -> None:
    tally = known(base, features)
    promoting, suppressing = 1 - 0.2**3, 0.8
    assert tally.belief_promoting == pytest.approx(promoting * (1 - suppressing))
    assert tally.belief_suppressing == pytest.approx(suppressing * (1 - promoting))
    assert tally.says == "promoting"


def test_a_tumour_narrows_what_is_known_and_its_broader_term_holds_it(base: EvidenceBase, features: Features) -> None:
    assert known(base, features, cancer_type="melanoma").says == "suppressing"
    assert known(base, features, cancer_type="gastrointestinal cancer").promoting_findings == 2
    assert known(base, features, cancer_type="osteosarcoma").says == "nothing"


def test_several_findings_of_one_paper_are_one_voice(features: Features) -> None:
    raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21"}
    columns = features.parser.parse(raw).columns

    def anywhere(findings: int) -> EvidenceTally:
        base = EvidenceBase([finding(n, "promoting", "pmid:1") for n in range(findings)], features.parser)
        return base.known(columns)[0].anywhere

    once, often = anywhere(1), anywhere(4)
    assert (often.promoting_findings, often.promoting_papers) == (4, 1)
    assert often.belief_promoting == once.belief_promoting


def test_papers_of_equal_weight_on_both_sides_are_a_contradiction_and_leave_the_call_open(
    features: Features, produced: Bundle
) -> None:
    evidence = (finding(1, "promoting"), finding(2, "suppressing"))
    assert known(EvidenceBase(evidence, features.parser), features).says == "contradictory"
    torn = Scorer(Bundle(replace(produced.model, evidence=evidence), produced.manifest), features)
    raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21"}
    assert Scorer(produced, features).score(raw).label == "promoting"
    score = torn.score(raw)
    assert (score.label, score.undetermined_because, score.agrees) == ("undetermined", "conflict", None)
    assert "contradict" in score.summary


def test_a_finding_is_its_own_nearest_and_wholly_alike(scorer: Scorer, corpus: tuple[Finding, ...]) -> None:
    for each in corpus[::7]:
        nearest = scorer.nearest(each.reading)
        assert nearest[0].likeness == pytest.approx(1.0), each.finding_id
        assert [one.likeness for one in nearest] == sorted((one.likeness for one in nearest), reverse=True)
        assert scorer.score_reading(each.reading).distance == pytest.approx(0.0)


def test_the_matched_fields_say_why_a_finding_is_near(scorer: Scorer) -> None:
    raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
    nearest = scorer.nearest(scorer.parser.parse(raw))[0]
    assert {"cargo_name", "source_cell", "source_phenotype", "cargo_state"} <= set(nearest.matched)


def mechanism(base: EvidenceBase, features: Features, **candidate: str) -> Mechanism:
    columns = features.parser.parse({"source_phenotype": "M2", "cargo_type": "mirna", **candidate}).columns
    (mechanism,) = base.mechanisms(columns, lambda: base.likeness.of(columns))
    return mechanism


@pytest.mark.parametrize(
    ("opposite", "brings"),
    [
        ({"cargo_name": "miR-21", "cargo_state": "depleted"}, False),
        ({"cargo_name": "anti-miR-21"}, False),
        ({"cargo_name": "miR-21 inhibitor", "cargo_state": "knockdown"}, False),
        ({"cargo_name": "miR-21 mimic", "cargo_state": "enriched"}, True),
    ],
)
def test_papers_on_a_vesicle_are_evidence_the_other_way_for_one_that_does_the_opposite(
    base: EvidenceBase, features: Features, opposite: dict[str, str], brings: bool
) -> None:
    tally = known(base, features, **opposite)
    one_way, other_way = (tally.suppressing_lab_findings, tally.promoting_lab_findings), (1, 3)
    assert one_way == (other_way if brings else other_way[::-1])
    # The finding of the depleted vesicle counts as it is for one that lacks the cargo, and is turned for one that brings it.
    assert tally.suppressing_lab_turned + tally.promoting_lab_turned == (1 if brings else 3)
    targets = mechanism(base, features, **opposite).post_transcriptional_targets
    assert set(targets) == {"PTEN-", "PTEN+"}
    native, depleted = ("EXF-1", "EXF-2", "EXF-3", "EXF-6"), ("EXF-4",)
    assert targets == ({"PTEN-": native, "PTEN+": depleted} if brings else {"PTEN+": native, "PTEN-": depleted})


@pytest.mark.parametrize("cargo_type", ["sirna", "protein"])
def test_the_protein_and_what_silences_its_gene_are_opposites(features: Features, cargo_type: str) -> None:
    cargo = {"cargo_name": "PD-L1", "source_cell": "cancer_cell", "source_phenotype": "unspecified"}
    base = EvidenceBase([finding(1, "promoting", "pmid:1", cargo_type="protein", **cargo)], features.parser)
    tally = known(base, features, cargo_type=cargo_type, **cargo)
    assert tally.says == ("suppressing" if cargo_type == "sirna" else "promoting")
    assert tally.suppressing_turned == (cargo_type == "sirna")


def test_a_mixture_that_does_the_opposite_with_one_cargo_alone_is_no_evidence(features: Features) -> None:
    both = {"cargo_name": "miR-21+miR-155", "cargo_state": "loaded"}
    base = EvidenceBase([finding(1, "promoting", **both)], features.parser)
    assert known(base, features, cargo_name="miR-155+miR-21").says == "promoting"
    assert known(base, features, cargo_name="anti-miR-21+anti-miR-155").says == "suppressing"
    assert known(base, features, cargo_name="anti-miR-21+miR-155").says == "nothing"
    assert not mechanism(base, features, cargo_name="anti-miR-21+miR-155").post_transcriptional_targets


def test_what_the_nearest_findings_of_other_cargos_saw_stands_apart(base: EvidenceBase, features: Features) -> None:
    seen = mechanism(base, features, cargo_name="miR-7")
    assert not (seen.post_transcriptional_targets)
    assert not (seen.other_targets)
    assert not (seen.pathways)
    assert not (seen.processes)
    assert seen.neighbours
    assert seen.neighbours.post_transcriptional_targets


def test_the_mechanism_lists_what_was_seen_with_the_findings_that_saw_it(
    base: EvidenceBase, features: Features, scorer: Scorer
) -> None:
    reading = features.parser.parse({"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-145"})
    seen = mechanism(base, features, cargo_name="miR-145")
    assert seen.post_transcriptional_targets == {"PTEN-": ("EXF-5",)}
    assert seen.neighbours is None
    ids = {one.finding_id for one in scorer.evidence.evidence}
    seen = scorer.score_reading(reading).mechanism
    assert {each for found in seen.processes.values() for each in found} <= ids


def test_the_literature_never_moves_the_probability(produced, features: Features) -> None:  # type: ignore[no-untyped-def]
    bare = Bundle(replace(produced.model, evidence=produced.model.evidence[:1]), produced.manifest)
    raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
    assert Scorer(bare, features).score(raw).log_odds == Scorer(produced, features).score(raw).log_odds


def test_the_summary_says_what_papers_on_the_opposite_vesicle_saw_and_what_this_one_does(features: Features) -> None:
    cargo = {"cargo_name": "PD-L1", "source_cell": "cancer_cell", "source_phenotype": "unspecified"}
    native = EvidenceBase([finding(1, "promoting", "pmid:1", cargo_type="protein", **cargo)], features.parser)
    silenced = EvidenceBase([finding(1, "suppressing", "pmid:1", cargo_type="sirna", **cargo)], features.parser)

    def say(base: EvidenceBase, **candidate: str) -> str:
        reading = features.parser.parse({**cargo, **candidate})
        (known,) = base.known(reading.columns)
        return summary("suppressing", "", 0.9, (), known, reading.carried, reading.candidate.cargo_state)

    by_source = "1 paper found promotion by this source"
    assert f"In agreement, {by_source} with CD274, and this vesicle silences it." in say(native, cargo_type="sirna")
    lacking = say(native, cargo_type="protein", cargo_state="depleted")
    assert f"{by_source} with CD274, and this vesicle lacks it." in lacking
    against = "Against this prediction, 1 paper found suppression by this source where CD274 was taken out or silenced"
    assert f"{against}, and this vesicle brings it." in say(silenced, cargo_type="protein")
