"""The card has every item of its three frameworks, and every figure in it is one of the manifest's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.assessment import Assessment
from training.evaluation.cross_validation import EvaluationPlan
from training.pipeline import train_model
from training.report.formatting import learned_from
from training.report.model_card import NOT_RUN, card, card_text, sections


def numbers(document: Any) -> set[str]:
    """Every number of a document, as it is written with three places."""
    if isinstance(document, dict):
        return set().union(*map(numbers, document.values()))
    if isinstance(document, list):
        return set().union(*map(numbers, document))
    return {f"{document:.3f}", f"{document:+.3f}"} if isinstance(document, float) else set()


def test_every_item_of_the_three_frameworks_is_filled_in(thorough: tuple[Bundle, Assessment]) -> None:
    found = sections(thorough[0].manifest)
    assert [section.title.split()[0] for section in found] == ["Model", "DOME", "OECD"]
    assert [len(section.items) for section in found] == [9, 21, 5]
    assert {name.split(":")[0] for name in found[1].items} == {"Data", "Optimisation", "Model", "Evaluation"}
    assert [name[0] for name in found[2].items] == list("12345")
    assert all(len(says) > 20 for section in found for says in section.items.values())


def test_every_figure_in_the_words_is_one_of_the_manifest(thorough: tuple[Bundle, Assessment]) -> None:
    manifest = thorough[0].manifest
    known = numbers(manifest["metrics"])
    words = " ".join(says for section in sections(manifest) for says in section.items.values())
    told = re.findall(r"(?<![\w.])[+-]?\d\.\d{3}(?!\d)", words)
    assert len(told) > 40
    assert set(told) <= known


def test_the_figures_of_the_card_are_the_metrics_of_the_manifest(thorough: tuple[Bundle, Assessment]) -> None:
    manifest = thorough[0].manifest
    document = card(manifest)
    assert document["figures"] == manifest["metrics"]
    assert json.loads(json.dumps(document, allow_nan=False)) == json.loads(json.dumps(document))


def test_a_model_without_shifts_says_that_they_were_not_run(produced: Bundle) -> None:
    found = sections(produced.manifest)
    assert NOT_RUN in found[1].items["Data: redundancy between splits"]
    assert "shifts" not in produced.manifest["metrics"]


def test_a_laboratorys_own_findings_are_never_called_published(produced: Bundle) -> None:
    trained_on = {"findings": 416, "papers": 330, "lab_findings": 40}
    document = card({**produced.manifest, "trained_on": trained_on})
    text = card_text(document)
    assert "376 findings of 330 published papers and 40 findings of this lab" in text
    (provenance,) = (part["items"]["Data: provenance"] for part in document["sections"] if part["title"] == "DOME")
    assert "40 of them from the unpublished work of this lab" in provenance
    assert "of this lab" not in json.dumps(card(produced.manifest))


def test_a_model_of_an_earlier_version_does_not_call_its_papers_published() -> None:
    assert learned_from({"findings": 416, "papers": 331}) == "416 findings of 331 papers"


def test_the_same_findings_and_seed_give_the_same_bytes_but_for_the_times(
    half: tuple[Finding, ...], features: Features, thorough: tuple[Bundle, Assessment]
) -> None:
    again, _ = train_model(half[::-1], features, EvaluationPlan(repeats=1, jobs=2), with_shifts=True)
    documents = []
    for bundle in (thorough[0], again):
        document = card(bundle.manifest)
        assert document.pop("created")
        assert document.pop("seconds") > 0
        documents.append(json.dumps(document))
    assert documents[0] == documents[1]


@pytest.mark.parametrize("field", ["effect", "source_cell", "cargo_type", "cargo_state", "cancer_type", "year"])
def test_the_composition_counts_every_finding_once(thorough: tuple[Bundle, Assessment], field: str) -> None:
    counts = thorough[0].manifest["composition"][field]
    total = sum(sum(one.values()) if isinstance(one, dict) else one for one in counts.values())
    assert total == thorough[0].manifest["trained_on"]["findings"]
