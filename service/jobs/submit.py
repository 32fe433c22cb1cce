"""Jobs are submitted: queued in the database, where the workers find them."""

from collections.abc import Mapping
from typing import Any

from service.db.audit_log import check_reason
from service.installation import Installation
from service.jobs.kinds import COMPARISON, TRAINING


def submit_training(installation: Installation, request: Mapping[str, Any], author: str) -> str:
    """Submits a training, as TrainingRequestSchema reads one. Returns the id of its job.

    Raises ReasonError where a promotion is to be forced without a reason.
    """
    if request["force"]:
        check_reason(request["reason"])
    return installation.jobs.submit(TRAINING, request, author)


def submit_comparison(installation: Installation, model_id: str, author: str) -> str:
    """Submits a comparison of a model with the current one by the gate. Returns the id of its job.

    Raises as ModelRegistry.scorer does.
    """
    installation.registry.scorer(model_id)
    return installation.jobs.submit(COMPARISON, {"model": model_id}, author)
