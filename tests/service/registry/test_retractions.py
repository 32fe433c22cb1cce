"""A finding that is retracted leaves the evidence of every process at once, and comes back when it is put back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.candidates.parser import CandidateParser
from models.estimator.artifact import Bundle
from service.db.database import Database
from service.findings import corpus_sync
from service.findings.repository import FindingRepository
from service.registry import serializers
from service.registry.model_registry import ModelRegistry
from service.registry.reference_tables import ReferenceTables
from tests.service.findings.rows import row

SHIPPED = ReferenceTables(Path("nothing-imported"))
RETRACTED = "EXF-33639840"
CANDIDATE = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", "cancer_type": "glioma"}


def within_two_seconds(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 2.0
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture
def registries(database: Database, produced: Bundle, findings: FindingRepository) -> list[ModelRegistry]:
    """The registries of two processes that serve the model of the corpus."""
    corpus_sync.load(findings)
    registries = [ModelRegistry(database, b"key", SHIPPED) for _ in range(2)]
    registries[0].save(produced, "tests")
    registries[0].promote(produced.id, "tests")
    return registries


@pytest.mark.parametrize("pinned", [False, True])
def test_every_process_takes_a_retracted_finding_out_and_puts_it_back(
    registries: list[ModelRegistry], findings: FindingRepository, produced: Bundle, pinned: bool
) -> None:
    model = produced.id if pinned else None
    before = [registry.scorer(model).score(CANDIDATE) for registry in registries]
    assert all(RETRACTED in score.known.findings for score in before)
    findings.retract(RETRACTED, "anna", "the paper was retracted")
    for registry, score in zip(registries, before, strict=True):
        assert within_two_seconds(lambda own=registry: own.scorer(model).retracted == {RETRACTED})  # type: ignore[misc]
        left = registry.scorer(model).score(CANDIDATE)
        assert RETRACTED not in left.known.findings
        assert (left.probability_suppressing, left.interval) == (score.probability_suppressing, score.interval)
        assert registry.scorer(model) is registry.scorer(model), "it is not made anew at each request"
        assert serializers.list_models(registry)["retracted"] == 1
        assert serializers.model_detail(registry, produced.id)["retracted"] == 1
    # Whoever starts later, such as a batch, knows it from the beginning.
    late = ModelRegistry(findings.database, b"key", SHIPPED)
    assert late.scorer(model).retracted == {RETRACTED}
    findings.restore(RETRACTED, "anna", "the journal found no fault")
    assert within_two_seconds(lambda: not registries[0].scorer(model).retracted)
    assert registries[0].scorer(model).score(CANDIDATE) == before[0]


def test_what_the_model_did_not_learn_from_is_not_counted(
    registries: list[ModelRegistry], findings: FindingRepository, reader: CandidateParser
) -> None:
    (own,) = findings.add([row()], "anna").added
    findings.retract(own.finding_id, "anna", "a mistake")
    registries[1].invalidate()
    assert not registries[1].scorer().retracted
