"""What may be asked of a batch, as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import Fault
from service.batch.formats import Format
from service.batch.options import INCLUDES, KEEP_EMPTY, LEAVE_OUT
from service.pages.forms import Input

SAME = "same"
REFUSE = "refuse"
SPELLED = {Format.CSV: "CSV", Format.TSV: "TSV", Format.JSONL: "JSON lines", Format.PARQUET: "Parquet"}
BAD_ROWS = (
    (KEEP_EMPTY, "stay in the result, without scores"),
    (LEAVE_OUT, "are left out of the result"),
    (REFUSE, "keep all others from being scored"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody has chosen, or what is proposed."""

    keep: bool = True
    include: tuple[str, ...] = ()
    target: str = SAME
    bad_rows: str = KEEP_EMPTY

    def query(self) -> dict[str, str]:
        """The same as a query of the API."""
        found = {"keep": str(self.keep).lower(), "partial": str(self.bad_rows != REFUSE).lower()}
        if self.bad_rows != REFUSE:
            found["bad_rows"] = self.bad_rows
        if self.include:
            found["include"] = ",".join(self.include)
        if self.target != SAME:
            found["format"] = self.target
        return found

    def inputs(self, source: Format, faults: Sequence[Fault] = ()) -> tuple[Input, ...]:
        """The fields that are chosen from lists."""
        same = (SAME, f"as the file: {SPELLED[source]}")
        formats = (same, *((str(form), title) for form, title in SPELLED.items() if form is not source))
        return tuple(
            Input(
                name=name,
                title=title,
                value=value,
                chosen=True,
                options=options,
                faults=tuple(fault for fault in faults if fault.field == name),
            )
            for name, title, value, options in (
                ("bad_rows", "Bad rows", self.bad_rows, BAD_ROWS),
                ("format", "Result", self.target, formats),
            )
        )


def read(form: Mapping[str, Any]) -> Chosen:
    """What a form that was sent says."""
    return Chosen(
        keep=form.get("keep") == "true",
        include=tuple(name for name in INCLUDES if form.get(name) == "true"),
        target=form.get("format", SAME),
        bad_rows=form.get("bad_rows", KEEP_EMPTY),
    )
