"""Files of candidates: sent, looked after, fetched and removed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Unpack

from exoscore_client.caller import Caller, segment
from exoscore_client.problem import ProblemError
from exoscore_client.shapes.batches import Batch, SendBatchQuery

CSV, TSV, JSONL, PARQUET = (
    "text/csv",
    "text/tab-separated-values",
    "application/x-ndjson",
    "application/vnd.apache.parquet",
)


class Batches(Caller):
    """Whole files at once."""

    def send_batch(self, content: bytes, kind: str = CSV, *, once: str = "", **query: Unpack[SendBatchQuery]) -> Batch:
        """Sends a file of candidates to be scored; `wait_for_job` waits for it by its id.

        `kind` is its media type: CSV, TSV, JSONL or PARQUET. It is taken once however often the connection breaks; `once` is
        the Idempotency-Key by which a later call is known to be the same, and by default one is made.
        """
        headers = {"Content-Type": kind, "Idempotency-Key": once or uuid.uuid4().hex}
        asked: dict[str, Any] = dict(query)
        if "include" in query:
            asked["include"] = ",".join(query["include"])
        answer: Batch = self._json(
            "POST", "/v1/batches", query=asked, content=content, headers=headers, repeatable=True
        )
        return answer

    def get_batch(self, batch_id: str) -> Batch:
        """How a batch stands."""
        answer: Batch = self._json("GET", f"/v1/batches/{segment(batch_id)}")
        return answer

    def get_batch_result(self, batch_id: str) -> bytes:
        """The scores, as a file in the format that was asked for."""
        return self._ask("GET", f"/v1/batches/{segment(batch_id)}/result").content

    def save_batch_result(self, batch_id: str, path: Path) -> None:
        """Writes the scores into a file as they come, so that they need not fit into memory."""
        with self._http.stream("GET", f"/v1/batches/{segment(batch_id)}/result") as answer:
            if not answer.is_success:
                answer.read()
                raise ProblemError.of(answer)
            with path.open("wb") as file:
                file.writelines(answer.iter_bytes())

    def get_batch_errors(self, batch_id: str) -> Iterator[dict[str, Any]]:
        """The faults of the bad rows."""
        for line in self._ask("GET", f"/v1/batches/{segment(batch_id)}/errors").text.splitlines():
            yield json.loads(line)

    def remove_batch(self, batch_id: str) -> None:
        """Removes the files of a batch, which is stopped if it has not ended."""
        self._ask("DELETE", f"/v1/batches/{segment(batch_id)}")
