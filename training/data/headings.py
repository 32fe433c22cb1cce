"""What a table of findings has beside the candidates, in the words of its headings."""

from collections.abc import Mapping, Sequence

FINDING_SYNONYMS: Mapping[str, Sequence[str]] = {
    "finding_id": ("finding", "idoffinding"),
    "paper": ("paperkey", "paperid"),
    "cell_model": ("model", "sourcecellline", "sourceline"),
    "effect": ("outcome", "direction", "tumoureffect", "tumoreffect", "effectontumour", "effectontumor"),
    "strength": ("effectsize", "magnitude", "strengthofeffect"),
    "targets": ("target", "targetgene", "targetgenes"),
    "pathways": ("pathway", "signalling", "signaling"),
    "processes": ("process", "hallmark", "hallmarks"),
    "evidence": ("evidencetype", "experiment", "assay"),
    "pmid": ("pubmed", "pubmedid"),
    "doi": ("digitalobjectidentifier",),
    "pmcid": ("pmc",),
    "title": ("papertitle", "titleofpaper", "articletitle", "titleofarticle"),
    "first_author": ("author",),
    "last_author": ("seniorauthor", "lastauthorname"),
    "year": ("publicationyear", "yearofpublication", "published"),
    "journal": ("journaltitle", "journalname"),
    "url": ("link", "address", "website"),
    "quote": ("quotation", "sentence", "quotedsentence", "sentencefromthepaper"),
    "quote_place": ("placeofquote", "quotelocation", "placeinthepaper", "section"),
    "isolation_method": ("isolation", "evisolation", "purification", "separation", "separationmethod"),
    "markers": ("marker", "evmarkers", "exosomemarkers"),
    "dose": ("dosage", "quantity", "amount"),
    "ev_track_id": ("evtrack",),
}
