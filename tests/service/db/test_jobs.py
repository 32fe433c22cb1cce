"""A job is done by one worker at a time, and by somebody in the end; nothing that a fenced-off worker does counts."""

from __future__ import annotations

import pytest

from service.db.database import Database
from service.db.jobs import MAX_ATTEMPTS, JobRepository, Lease
from service.db.tables import AuditRow
from service.errors import LostJobError, UnknownJobError
from tests.threads import in_threads


@pytest.fixture
def jobs(database: Database) -> JobRepository:
    return JobRepository(database)


def leased(jobs: JobRepository, job_id: str) -> Lease:
    lease = jobs.lease(job_id)
    assert lease is not None
    return lease


def test_a_job_is_queued_worked_on_and_done(jobs: JobRepository) -> None:
    job_id = jobs.submit("training", {"seed": 3}, "anna")
    assert (jobs.get(job_id).state, jobs.queued()) == ("queued", [job_id])
    lease = leased(jobs, job_id)
    assert (jobs.get(job_id).state, jobs.queued(), jobs.running()) == ("running", [], {lease: 0})
    jobs.report(lease, 0.5, "half")
    assert jobs.get(job_id).done == 0.5
    assert jobs.get(job_id).log[0].endswith("half")
    jobs.finish(lease, {"model": "exo"})
    job = jobs.get(job_id)
    assert (job.state, job.done, job.result, job.request, job.author) == (
        "done",
        1.0,
        {"model": "exo"},
        {"seed": 3},
        "anna",
    )
    assert job.created <= job.started <= job.finished


def test_of_many_workers_one_gets_the_job(jobs: JobRepository) -> None:
    job_id = jobs.submit("training", {}, "anna")
    leases: list[Lease | None] = []
    assert in_threads(lambda _: leases.append(jobs.lease(job_id)), 8) == []
    assert len(leases) == 8
    assert [lease for lease in leases if lease] == [Lease(job_id, 1)]


def test_a_fenced_off_worker_can_neither_tell_nor_end_anything(jobs: JobRepository) -> None:
    job_id = jobs.submit("training", {}, "anna")
    first = leased(jobs, job_id)
    assert jobs.release(first, "Its worker stopped responding") == "queued"
    second = leased(jobs, job_id)
    assert second.attempt == first.attempt + 1
    assert not jobs.heartbeat(first)
    for change in (
        lambda: jobs.report(first, 0.9),
        lambda: jobs.finish(first, {}),
        lambda: jobs.fail(first, "no"),
    ):
        with pytest.raises(LostJobError):
            change()
    assert jobs.release(first, "again") == "running"
    assert jobs.heartbeat(second)


def test_a_job_is_taken_back_only_from_a_worker_that_has_not_moved(jobs: JobRepository) -> None:
    lease = leased(jobs, jobs.submit("training", {}, "anna"))
    (beat,) = jobs.running().values()
    assert jobs.heartbeat(lease)
    assert jobs.release(lease, "Its worker stopped responding", beat) == "running"
    assert jobs.release(lease, "Its worker stopped responding", beat + 1) == "queued"


def test_a_job_that_kills_its_workers_is_given_up(jobs: JobRepository) -> None:
    job_id = jobs.submit("training", {}, "anna")
    states = [jobs.release(leased(jobs, job_id), "killed") for _ in range(MAX_ATTEMPTS)]
    assert states == ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert "killed" in jobs.get(job_id).failure


def test_cancelling_ends_a_waiting_job_at_once_and_a_running_one_by_its_worker(
    jobs: JobRepository, database: Database
) -> None:
    waiting, running = jobs.submit("training", {}, "anna"), jobs.submit("training", {}, "anna")
    lease = leased(jobs, running)
    assert (jobs.cancel(waiting, "ben"), jobs.cancel(running, "ben")) == ("cancelled", "running")
    assert not jobs.heartbeat(lease)
    assert jobs.release(lease, "It was cancelled") == "cancelled"
    assert jobs.lease(waiting) is None
    assert (jobs.cancel(running, "ben"), jobs.cancel(waiting, "ben")) == ("cancelled", "cancelled")
    with database.read() as session:
        assert session.query(AuditRow).filter(AuditRow.action == "job.cancel").count() == 2


def test_an_unknown_job_is_told(jobs: JobRepository) -> None:
    for ask in (jobs.get, lambda job_id: jobs.cancel(job_id, "ben")):
        with pytest.raises(UnknownJobError, match="nothing"):
            ask("nothing")
    assert jobs.lease("nothing") is None


def test_pages_show_each_job_once_the_newest_first(jobs: JobRepository) -> None:
    every = [jobs.submit("training", {"seed": number}, "anna") for number in range(7)]
    seen: list[str] = []
    after = ""
    while page := jobs.page(3, after=after):
        seen += [job.job_id for job in page]
        after = page[-1].job_id
    assert sorted(seen) == sorted(every)
    assert jobs.count()["queued"] == 7
