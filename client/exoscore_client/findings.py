"""Findings: added, found, corrected, retracted and exported."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Unpack

from exoscore_client.transport import Transport, segment
from exoscore_client.types.findings import (
    Added,
    Conflict,
    ExportBibtexQuery,
    ExportCslQuery,
    ExportCsvQuery,
    ExportPackageQuery,
    ExportRisQuery,
    ExportTsvQuery,
    Finding,
    FindingChange,
    FindingChanges,
    FindingColumns,
    History,
    ListConflictsQuery,
    SearchFindingsQuery,
)

CSV, TSV = "text/csv", "text/tab-separated-values"


class Findings(Transport):
    """What is curated."""

    def add_findings(
        self, findings: Sequence[FindingColumns], *, held_out: bool = False, idempotency_key: str = ""
    ) -> Added:
        """Adds findings, all of them or none.

        They are added once however often the connection breaks. By the `idempotency_key` a later call is known to be the same, as
        after a restart of the caller; by default one is made.
        """
        body = {"findings": list(findings), "held_out": held_out}
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        answer: Added = self._json("POST", "/v1/findings", body=body, headers=headers, repeatable=True)
        return answer

    def add_table(
        self,
        table: str | bytes,
        *,
        kind: str = CSV,
        held_out: bool = False,
        sheet: str = "",
        idempotency_key: str = "",
    ) -> Added:
        """Adds the findings of a table (CSV, TSV, or a `sheet` of a workbook), its header first, as add_findings does."""
        headers = {"Content-Type": kind, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        query = {"held_out": held_out or None, "sheet": sheet or None}
        content = table.encode() if isinstance(table, str) else table
        answer: Added = self._json(
            "POST", "/v1/findings", query=query, content=content, headers=headers, repeatable=True
        )
        return answer

    def search_findings(self, **query: Unpack[SearchFindingsQuery]) -> Iterator[Finding]:
        """The findings that fit, in the order in which they were added; `limit` is of one page, of which all are gone through."""
        yield from self._pages("/v1/findings", "findings", query)

    def get_finding(self, finding_id: str) -> Finding:
        """A finding as it stands."""
        answer: Finding = self._json("GET", f"/v1/findings/{segment(finding_id)}")
        return answer

    def get_history(self, finding_id: str) -> History:
        """Every state that a finding was ever in, the first one first."""
        answer: History = self._json("GET", f"/v1/findings/{segment(finding_id)}/history")
        return answer

    def change_finding(self, finding_id: str, change: FindingChange, *, revision: int | None = None) -> Finding:
        """Changes a finding, if `revision` is its newest (412 if not); without one, whatever it has become."""
        headers = {"If-Match": "*" if revision is None else f'"{revision}"'}
        answer: Finding = self._json("PATCH", f"/v1/findings/{segment(finding_id)}", body=change, headers=headers)
        return answer

    def correct_finding(
        self, finding_id: str, changes: FindingChanges, *, reason: str, revision: int | None = None
    ) -> Finding:
        """Changes columns of a finding; null takes one out."""
        return self.change_finding(finding_id, {"changes": changes, "reason": reason}, revision=revision)

    def retract_finding(self, finding_id: str, reason: str, *, revision: int | None = None) -> Finding:
        """Retracts a finding, so that nothing is learned from it any more."""
        return self.change_finding(finding_id, {"retracted": True, "reason": reason}, revision=revision)

    def restore_finding(self, finding_id: str, *, reason: str, revision: int | None = None) -> Finding:
        """Puts a retracted finding back."""
        return self.change_finding(finding_id, {"retracted": False, "reason": reason}, revision=revision)

    def export_csv(self, **query: Unpack[ExportCsvQuery]) -> str:
        """The findings that fit, as comma-separated values in the corpus' own format."""
        return self._request("GET", "/v1/findings.csv", query=query).text

    def export_tsv(self, **query: Unpack[ExportTsvQuery]) -> str:
        """The findings that fit, as tab-separated values in the corpus' own format."""
        return self._request("GET", "/v1/findings.tsv", query=query).text

    def export_bibtex(self, **query: Unpack[ExportBibtexQuery]) -> str:
        """The papers of the findings that fit, as BibTeX."""
        return self._request("GET", "/v1/findings.bib", query=query).text

    def export_ris(self, **query: Unpack[ExportRisQuery]) -> str:
        """The papers of the findings that fit, as RIS."""
        return self._request("GET", "/v1/findings.ris", query=query).text

    def export_csl(self, **query: Unpack[ExportCslQuery]) -> str:
        """The papers of the findings that fit, as CSL-JSON."""
        return self._request("GET", "/v1/findings.csl", query=query).text

    def export_package(self, **query: Unpack[ExportPackageQuery]) -> bytes:
        """The findings that fit with the vocabulary and the cargo roles: a zip file that Croissant and Frictionless load."""
        return self._request("GET", "/v1/findings.zip", query=query).content

    def list_conflicts(self, **query: Unpack[ListConflictsQuery]) -> Iterator[Conflict]:
        """The pairs of active findings that contradict each other, of all pages."""
        yield from self._pages("/v1/conflicts", "conflicts", query)
