"""The table of experiments in the documents is the command's: every variant, its verdict, and no other."""

from __future__ import annotations

import re

import pytest

from benchmarks.experiments import COMMITTED, DOCUMENT, SHOWN, filled
from benchmarks.variants import IN_MODEL, NOT_KEPT, VARIANTS, Variant
from models.estimator.features import Features
from training.data.findings import Finding
from training.fit import TrainingTable


def rows() -> list[list[str]]:
    text = DOCUMENT.read_text("utf-8")
    (block,) = re.findall(r"(?s)<!-- begin experiments -->\n(.*?)<!-- end experiments -->", text)
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line.startswith("|")
    ]


def test_the_document_has_every_variant_of_the_command_with_its_verdict() -> None:
    head, _, of_model, *variants = rows()
    assert head == ["", *SHOWN.values(), ""]
    assert of_model[0] == f"**{COMMITTED.name}**"
    assert [(row[0], row[-1]) for row in variants] == [(one.name, one.verdict) for one in VARIANTS]
    shape = re.compile(r"[+-]\d\.\d{3} \([+-]\d\.\d{3} to [+-]\d\.\d{3}\)")
    measured = [row[1:-1] for row in variants]
    # What has no bands calls nothing.
    assert {cell for cells in measured for cell in cells[-2:] if not shape.fullmatch(cell)} <= {"–"}
    assert all(shape.fullmatch(cell) for cells in measured for cell in cells[:-2])


def test_names_are_unique_and_verdicts_are_of_two_kinds() -> None:
    assert len({one.name for one in VARIANTS}) == len(VARIANTS)
    assert {one.verdict for one in VARIANTS} == {IN_MODEL, NOT_KEPT}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: one.name)
def test_every_variant_differs_from_the_model_in_what_it_learns_from_or_how(
    variant: Variant, ordered_corpus: list[Finding], features: Features
) -> None:
    plain, other = (one.table(ordered_corpus, features) for one in (COMMITTED, variant))
    assert isinstance(other, TrainingTable)
    differs = other.features != plain.features or (other.weights != plain.weights).any()
    assert differs or variant.fit_calibrated is not COMMITTED.fit_calibrated
    assert plain.features == TrainingTable.from_findings(ordered_corpus, features).features


def test_the_table_goes_between_the_markers_and_nothing_else_changes() -> None:
    before = "a\n<!-- begin experiments -->\nold\n<!-- end experiments -->\nb\n"
    assert filled(before, "new\n") == before.replace("old", "new")


@pytest.fixture(scope="module")
def ordered_corpus(corpus: tuple[Finding, ...]) -> list[Finding]:
    return list(corpus)
