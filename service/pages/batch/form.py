"""The choices of a batch, as fields of a form."""

from collections.abc import Mapping, Sequence

from models.errors import CandidateError, FieldError
from service.batch.formats import Format
from service.batch.options import INCLUDES, KEEP_EMPTY, LEAVE_OUT
from service.batch.readers.header import read_constants, split_names
from service.errors import ParametersError
from service.jobs.batch_uploads import BatchRequest
from service.pages.forms.fields import FormField, choice_faults, make_field

SAME = "same"
REFUSE = "refuse"
SPELLED = {Format.CSV: "CSV", Format.TSV: "TSV", Format.JSONL: "JSON lines", Format.PARQUET: "Parquet"}
BAD_ROWS = (
    (KEEP_EMPTY, "stay in the result, without scores"),
    (LEAVE_OUT, "are left out of the result"),
    (REFUSE, "keep all others from being scored"),
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
    )


def make_reading(form: Mapping[str, str], faults: Sequence[FieldError] = ()) -> tuple[FormField, ...]:
    """The fields that say how the file is to be read."""
    return tuple(make_field("batch", name, form.get(name, ""), faults) for name in ("columns", "set"))


def make_fields(request: BatchRequest, faults: Sequence[FieldError] = ()) -> tuple[FormField, ...]:
    """The fields that are chosen from lists."""
    bad_rows = request.bad_rows if request.partial else REFUSE
    target = SAME if request.target is request.source else str(request.target)
    others = ((str(form), title) for form, title in SPELLED.items() if form is not request.source)
    formats = ((SAME, f"as the file: {SPELLED[request.source]}"), *others)
    return (
        make_field("batch", "bad_rows", bad_rows, faults, is_select=True, options=BAD_ROWS),
        make_field("batch", "format", target, faults, is_select=True, options=formats),
    )
