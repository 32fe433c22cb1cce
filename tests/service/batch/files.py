"""Files of candidates in every format, and the scores in files read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.candidates.warnings import ReadingWarning
from models.rounding import round_number, round_probability
from models.scoring.percentiles import Percentiles
from service.batch.formats import DELIMITERS, Format, format_of

Row = Mapping[str, Any]
LISTS = {one.name for one in FIELDS if one.many}
# The columns of the scores that are truth values, and those that are numbers.
TRUTHS = {"inside_domain", "agrees", "decision_sure"}
TEXTS = {"id", "label", "undetermined_because", "support", "known", "model", "prediction_set", "evidence", "warnings"}
TEXTS |= {"decision", "decision_because"}


def write(path: Path, rows: Sequence[Row], columns: Sequence[str] = tuple(FIELD_BY_NAME)) -> list[dict[str, Any]]:
    """Writes rows into a file by its suffix. Returns them as the API would be given them: as far as the format can tell."""
    form = format_of(path)
    if form is Format.JSONL:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return list(rows)  # type: ignore[arg-type]
    flat = [{name: _joined(row.get(name)) for name in columns} for row in rows]
    if form is Format.PARQUET:
        schema = pa.schema([pa.field(name, pa.string()) for name in columns])
        parquet.write_table(pa.Table.from_pylist(flat, schema), path, row_group_size=7)
        return flat
    texts = [{name: value or "" for name, value in row.items()} for row in flat]
    with path.open("w", encoding="utf-8", newline="") as file:
        if form is Format.CSV:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(texts)
        else:
            file.write("\t".join(columns) + "\n")
            file.writelines("\t".join(row.values()) + "\n" for row in texts)
    return texts


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of scores, with their values as they were before they were written."""
    form = format_of(path)
    if form is Format.PARQUET:
        found = parquet.read_table(path).to_pylist()
    elif form is Format.JSONL:
        found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    elif form is not None:
        with path.open(encoding="utf-8", newline="") as file:
            found = [
                {name: _read(name, text) for name, text in row.items()}
                for row in csv.DictReader(file, delimiter=DELIMITERS[form])
            ]
    for row in found:
        if isinstance(row.get("prediction_set"), list):
            row["prediction_set"] = ";".join(row["prediction_set"])
        if isinstance(row.get("warnings"), list):
            row["warnings"] = joined(row["warnings"])
    return found


def as_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """A score's document of the API as the row that a file has of it, with rounded numbers, but for its number and model."""
    contributions = document["contributions"]
    low, high = map(round_probability, document["interval"])
    return {
        "id": document["candidate"].get("id"),
        "label": document["label"],
        "undetermined_because": document.get("undetermined_because"),
        "support": document["support"],
        "probability_suppressing": round_probability(document["probability_suppressing"]),
        "interval_low": low,
        "interval_high": high,
        "prediction_set": ";".join(document["prediction_set"]),
        "confidence": round_number(document["confidence"]),
        "credibility": round_number(document["credibility"]),
        **{f"percentile_{among}": document["percentile"].get(among) for among in Percentiles._fields},
        "inside_domain": document["domain"]["inside"],
        "known": document["known"]["says"],
        "agrees": document["known"].get("agrees"),
        "warnings": joined(document["warnings"]),
        "baseline": round_number(contributions["baseline"]),
        **{
            f"contribution_{name}": round_number(contributions["fields"].get(name, 0.0))
            for name in ("source_cell", "source_phenotype", "cargo_state", "cargo_name", "recipient_cell")
        },
        "log_odds": round_number(contributions["log_odds"]),
    }


def joined(warnings: Sequence[Mapping[str, Any]]) -> str | None:
    """Warnings as tables have them."""
    return "; ".join(str(ReadingWarning(**warning)) for warning in warnings) or None


def _joined(value: object) -> object:
    return ";".join(value) if isinstance(value, list) else value


def _read(name: str, text: str) -> object:
    if name in TRUTHS:
        return {"true": True, "false": False, "": None}[text]
    if name in TEXTS or name.startswith("input_"):
        return text if text or name == "prediction_set" else None
    return float(text) if text else None
