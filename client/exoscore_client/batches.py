"""Files of candidates: sent, scored by a job, and fetched."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Unpack

from exoscore_client.errors import ProblemError
from exoscore_client.transport import Transport, segment
from exoscore_client.types.batches import Batch, RemoveBatchQuery, SendBatchQuery

KINDS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


class Batches(Transport):
    """What is scored by the file."""

    def send_batch(self, file: Path | str, *, idempotency_key: str = "", **query: Unpack[SendBatchQuery]) -> Batch:
        """Sends a file of candidates (.csv, .tsv, .jsonl, .parquet or a workbook) to be scored: a job.

        It has the id of the batch, and is taken on once however often the connection breaks. Raises KeyError where the suffix is
        none of these.
        """
        path = Path(file)
        headers = {"Content-Type": KINDS[path.suffix.lower()], "Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        asked = {
            name: ",".join(value) if isinstance(value, list) and name != "set" else value
            for name, value in query.items()
        }
        answer: Batch = self._json(
            "POST", "/v1/batches", query=asked, content=path.read_bytes(), headers=headers, repeatable=True
        )
        return answer

    def get_batch(self, batch_id: str) -> Batch:
        """How a batch stands."""
        answer: Batch = self._json("GET", f"/v1/batches/{segment(batch_id)}")
        return answer

    def get_batch_result(self, batch_id: str) -> bytes:
        """The scores of a batch, a file in the format that was asked for."""
        return self._request("GET", f"/v1/batches/{segment(batch_id)}/result").content

    def save_batch_result(self, batch_id: str, path: Path | str) -> None:
        """Writes the scores into a file as they come, so that they need not fit into memory."""
        with self._http.stream("GET", f"/v1/batches/{segment(batch_id)}/result") as answer:
            if not answer.is_success:
                answer.read()
                raise ProblemError.of(answer)
            with Path(path).open("wb") as file:
                file.writelines(answer.iter_bytes())

    def get_batch_errors(self, batch_id: str) -> bytes:
        """The faults of the bad rows of a batch, a line of JSON for each."""
        return self._request("GET", f"/v1/batches/{segment(batch_id)}/errors").content

    def remove_batch(self, batch_id: str, **query: Unpack[RemoveBatchQuery]) -> None:
        """Removes the files of a batch, which is stopped if it has not ended."""
        self._request("DELETE", f"/v1/batches/{segment(batch_id)}", query=query)
