"""What kinds of candidates are submitted, counted by day: what drift is told from.

Only terms of the vocabulary are kept; any other text counts as OTHER. Of a cargo it is kept whether its name is known, never
the name itself.
"""

import atexit
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property

import structlog
from sqlalchemy.dialects import postgresql, sqlite

from models.candidates.cargo import terms_in
from models.vocabulary.vocabulary import Vocabulary
from service.db.database import Database, StoreError
from service.db.tables import Submission, now
from service.scoring.counts import CARGO_RECOGNITION, FIELDS, NOT_STATED, ScoreCounts, Value, classify_cargo

FLUSH_SECONDS = 10.0
CARGO_KNOWN = "cargo_known"
COUNTED = (*FIELDS, CARGO_KNOWN)
OTHER = "(other)"
# Of these a set of cargos has several terms, each of which is counted.
_OF_SETS = ("cargo_type", "cargo_state")

_log = structlog.get_logger(__name__)


class Categories:
    """Sorts candidates into the categories that are counted, by one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._terms = {field: frozenset(vocabulary.names(field)) for field in FIELDS}
        self._terms[CARGO_KNOWN] = frozenset(CARGO_RECOGNITION)

    def of(self, values: Iterable[Value], hows: Collection[str]) -> Iterator[tuple[str, str]]:
        """Every (field, category) of a canonical candidate.

        `values` are those of FIELDS, None where not stated; `hows` say how each of its cargos was recognised.
        """
        for field, value in zip(FIELDS, values, strict=True):
            yield from ((field, category) for category in self.of_value(field, value))
        yield CARGO_KNOWN, classify_cargo(hows)

    def of_value(self, field: str, value: Value) -> list[str]:
        """The categories of a value in one of COUNTED."""
        if not value:
            return [NOT_STATED]
        terms = self._terms[field]
        values = (value,) if isinstance(value, str) else value
        if isinstance(value, str) and field in _OF_SETS:
            values = tuple(terms_in(value))
        return [each if each in terms else OTHER for each in values]


class Submissions:
    """Counts in memory, and adds what it counted to the store every FLUSH_SECONDS and when it is closed."""

    def __init__(self, database: Database, vocabulary: Callable[[], Vocabulary]) -> None:
        self._database = database
        self._vocabulary = vocabulary
        # Sorted into categories only when they are flushed.
        self._values: Counter[tuple[str, Value]] = Counter()
        self._kept: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @cached_property
    def _categories(self) -> Categories:
        return Categories(self._vocabulary())

    def count(self, counted: ScoreCounts) -> None:
        """Counts the candidates of one answer."""
        with self._lock:
            self._values.update(counted.values)
            self._values.update({(CARGO_KNOWN, known): count for known, count in counted.cargos.items()})
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Adds what was counted to the store, as of today; while that does not answer, it is kept for the next time."""
        with self._flushing:
            with self._lock:
                values, self._values = self._values, Counter()
            day = now().date().isoformat()
            for (field, value), count in values.items():
                for category in self._categories.of_value(field, value):
                    self._kept[day, field, category] += count
            if self._kept:
                try:
                    self._add(self._kept)
                    self._kept = Counter()
                except StoreError as error:
                    _log.warning("submissions are counted on in memory", reason=str(error))

    def _add(self, counts: Counter[tuple[str, str, str]]) -> None:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        # In one order, so that two workers never wait for each other.
        rows = [
            {"day": day, "field": field, "value": value, "count": count}
            for (day, field, value), count in sorted(counts.items())
        ]
        statement = insert(Submission)
        statement = statement.on_conflict_do_update(
            index_elements=["day", "field", "value"],
            set_={"count": Submission.count + statement.excluded["count"]},
        )
        with self._database.write() as session:
            session.connection().execute(statement, rows)

    def close(self) -> None:
        """Flushes for the last time."""
        self._closed.set()
        atexit.unregister(self.close)
        self.flush()

    def _start(self) -> None:
        # At the first count, so in the worker: a thread does not live on through a fork.
        self._thread = threading.Thread(target=self._flush_periodically, name="submissions", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _flush_periodically(self) -> None:
        while not self._closed.wait(FLUSH_SECONDS):
            self.flush()
