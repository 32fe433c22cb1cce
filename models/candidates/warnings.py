"""What of a candidate could not be understood as it was written, what was done instead, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial

from models.candidates.candidate import ASSUMED, Normalization
from models.candidates.text_fields import truncate
from models.errors import CandidateError, FieldError, with_suggestions
from models.naming.resolver import NameResolver
from models.vocabulary.vocabulary import Vocabulary

# Why a value is not understood, and what is then done with it, by its field.
_UNKNOWN = {
    "source_phenotype": ("Unknown phenotype of this cell", "it counts as unspecified"),
    "cargo_name": ("Unknown cargo name", "it counts as a cargo without any report"),
    "cancer_type": ("Unknown cancer type", "it was not used"),
    "polarisation": ("Unknown stimulus", "it was not used"),
}
_AMBIGUOUS = ("The name has several meanings", "none of them was used")
# How alike, in percent, what may have been meant is at least.
_ALIKE = 75.0
# How many warnings are remembered with what may have been meant, which takes up to a millisecond to find.
MAX_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class ReadingWarning:
    """One value that was not understood as it was written: what was `done` instead, and the names nearest to it; or, if it
    `is_assumption`, one that was understood but counts by a rule that the model did not learn."""

    field: str
    given: str
    done: str
    nearest: tuple[str, ...] = ()
    is_assumption: bool = False

    def __str__(self) -> str:
        return f"{self.field} {self.given!r}: {with_suggestions(self.done, self.nearest)}"


class WarningFinder:
    """Finds what is to be warned of in how candidates were read."""

    def __init__(self, vocabulary: Vocabulary, naming: NameResolver) -> None:
        self._vocabulary = vocabulary
        self._naming = naming
        self._nearest = lru_cache(MAX_REMEMBERED)(self._find_nearest)

    def find(self, notes: Iterable[Normalization], suggest: bool = True) -> tuple[ReadingWarning, ...]:
        """The warnings of one candidate; without `suggest`, what an unknown name may have meant is not looked for."""
        return tuple(
            ReadingWarning(
                note.field,
                note.given,
                _done(note),
                note.alternatives or (self._nearest(note) if suggest else ()),
                note.how == ASSUMED,
            )
            for note in warned_of(notes)
        )

    def refuse(self, notes: Iterable[Normalization]) -> None:
        """Raises CandidateError where there is anything to be warned of, but for assumptions."""
        faults = [
            FieldError(note.field, "not_understood", _refused(note), note.given, suggest=partial(self._nearest, note))
            for note in misunderstood(warned_of(notes))
        ]
        if faults:
            raise CandidateError(faults)

    def _find_nearest(self, note: Normalization) -> tuple[str, ...]:
        if note.alternatives or note.how != "unknown":
            return note.alternatives
        if note.field == "cargo_name":
            return self._naming.nearest(note.given)
        return self._vocabulary.nearest(note.field, note.given, limit=3, cutoff=_ALIKE)


def warned_of(notes: Iterable[Normalization]) -> tuple[Normalization, ...]:
    """Those of the notes that are to be warned of. What follows from another field was understood, and is only said."""
    return tuple(
        [note for note in notes if note.how in ("unknown", "ambiguous") or (note.remark and note.how != "implied")]
    )


def misunderstood(warned: Iterable[Normalization]) -> tuple[Normalization, ...]:
    """Those of the notes that are to be warned of that are no mere assumptions."""
    return tuple([note for note in warned if note.how != ASSUMED])


def _done(note: Normalization) -> str:
    if note.how == "unknown":
        return "; ".join(_UNKNOWN[note.field])
    return "; ".join(_AMBIGUOUS) if note.how == "ambiguous" else note.remark


def _refused(note: Normalization) -> str:
    why = _UNKNOWN[note.field][0] if note.how == "unknown" else _AMBIGUOUS[0]
    return f"{truncate(note.given)!r}: {why if note.how in ('unknown', 'ambiguous') else note.remark}"
