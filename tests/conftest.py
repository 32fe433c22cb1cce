"""What the tests share: the shipped words, one corpus, one trained model. All of it is read only."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from models.candidates.parser import CandidateParser
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.scorer import Scorer
from service import Settings, create_app
from service.installation import Installation
from training.data.findings import Finding, read_findings
from training.evaluation.cross_validation import EvaluationPlan
from training.pipeline import train_model

pytest_plugins = ["tests.servers", "tests.dask_cluster"]

# How many examples each property is tried with: `make test` takes the first, `make test-all` the second. Timings vary between
# machines, so no property may depend on one.
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("quick")

# What `make test` leaves to `make test-all`: tests that need other servers than the product's own, and those that start an
# installation for themselves alone, mostly to train on it or to kill parts of it, or that install packages.
_CSV_LIMIT = csv.field_size_limit()
FULL_FIXTURES = {"postgresql", "redis_server", "cluster", "browser", "lab", "small_lab", "made_packages"}
FULL_PARAMETERS = re.compile("postgresql|redis")
FULL_FOLDERS = [Path(__file__).parent / name for name in ("docs", "pages", "journeys/faults", "journeys/attacks")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test by what it uses: `full` where `make test` leaves it out, `fuzzing` where `make test-all` tries more."""
    for item in items:
        assert isinstance(item, pytest.Function)
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if (
            not FULL_FIXTURES.isdisjoint(item.fixturenames)
            or any(isinstance(value, str) and FULL_PARAMETERS.search(value) for value in parameters)
            or any(item.path.is_relative_to(folder) for folder in FULL_FOLDERS)
        ):
            item.add_marker("full")
        if "thoroughly" in item.fixturenames or getattr(item.obj, "is_hypothesis_test", False):
            item.add_marker("fuzzing")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names a case by what it holds, where pytest would number it and that is not too long."""
    if not isinstance(val, Mapping | list | tuple | set | frozenset):
        return None
    # Half of a surrogate pair cannot be sent between the processes of a run.
    name = describe(val).encode("unicode_escape").decode("ascii")
    return name if len(name) <= 120 else None


def describe(value: object) -> str:
    """What a value holds, in a line that is the same in every process."""
    if isinstance(value, Mapping) and value:
        return " ".join(f"{name}={describe(member)}" for name, member in value.items())
    if isinstance(value, list | tuple) and value:
        return ",".join(map(describe, value))
    if isinstance(value, set | frozenset):
        return ",".join(sorted(map(describe, value))) or "none"
    return getattr(value, "__name__", str(value))


@pytest.fixture(scope="session")
def thoroughly() -> bool:
    """Whether a test that tries chance shall try at length, as properties do in the same run."""
    return settings.get_current_profile_name() == "thorough"


@pytest.fixture(autouse=True)
def csv_limit() -> None:
    """Frictionless lifts the limit of a cell for the whole process when it is imported."""
    csv.field_size_limit(_CSV_LIMIT)


@pytest.fixture(scope="session")
def features() -> Features:
    return Features.load()


@pytest.fixture(scope="session")
def reader(features: Features) -> CandidateParser:
    return features.parser


@pytest.fixture(scope="session")
def corpus(reader: CandidateParser) -> tuple[Finding, ...]:
    return read_findings(reader=reader)


@pytest.fixture(scope="session")
def produced(corpus: tuple[Finding, ...], features: Features) -> Bundle:
    bundle, _ = train_model(corpus, features, EvaluationPlan(jobs=1))
    return bundle


@pytest.fixture(scope="session")
def scorer(produced: Bundle, features: Features) -> Scorer:
    return Scorer(produced, features)


@pytest.fixture(scope="session")
def untouched_var(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Path:
    """A `var` folder that holds the model, as `exoscore train` leaves it. Nothing opens it; it is there to be copied."""
    var = tmp_path_factory.mktemp("untouched")
    installation = Installation.open(Settings(var=var))
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    installation.close()
    return var


@pytest.fixture(scope="session")
def trained_var(tmp_path_factory: pytest.TempPathFactory, untouched_var: Path) -> Path:
    """A `var` folder that holds the model, for commands and other processes to read."""
    return shutil.copytree(untouched_var, tmp_path_factory.mktemp("var") / "trained")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, untouched_var: Path) -> Flask:
    """An application over a folder that nothing else opens: whoever opens and closes the file of a database in the same process
    takes away the locks that the application has on it."""
    return create_app(Settings(var=shutil.copytree(untouched_var, tmp_path_factory.mktemp("app") / "var")))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
