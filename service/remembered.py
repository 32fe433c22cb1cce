"""The documents that were written last, by what was asked; in memory, and never more than so many bytes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.counted import Counted

# What a key and a document take beside their bytes.
PER_DOCUMENT_BYTES = 500


class Document(NamedTuple):
    """The text of a score, and what is counted of its candidate."""

    text: bytes
    counted: Counted


class Remembered:
    """What was met last: a young generation and an old one, each of at most half of the room.

    What is asked for again moves into the young one. When that is full it becomes the old one, and what was not asked for
    since the time before is forgotten. Of use to several threads at once: at worst, something is written twice.
    """

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes`: of keys and documents together; with 0, nothing is remembered."""
        self._most = most_bytes // 2
        self._young: dict[bytes, Document] = {}
        self._old: dict[bytes, Document] = {}
        self._size = 0

    def among(self, keys: Sequence[bytes]) -> dict[bytes, Document]:
        """The documents of those keys that are remembered."""
        young, old = self._young, self._old
        found = {key: young[key] for key in keys if key in young}
        if len(found) < len(keys) and old:
            again = {key: old[key] for key in keys if key in old and key not in found}
            self.keep(again)
            found |= again
        return found

    def keep(self, documents: Mapping[bytes, Document]) -> None:
        """Remembers documents by their keys."""
        for key, document in documents.items():
            size = len(key) + len(document.text) + PER_DOCUMENT_BYTES
            if size > self._most:
                continue
            if self._size + size > self._most:
                self._old, self._young, self._size = self._young, {}, 0
            if key not in self._young:
                self._young[key] = document
                self._size += size
