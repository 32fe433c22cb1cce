"""Candidates to begin with: different sources, cargos and answers."""

from __future__ import annotations

from service.scoring.query_string import Given

# What each is in words, and the candidate.
EXAMPLES: tuple[tuple[str, Given], ...] = (
    (
        "miR-21-5p of M2 macrophages in gastric cancer",
        {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"},
    ),
    (
        "miR-155 loaded into M1 vesicles, melanoma",
        {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "miR-155"}
        | {"cargo_state": "loaded", "cancer_type": "melanoma"},
    ),
    (
        "Paclitaxel in M1 vesicles",
        {"source_phenotype": "M1", "cargo_type": "drug", "cargo_name": "PTX", "cargo_state": "loaded"},
    ),
    (
        "PTENP1 of bone-marrow stem cells",
        {"source_cell": "MSC", "source_phenotype": "bone marrow", "cargo_type": "lncRNA", "cargo_name": "PTENP1"},
    ),
    (
        "Whole vesicles of tumour-associated macrophages, HCC",
        {"source_phenotype": "TAM", "cargo_type": "whole_vesicle", "cancer_type": "HCC"},
    ),
)

# One question, four answers: what of a macrophage's vesicles would act against gastric cancer?
COMPARISON: tuple[Given, ...] = tuple(
    {"source_phenotype": phenotype, "cargo_type": "mirna", "cargo_name": cargo, "cargo_state": state}
    | {"cancer_type": "gastric cancer"}
    for phenotype, cargo, state in (
        ("M2", "miR-21-5p", "native"),
        ("M2", "miR-21-5p", "depleted"),
        ("M1", "miR-155", "native"),
        ("M1", "let-7b", "loaded"),
    )
)
