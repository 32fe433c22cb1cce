"""The candidates of a file scored at once, for `exoscore score`: as one document, or as a table on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from models.candidates.warnings import ReadingWarning
from models.errors import RowError, TableError
from models.scorer import Scorer
from models.scoring.decisions import Costs
from models.scoring.ranking import Rank, reading_order
from service.batch.block_scoring import BlockProcessor
from service.batch.formats import Format, format_read
from service.batch.options import BatchSpec, Options
from service.batch.readers import open_checked
from service.batch.readers.columns import Chunk
from service.cli import output
from service.scoring.parsing import MAX_CANDIDATES
from service.scoring.serializer import ScoreSerializer, decode
from training.report.formatting import describe_cargo, describe_source

_COLUMNS = (
    "rank",
    "row",
    "id",
    "candidate",
    "prediction",
    "suppressing",
    "90 % band",
    "decision",
    "expected cost",
    "sure",
)


def score_file(
    scorer: Scorer,
    source: Path,
    fields: Sequence[str],
    strict: bool,
    costs: Costs | None,
    rank: bool,
    as_json: bool,
) -> None:
    """Prints the scores of a file, where wanted with decisions and ranks. Ends with BAD_ROWS where some rows have errors."""
    with output.report_row_faults(source, as_json, "nothing was scored"):
        try:
            candidates = _read(scorer, source)
        except OSError as error:
            output.fail(output.words_of(error))
    if not 1 <= len(candidates) <= MAX_CANDIDATES:
        output.fail(f"{source} has {len(candidates):,} candidates. Give 1 to {MAX_CANDIDATES:,}, or use exoscore batch")
    response = ScoreSerializer(scorer).respond(candidates, True, fields, strict, costs, rank)
    document = decode(response.body)
    numbered = list(enumerate(document["scores"], start=1))
    scores = [(row, score) for row, score in numbered if "label" in score]
    if as_json:
        output.print_json(document)
    else:
        if rank:
            ranks = [Rank(score["rank"], score["rank_to"]) if "rank" in score else None for _, score in scores]
            order = reading_order(ranks, [score["probability_suppressing"] for _, score in scores])
            scores = [scores[place] for place in order]
        rows = [_cells(row, score) for row, score in scores]
        names = [name for name in _COLUMNS if any(name in cells for cells in rows)]
        output.print_table(names, [[cells.get(name, "") for name in names] for cells in rows])
        for row, score in scores:
            for warning in score["warnings"]:
                output.warn(f"{source}, row {row}: {ReadingWarning(**warning)}")
    for row, problem in numbered:
        for fault in problem.get("errors", ()):
            click.echo(f"{source}, row {row}: {fault['detail']}", err=True)
    if len(scores) < len(numbered):
        sys.exit(output.BAD_ROWS)


def _read(scorer: Scorer, source: Path) -> list[dict[str, Any]]:
    """The candidates of a file as they are given. Raises TableError where a row cannot be read, OSError."""
    form = format_read(source)
    if form is None:
        raise click.UsageError(f"FILE {source} must end in .csv, .tsv, .jsonl or .parquet, or be a workbook.")
    options = Options(form, Format.JSONL)
    candidates: list[dict[str, Any]] = []
    with open_checked(BatchSpec(options, source, None), scorer.parser) as reader:
        processor = BlockProcessor(scorer, replace(options, source=reader.form), reader.headings, reader.columns)
        for block in reader.read_blocks(reader.start):
            chunk = processor.read(block)
            if chunk.unread:
                rows = ((block.begin.row + place, faults) for place, faults in sorted(chunk.unread.items()))
                raise TableError([RowError(row, fault) for row, faults in rows for fault in faults])
            candidates += _candidates(chunk)
            if len(candidates) > MAX_CANDIDATES:
                break
    return candidates


def _candidates(chunk: Chunk) -> Iterator[dict[str, Any]]:
    columns = {name: [column.values[code] for code in column.codes] for name, column in chunk.fields.items()}
    if chunk.ids is not None:
        columns["id"] = chunk.ids.to_pylist()
    for row in zip(*columns.values(), strict=True):
        stated = {name: value for name, value in zip(columns, row, strict=True) if value}
        yield {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}


def _cells(row: int, score: Mapping[str, Any]) -> dict[str, Any]:
    candidate = score["candidate"]
    described = ", ".join(
        filter(None, (describe_cargo(candidate), describe_source(candidate), candidate.get("cancer_type")))
    )
    cells = {
        "row": row,
        "id": candidate.get("id", ""),
        "candidate": described,
        "prediction": score["label"],
        "suppressing": output.format_probability(score["probability_suppressing"]),
        "90 % band": output.format_interval(score["interval"]),
    }
    if "rank" in score:
        first, last = score["rank"], score["rank_to"]
        cells["rank"] = f"{first}" if first == last else f"{first} to {last}"
    if "decision" in score:
        decision = score["decision"]
        cells["decision"] = decision["choice"]
        cells["expected cost"] = f"{decision['cost']:.4g}" if "cost" in decision else ""
        cells["sure"] = {True: "yes", False: "no"}.get(decision.get("sure"), "")
    return cells
