"""What a candidate is, and what a fitted model says of it. Knows no framework and no files of users."""

from models.candidate import Candidate
from models.errors import CandidateError, ExoscoreError
from models.scorer import Score, Scorer

__all__ = ["Candidate", "CandidateError", "ExoscoreError", "Score", "Scorer"]
