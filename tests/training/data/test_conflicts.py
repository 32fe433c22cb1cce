"""Conflicts are between papers, on the very same vesicle, with every citation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models.candidates.parser import CandidateParser
from training.data.conflicts import find_conflicts
from training.data.findings import Finding, read_findings

COLUMNS = (
    "paper",
    "source_cell",
    "source_phenotype",
    "cargo_type",
    "cargo_name",
    "cargo_state",
    "cancer_type",
    "recipient_cell",
    "effect",
)
GIVEN = {"source_cell": "macrophage", "source_phenotype": "M2", "cargo_type": "mirna", "cargo_state": "native"}

Read = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def read(tmp_path: Path, reader: CandidateParser) -> Read:
    def of(*rows: dict[str, str]) -> tuple[Finding, ...]:
        path = tmp_path / "own.tsv"
        lines = ["\t".join({**GIVEN, **row}.get(column, "") for column in COLUMNS) for row in rows]
        path.write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
        return read_findings(path, reader)

    return of


def test_two_papers_that_say_opposite_effects_of_one_cargo_conflict_however_they_spell_it(read: Read) -> None:
    (found,) = find_conflicts(
        read(
            {"paper": "lab:1", "cargo_name": "miR-21-5p", "cancer_type": "glioma", "effect": "suppressing"},
            {"paper": "lab:2", "cargo_name": "hsa-miR-21", "cancer_type": "glioma", "effect": "promoting"},
            {"paper": "lab:3", "cargo_name": "miR-155", "cancer_type": "glioma", "effect": "promoting"},
        )
    )
    assert (found.cargo, found.papers, found.lab_findings, found.same_tumour) == ("miR-21", 0, 2, ("glioma",))
    said = found.as_dict()
    assert [one["paper"] for one in said["suppressing"]] == ["lab:1"]
    assert [one["paper"] for one in said["promoting"]] == ["lab:2"]


@pytest.mark.parametrize(
    "other",
    [
        {"source_phenotype": "M1"},
        {"cargo_state": "depleted"},
        {"source_cell": "monocyte"},
        {"cargo_name": "miR-155"},
        {"effect": "suppressing"},
        {"paper": "lab:1", "recipient_cell": "t_cell"},
    ],
)
def test_another_vesicle_the_same_effect_or_the_same_paper_is_no_conflict(read: Read, other: dict[str, str]) -> None:
    first = {"paper": "lab:1", "cargo_name": "miR-21", "recipient_cell": "cancer_cell", "effect": "suppressing"}
    second = {"paper": "lab:2", "cargo_name": "miR-21", "effect": "promoting"}
    assert find_conflicts(read(first, second))
    assert not find_conflicts(read(first, {**second, **other}))


def test_different_tumours_are_told_apart_and_come_after_one_tumour(read: Read) -> None:
    found = find_conflicts(
        read(
            {"paper": "lab:1", "cargo_name": "miR-21", "cancer_type": "glioma", "effect": "suppressing"},
            {"paper": "lab:2", "cargo_name": "miR-21", "cancer_type": "melanoma", "effect": "promoting"},
            {"paper": "lab:3", "cargo_name": "miR-21", "cancer_type": "melanoma", "effect": "promoting"},
            {"paper": "lab:4", "cargo_name": "miR-155", "cancer_type": "glioma", "effect": "suppressing"},
            {"paper": "lab:5", "cargo_name": "miR-155", "cancer_type": "glioma", "effect": "promoting"},
        )
    )
    assert [(one.cargo, one.same_tumour) for one in found] == [("miR-155", ("glioma",)), ("miR-21", ())]


def test_cargos_that_are_not_named_are_not_compared_but_whole_vesicles_are(read: Read) -> None:
    unnamed = read({"paper": "lab:1", "effect": "suppressing"}, {"paper": "lab:2", "effect": "promoting"})
    assert not find_conflicts(unnamed)
    whole = [
        {"paper": f"lab:{n}", "cargo_type": "whole_vesicle", "effect": e}
        for n, e in enumerate(("suppressing", "promoting"))
    ]
    assert [one.cargo for one in find_conflicts(read(*whole))] == ["whole_vesicle"]


def test_every_conflict_of_the_corpus_holds_both_effects_of_different_papers(corpus: tuple[Finding, ...]) -> None:
    found = find_conflicts(corpus)
    assert found
    assert find_conflicts(corpus[::-1]) == found
    for one in found:
        sides = [{f.paper for f in one.findings if f.effect == effect} for effect in ("suppressing", "promoting")]
        assert all(sides)
        assert len(sides[0] | sides[1]) > 1
