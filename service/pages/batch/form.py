"""The choices of a batch, as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import FieldError
from service.batch.formats import Format
from service.batch.options import INCLUDES, KEEP_EMPTY, LEAVE_OUT
from service.pages.forms.fields import FormField, faults_of

SAME = "same"
REFUSE = "refuse"
SPELLED = {Format.CSV: "CSV", Format.TSV: "TSV", Format.JSONL: "JSON lines", Format.PARQUET: "Parquet"}
BAD_ROWS = (
    (KEEP_EMPTY, "stay in the result, without scores"),
    (LEAVE_OUT, "are left out of the result"),
    (REFUSE, "keep all others from being scored"),
)


@dataclass(frozen=True, slots=True)
class BatchChoices:
    """What somebody has chosen, or what is proposed."""

    keep: bool = True
    include: tuple[str, ...] = ()
    target: str = SAME
    bad_rows: str = KEEP_EMPTY

    def query(self) -> dict[str, str]:
        """The same as a query of the API."""
        query = {"keep": str(self.keep).lower(), "partial": str(self.bad_rows != REFUSE).lower()}
        if self.bad_rows != REFUSE:
            query["bad_rows"] = self.bad_rows
        if self.include:
            query["include"] = ",".join(self.include)
        if self.target != SAME:
            query["format"] = self.target
        return query

    def fields(self, source: Format, faults: Sequence[FieldError] = ()) -> tuple[FormField, ...]:
        """The fields that are chosen from lists."""
        same = (SAME, f"as the file: {SPELLED[source]}")
        formats = (same, *((str(form), title) for form, title in SPELLED.items() if form is not source))
        return tuple(
            FormField(
                name=name, title=title, value=value, is_select=True, options=options, faults=faults_of(name, faults)
            )
            for name, title, value, options in (
                ("bad_rows", "Bad rows", self.bad_rows, BAD_ROWS),
                ("format", "Result", self.target, formats),
            )
        )


def read(form: Mapping[str, Any]) -> BatchChoices:
    """What a form that was sent says."""
    return BatchChoices(
        keep=form.get("keep") == "true",
        include=tuple(name for name in INCLUDES if form.get(name) == "true"),
        target=form.get("format", SAME),
        bad_rows=form.get("bad_rows", KEEP_EMPTY),
    )
