"""Trainings and other jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Unpack

from exoscore_client.errors import JobError
from exoscore_client.transport import Transport, segment
from exoscore_client.types.jobs import AdviceRequest, Job, ListJobsQuery, TrainingRequest

GOING_ON = ("queued", "running")


class Jobs(Transport):
    """What goes on behind the answers."""

    def train(self, **request: Unpack[TrainingRequest]) -> Job:
        """Trains a model on the findings of the store: a job."""
        answer: Job = self._json("POST", "/v1/trainings", body=request)
        return answer

    def advise(self, **request: Unpack[AdviceRequest]) -> Job:
        """Asks what would improve the model: a job."""
        answer: Job = self._json("POST", "/v1/advice", body=request)
        return answer

    def list_jobs(self, **query: Unpack[ListJobsQuery]) -> Iterator[Job]:
        """The jobs, the newest first, of all pages."""
        yield from self._pages("/v1/jobs", "jobs", query)

    def get_job(self, job_id: str) -> Job:
        """How a job stands."""
        answer: Job = self._json("GET", f"/v1/jobs/{segment(job_id)}")
        return answer

    def cancel_job(self, job_id: str) -> Job:
        """Asks a job to stop; one that has ended stays as it is."""
        answer: Job = self._json("POST", f"/v1/jobs/{segment(job_id)}/cancel", repeatable=True)
        return answer

    def wait_for_job(self, job_id: str, *, seconds: float = 600.0, every: float = 0.5) -> Job:
        """The job, once it is done. Raises JobError where it failed or was cancelled, TimeoutError where it goes on."""
        by = time.monotonic() + seconds
        while True:
            job = self.get_job(job_id)
            if job["state"] == "done":
                return job
            if job["state"] not in GOING_ON:
                raise JobError(job)
            if time.monotonic() >= by:
                raise TimeoutError(f"{job_id} is {job['state']} after {seconds:g} s, {job['done']:.0%} done")
            self._sleep(every)
