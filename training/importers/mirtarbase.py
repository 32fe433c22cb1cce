"""miRTarBase: targets of microRNAs that strong evidence validated: reporter assay, Western blot, qPCR
(doi:10.1093/nar/gkab1079). Human pairs only; weak evidence and pairs found not to work are left out.
"""

from collections.abc import Mapping

from models.knowledge.sources import TargetRow
from training.importers.import_report import ImportReport, SkippedRowError, read_rows
from training.importers.names import Names
from training.importers.table import Form, Table
from training.importers.votes import UNKNOWN, find_pmids, parse_counts

WEAK = "no strong evidence (support type)"
OTHER_SPECIES = "the microRNA or the target is not human"
NO_COUNT = "the count of papers is no whole number"
NO_PMID = "the row names no PMID"

STRONG = "functional mti"
HUMAN = "homo sapiens"

FORMS = (
    Form(
        "miRTarBase's MTI file",
        {
            "mirna": ("miRNA",),
            "gene": ("Target Gene",),
            "support": ("Support Type",),
            "pmids": ("References (PMID)", "References"),
        },
        {"mirna species": ("Species (miRNA)",), "gene species": ("Species (Target Gene)",)},
    ),
    Form(
        "counts of papers with strong evidence",
        {"mirna": ("mirna",), "gene": ("gene",), "papers": ("n_pmid", "n_papers")},
        counts=True,
    ),
)


def collect_targets(table: Table, names: Names) -> tuple[list[TargetRow], ImportReport]:
    """The validated targets of a table, each with the number of its papers, and what became of the rows.

    Raises TableError.
    """
    papers: dict[tuple[str, str], set[str]] = {}
    counts: dict[tuple[str, str], int] = {}

    def add_row(cells: Mapping[str, str]) -> tuple[SkippedRowError, ...]:
        count = parse_counts(cells["papers"], reason=NO_COUNT)[0] if table.form.counts else 0
        pmids = () if table.form.counts else _strong_pmids(cells)
        mirna = names.resolve_mature(cells["mirna"])
        if not mirna:
            raise SkippedRowError(UNKNOWN["mirna"], cells["mirna"])
        # Any gene can be a target, so that one which the role tables do not know keeps the symbol it has.
        pair = mirna, names.resolve("gene", cells["gene"]) or cells["gene"]
        papers.setdefault(pair, set()).update(pmids)
        counts[pair] = max(counts.get(pair, 0), count)
        return ()

    report = read_rows(table, add_row)
    return [TargetRow(*pair, counts[pair] or len(papers[pair])) for pair in sorted(papers)], report


def _strong_pmids(cells: Mapping[str, str]) -> tuple[str, ...]:
    """The papers of a pair that strong evidence validated in man. Raises SkippedRowError for other pairs."""
    for species in ("mirna species", "gene species"):
        if cells.get(species, HUMAN).lower() != HUMAN:
            raise SkippedRowError(OTHER_SPECIES, cells[species])
    if cells["support"].lower() != STRONG:
        raise SkippedRowError(WEAK, cells["support"])
    pmids = find_pmids(cells["pmids"])
    if not pmids:
        raise SkippedRowError(NO_PMID, cells["mirna"])
    return pmids
