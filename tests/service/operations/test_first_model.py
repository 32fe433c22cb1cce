"""A model that this version cannot use is replaced at a start, unless that would lose what only it has learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import ArtifactError
from models.estimator.artifact import Bundle
from service import Settings
from service.installation import Installation
from service.operations.first_model import ensure_model
from training.data.findings import Finding
from training.importers import import_table

LNCTARD = (
    "DiseaseName\tRegulator\tRegulatorType\tinfluencedFunction\tPubMedID\n"
    "Glioma\tHOTAIR\tlncRNA\tcell growth(-)\t90000001\n"
)


class TrainingBeganError(Exception):
    """Stops a training that would take a minute."""


def stop(_: str) -> None:
    raise TrainingBeganError


@pytest.fixture
def installation(own_var: Path) -> Iterator[Installation]:
    opened = Installation.open(Settings(var=own_var))
    yield opened
    opened.close()


@pytest.fixture
def change_roles(installation: Installation, tmp_path: Path, corpus: tuple[Finding, ...]) -> Callable[[], None]:
    """Puts other roles in use than the model learned with."""

    def change() -> None:
        path = tmp_path / "lnctard.txt"
        path.write_text(LNCTARD, encoding="utf-8")
        installation.registry.knowledge.keep(import_table("lnctard", path, installation.findings.reader, corpus))

    return change


def test_a_model_is_replaced_though_findings_that_it_learned_from_were_changed(
    installation: Installation, change_roles: Callable[[], None], corpus: tuple[Finding, ...]
) -> None:
    retracted, corrected = [finding for finding in corpus if finding.paper.startswith("pmid:")][:2]
    installation.findings.retract(retracted.finding_id, "anna", "an image was duplicated")
    installation.findings.correct(
        corrected.finding_id, {"paper": "pmid:1", "pmid": "1", "title": "Another"}, "anna", "read again"
    )
    change_roles()
    with pytest.raises(TrainingBeganError):
        ensure_model(installation, stop)


def test_a_model_that_learned_from_findings_that_were_never_here_is_kept(
    installation: Installation, change_roles: Callable[[], None], produced: Bundle
) -> None:
    model = replace(produced.model, papers=produced.model.papers | {"lab:elsewhere"})
    bundle = Bundle(model, {**produced.manifest, "model": "exo-0123456789ab"})
    installation.registry.save(bundle, "tests")
    installation.registry.promote(bundle.id, "tests", reason="to test")
    change_roles()
    # As a process that starts now.
    with pytest.raises(ArtifactError, match="findings that are not stored here"):
        ensure_model(Installation.open(installation.settings), stop)
