"""What a candidate is, and what a fitted model says of it. Knows no framework and no files of users."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.candidates.candidate import Candidate
    from models.errors import CandidateError, ExoscoreError, InvalidRowsError, TableError
    from models.scorer import Score, Scorer

__all__ = ["Candidate", "CandidateError", "ExoscoreError", "InvalidRowsError", "Score", "Scorer", "TableError"]
_MODULE = {
    "Candidate": "candidates.candidate",
    "CandidateError": "errors",
    "ExoscoreError": "errors",
    "InvalidRowsError": "errors",
    "Score": "scorer",
    "Scorer": "scorer",
    "TableError": "errors",
}


def __getattr__(name: str) -> Any:
    """What `from models import …` asks for: imported then, since processes that score nothing need none of it."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"models.{_MODULE[name]}"), name)
