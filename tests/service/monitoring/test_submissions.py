"""What kinds of candidates are submitted is counted by day; what they were is not kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from models.candidates.parser import CandidateParser
from models.scorer import Scorer
from models.vocabulary.vocabulary import Vocabulary
from service import Settings, create_app
from service.db import migrate
from service.db.database import Database
from service.db.tables import Submission, now
from service.monitoring.logs import configure
from service.monitoring.submissions import CARGO_KNOWN, COUNTED, NOT_STATED, OTHER, Categories, Submissions
from service.scoring.counts import FIELDS, ScoreCounts
from service.scoring.serializer import ScoreSerializer
from service.web.current import installation_of
from tests.servers import PostgreSQL
from tests.threads import in_threads

GOOD: dict[str, Any] = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
TELLING = GOOD | {
    "cargo_name": "secret-cargo",
    "cancer_type": "a secret tumour",
    "id": "secret",
    "polarisation": ["secret"],
}


def counted(scorer: Scorer, *candidates: dict[str, Any]) -> ScoreCounts:
    """What is counted of an answer."""
    return ScoreSerializer(scorer).respond(candidates, partial=True).counts


def kept(database: Database) -> dict[tuple[str, str, str], int]:
    """What the store holds."""
    with database.read() as session:
        return {(row.day, row.field, row.value): row.count for row in session.query(Submission)}


def submissions(database: Database, reader: CandidateParser) -> Submissions:
    return Submissions(database, lambda: reader.vocabulary)


def test_every_counted_field_of_every_candidate_is_counted_by_day(database: Database, scorer: Scorer) -> None:
    counter = submissions(database, scorer.parser)
    day = now().date().isoformat()
    engineered = GOOD | {"engineering": ["surface_ligand", "drug_loading"], "cancer_type": "HCC"}
    counter.count(counted(scorer, GOOD, engineered, {"source_phenotype": "M2"}))
    counter.close()
    assert kept(database) == {
        (day, "source_cell", "macrophage"): 2,
        (day, "source_phenotype", "M2"): 2,
        (day, "cargo_type", "mirna"): 2,
        (day, "cargo_state", "native"): 2,
        (day, "cancer_type", NOT_STATED): 1,
        (day, "cancer_type", "hepatocellular carcinoma"): 1,
        (day, "engineering", NOT_STATED): 1,
        (day, "engineering", "surface_ligand"): 1,
        (day, "engineering", "drug_loading"): 1,
        (day, CARGO_KNOWN, "known"): 2,
    }


def test_every_type_and_state_of_a_set_of_cargos_is_counted(database: Database, scorer: Scorer) -> None:
    counter = submissions(database, scorer.parser)
    day = now().date().isoformat()
    counter.count(
        counted(
            scorer,
            {"source_cell": "MSC", "cargo_name": "miR-21:9+doxorubicin:1", "cargo_state": "native+loaded"},
        )
    )
    counter.close()
    fields = ("cargo_type", "cargo_state", CARGO_KNOWN)
    assert {key: count for key, count in kept(database).items() if key[1] in fields} == {
        (day, "cargo_type", "mirna"): 1,
        (day, "cargo_type", "small_molecule"): 1,
        (day, "cargo_state", "native"): 1,
        (day, "cargo_state", "loaded"): 1,
        (day, CARGO_KNOWN, "known"): 1,
    }


def test_no_free_text_is_kept(database: Database, scorer: Scorer) -> None:
    counter = submissions(database, scorer.parser)
    counter.count(counted(scorer, TELLING))
    counter.close()
    found = {(field, value) for _, field, value in kept(database)}
    assert {("cancer_type", OTHER), (CARGO_KNOWN, "unknown")} <= found
    assert "secret" not in repr(found)


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.text() | st.lists(st.text()).map(tuple)),
    st.lists(st.text(), max_size=3),
)
def test_whatever_is_submitted_only_terms_are_counted_and_every_field_once_or_by_its_terms(
    values: dict[str, str | tuple[str, ...]], hows: list[str]
) -> None:
    vocabulary = Vocabulary.load()
    found = list(Categories(vocabulary).of([values.get(field) for field in FIELDS], hows))
    for field, category in found:
        admitted = {"known", "unknown"} if field == CARGO_KNOWN else set(vocabulary.names(field)) | {OTHER}
        assert category in admitted | {NOT_STATED}
    assert {field for field, _ in found} == set(COUNTED)


def test_several_workers_add_up_without_losing_any(address: str, scorer: Scorer) -> None:
    stores = [Database(address) for _ in range(4)]
    migrate.upgrade(stores[0])
    found = counted(scorer, *[GOOD] * 5)

    def work(place: int) -> None:
        counter = submissions(stores[place], scorer.parser)
        for _ in range(5):
            counter.count(found)
            counter.flush()
        counter.close()

    assert in_threads(work, len(stores)) == []
    assert kept(stores[0])[now().date().isoformat(), "cargo_type", "mirna"] == 4 * 5 * 5
    for database in stores:
        database.close()


def test_while_the_store_is_away_counts_are_kept_and_added_later(postgresql: PostgreSQL, scorer: Scorer) -> None:
    configure(Settings())
    database = Database(postgresql.database())
    migrate.upgrade(database)
    counter = submissions(database, scorer.parser)
    counter.count(counted(scorer, GOOD))
    postgresql.stop()
    try:
        with capture_logs() as told:
            counter.flush()
        counter.count(counted(scorer, GOOD))
    finally:
        postgresql.start()
    assert [line["event"] for line in told] == ["submissions are counted on in memory"]
    counter.close()
    assert kept(database)[now().date().isoformat(), "cargo_type", "mirna"] == 2
    database.close()


def test_each_day_has_its_own_count(database: Database, scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = submissions(database, scorer.parser)
    today = now()
    for days in (0, 1):
        counter.count(counted(scorer, GOOD))
        monkeypatch.setattr("service.monitoring.submissions.now", lambda days=days: today + timedelta(days=days))
        counter.flush()
    counter.close()
    counts = {day: count for (day, field, _), count in kept(database).items() if field == "cargo_type"}
    assert counts == {(today + timedelta(days=days)).date().isoformat(): 1 for days in (0, 1)}


@pytest.mark.parametrize("counted", [True, False])
def test_an_application_counts_unless_it_is_told_not_to(own_var: Path, counted: bool) -> None:
    installation = installation_of(service := create_app(Settings(var=own_var, count_submissions=counted)))
    before = kept(installation.database)
    assert service.test_client().post("/v1/scores", json={"candidates": [GOOD]}).status_code == 200
    installation.close()
    assert (kept(installation.database) != before) == counted
