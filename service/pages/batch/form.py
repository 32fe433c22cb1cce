"""The choices of a batch, as fields of a form, and what a file of candidates may hold."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.errors import CandidateError, FieldError
from models.scoring.decisions import COST_FIELDS, Costs, CostsError
from models.vocabulary.vocabulary import Vocabulary
from service.batch.formats import Format
from service.batch.options import INCLUDES, KEEP_EMPTY, LEAVE_OUT
from service.batch.readers.header import read_constants, split_names
from service.errors import ParametersError
from service.jobs.batch_uploads import BatchRequest
from service.pages.forms.fields import FormField, choice_faults, make_field
from service.pages.score.examples import COMPARISON, EXAMPLES
from service.scoring.query_string import Given

SAME = "same"
REFUSE = "refuse"
_MAX_LISTED, _MAX_EXAMPLES = 25, 8
# Terms that say more of a field with many than the first of its table.
_EXAMPLES_OF = {
    "cancer_type": ("gastric cancer", "hepatocellular carcinoma", "melanoma", "glioma"),
    "source_phenotype": ("M1", "M2", "TAM", "CAF", "bone_marrow", "unspecified"),
}
SPELLED = {Format.CSV: "CSV", Format.TSV: "TSV", Format.JSONL: "JSON lines", Format.PARQUET: "Parquet"}
BAD_ROWS = (
    (KEEP_EMPTY, "keep in the result, without a score"),
    (LEAVE_OUT, "leave out of the result"),
    (REFUSE, "score nothing if there are any"),
)


def read(source: Format, form: Mapping[str, str]) -> BatchRequest:
    """How a file in the format `source` is to be scored, by a form that was sent. Raises ParametersError where something was
    chosen that the form does not offer."""
    bad_rows, target = form.get("bad_rows", KEEP_EMPTY), form.get("format", SAME)
    faults = choice_faults("bad_rows", bad_rows, tuple(dict(BAD_ROWS)))
    faults += choice_faults("format", target, (SAME, *map(str, Format)))
    try:
        constants = read_constants(list(filter(None, map(str.strip, form.get("set", "").split("|")))))
    except CandidateError as error:
        faults += error.faults
    costs = None
    try:
        costs = Costs.parse({name: form.get(name, "").strip() for name in COST_FIELDS})
    except CostsError as error:
        faults += error.faults
    if faults:
        raise ParametersError(faults)
    return BatchRequest(
        source=source,
        target=source if target == SAME else Format(target),
        include=tuple(name for name in INCLUDES if form.get(name) == "true"),
        keep=form.get("keep") == "true",
        bad_rows=LEAVE_OUT if bad_rows == REFUSE else bad_rows,
        partial=bad_rows != REFUSE,
        model="",
        sheet=form.get("sheet", "").strip(),
        strict=form.get("strict") == "true",
        columns=split_names(form.get("columns", "")),
        constants=constants,
        costs=costs,
        rank=form.get("rank") == "true",
    )


def make_reading(form: Mapping[str, str], faults: Sequence[FieldError] = ()) -> tuple[FormField, ...]:
    """The fields that say how the file is to be read."""
    return tuple(make_field("batch", name, form.get(name, ""), faults) for name in ("columns", "set"))


def make_fields(request: BatchRequest, faults: Sequence[FieldError] = ()) -> tuple[FormField, ...]:
    """The fields that are chosen from lists."""
    bad_rows = request.bad_rows if request.partial else REFUSE
    target = SAME if request.target is request.source else str(request.target)
    others = ((str(form), title) for form, title in SPELLED.items() if form is not request.source)
    formats = ((SAME, f"same as the file: {SPELLED[request.source]}"), *others)
    return (
        make_field("batch", "bad_rows", bad_rows, faults, is_select=True, options=BAD_ROWS),
        make_field("batch", "format", target, faults, is_select=True, options=formats),
    )


def make_costs(form: Mapping[str, str], faults: Sequence[FieldError] = ()) -> tuple[FormField, ...]:
    """The fields of what decisions cost."""
    return tuple(make_field("costs", name, form.get(name, ""), faults) for name in COST_FIELDS)


def make_columns(vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The columns that a file may have: the field of each, every value that it admits, or where those are many, some."""
    columns = []
    for field in FIELDS:
        names = vocabulary.names(field.name) if field.controlled else ()
        listed = names if len(names) <= _MAX_LISTED else _EXAMPLES_OF.get(field.name, names[:_MAX_EXAMPLES])
        columns.append({"field": field, "values": listed, "is_whole": len(names) <= _MAX_LISTED})
    return columns


def template_file() -> bytes:
    """A file of candidates with a header alone."""
    return _table([])


def example_file() -> bytes:
    """A file of candidates to try, with a header."""
    candidates = [*COMPARISON, *(candidate for _, candidate in EXAMPLES)]
    return _table([{"id": f"example-{number}", **each} for number, each in enumerate(candidates, start=1)])


def _table(rows: Sequence[Given]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(FIELD_BY_NAME), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    # With a mark by which spreadsheets know UTF-8.
    return file.getvalue().encode("utf-8-sig")
