"""Who writes the answers of each model in use, and what they remember together."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from models.scorer import Scorer
from service.answers import Answers
from service.remembered import Remembered

# About twenty thousand documents; each web worker has its own.
REMEMBERED_BYTES = 64 * 1024 * 1024


class Writers:
    """One writer for each scorer, for as long as the scorer is in use."""

    def __init__(self, most_bytes: int = REMEMBERED_BYTES) -> None:
        self._remembered = Remembered(most_bytes)
        self._writers: WeakKeyDictionary[Scorer, Answers] = WeakKeyDictionary()

    def of(self, scorer: Scorer) -> Answers:
        """The writer of a scorer's answers."""
        found = self._writers.get(scorer)
        if found is None:
            found = self._writers[scorer] = Answers(scorer, self._remembered)
        return found
