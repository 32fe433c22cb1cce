"""What each column of the findings holds, in a sentence: for the API, the manual and whoever loads the table."""

from models.candidates.candidate import FIELD_BY_NAME

_DESCRIPTIONS = {
    "finding_id": "The id of the finding. By default it is made from the content.",
    "paper": "The key of the paper: pmid:, doi:, pmcid:, title: or lab: and a key. By default it is made from the citation.",
    "effect": "The reported effect on the tumour: suppressing or promoting.",
    "strength": "How large the effect was reported, in the words or figures of the paper. Not used by the model.",
    "cell_model": "The cell line or model of the source cell, such as THP-1.",
    "targets": "What changed in the recipient cell: names with + (up) or - (down), such as PTEN-.",
    "pathways": "Pathways that changed in the recipient cell.",
    "mechanism": "The mechanism: terms of the vocabulary of this field.",
    "processes": "Tumour processes that changed: terms of the vocabulary of this field.",
    "evidence": "How the effect was tested: in_vitro, in_vivo, both or clinical.",
    "grade": "How directly the text states the finding: A, B or C.",
    "pmid": "The number of the paper in PubMed.",
    "doi": "The DOI of the paper, such as 10.1038/s41419-022-04640-z.",
    "pmcid": "The identifier of the paper in PubMed Central, such as PMC7862798.",
    "title": "The title of the paper.",
    "first_author": "The family name of the first author.",
    "last_author": "The family name and initials of the last author, such as Zhang Y: papers that share it count as one group.",
    "year": "The year of publication.",
    "journal": "The journal.",
    "url": "A web address at which the paper can be read.",
    "quote": "The sentence of the paper that states the effect, word for word, up to 300 characters.",
    "quote_place": "Where that sentence stands, such as Abstract or Figure 3.",
    "isolation_method": "How the vesicles were separated, as MISEV2023 asks; not reported where the paper does not say.",
    "markers": "Markers tested, as MISEV2023 asks: of vesicles, such as CD63 and TSG101, and others, such as calnexin.",
    "dose": "The dose or quantity of vesicles, in words.",
    "ev_track_id": "The id of the experiment in EV-TRACK.",
}


def describe_column(column: str) -> str:
    """What a column of a finding holds, in a sentence."""
    return _DESCRIPTIONS[column] if column in _DESCRIPTIONS else FIELD_BY_NAME[column].help
