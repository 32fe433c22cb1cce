"""Drift is told where it exceeds chance, and nothing is said of too few."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from models.scorer import Scorer
from service import Settings, create_app
from service.cli import main
from service.db.database import Database
from service.db.tables import Submission, now
from service.installation import Installation
from service.monitoring.drift import MIN_SUBMISSIONS, SHOWN, FieldDrift, field_drift, submitted_since, trained_on
from service.monitoring.submissions import CARGO_KNOWN, COUNTED, NOT_STATED

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 500), min_size=1).map(Counter)


def drawn(shares: dict[str, float], size: int, seed: int) -> Counter[str]:
    counts = np.random.default_rng(seed).multinomial(size, list(shares.values()))
    return Counter(dict(zip(shares, map(int, counts), strict=True)))


def test_the_index_is_that_of_the_formula() -> None:
    found = field_drift("cargo_type", Counter(a=600, b=400), Counter(a=300, b=700))
    actual, expected = (np.array([600.5, 400.5]) / 1001, np.array([300.5, 700.5]) / 1001)
    assert found.psi == pytest.approx(((actual - expected) * np.log(actual / expected)).sum(), abs=1e-15)
    assert found.verdict == "much"


def test_draws_from_the_training_table_are_taken_for_drift_about_once_in_twenty() -> None:
    shares = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}
    verdicts = Counter(
        field_drift("cargo_type", drawn(shares, 2000, 2 * seed), drawn(shares, 400, 2 * seed + 1)).verdict
        for seed in range(400)
    )
    assert 0.02 < 1 - verdicts["none"] / verdicts.total() < 0.09


def test_the_interval_holds_the_true_index_about_nine_times_in_ten() -> None:
    submitted, trained = {"a": 0.6, "b": 0.3, "c": 0.1}, {"a": 0.3, "b": 0.3, "c": 0.4}
    truth = sum((submitted[name] - trained[name]) * np.log(submitted[name] / trained[name]) for name in submitted)
    held = 0
    for seed in range(400):
        found = field_drift("cargo_type", drawn(submitted, 1000, 2 * seed), drawn(trained, 400, 2 * seed + 1))
        assert found.interval
        held += found.interval[0] <= truth <= found.interval[1]
    assert 0.85 < held / 400 < 0.95


@given(COUNTS, COUNTS)
def test_whatever_the_counts_the_figures_are_sound(submitted: Counter[str], trained: Counter[str]) -> None:
    found = field_drift("cargo_type", submitted, trained)
    assert {one.category for one in found.unseen} == set(submitted) - set(trained)
    assert (found.verdict == "too few") == (submitted.total() < MIN_SUBMISSIONS)
    if found.verdict == "too few":
        assert (found.psi, found.interval, found.by_chance, found.over) == (None, None, None, ())
        return
    assert found.psi is not None
    assert found.interval is not None
    assert 0 <= found.interval[0] <= found.psi <= found.interval[1]
    assert len(found.over) <= SHOWN
    assert all(one.share_submitted > one.share_trained for one in found.over)
    beyond = [one.share_submitted - one.share_trained for one in found.over]
    assert beyond == sorted(beyond, reverse=True)


@given(COUNTS, st.integers(1, 5))
def test_what_is_submitted_as_it_was_trained_on_is_no_drift(trained: Counter[str], times: int) -> None:
    submitted = Counter({name: times * MIN_SUBMISSIONS * count for name, count in trained.items()})
    assert field_drift("cargo_type", submitted, trained).verdict == "none"


def test_the_training_table_counts_every_finding_once_in_every_field_of_one_term(scorer: Scorer) -> None:
    found = trained_on(scorer)
    findings = len(scorer.bundle.model.evidence)
    assert set(found) == set(COUNTED)
    assert all(found[field].total() == findings for field in set(COUNTED) - {"engineering"})
    assert found["engineering"].total() >= findings
    support = scorer.bundle.model.support.counts
    for field in ("source_cell", "cargo_type", "cargo_state"):
        assert found[field] == {value: count.findings for value, count in support[field].items()}
    assert found["cancer_type"][NOT_STATED] == findings - sum(each.findings for each in support["cancer_type"].values())
    assert found[CARGO_KNOWN]["known"] > 0.5 * findings


def test_only_the_days_that_are_asked_for_count(database: Database) -> None:
    with database.write() as session:
        for days, count in ((0, 1), (6, 10), (7, 100)):
            day = (now().date() - timedelta(days=days)).isoformat()
            session.add(Submission(day=day, field="cargo_type", value="mirna", count=count))
        session.add(Submission(day=now().date().isoformat(), field="formerly_counted", value="x", count=1))
    assert submitted_since(database, 1)["cargo_type"]["mirna"] == 1
    assert submitted_since(database, 7)["cargo_type"]["mirna"] == 11
    assert submitted_since(database, 8)["cargo_type"]["mirna"] == 111
    assert set(submitted_since(database, 8)) == set(COUNTED)


@pytest.fixture
def drifted(own_var: Path) -> Path:
    """An installation to which many loaded siRNAs of cells that training never met were submitted."""
    installation = Installation.open(Settings(var=own_var))
    with installation.database.write() as session:
        day = now().date().isoformat()
        for field, value in (("cargo_type", "sirna"), ("cargo_state", "loaded"), ("source_cell", "b_cell")):
            session.merge(Submission(day=day, field=field, value=value, count=5 * MIN_SUBMISSIONS))
    installation.close()
    return own_var


def test_the_api_and_the_command_line_tell_the_same_drift(drifted: Path) -> None:
    client = create_app(Settings(var=drifted)).test_client()
    over_http = client.get("/v1/drift?days=1").get_json()
    run = CliRunner(env={"EXOSCORE_VAR": str(drifted)})
    on_the_command_line = json.loads(run.invoke(main, ["drift", "--days", "1", "--json"]).stdout)
    assert over_http == on_the_command_line
    of = {field["field"]: field for field in over_http["fields"]}
    assert of["cargo_type"]["verdict"] == "much"
    assert of["cargo_type"]["over"][0]["category"] == "sirna"
    assert "b_cell" in [one["category"] for one in of["source_cell"]["unseen"]]
    table = run.invoke(main, ["drift", "--days", "1"]).stdout
    assert "cargo type" in table
    assert "much" in table


def test_without_a_model_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    assert create_app(Settings(var=tmp_path)).test_client().get("/v1/drift").status_code == 503
    done = CliRunner(env={"EXOSCORE_VAR": str(tmp_path)}).invoke(main, ["drift"])
    assert (done.exit_code, "exoscore train" in done.stderr) == (1, True)


def test_a_field_without_a_training_table_is_not_judged() -> None:
    found = field_drift("cargo_type", Counter(a=1000), Counter())
    assert found == FieldDrift("cargo_type", 1000, 0, "too few", None, None, None, (), found.unseen)
