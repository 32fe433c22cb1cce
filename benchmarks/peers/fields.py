"""A candidate as the typed peers declare it: ten texts."""

from pydantic import BaseModel


class Candidate(BaseModel):
    """One candidate; what is not stated is an empty text, a list is joined by semicolons."""

    source_cell: str
    source_phenotype: str
    polarisation: str
    species: str
    cargo_type: str
    cargo_name: str
    cargo_state: str
    engineering: str
    cancer_type: str
    recipient_cell: str


FIELDS = list(Candidate.model_fields)
