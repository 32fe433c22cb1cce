"""A client of Exoscore's API, typed after its document. It needs nothing of Exoscore itself, and of others only httpx."""

from __future__ import annotations

from exoscore_client.client import Client
from exoscore_client.errors import JobError, ProblemError

__all__ = ["Client", "JobError", "ProblemError"]
