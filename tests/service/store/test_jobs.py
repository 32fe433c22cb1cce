"""A job is done by one worker at a time, and by somebody in the end; nothing that a fenced-off worker does counts."""

from __future__ import annotations

import pytest

from service.store import Store
from service.store.jobs import MAX_ATTEMPTS, Claim, Jobs, LostJobError, UnknownJobError
from service.store.tables import AuditRow
from tests.at_once import in_threads


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return Jobs(store)


def claimed(jobs: Jobs, job_id: str) -> Claim:
    claim = jobs.claim(job_id)
    assert claim is not None
    return claim


def test_a_job_is_queued_worked_on_and_done(jobs: Jobs) -> None:
    job_id = jobs.submit("training", {"seed": 3}, "anna")
    assert (jobs.get(job_id).state, jobs.queued()) == ("queued", [job_id])
    claim = claimed(jobs, job_id)
    assert (jobs.get(job_id).state, jobs.queued(), jobs.running()) == ("running", [], {claim: 0})
    jobs.report(claim, 0.5, "half")
    assert jobs.get(job_id).done == 0.5
    assert jobs.get(job_id).log[0].endswith("half")
    jobs.finish(claim, {"model": "exo"})
    job = jobs.get(job_id)
    assert (job.state, job.done, job.result, job.request, job.author) == (
        "done",
        1.0,
        {"model": "exo"},
        {"seed": 3},
        "anna",
    )
    assert job.created <= job.started <= job.finished


def test_of_many_workers_one_gets_the_job(jobs: Jobs) -> None:
    job_id = jobs.submit("training", {}, "anna")
    claims: list[Claim | None] = []
    assert in_threads(lambda _: claims.append(jobs.claim(job_id)), 8) == []
    assert len(claims) == 8
    assert [claim for claim in claims if claim] == [Claim(job_id, 1)]


def test_a_fenced_off_worker_can_neither_tell_nor_end_anything(jobs: Jobs) -> None:
    job_id = jobs.submit("training", {}, "anna")
    first = claimed(jobs, job_id)
    assert jobs.release(first, "its worker fell silent") == "queued"
    second = claimed(jobs, job_id)
    assert second.attempt == first.attempt + 1
    assert not jobs.beat(first)
    for change in (
        lambda: jobs.report(first, 0.9),
        lambda: jobs.finish(first, {}),
        lambda: jobs.fail(first, "no"),
    ):
        with pytest.raises(LostJobError):
            change()
    assert jobs.release(first, "again") == "running"
    assert jobs.beat(second)


def test_a_job_is_taken_back_only_from_a_worker_that_has_not_moved(jobs: Jobs) -> None:
    claim = claimed(jobs, jobs.submit("training", {}, "anna"))
    (beat,) = jobs.running().values()
    assert jobs.beat(claim)
    assert jobs.release(claim, "its worker fell silent", beat) == "running"
    assert jobs.release(claim, "its worker fell silent", beat + 1) == "queued"


def test_a_job_that_kills_its_workers_is_given_up(jobs: Jobs) -> None:
    job_id = jobs.submit("training", {}, "anna")
    states = [jobs.release(claimed(jobs, job_id), "killed") for _ in range(MAX_ATTEMPTS)]
    assert states == ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert "killed" in jobs.get(job_id).failure


def test_cancelling_ends_a_waiting_job_at_once_and_a_running_one_by_its_worker(jobs: Jobs, store: Store) -> None:
    waiting, running = jobs.submit("training", {}, "anna"), jobs.submit("training", {}, "anna")
    claim = claimed(jobs, running)
    assert (jobs.cancel(waiting, "ben"), jobs.cancel(running, "ben")) == ("cancelled", "running")
    assert not jobs.beat(claim)
    assert jobs.release(claim, "it was cancelled") == "cancelled"
    assert jobs.claim(waiting) is None
    assert (jobs.cancel(running, "ben"), jobs.cancel(waiting, "ben")) == ("cancelled", "cancelled")
    with store.read() as session:
        assert session.query(AuditRow).filter(AuditRow.action == "job.cancel").count() == 2


def test_an_unknown_job_is_told(jobs: Jobs) -> None:
    for ask in (jobs.get, lambda job_id: jobs.cancel(job_id, "ben")):
        with pytest.raises(UnknownJobError, match="nothing"):
            ask("nothing")
    assert jobs.claim("nothing") is None


def test_pages_show_each_job_once_the_newest_first(jobs: Jobs) -> None:
    every = [jobs.submit("training", {"seed": number}, "anna") for number in range(7)]
    seen: list[str] = []
    after = None
    while page := jobs.page(3, after=after):
        seen += [job.job_id for job in page]
        after = page[-1].created, page[-1].job_id
    assert sorted(seen) == sorted(every)
    assert jobs.count()["queued"] == 7
