"""A file of candidates scored by two models: what each predicts of every row, and where they differ."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME
from models.columnar.scorer import LABELS, BatchScorer
from models.errors import TableError
from models.rounding import round_number
from models.scorer import Scorer
from service.batch.block_scoring import BlockProcessor
from service.batch.chunk_scoring import ChunkScorer
from service.batch.errors import table_error
from service.batch.formats import Format
from service.batch.options import BatchSpec, Options
from service.batch.readers import open_checked
from service.batch.readers.columns import Chunk
from service.errors import CandidateTableError
from training.data.tabular import format_rows

# How many rows a request may have, and how many bytes are unpacked of what it sends.
MAX_ROWS, MAX_UNPACKED_BYTES = 10_000, 64 * 1024 * 1024
_PREDICTED = ("label", "probability_suppressing")


def request_spec(form: Format, content: bytes, sheet: str = "") -> BatchSpec:
    """How the content of a request is read. Workbooks are read as CSV."""
    options = Options(source=form, target=Format.CSV, sheet=sheet)
    return BatchSpec(options, source=None, target=None, stdin=BytesIO(content), most_bytes=MAX_UNPACKED_BYTES)


def compare_on_file(model: Scorer, other: Scorer, spec: BatchSpec, most_rows: int | None = None) -> dict[str, Any]:
    """What two models predict of the candidates of a file, in its order, ready for JSON; rows with errors are listed apart.

    Raises CandidateTableError where the file cannot be read, or has more than `most_rows` rows; OSError.
    """
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    rows = 0
    try:
        with open_checked(spec, model.parser) as reader:
            options = replace(spec.options, source=reader.form)
            processor = BlockProcessor(model, options, reader.headings, reader.columns)
            scorers = [ChunkScorer(BatchScorer(each), options) for each in (model, other)]
            for block in reader.read_blocks(reader.start):
                rows += block.rows
                if most_rows is not None and rows > most_rows:
                    raise table_error(0, "too_many", f"Send at most {most_rows:,} rows at once")
                chunk = processor.read(block)
                scored = [each.score(chunk, block.begin.row) for each in scorers]
                errors += processor.error_documents(block, chunk, scored[0].faults)
                compared = zip(*(each.table.select(["row", *_PREDICTED]).to_pylist() for each in scored), strict=True)
                stated = dict(zip(chunk.places.tolist(), _stated(chunk), strict=True))
                for own, others in compared:
                    results.append(_result(own, others, stated[own["row"] - block.begin.row]))
            remarks = list(reader.remarks)
    except TableError as error:
        raise CandidateTableError(error.faults) from error
    changed = [result for result in results if result["changed"]]
    return {
        "model": model.bundle.id,
        "other": other.bundle.id,
        "rows": rows,
        "compared": len(results),
        "changed": len(changed),
        "largest_change": round_number(max((abs(_change(result)) for result in results), default=0.0)),
        "labels": _count(result["label"] for result in results),
        "other_labels": _count(result["other_label"] for result in results),
        "remarks": remarks,
        "errors": errors,
        "results": results,
    }


def changed_most(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows with another prediction, the largest change of the probability first."""
    return sorted((each for each in document["results"] if each["changed"]), key=lambda each: -abs(_change(each)))


def comparison_table(document: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a CSV of the rows of a comparison, in their order; each names both models."""
    fields = [name for name in FIELD_BY_NAME if any(name in each["candidate"] for each in document["results"])]
    predicted = ("label", "other_label", "probability_suppressing", "other_probability_suppressing", "changed")
    rows = (
        {
            "row": str(each["row"]),
            **{name: value if isinstance(value, str) else ";".join(map(str, value)) for name, value in stated.items()},
            **{name: str(each[name]) for name in predicted[:4]},
            "changed": "true" if each["changed"] else "false",
            "model": document["model"],
            "other": document["other"],
        }
        for each in document["results"]
        for stated in (each["candidate"],)
    )
    lines = format_rows(rows, ("row", *fields, *predicted, "model", "other"), by_commas=True)
    # A value may hold what UTF-8 cannot, such as half of a surrogate pair.
    return (line.encode("utf-8", "backslashreplace").decode() for line in lines)


def error_faults(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with each row that has errors, in a line."""
    return [
        "".join(
            (
                f"line {each['line']}" if each["line"] else f"row {each['row']}",
                f", column {each['field']}" if each["field"] else "",
                f": {each['detail']}",
            )
        )
        for each in document["errors"]
    ]


def _stated(chunk: Chunk) -> Iterator[dict[str, Any]]:
    """What each row that was read states of its candidate, as it was written."""
    ids = chunk.ids.to_pylist() if chunk.ids is not None else [None] * len(chunk.places)
    for place, candidate_id in enumerate(ids):
        values = {name: column.values[column.codes[place]] for name, column in chunk.fields.items()}
        stated = {"id": candidate_id, **values}
        yield {name: value for name, value in stated.items() if value}


def _result(own: Mapping[str, Any], others: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "row": own["row"],
        "candidate": stated,
        **{name: own[name] for name in _PREDICTED},
        **{f"other_{name}": others[name] for name in _PREDICTED},
        "changed": own["label"] != others["label"],
    }


def _change(result: Mapping[str, Any]) -> float:
    change: float = result["probability_suppressing"] - result["other_probability_suppressing"]
    return change


def _count(labels: Iterator[str]) -> dict[str, int]:
    return {**dict.fromkeys(LABELS, 0), **Counter(labels)}
