"""miRTarBase: human pairs with strong evidence, each with its number of papers."""

from __future__ import annotations

from pathlib import Path

from models.knowledge.sources import TargetRow, read_targets

HEADER = "miRNA,Species (miRNA),Target Gene,Species (Target Gene),Experiments,Support Type,References (PMID)\n"


def targets(imported, tmp_path: Path, text: str) -> list[TargetRow]:  # type: ignore[no-untyped-def]
    kept = tmp_path / "kept.tsv"
    kept.write_bytes(imported("mirtarbase", text).table)
    return read_targets(kept)


def test_papers_are_counted_once_by_mature_microrna_and_gene(imported, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(
        f"hsa-miR-21-{arm},Homo sapiens,{gene},Homo sapiens,invented,Functional MTI,{pmid}\n"
        for arm, gene, pmid in (
            ("5p", "PTEN", 1),
            ("5p", "PTEN", 2),
            ("5p", "PTEN", 2),
            ("3p", "PTEN", 3),
            ("5p", "XYZ9", 4),
        )
    )
    assert targets(imported, tmp_path, HEADER + rows) == [
        TargetRow("miR-21-3p", "PTEN", 1),
        TargetRow("miR-21-5p", "PTEN", 2),
        TargetRow("miR-21-5p", "XYZ9", 1),
    ]


def test_weak_and_failed_pairs_and_other_species_are_left_out_and_counted(imported, why) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "hsa-miR-21-5p,Homo sapiens,PTEN,Homo sapiens,invented,Functional MTI,1\n"
        "hsa-miR-21-5p,Homo sapiens,PTEN,Homo sapiens,invented,Functional MTI (Weak),2\n"
        "hsa-miR-21-5p,Homo sapiens,PTEN,Homo sapiens,invented,Non-Functional MTI,3\n"
        "mmu-miR-21a-5p,Mus musculus,Pten,Mus musculus,invented,Functional MTI,4\n"
        "hsa-miR-21-5p,Homo sapiens,PTEN,Homo sapiens,invented,Functional MTI,unpublished\n"
        "hsa-miR-21-5p,Homo sapiens,,Homo sapiens,invented,Functional MTI,5\n"
    )
    assert why(imported("mirtarbase", HEADER + rows)) == {
        "no strong evidence (support type)": 2,
        "the microRNA or the target is not human": 1,
        "the row names no PMID": 1,
        "a needed cell is empty": 1,
    }


def test_counts_of_papers_are_taken_as_they_stand(imported, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = "mirna | gene | entrez | n_pmid\nhsa-miR-21-5p | PTEN | 5728 | 12\nhsa-miR-21-5p | PDCD4 | 27250 | few\n"
    assert targets(imported, tmp_path, text) == [TargetRow("miR-21-5p", "PTEN", 12)]
