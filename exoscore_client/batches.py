"""Batches: files of candidates, sent, scored by a job and fetched."""

from __future__ import annotations

import uuid
from typing import Unpack

from exoscore_client.caller import Caller, segment
from exoscore_client.shapes.batches import Batch, SendBatchQuery

CSV, TSV, JSONL = "text/csv", "text/tab-separated-values", "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"


class Batches(Caller):
    """What is scored by the file."""

    def send_batch(self, content: bytes, *, kind: str = CSV, once: str = "", **query: Unpack[SendBatchQuery]) -> Batch:
        """Sends a file of candidates to be scored: a batch, and a job of the same id to wait for.

        It is taken once however often the connection breaks; `once` is the Idempotency-Key by which a later call is known to
        be the same.
        """
        asked = {**query, "include": ",".join(query.get("include", ())) or None}
        headers = {"Content-Type": kind, "Idempotency-Key": once or uuid.uuid4().hex}
        answer: Batch = self._json(
            "POST", "/v1/batches", query=asked, content=content, headers=headers, repeatable=True
        )
        return answer

    def get_batch(self, batch_id: str) -> Batch:
        """How a batch stands."""
        answer: Batch = self._json("GET", f"/v1/batches/{segment(batch_id)}")
        return answer

    def get_batch_result(self, batch_id: str) -> bytes:
        """The scores of a batch, as a file in the format that was asked for."""
        return self._ask("GET", f"/v1/batches/{segment(batch_id)}/result").content

    def get_batch_errors(self, batch_id: str) -> bytes:
        """The faults of the bad rows of a batch, a line of JSON for each."""
        return self._ask("GET", f"/v1/batches/{segment(batch_id)}/errors").content

    def remove_batch(self, batch_id: str) -> None:
        """Removes the files of a batch, which is stopped if it has not ended."""
        self._ask("DELETE", f"/v1/batches/{segment(batch_id)}")
