"""Validated targets: those of the microRNAs in the cargo, most papers first, and none where no table was imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.candidates.parser import CandidateParser
from models.errors import KnowledgeError
from models.evidence.targets import MOST, Target, Targets
from models.knowledge.sources import TargetRow, target_table

TARGETS = Targets(
    [
        TargetRow("miR-21-5p", "PTEN", 12),
        TargetRow("miR-21-5p", "PDCD4", 30),
        TargetRow("miR-21-3p", "PTEN", 2),
        TargetRow("miR-21-3p", "HPGD", 1),
        TargetRow("miR-145-5p", "PTEN", 40),
    ]
)


@pytest.fixture
def of(reader: CandidateParser):  # type: ignore[no-untyped-def]
    def call(cargo_type: str, name: str, targets: Targets = TARGETS) -> list[tuple[str, int]]:
        return [(one.target, one.papers) for one in targets.of(reader.naming.cargos(cargo_type, name))]

    return call


def test_an_arm_has_its_own_targets_and_a_name_without_arm_those_of_both(of) -> None:  # type: ignore[no-untyped-def]
    assert of("mirna", "hsa-miR-21-5p") == [("PDCD4", 30), ("PTEN", 12)]
    assert of("mirna", "miR-21-3p") == [("PTEN", 2), ("HPGD", 1)]
    assert of("mirna", "miR-21") == [("PDCD4", 30), ("PTEN", 12), ("HPGD", 1)]


def test_an_inhibitor_has_the_targets_of_what_it_inhibits_and_co_loaded_microrna_share(of) -> None:  # type: ignore[no-untyped-def]
    assert of("mirna", "miR-21-5p inhibitor") == of("mirna", "miR-21-5p")
    assert of("mirna", "miR-21-5p+miR-145-5p") == of("mirna", "miR-145-5p+miR-21-5p") == [("PTEN", 40), ("PDCD4", 30)]


def test_other_cargo_has_none_and_nothing_imported_means_none(of) -> None:  # type: ignore[no-untyped-def]
    assert of("protein", "PTEN") == of("mirna", "blorb") == of("mirna", "miR-21", Targets()) == []
    assert Targets.load().version == Targets.load(Path("missing")).version == ""


def test_at_most_so_many_are_given_those_with_most_papers(of) -> None:  # type: ignore[no-untyped-def]
    many = Targets(TargetRow("miR-21-5p", f"GENE{number}", number) for number in range(1, 3 * MOST))
    found = of("mirna", "miR-21-5p", many)
    assert found == [(f"GENE{number}", number) for number in range(3 * MOST - 1, 2 * MOST - 1, -1)]


def test_a_table_is_loaded_with_its_digest_and_a_damaged_one_refused(tmp_path: Path, reader: CandidateParser) -> None:
    path = tmp_path / "mirtarbase.tsv"
    path.write_bytes(target_table([TargetRow("miR-21-5p", "PTEN", 12)]))
    targets = Targets.load(tmp_path)
    assert targets.of(reader.naming.cargos("mirna", "miR-21")) == (Target("PTEN", 12, "miRTarBase"),)
    assert len(targets.version) == 16
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(KnowledgeError, match=r"mirtarbase\.tsv .* line 2"):
        Targets.load(tmp_path)
