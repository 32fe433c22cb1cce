"""The client: a method for each operation of the API, by the operation's own name."""

from __future__ import annotations

from exoscore_client.administration import Administration
from exoscore_client.batches import Batches
from exoscore_client.designs import DesignsApi
from exoscore_client.findings import Findings
from exoscore_client.jobs import Jobs
from exoscore_client.models import Registry
from exoscore_client.scoring import ScoringApi


class Client(ScoringApi, DesignsApi, Batches, Findings, Jobs, Registry, Administration):
    """A service of Exoscore, as `Client("http://127.0.0.1:8000", key="exo_…")`; use it in a `with`, or close it."""
