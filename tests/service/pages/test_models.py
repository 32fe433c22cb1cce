"""The pages of models: people's names for them, one verdict, actions for those who hold a key, and the risk-coverage curve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.installation import Installation
from service.jobs.kinds import BATCH, TRAINING
from service.registry import promotion
from training.data.findings import RELEASE

HOSTILE = "<script>alert(1)</script>"
ACTIONS = ("Train", "Promote", "Promote against the check", "Retire", "Run the check again", "Roll back")
REFUSED = {"recommends": False, "says": ["Promotion is not recommended", "It is worse by more than the margin"]}


@pytest.fixture
def models(tmp_path: Path, produced: Bundle) -> Iterator[Installation]:
    """An installation with a model in use, and a second one that the promotion check did not recommend."""
    installation = Installation.open(Settings(var=tmp_path / "var", rate_limit=0))
    other = Bundle(produced.model, {**produced.manifest, "model": "exo-000000000002"})
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    installation.registry.save(other, "tests", name="of <b>ours</b>")
    installation.registry.keep_verdict(other.id, produced.id, REFUSED)
    yield installation
    installation.close()


@pytest.fixture
def pages(models: Installation) -> Flask:
    return create_app(models.settings)


def signed_in(pages: Flask, models: Installation, *scopes: str) -> FlaskClient:
    client = pages.test_client()
    if scopes:
        secret = models.keys.create("anna", list(scopes), "tests", None)
        form = client.get("/key").text
        token = re.search(r'name="token" value="([^"]+)"|name="csrf" value="([^"]+)"', form)
        assert token is not None, form
        name = "token" if token[1] else "csrf"
        client.post("/key", data={name: token[1] or token[2], "key": secret}, headers={"Origin": "http://localhost"})
    return client


def buttons(page: str) -> set[str]:
    return {re.sub(r"\s+", " ", text) for text in re.findall(r"<button[^>]*>([^<]+)", page)}


def test_models_go_by_their_names_and_numbers(pages: Flask, produced: Bundle) -> None:
    client = pages.test_client()
    listed, page = client.get("/models").text, client.get(f"/models/{produced.id}").text
    assert f"<bdi>{RELEASE} #1</bdi>" in listed
    assert "<bdi>of &lt;b&gt;ours&lt;/b&gt; #2</bdi>" in listed
    assert f"<h1>Model <bdi>{RELEASE} #1</bdi></h1>" in page
    assert produced.id in page


def test_actions_are_for_those_who_hold_a_key_with_the_scope(pages: Flask, models: Installation) -> None:
    for address in ("/models", "/models/exo-000000000002"):
        assert not buttons(pages.test_client().get(address).text) & set(ACTIONS), address
        assert not buttons(signed_in(pages, models, "score").get(address).text) & set(ACTIONS), address
    trainer = buttons(signed_in(pages, models, "train").get("/models/exo-000000000002").text)
    assert {"Promote", "Promote against the check", "Run the check again"} <= trainer
    assert "Retire" not in trainer
    assert "Retire" in buttons(signed_in(pages, models, "admin").get("/models/exo-000000000002").text)


def test_the_verdict_of_the_promotion_check_stands_once_beside_what_the_check_is(pages: Flask) -> None:
    page = pages.test_client().get("/models/exo-000000000002").text
    assert len(re.findall("[Nn]ot recommended", page)) == 1
    assert page.count("It is worse by more than the margin") == 1
    assert "Both models are trained again without some of the papers" in page


def test_a_models_page_has_the_risk_coverage_curve_of_its_manifest(pages: Flask, produced: Bundle) -> None:
    page = pages.test_client().get(f"/models/{produced.id}").text
    assert "risk-coverage curve" in page
    for point in produced.manifest["metrics"]["selective_accuracy"]:
        said = f"of {100 * point['share']:.0f} % determined {point['right']['mean']:.3f} right"
        assert said in page


def test_the_jobs_of_models_have_no_batches_among_them(pages: Flask, models: Installation) -> None:
    batch = models.jobs.submit(BATCH, {}, "tests")
    training = models.jobs.submit(TRAINING, {}, "tests")
    for address in ("/models", "/models/jobs"):
        page = signed_in(pages, models, "admin").get(address).text
        assert training in page
        assert batch not in page


def test_the_page_of_a_model_has_its_score_card_to_keep(pages: Flask, produced: Bundle) -> None:
    client = pages.test_client()
    address = f"/models/{produced.id}/scorecard.tsv"
    assert f'href="{address}"' in client.get(f"/models/{produced.id}").text
    card = client.get(address)
    assert card.mimetype == "text/tab-separated-values"
    assert "\nsource_cell\tmacrophage\t\tmacrophage\t" in card.text
    assert "\ncargo_name\tmiR-21-5p\tmirna\t" in card.text
    assert card.headers["Content-Disposition"] == f'attachment; filename="{produced.id}-scorecard.tsv"'


def test_the_page_has_the_code_and_the_lock_file_of_the_training(pages: Flask, produced: Bundle) -> None:
    page = pages.test_client().get(f"/models/{produced.id}").text
    assert f"Exoscore {produced.manifest['code']}" in page
    assert produced.manifest["lock"] in page


def test_what_new_findings_changed_stands_below_the_verdict(models: Installation, produced: Bundle) -> None:
    candidate = {"cargo_type": "mirna", "cargo_name": "miR-21", "source_cell": "macrophage", "cancer_type": HOSTILE}
    prediction = {
        "candidate": candidate,
        "label": "suppressing",
        "other_label": "undetermined",
        "probability_suppressing": 0.9,
        "other_probability_suppressing": 0.4,
        "traced_to": {"paper": "lab:7", "change": 0.5},
    }
    paper = {"paper": "lab:7", "added": [HOSTILE], "corrected": [], "gone": [], "largest_effect": 0.5}
    stratum = {"source_cell": "macrophage", "source_phenotype": "M2", "cargo_state": "native"}
    changes = {
        "previous": produced.id,
        "changed": 1,
        "says": ["Findings since before: 1 added."],
        "papers": [{**paper, "candidate": candidate}, {**paper, "largest_effect": None, "candidate": None}],
        "predictions": [prediction, {**prediction, "traced_to": None}],
        "weights": [{"field": "source_cell", "level": "macrophage", "before": 0.1, "after": 0.4, "findings": 1}],
        "strata": [{**stratum, "candidates": 4, "mean_change": 0.12}],
    }
    models.registry.keep_verdict("exo-000000000002", produced.id, {**REFUSED, "changes": changes})
    page = create_app(models.settings).test_client().get("/models/exo-000000000002").text
    for said in (
        "What the new findings changed",
        "1 added.",
        "lab:7",
        "not traced",
        "+0.10",
        "+12.00",
        "M2 macrophage",
    ):
        assert said in page
    assert "<script>alert" not in page


def test_promotions_do_not_hold_what_changed_again(models: Installation, produced: Bundle) -> None:
    verdict = {**REFUSED, "recommends": True, "changes": {"says": ["1 added."]}}
    models.registry.keep_verdict("exo-000000000002", produced.id, verdict)
    promotion.promote(models.registry, "exo-000000000002", "tests", False, "Better here")
    (last, _) = models.registry.promotions(2)
    assert last.gate == {**REFUSED, "recommends": True}
    assert promotion.changes_of(models.registry.verdict("exo-000000000002", produced.id)) == ["1 added."]
