"""A datasheet describes the very findings that a model learned from: its figures are counted, whose they are is said, and what is
missing is named."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from models.estimator.artifact import Bundle
from models.evidence.evidence import Evidence
from models.vocabulary.vocabulary import Vocabulary
from training.classifier import as_evidence
from training.data.description import DESCRIBED, describe_findings, describe_lab, values_of
from training.data.findings import Finding
from training.report.datasheet import datasheet, datasheet_text
from training.report.formatting import describe_lab_share
from training.report.model_card import card, card_text

HOSTILE = '<script>alert("1")</script> | **bold** [x](javascript:alert(2))'


@pytest.fixture(scope="module")
def shipped(corpus: tuple[Finding, ...]) -> list[Evidence]:
    return list(map(as_evidence, corpus))


@pytest.fixture(scope="module")
def mixed(shipped: list[Evidence]) -> list[Evidence]:
    """The shipped findings, of which 12 are unpublished results of a laboratory, and 28 of papers that it added."""
    unpublished = [replace(each, paper=f"lab:{n}", citation={}, kept_as="lab") for n, each in enumerate(shipped[:12])]
    return [*unpublished, *(replace(each, kept_as="lab") for each in shipped[12:40]), *shipped[40:]]


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return Vocabulary.load()


def test_every_figure_is_counted_from_the_findings(shipped: list[Evidence], words: Vocabulary) -> None:
    counts = describe_findings(shipped, words)
    assert (counts["findings"], counts["papers"]) == (len(shipped), len({each.paper for each in shipped}))
    assert counts["suppressing"] + counts["promoting"] == len(shipped)
    for field in DESCRIBED:
        described = {each["value"]: each for each in counts["by_field"][field]}
        for value, each in described.items():
            having = [one for one in shipped if ("" if value == "not stated" else value) in values_of([one], field)]
            assert each["findings"] == len(having) == each["suppressing"] + each["promoting"], (field, value)
            assert each["papers"] == len({one.paper for one in having})
    assert counts["stated"]["cargo_name"] == sum(bool(each.candidate.get("cargo_name")) for each in shipped)
    assert sum(counts["grades"].values()) == sum(counts["years"].values()) == len(shipped)


def test_gaps_are_what_no_finding_has_and_where_one_effect_only_was_reported(
    shipped: list[Evidence], words: Vocabulary
) -> None:
    gaps = describe_findings(shipped, words)["gaps"]
    for field in DESCRIBED:
        assert set(gaps["absent"][field]) == set(words.names(field)) - set(values_of(shipped, field))
    is_native_plant = {"source_cell": "plant", "cargo_state": "native"}.items()
    plants = [each for each in shipped if each.candidate.items() >= is_native_plant]
    assert {each.effect for each in plants} == {"suppressing"}
    assert ("plant", "native") in {(each["source_cell"], each["cargo_state"]) for each in gaps["one_effect"]}
    turned = [replace(each, effect="promoting") if each is plants[0] else each for each in shipped]
    one_effect = describe_findings(turned, words)["gaps"]["one_effect"]
    assert ("plant", "native") not in {(each["source_cell"], each["cargo_state"]) for each in one_effect}


def test_the_labs_own_rows_are_counted_and_said(mixed: list[Evidence], words: Vocabulary) -> None:
    lab = describe_lab(mixed)
    assert (lab["findings"], lab["unpublished"]) == (40, 12)
    assert sum(lab["by_field"]["cargo_type"].values()) == 40
    text = datasheet_text(datasheet(mixed, words, "0123", "exo-000000000001"))
    assert f"40 of {len(mixed)} findings are the lab's own: 12 unpublished and 28 of" in text
    assert f"The {len(mixed) - 40} shipped findings" in text
    assert "no licence is stated for them" in text
    assert "that the model exo-000000000001 was trained on" in text


def test_findings_whose_origin_was_not_noted_are_not_called_shipped(shipped: list[Evidence], words: Vocabulary) -> None:
    older = [replace(each, kept_as="") for each in shipped]
    lab = describe_lab(older)
    assert not lab["recorded"]
    assert lab["findings"] == 0
    assert "was not recorded" in describe_lab_share(lab, {"findings": len(older)})
    text = datasheet_text(datasheet(older, words, "0123", "exo-000000000001"))
    assert "shipped findings:" not in text
    assert "all are of the shipped corpus" not in text


def test_the_card_says_how_many_findings_are_the_labs_own(produced: Bundle, mixed: list[Evidence]) -> None:
    trained_on = {**produced.manifest["trained_on"], "lab_findings": 12}
    text = card_text(card({**produced.manifest, "lab": describe_lab(mixed), "trained_on": trained_on}))
    assert f"40 of {len(mixed)} findings are the lab's own: 12 unpublished" in text.replace("\\", "")
    assert "### The lab's own findings" in text
    assert "The lab's own findings" not in card_text(card(produced.manifest))
    older = {name: part for name, part in produced.manifest.items() if name != "lab"}
    assert "was not recorded" in card_text(card(older))


def test_text_of_findings_does_nothing_in_a_datasheet(shipped: list[Evidence], words: Vocabulary) -> None:
    candidate = {**shipped[0].candidate, "cancer_type": HOSTILE}
    evidence = [replace(each, candidate=candidate, kept_as="lab") for each in shipped[:60]]
    document = datasheet(evidence, words, "0123")
    text = datasheet_text(document)
    assert "alert" in text
    assert "<script" not in re.sub(r"\\.", "", text)
    assert json.loads(json.dumps(document)) == document


def test_every_section_of_the_datasheet_has_its_questions_answered(mixed: list[Evidence], words: Vocabulary) -> None:
    sections = datasheet(mixed, words, "0123")["sections"]
    titles = [
        "Motivation",
        "Composition",
        "Collection",
        "Processing",
        "Uses",
        "Distribution and licence",
        "Maintenance",
    ]
    assert [section["title"] for section in sections] == titles
    for section in sections:
        for question, answer in section["items"].items():
            assert question.endswith("?")
            assert len(answer) > 10
            assert "#" not in answer, question
