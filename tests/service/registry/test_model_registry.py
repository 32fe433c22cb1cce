"""One model is current; moving the pointer is whole or not at all, and is undone by moving it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ArtifactError, UnknownModelError
from models.estimator.artifact import Bundle
from service.db.database import Database
from service.db.tables import AuditRow, ModelRow
from service.errors import PromotionError, ReasonError, RetiredModelError
from service.registry.model_registry import ModelRegistry
from service.registry.reference_tables import ReferenceTables
from tests.threads import in_threads
from training.data.findings import RELEASE

KEY = b"key"
SHIPPED = ReferenceTables(Path("nothing-imported"))


def started(database: Database, key: bytes = KEY) -> ModelRegistry:
    """The registry of a process that starts now."""
    return ModelRegistry(database, key, SHIPPED)


@pytest.fixture
def bundles(produced: Bundle) -> list[Bundle]:
    """Three models that differ in their ids."""
    return [Bundle(produced.model, {**produced.manifest, "model": f"exo-{number:012d}"}) for number in (1, 2, 3)]


@pytest.fixture
def registry(database: Database, bundles: list[Bundle]) -> ModelRegistry:
    registry = started(database)
    for bundle in bundles:
        registry.save(bundle, "tests")
    return registry


def ids(bundles: list[Bundle]) -> list[str]:
    return [bundle.id for bundle in bundles]


def test_nothing_is_current_before_the_first_promotion(database: Database) -> None:
    registry = started(database)
    assert registry.current_id() is None
    with pytest.raises(UnknownModelError):
        registry.scorer()


@pytest.mark.parametrize("model_id", ["", "exo-none", "\x00", "\udcff", "x" * 5000])
def test_what_is_no_id_is_an_unknown_model(database: Database, model_id: str) -> None:
    with pytest.raises(UnknownModelError):
        started(database).scorer(model_id)


def test_models_are_listed_in_the_order_they_were_kept_and_kept_once(
    registry: ModelRegistry, bundles: list[Bundle]
) -> None:
    registry.save(bundles[0], "tests")
    assert registry.ids() == [kept.model_id for kept in registry.list_models()] == ids(bundles)


def test_rolling_back_walks_back_over_the_promotions(registry: ModelRegistry, bundles: list[Bundle]) -> None:
    for bundle in bundles:
        registry.promote(bundle.id, "tests", reason="to test")
        assert registry.scorer().bundle.id == registry.current_id() == bundle.id
    assert registry.roll_back("tests", "worse") == bundles[1].id
    assert registry.roll_back("tests", "worse") == bundles[0].id
    with pytest.raises(PromotionError, match="no earlier model"):
        registry.roll_back("tests", "worse")
    assert registry.scorer().bundle.id == bundles[0].id
    registry.promote(bundles[2].id, "tests", reason="to test")
    assert registry.roll_back("tests", "worse") == bundles[0].id


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u00a0"])
def test_a_roll_back_needs_a_reason(registry: ModelRegistry, bundles: list[Bundle], reason: str) -> None:
    for bundle in bundles:
        registry.promote(bundle.id, "tests", reason="to test")
    with pytest.raises(ReasonError, match="1 to 500 characters"):
        registry.roll_back("tests", reason)
    assert registry.read_current_id() == bundles[-1].id


def test_a_model_keeps_its_verdict_when_it_has_become_the_current_one(
    registry: ModelRegistry, bundles: list[Bundle]
) -> None:
    first, second, third = ids(bundles)
    assert registry.verdict(first, first) is None
    for champion, words in ((third, "older"), (first, "newer")):
        registry.keep_verdict(second, champion, {"recommends": True, "says": [words]})
    registry.promote(second, "tests", reason="to test")
    assert registry.verdict(second, second) == {"recommends": True, "says": ["newer"]}
    assert registry.verdict(second, third) == {"recommends": True, "says": ["older"]}


def test_every_move_has_an_audit_row(registry: ModelRegistry, database: Database, bundles: list[Bundle]) -> None:
    registry.promote(bundles[0].id, "anna", reason="to test")
    registry.promote(bundles[1].id, "ben", reason="forced")
    registry.roll_back("carla", "worse")
    with database.read() as session:
        rows = [(row.author, row.action, row.subject) for row in session.query(AuditRow).order_by(AuditRow.sequence)]
    assert rows[len(bundles) :] == [
        ("anna", "model.promote", bundles[0].id),
        ("ben", "model.promote", bundles[1].id),
        ("carla", "model.roll_back", bundles[0].id),
    ]


def test_of_concurrent_promotions_each_is_done_whole_or_refused(
    database: Database, registry: ModelRegistry, bundles: list[Bundle]
) -> None:
    refused: list[PromotionError] = []

    def promote(place: int) -> None:
        try:
            started(database).promote(bundles[place // 2].id, "tests", reason="to test")
        except PromotionError as error:
            refused.append(error)

    promotions = 2 * len(bundles)
    assert in_threads(promote, promotions) == []
    with database.read() as session:
        moves = session.query(AuditRow).filter(AuditRow.action == "model.promote").count()
    assert 1 <= moves <= promotions - len(refused)
    registry.invalidate()
    assert registry.current_id() in ids(bundles)


def break_bundle(database: Database, model_id: str) -> None:
    with database.write() as session:
        row = session.get_one(ModelRow, model_id)
        row.bundle = bytes([row.bundle[0] ^ 1]) + row.bundle[1:]


def test_a_changed_bundle_is_not_promoted(database: Database, registry: ModelRegistry, bundles: list[Bundle]) -> None:
    registry.promote(bundles[0].id, "tests", reason="to test")
    break_bundle(database, bundles[1].id)
    with pytest.raises(ArtifactError, match=bundles[1].id):
        registry.promote(bundles[1].id, "tests", reason="to test")
    assert registry.scorer().bundle.id == bundles[0].id


def test_a_current_model_that_must_not_be_used_is_refused_by_name_and_the_one_before_serves(
    database: Database, registry: ModelRegistry, bundles: list[Bundle]
) -> None:
    registry.promote(bundles[0].id, "tests", reason="to test")
    registry.promote(bundles[1].id, "tests", reason="to test")
    break_bundle(database, bundles[1].id)
    fresh = started(database)
    assert fresh.scorer().bundle.id == bundles[0].id
    assert list(fresh.rejected) == [bundles[1].id]
    running = started(database)
    running.save(bundles[1], "tests")
    assert running.scorer().bundle.id == bundles[1].id


def test_a_bundle_signed_by_another_key_is_refused(
    database: Database, registry: ModelRegistry, bundles: list[Bundle]
) -> None:
    with pytest.raises(ArtifactError, match="another key"):
        started(database, b"other").promote(bundles[0].id, "tests", reason="to test")
    assert registry.current_id() is None


def test_a_retired_model_is_neither_served_nor_promoted_until_it_is_put_back(
    registry: ModelRegistry, bundles: list[Bundle]
) -> None:
    registry.promote(bundles[0].id, "tests", reason="to test")
    with pytest.raises(PromotionError, match="current"):
        registry.retire(bundles[0].id, "tests", "old")
    registry.retire(bundles[1].id, "tests", "old")
    registry.invalidate()
    with pytest.raises(RetiredModelError):
        registry.scorer(bundles[1].id)
    with pytest.raises(RetiredModelError):
        registry.promote(bundles[1].id, "tests", reason="to test")
    registry.retire(bundles[1].id, "tests", "again", retired=False)
    registry.invalidate()
    assert registry.scorer(bundles[1].id).bundle.id == bundles[1].id


def test_a_model_has_the_number_of_its_registration_which_stays_and_is_never_given_again(
    database: Database, bundles: list[Bundle]
) -> None:
    registry = started(database)
    registry.save(bundles[1], "tests")
    registry.save(bundles[0], "tests", name="ours")
    registry.retire(bundles[1].id, "tests", "old")
    registry.save(bundles[1], "tests", name="another name")
    registry.save(bundles[2], "tests")
    named = {model.model_id: (model.number, model.name) for model in registry.list_models()}
    assert named == {bundles[1].id: (1, RELEASE), bundles[0].id: (2, "ours"), bundles[2].id: (3, RELEASE)}


def test_models_that_are_registered_at_once_get_numbers_of_their_own(database: Database, bundles: list[Bundle]) -> None:
    raised = in_threads(lambda place: started(database).save(bundles[place], "tests"), len(bundles))
    assert raised == []
    assert sorted(model.number for model in started(database).list_models()) == [1, 2, 3]
