"""Advice: what would improve the model most, from the findings of the database."""

from collections.abc import Mapping
from typing import Any

from models.rounding import round_numbers
from service.db.tables import Job
from service.installation import Installation
from service.jobs.comparison import Report
from training.advice import advise
from training.compute import worker_pool
from training.evaluation.assessment import STEPS
from training.evaluation.cross_validation import EvaluationPlan


def advise_on(installation: Installation, job: Job, report: Report) -> Mapping[str, Any]:
    """The advice that the stored findings give, at most `top` of each list, as the request of the job says.

    Raises ValueError where no model can be trained on them.
    """
    findings, top = installation.findings.for_training(), job.request["top"]
    report(0.0, f"Weighing {len(findings)} findings")
    with worker_pool(installation.settings.dask_address):
        advised = advise(
            findings,
            installation.registry.features,
            top,
            EvaluationPlan(seed=job.request["seed"]),
            lambda done: report(done / STEPS, ""),
        )
    return {"advice": round_numbers(advised.as_dict(top))}
