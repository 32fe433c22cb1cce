"""A model from elsewhere is kept only where all can be made of it that answers and pages show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from models.errors import ArtifactError
from models.estimator import artifact
from models.estimator.artifact import Bundle
from service.cli import main
from service.registry.imports import import_model
from service.registry.model_registry import ModelRegistry
from tests.service.conftest import registry_of

KEY = b"another installation's"


@pytest.fixture
def registry(own_var: Path) -> Iterator[ModelRegistry]:
    return registry_of(own_var)


def changed(bundle: Bundle, **manifest: Any) -> bytes:
    """The bundle of a model with another manifest, well signed."""
    stated = {name: value for name, value in {**bundle.manifest, **manifest}.items() if value is not ...}
    return artifact.dump(Bundle(bundle.model, stated), KEY)


def test_a_model_of_another_installation_is_kept(registry: ModelRegistry, produced: Bundle) -> None:
    kept = import_model(registry, changed(produced, model="exo-0123456789ab"), KEY, "tests")
    assert kept.id in registry.ids()


@pytest.mark.parametrize(
    "manifest",
    [
        {"model": "../../etc/passwd"},
        {"model": "exo-0123456789ab\n"},
        {"created": "yesterday"},
        {"trained_on": ...},
        {"fingerprints": {}},
        {"metrics": ...},
        {"metrics": {"figures": {}}},
        {"composition": None},
        {"self_test": ...},
        {"self_test": {"candidate": {"cargo_type": []}, "log_odds": 0}},
        {"self_test": {"candidate": {}, "log_odds": "x"}},
    ],
)
def test_a_model_that_could_not_be_shown_or_tested_is_refused(
    registry: ModelRegistry, produced: Bundle, manifest: dict[str, Any]
) -> None:
    before = registry.ids()
    with pytest.raises(ArtifactError):
        import_model(registry, changed(produced, **manifest), KEY, "tests")
    assert registry.ids() == before


def test_the_command_says_in_words_why_a_model_is_refused(
    own_var: Path, tmp_path: Path, produced: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", str(own_var))
    file = tmp_path / "model"

    def run() -> tuple[int, str]:
        done = CliRunner().invoke(main, ["models", "import", str(file)])
        return done.exit_code, done.stderr

    file.write_bytes(changed(produced, metrics=...))
    assert run() == (1, f"Error: Cannot read {file}.key: No such file or directory.\n")
    file.with_name("model.key").write_bytes(KEY)
    status, says = run()
    assert (status, "cannot be used" in says, "Traceback" in says) == (1, True, False)
    assert json.loads(CliRunner().invoke(main, ["models", "list", "--json"]).stdout)["models"]
