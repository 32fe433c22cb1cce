"""What tables call their columns: in any case, with blanks or hyphens, or by a usual synonym."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from models.candidates.candidate import FIELD_BY_NAME
from models.vocabulary.normalize import fold

_LONGEST = 100


class Headings:
    """The columns of one kind of table, and the words that its headings may have for them."""

    def __init__(self, columns: Collection[str], synonyms: Mapping[str, Iterable[str]]) -> None:
        """`synonyms` are folded, by column; the names of the columns themselves are not repeated among them."""
        self._columns = frozenset(columns)
        self._column_of = {word: column for column, words in synonyms.items() for word in words}
        self._column_of |= {fold(column): column for column in columns}

    def column_of(self, heading: str) -> str:
        """The column that a heading names; empty where it names none."""
        return heading if heading in self._columns else self._column_of.get(fold(heading[:_LONGEST]), "")

    def columns_of(self, headings: Iterable[str]) -> set[str]:
        """The columns that some of the headings name."""
        return {column for heading in headings if (column := self.column_of(heading))}

    def name_columns(self, headings: Sequence[str]) -> list[str]:
        """The columns of a table. A heading that names a column stands back where another is spelled as that column is, or came
        before."""
        named = self._columns.intersection(headings)
        columns = []
        for heading in headings:
            column = self.column_of(heading)
            is_free = column and column not in named and heading not in self._columns
            columns.append(column if is_free else heading)
            named |= {column} if is_free else set()
        return columns


def renamed(headings: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The remarks on headings that are read as other columns than they spell."""
    return [
        f"Column {heading} is read as {column}"
        for heading, column in zip(headings, columns, strict=True)
        if heading != column
    ]


CANDIDATE_SYNONYMS: Mapping[str, Sequence[str]] = {
    "id": ("nr", "no", "number", "candidate", "candidateid", "candidatename"),
    "source_cell": (
        "source",
        "cell",
        "celltype",
        "sourcetype",
        "exosomesource",
        "evsource",
        "cellsource",
        "celloforigin",
        "parentcell",
        "producercell",
        "donorcell",
    ),
    "source_phenotype": ("phenotype", "cellphenotype", "state", "sourcestate", "subtype"),
    "polarisation": ("polarization", "stimulus", "stimuli", "stimulation"),
    "species": ("organism", "host", "sourcespecies"),
    "cargo_type": ("typeofcargo", "kindofcargo", "cargokind", "cargoclass", "moleculetype"),
    "cargo_name": ("cargo", "molecule", "payload", "mirna", "microrna", "gene", "protein", "drug"),
    "cargo_state": ("stateofcargo", "loading"),
    "engineering": ("engineered", "modification"),
    "cancer_type": (
        "cancer",
        "tumour",
        "tumor",
        "tumourtype",
        "tumortype",
        "typeofcancer",
        "disease",
        "cellline",
        "cancercellline",
        "tumourcellline",
    ),
    "recipient_cell": ("recipient", "recipientcells", "targetcell", "targetcells"),
}
# What a table of findings has beside the candidates.
FINDING_SYNONYMS: Mapping[str, Sequence[str]] = {
    "finding_id": ("finding", "idoffinding"),
    "paper": ("paperkey", "paperid"),
    "cell_model": ("model", "sourcecellline", "sourceline"),
    "effect": ("outcome", "direction", "tumoureffect", "tumoreffect", "effectontumour", "effectontumor"),
    "targets": ("target", "targetgene", "targetgenes"),
    "pathways": ("pathway", "signalling", "signaling"),
    "processes": ("process", "hallmark", "hallmarks"),
    "evidence": ("evidencetype", "experiment", "assay"),
    "pmid": ("pubmed", "pubmedid"),
    "doi": ("digitalobjectidentifier",),
    "pmcid": ("pmc",),
    "title": ("papertitle", "titleofpaper", "articletitle", "titleofarticle"),
    "first_author": ("author",),
    "year": ("publicationyear", "yearofpublication", "published"),
    "journal": ("journaltitle", "journalname"),
    "url": ("link", "address", "website"),
    "quote": ("quotation", "sentence", "quotedsentence", "sentencefromthepaper"),
    "quote_place": ("placeofquote", "quotelocation", "placeinthepaper", "section"),
    "isolation_method": ("isolation", "evisolation", "purification"),
    "markers": ("marker", "evmarkers", "exosomemarkers"),
    "dose": ("dosage",),
    "ev_track_id": ("evtrack",),
}
CANDIDATE_HEADINGS = Headings(FIELD_BY_NAME, CANDIDATE_SYNONYMS)
