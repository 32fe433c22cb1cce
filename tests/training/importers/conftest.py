"""One excerpt of each form of each source, all of its rows made up, and a call that imports a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models.candidates.parser import CandidateParser
from models.knowledge.sources import read_roles
from training.data.findings import Finding
from training.importers import ImportedTable, import_table

# The tables themselves belong to others; where copies stand beside the project, they are imported too.
REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
collect_ignore = [] if REFERENCE.is_dir() else ["test_reference.py"]

Import = Callable[..., ImportedTable]
Roles = Callable[[str, str], dict[tuple[str, str], tuple[int, int]]]

# Tab-separated where ` | ` stands; miRTarBase's is comma-separated.
EXCERPTS = {
    "mircancer": """
mirId | Cancer | Profile | PubMed Article
hsa-mir-21 | breast cancer | up | The first invented article.
hsa-mir-21 | gastric cancer | up | The second invented article.
hsa-mir-145 | breast cancer | down | The first invented article.
""",
    "mircancer counts": """
mir | cancer | n_up | n_down
hsa-mir-21 | breast cancer | 7 | 1
hsa-mir-145 | glioma | 0 | 2
""",
    "hmdd 3": """
category | mir | disease | pmid | description
genetics_overexpression_promote | hsa-mir-21 | Breast Neoplasms | 90000001 | invented
genetics_knock down_promote | hsa-mir-145 | Glioblastoma | 90000004 | invented
tissue_expression_up | hsa-mir-155 | Melanoma | 90000005 | invented
""",
    "hmdd 4": """
code | PMID | miRNA | disease | description
genetics_overexpression_promote | 90000001 | hsa-mir-21 | Breast Neoplasms | invented
exosome | 90000002 | hsa-mir-21 | Breast Neoplasms | invented
""",
    "hmdd causality": """
category | mir | disease | mesh_name | pmid | causality
genetics_overexpression_promote | hsa-mir-21 | Breast Neoplasms | Breast Neoplasms | 90000001 | yes
genetics_overexpression_promote | hsa-mir-155 | Breast Neoplasms | Breast Neoplasms | 90000001 | no
""",
    "hmdd counts": """
mir | cancer | n_oncomir | n_tumour_suppressor | n_pmid_all | pmids_role
hsa-mir-21 | breast cancer | 3 | 1 | 9 | 90000001;90000002
hsa-mir-155 | breast cancer | 0 | 0 | 4 |
""",
    "cancermine": """
matching_id | role | cancer_id | cancer_normalized | gene_hugo_id | gene_entrez_id | gene_normalized | citation_count
a | Tumor_Suppressor | DOID:1 | breast cancer | HGNC:9588 | 5728 | PTEN | 4
b | Oncogene | DOID:1 | breast cancer | HGNC:9588 | 5728 | PTEN | 1
""",
    "cancermine sentences": """
matching_id | pmid | role | cancer_normalized | gene_hugo_id | gene_normalized | sentence
a | 90000001 | Tumor_Suppressor | breast cancer | HGNC:9588 | PTEN | Invented.
b | 90000002 | Oncogene | glioma | HGNC:9588 | PTEN | Invented too.
""",
    "cancermine counts": """
gene | entrez | role | cancer | doid | citation_count
PTEN | 5728 | Tumor_Suppressor | glioma | DOID:1 | 5
""",
    "lnctard": """
DiseaseName | Regulator | Target | influencedFunction | RegulatorType | Evidence | PubMedID
Gastric cancer | HOTAIR | miR-1 | cell proliferation(+);apoptosis process(-) | lncRNA | invented | 90000001
Glioma | MEG3 | TP53 | apoptosis process(+);cell growth(-) | lncRNA | invented | 90000002
""",
    "mirtarbase": """
miRTarBase ID,miRNA,Species (miRNA),Target Gene,Species (Target Gene),Experiments,Support Type,References (PMID)
M1,hsa-miR-21-5p,Homo sapiens,PTEN,Homo sapiens,"Reporter assay, invented",Functional MTI,90000001
M2,hsa-miR-21-5p,Homo sapiens,PDCD4,Homo sapiens,invented,Functional MTI,90000002
""",
    "mirtarbase counts": """
mirna | gene | entrez | mirt | n_pmid
hsa-miR-21-5p | PTEN | 5728 | M1 | 12
""",
}


def text_of(excerpt: str) -> str:
    """An excerpt as its file has it."""
    return excerpt.lstrip("\n").replace(" | ", "\t").replace(" |\n", "\t\n")


@pytest.fixture(params=sorted(EXCERPTS))
def excerpt(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A source, and a table of it in one of its forms."""
    return request.param.split()[0], text_of(EXCERPTS[request.param])


@pytest.fixture
def imported(tmp_path: Path, reader: CandidateParser, corpus: tuple[Finding, ...]) -> Import:
    """Imports a text (with ` | ` for tabs), or bytes, as the table of a source."""

    def call(source: str, content: str | bytes, name: str = "table.txt") -> ImportedTable:
        path = tmp_path / name
        path.write_bytes(text_of(content).encode() if isinstance(content, str) else content)
        return import_table(source, path, reader, corpus)

    return call


@pytest.fixture
def roles(imported: Import, tmp_path: Path) -> Roles:
    """The votes (suppressing, oncogenic) that a text makes, by cargo and tumour."""

    def call(source: str, content: str) -> dict[tuple[str, str], tuple[int, int]]:
        kept = tmp_path / "kept.tsv"
        kept.write_bytes(imported(source, content).table)
        return {(row.cargo, row.cancer_type): (row.suppressing, row.oncogenic) for row in read_roles(kept)}

    return call


@pytest.fixture(scope="session")
def curated(corpus: tuple[Finding, ...]) -> Finding:
    """A finding of the curated corpus whose paper has a PMID and a title."""
    return next(one for one in corpus if one.citation["pmid"] and one.citation["title"])


@pytest.fixture
def why() -> Callable[[ImportedTable], dict[str, int]]:
    """How many rows were dropped, by the reason."""
    return lambda imported: {reason.says: reason.rows for reason in imported.ledger.skipped}
