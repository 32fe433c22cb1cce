"""A model as ONNX gives the probabilities of the model, for ten thousand candidates, and says how its vectors are made."""

from __future__ import annotations

import json
import random
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner

from models.candidates.candidate import ParsedCandidate
from models.errors import CandidateError
from models.estimator.artifact import Bundle
from models.scorer import Scorer
from service.cli import main
from training import ExosomeClassifier, encode_candidates, export_onnx
from training.data.findings import Finding
from training.onnx_export import OnnxError

CANDIDATES = 10_000


def open_session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def candidates(corpus: tuple[Finding, ...], scorer: Scorer) -> dict[ParsedCandidate, dict[str, object]]:
    """Candidates of the source of one finding and the cargo of another, in any cancer type, by what they are read as."""
    chance, vocabulary = random.Random(3), scorer.features.vocabulary
    made: dict[ParsedCandidate, dict[str, object]] = {}
    while len(made) < CANDIDATES:
        source, cargo = (chance.choice(corpus).candidate for _ in range(2))
        candidate = {
            "source_cell": source.source_cell,
            "source_phenotype": source.source_phenotype,
            "polarisation": chance.choice([[], ["hypoxia"]]),
            "recipient_cell": chance.choice([[], ["t_cell"], ["cancer_cell"]]),
            "cargo_type": cargo.cargo_type,
            "cargo_name": cargo.cargo_name,
            "cargo_state": cargo.cargo_state,
            "cancer_type": chance.choice(vocabulary.names("cancer_type")),
        }
        # Plants make natively what others are loaded with.
        with suppress(CandidateError):
            made[scorer.parser.parse(candidate, require_cargo_name=False)] = candidate
    return made


def test_onnx_runtime_gives_the_probabilities_of_the_model(
    untouched_var: Path,
    tmp_path: Path,
    produced: Bundle,
    candidates: dict[ParsedCandidate, dict[str, object]],
    scorer: Scorer,
) -> None:
    file = tmp_path / "model.onnx"
    words = ["models", "export", produced.id, str(file), "--format", "onnx", "--var", str(untouched_var)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{produced.id} is in {file}.\n"
    session = open_session(file.read_bytes())
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["model"] == produced.id
    assert "encode_candidates" in metadata["encoding"]
    vectors = encode_candidates([*candidates.values()], json.loads(metadata["features"]))
    labels, probabilities = session.run(None, {"features": vectors})
    expected = np.array([scorer.score_reading(reading).probability_suppressing for reading in candidates])
    assert len(expected) == CANDIDATES
    assert np.abs(probabilities[:, 1] - expected).max() < 1e-6
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(labels == "suppressing", expected > 0.5)


def test_a_classifier_is_exported_as_it_predicts(corpus: tuple[Finding, ...]) -> None:
    rows = [finding.candidate.to_dict() for finding in corpus]
    classifier = ExosomeClassifier(repeats=1).fit(rows, [finding.effect for finding in corpus])
    session = open_session(classifier.to_onnx())
    _, probabilities = session.run(None, {"features": classifier.encode(rows)})
    assert np.abs(probabilities - classifier.predict_proba(rows)).max() < 1e-9
    assert json.loads(session.get_modelmeta().custom_metadata_map["features"]) == list(
        classifier.get_feature_names_out()
    )


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(OnnxError, match=r"install exoscore\[onnx\]"):
        export_onnx({"cargo_name:role": 1.0}, 0.0)
