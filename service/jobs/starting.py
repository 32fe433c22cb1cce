"""Work is taken on: kept in the store first, so that it is done whatever happens to the queue, and then told to the workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.errors import PromotionError
from service.jobs.kinds import COMPARISON, TRAINING
from service.services import Services


def start_training(services: Services, request: Mapping[str, Any], author: str) -> str:
    """Takes on a training, as TrainingRequestSchema reads one. Returns the id of its job.

    Raises PromotionError where a promotion is to be forced without a reason.
    """
    if request["force"] and not request["reason"].strip():
        raise PromotionError("a promotion is forced only with a reason, which is kept")
    return _start(services, TRAINING, request, author)


def start_comparison(services: Services, model_id: str, author: str) -> str:
    """Takes on the question to the gate how a model compares with the current one. Returns the id of its job.

    Raises as Registry.scorer does.
    """
    services.registry.scorer(model_id)
    return _start(services, COMPARISON, {"model": model_id}, author)


def _start(services: Services, kind: str, request: Mapping[str, Any], author: str) -> str:
    job_id = services.jobs.submit(kind, request, author)
    services.queue.put(job_id)
    return job_id
