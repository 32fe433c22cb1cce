"""Candidates of every kind, and the addresses of their reports."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from service.scoring import query_string

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
FULL: dict[str, str | list[str]] = {
    "id": "A-17",
    "source_cell": "MSC",
    "source_phenotype": "bone marrow",
    "polarisation": ["TNFa", "hypoxia", "1,25-D3"],
    "species": ["human", "mouse"],
    "cargo_type": "microRNA",
    "cargo_name": "hsa-miR-145+let7b",
    "cargo_state": "overexpressed",
    "engineering": ["transfection", "RGD"],
    "cancer_type": "TNBC",
    "recipient_cell": ["HUVEC", "cancer_cell"],
}
CANDIDATES: list[dict[str, str | list[str]]] = [
    dict(MIR21),
    FULL,
    {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "miR-155", "cargo_state": "loaded"},
    {"source_phenotype": "TAM", "cargo_type": "whole_vesicle", "cancer_type": "HCC"},
    {"source_phenotype": "M2", "cargo_type": "lncrna", "cargo_name": "blorb"},
    {"source_cell": "MSC", "source_phenotype": "bone marrow", "cargo_type": "lncRNA", "cargo_name": "PTENP1"},
    {"source_cell": "milk", "source_phenotype": "unspecified", "cargo_type": "drug", "cargo_name": "PTX+DOX"},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-124", "cancer_type": "PC"},
]
HOSTILE = {
    "id": '"><script>alert(1)</script>',
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "<img src=x onerror=alert(1)>{{ 7 * 7 }}",
    "cancer_type": "</style></svg><b>שלום עולם</b>",
    "polarisation": ["'; DROP TABLE", "&amp;<i>"],
}
LONGEST = {**MIR21, "cargo_name": "Ж" * 300, "cancer_type": "W" * 300, "id": "x" * 300}


def named(candidate: dict[str, Any]) -> str:
    return str(candidate.get("cargo_name", candidate["cargo_type"]))[:12]


def asked(candidate: dict[str, Any], **more: str) -> str:
    return f"/v1/reports?{query_string.write(candidate)}&{urlencode(more)}"
