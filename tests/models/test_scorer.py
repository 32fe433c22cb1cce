"""The Python API: one call, one answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import CandidateError, Scorer
from models.errors import ArtifactError
from models.estimator import artifact
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.scoring.predictions import STRONG_PROBABILITY
from training.data.findings import Finding

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def test_a_scorer_is_loaded_from_a_bundle_and_the_key_beside_it(tmp_path: Path, scorer: Scorer) -> None:
    (tmp_path / "model.exoscore").write_bytes(artifact.dump(scorer.bundle, b"key"))
    (tmp_path / "model.exoscore.key").write_bytes(b"key")
    loaded = Scorer.load(tmp_path / "model.exoscore")
    assert loaded.score(MIR21) == scorer.score(MIR21)


def test_spellings_of_one_candidate_have_one_score(scorer: Scorer) -> None:
    spelled = {"source_phenotype": "alternatively activated", "cargo_type": "microRNA", "cargo_name": "hsa-mir-21-5P"}
    assert scorer.score(spelled).log_odds == scorer.score(MIR21).log_odds


def test_the_label_is_the_one_label_of_the_set_or_undetermined_with_a_reason(
    scorer: Scorer, corpus: tuple[Finding, ...]
) -> None:
    labels = set()
    for finding in corpus:
        score = scorer.score_reading(finding.reading)
        labels.add(score.label)
        if score.label == "undetermined":
            assert score.undetermined_because in ("domain", "conflict", "both_possible")
            assert score.support == ("none" if score.undetermined_because == "domain" else "weak")
        else:
            assert score.prediction_set == (score.label,)
            assert score.domain.inside
            is_strong = score.support == "strong"
            assert is_strong == (not 1 - STRONG_PROBABILITY < score.probability_suppressing < STRONG_PROBABILITY)
            assert is_strong or score.support == "moderate"
            assert (score.probability_suppressing > 0.5) == (score.label == "suppressing")
        assert 0 <= score.credibility <= 1
        assert 0 <= score.confidence <= 1
    assert labels == {"suppressing", "promoting", "undetermined"}


def test_a_candidate_that_cannot_be_understood_raises_with_its_faults(scorer: Scorer) -> None:
    with pytest.raises(CandidateError, match="cargo_name"):
        scorer.score({"source_phenotype": "M2", "cargo_type": "mirna"})


def test_a_self_test_that_no_longer_holds_is_an_error(produced: Bundle, features: Features) -> None:
    kept = {**produced.manifest["self_test"], "log_odds": 99.0}
    broken = Scorer(Bundle(produced.model, {**produced.manifest, "self_test": kept}), features)
    with pytest.raises(ArtifactError, match="self-test"):
        broken.self_test()


def test_the_summary_never_promises_certainty(scorer: Scorer) -> None:
    summary = scorer.score(MIR21).summary
    assert "100 in 100" not in summary
    assert summary.startswith("Likely tumour-promoting")


def test_evidence_and_changes_are_had_for_a_candidate_as_it_is_written(scorer: Scorer) -> None:
    raw = {"source_phenotype": "M2", "cargo_type": "miRNA", "cargo_name": "miR-21", "cancer_type": "GC"}
    reading = scorer.parser.parse(raw)
    label = scorer.score(raw).label
    assert scorer.nearest(raw) == scorer.nearest(reading) != ()
    assert scorer.missing(raw) == scorer.missing(reading) != ()
    assert scorer.counterfactuals(raw) == scorer.counterfactuals(reading, label) != ()
    with pytest.raises(CandidateError):
        scorer.nearest({"source_phenotype": "M9"})
