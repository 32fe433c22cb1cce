"""What kinds of candidates are submitted, counted by day: what drift is told from.

Only terms of the vocabulary are kept; any other text counts as OTHER. Of a cargo it is kept whether its name is known, never
the name itself.
"""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite

from models.vocabulary import Vocabulary
from service.store import Store, StoreError
from service.store.tables import Submission, now

FLUSH_SECONDS = 10.0
FIELDS = ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type", "engineering")
CARGO_KNOWN = "cargo_known"
COUNTED = (*FIELDS, CARGO_KNOWN)
OTHER, NOT_STATED = "(other)", "(not stated)"

_log = structlog.get_logger(__name__)


class Categories:
    """Sorts candidates into the categories that are counted, by one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._terms = {field: frozenset(vocabulary.names(field)) for field in FIELDS}

    def of(self, candidate: Mapping[str, Any], cargo: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Every (field, category) of a canonical candidate; `cargo` says how each of its cargos was recognised."""
        for field, terms in self._terms.items():
            value = candidate.get(field)
            if not value:
                yield field, NOT_STATED
            elif isinstance(value, str):
                yield field, value if value in terms else OTHER
            else:
                for each in value:
                    yield field, each if each in terms else OTHER
        hows = set(cargo)
        yield CARGO_KNOWN, NOT_STATED if not hows else "unknown" if hows & {"unknown", "ambiguous"} else "known"


class Submissions:
    """Counts in memory, and adds what it counted to the store every FLUSH_SECONDS and when it is closed."""

    def __init__(self, store: Store, vocabulary: Callable[[], Vocabulary]) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @cached_property
    def _categories(self) -> Categories:
        return Categories(self._vocabulary())

    def count(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Counts the candidates of one answer; problems that stand in the places of bad ones are left out."""
        categories = self._categories
        day = now().date().isoformat()
        found = [
            (day, *category)
            for document in documents
            if "candidate" in document
            for category in categories.of(
                document["candidate"],
                (note["how"] for note in document["normalisation"] if note["field"] == "cargo_name"),
            )
        ]
        with self._lock:
            self._counts.update(found)
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Adds what was counted to the store; while that does not answer, it is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        insert = sqlite.insert if self._store.is_sqlite else postgresql.insert
        # In one order, so that two workers never wait for each other.
        rows = [
            {"day": day, "field": field, "value": value, "count": count}
            for (day, field, value), count in sorted(counts.items())
        ]
        statement = insert(Submission)
        added = {"count": Submission.count + statement.excluded["count"]}
        statement = statement.on_conflict_do_update(index_elements=["day", "field", "value"], set_=added)
        try:
            with self._store.write() as session:
                session.connection().execute(statement, rows)
        except StoreError as error:
            _log.warning("submissions are counted on in memory", reason=str(error))
            with self._lock:
                self._counts.update(counts)

    def close(self) -> None:
        """Flushes for the last time."""
        self._closed.set()
        atexit.unregister(self.close)
        self.flush()

    def _start(self) -> None:
        # At the first count, so in the worker: a thread does not live on through a fork.
        self._thread = threading.Thread(target=self._flush_now_and_then, name="submissions", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _flush_now_and_then(self) -> None:
        while not self._closed.wait(FLUSH_SECONDS):
            self.flush()
