"""Copies of the real tables, where they stand beside the project: each imports, and says what the shipped votes say."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
from scipy.stats import spearmanr

from models.candidates.parser import CandidateParser
from models.knowledge.roles import merge_role_tables
from models.knowledge.sources import ROLE_SOURCES, SHIPPED_ROLES, RoleRow, read_roles
from training.data.findings import Finding
from training.importers import IMPORTERS, ImportedTable, import_table

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
FILES = {
    "mircancer": "mirna_cancer_mircancer_june2020_rows.tsv.gz",
    "hmdd": "mirna_cancer_role_hmdd32.tsv",
    "cancermine": "gene_cancer_role_cancermine_2021.tsv",
    "lnctard": "lncrna_cancer_function_lnctard1.tsv",
    "mirtarbase": "mirna_target_mirtarbase7_human_strong.tsv",
}
# The share of shipped rows with the same counts, and the rank correlation of the log-odds, each less a margin. The shipped
# counts differ where loci of one microRNA repeat a paper, and where LncTarD's apoptosis was read as any other process.
FLOORS = {"mirna": (0.90, 0.98), "gene": (0.99, 0.99), "lncrna": (0.65, 0.80)}
USED = {"mircancer": 9000, "hmdd": 750, "cancermine": 14000, "lnctard": 2100, "mirtarbase": 8000}


@pytest.fixture(scope="module")
def tables(reader: CandidateParser, corpus: tuple[Finding, ...]) -> dict[str, ImportedTable]:
    return {source: import_table(source, REFERENCE / FILES[source], reader, corpus) for source in IMPORTERS}


@pytest.mark.parametrize("source", IMPORTERS)
def test_each_table_imports(tables: dict[str, ImportedTable], source: str) -> None:
    assert tables[source].ledger.used >= USED[source]


@pytest.mark.parametrize("source", ["mircancer", "hmdd", "lnctard"])
def test_the_papers_of_the_corpus_are_found_and_taken_out(tables: dict[str, ImportedTable], source: str) -> None:
    ledger = tables[source].ledger
    assert (
        sum(reason.rows for reason in (*ledger.skipped, *ledger.partially_used) if "curated corpus" in reason.says) > 0
    )


@pytest.mark.parametrize("kind", FLOORS)
def test_imported_votes_agree_with_the_shipped_ones(
    tables: dict[str, ImportedTable], tmp_path: Path, kind: str
) -> None:
    def rows(source: str) -> list[RoleRow]:
        path = tmp_path / f"{source}.tsv"
        path.write_bytes(tables[source].table)
        return read_roles(path)

    shipped = [row for row in read_roles(SHIPPED_ROLES) if row.kind == kind]
    imported = {row.key: row for row in merge_role_tables([], {source: rows(source.key) for source in ROLE_SOURCES})}
    pairs = [(row, imported[row.key]) for row in shipped if row.key in imported]
    same = sum(counts(one) == counts(other) for one, other in pairs) / len(shipped)
    correlation = spearmanr([log_odds(one) for one, _ in pairs], [log_odds(other) for _, other in pairs]).statistic
    says = f"{kind}: {same:.3f} of {len(shipped)} shipped rows have the same counts; rank correlation {correlation:.3f}"
    sys.stdout.write(f"{says}\n")
    assert same >= FLOORS[kind][0], says
    assert correlation >= FLOORS[kind][1], says


def counts(row: RoleRow) -> tuple[int, int]:
    return row.suppressing, row.oncogenic


def log_odds(row: RoleRow) -> float:
    return math.log((row.suppressing + 0.5) / (row.oncogenic + 0.5))
