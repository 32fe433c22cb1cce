"""Writes the reference of the manual from the code while MkDocs builds it: API, command line, settings and file formats.

Nothing of it is stored, so it cannot be out of date. MkDocs calls `on_files` (`hooks` in mkdocs.yml).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from models.candidates.candidate import FIELDS, FieldSpec
from models.columnar.table import decoded_type
from models.scoring.decisions import Costs
from models.vocabulary.vocabulary import Vocabulary
from service import Settings, create_app
from service.batch.formats import Format
from service.batch.options import CONTRIBUTIONS, EVIDENCE, Options
from service.batch.writers.schema import file_types
from service.cli import main
from service.settings import SETTINGS
from training.data.findings import COLUMNS, LIST_COLUMNS, REQUIRED_COLUMNS

METHODS = ("get", "post", "put", "patch", "delete")
# Of fields with more terms than this, the page names a few and says where all of them are.
FEW_TERMS = 25
SCORE_COLUMNS = {
    "row": "The number of the row in the input, from 1.",
    "label": "The prediction: suppressing, promoting or undetermined.",
    "support": "How well the prediction is supported: strong, moderate, weak (undetermined) or none (outside the domain).",
    "undetermined_because": "Why the prediction is undetermined: domain, conflict or both_possible. Otherwise empty.",
    "probability_suppressing": "The calibrated probability that the candidate suppresses the tumour, 0.0001 to 0.9999.",
    "interval_low": "The lower end of the 90 % band of the probability.",
    "interval_high": "The upper end of the 90 % band of the probability.",
    "prediction_set": "The effects that could not be ruled out, joined by `;` (a list in JSON).",
    "confidence": "How firmly the less likely effect is ruled out, 0 to 1.",
    "credibility": "How typical the candidate is for its more likely effect, 0 to 1.",
    "percentile_of_all": "The percentage of curated findings with a lower score.",
    "percentile_of_cargo_type": "The same among findings of its cargo type. Empty where there are none.",
    "percentile_of_cancer_type": "The same among findings in its cancer type. Empty where there are none.",
    "percentile_of_source_cell": "The same among findings on its source cell. Empty where there are none.",
    "inside_domain": "Whether the candidate is inside the domain of the model.",
    "known": "What papers report of this source and cargo: nothing, suppressing, promoting or contradictory.",
    "agrees": "Whether the prediction agrees with those papers. Empty where they report nothing.",
    "warnings": "What was not understood as written, what was done instead, and the nearest names.",
    "model": "The id of the model.",
    "baseline": "The log-odds of suppressing before anything is known of the candidate.",
    "log_odds": "The sum of the baseline and all contributions.",
    "decision": "With costs: the choice that costs least in expectation, suppressing, promoting or undetermined.",
    "decision_because": "Why: least_cost, domain (outside the domain) or tie (both effects cost the same).",
    "decision_cost": "What the decision costs in expectation, in the unit of the costs. Empty where that cannot be said.",
    "decision_sure": "Whether the decision is the same over the whole 90 % band. Empty outside the domain.",
    "rank": "With `--rank`: one more than the number of rows whose 90 % band lies wholly above. Empty outside the domain.",
    "rank_to": "With `--rank`: the number of ranked rows less those whose 90 % band lies wholly below.",
    "evidence": "The most similar findings, as `FINDING=SIMILARITY` joined by `;` (documents in JSON).",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages to those that are in the folder."""
    for name, page in {
        "api": api_page(),
        "command-line": command_line_page(),
        "settings": settings_page(),
        "file-formats": file_formats_page(),
    }.items():
        files.append(File.generated(config, f"reference/{name}.md", content=page))
    return files


def api_page() -> str:
    """Every operation, its parameters and its answers, from the OpenAPI document."""
    with tempfile.TemporaryDirectory() as var:
        app = create_app(Settings(var=Path(var), log_level="error"))
        document = app.test_client().get("/openapi.json").get_json()
    lines = [
        "# API",
        "",
        "Every operation of the HTTP API. [The interactive page](/docs) has all fields and sends requests;",
        "[the OpenAPI document](/openapi.json) is for programs. There are [examples](../how-to/use-over-http.md).",
        "",
    ]
    for tag in document["tags"]:
        lines += [f"## {tag['name'].capitalize()}", "", tag["description"], ""]
        for path, operations in document["paths"].items():
            for method in METHODS:
                if tag["name"] in operations.get(method, {}).get("tags", ()):
                    lines += _operation(f"{method.upper()} {path}", operations[method])
    return "\n".join(lines)


def _operation(heading: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### `{heading}`", "", operation["summary"], "", operation.get("description", ""), "")
    if parameters := [parameter for parameter in operation.get("parameters", ()) if "name" in parameter]:
        rows = [(f"`{each['name']}`", each["in"], _cell(each.get("description", ""))) for each in parameters]
        yield from _table(("parameter", "in", "meaning"), rows)
    statuses = sorted(operation["responses"])
    yield from (f"Status: {', '.join(statuses)}. In the Python client: `Client.{operation['operationId']}`.", "")


def command_line_page() -> str:
    """Every command with its help, as the command itself prints it."""
    lines = [
        "# Command line",
        "",
        "Commands are run as `.venv/bin/exoscore`, or as `exoscore` once `. .venv/bin/activate` was run. The exit status is",
        "0 (done), 1 (failed), 2 (wrong usage) or 3 (done, and some rows have errors).",
        "",
    ]
    for names, command in _commands(("exoscore",), main):
        level = min(len(names) + 1, 4)
        context = click.Context(command, info_name=" ".join(names), terminal_width=80, max_content_width=80)
        lines += [f"{'#' * level} {' '.join(names)}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines)


def _commands(names: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _commands((*names, name), child)


def settings_page() -> str:
    """The settings."""
    rows = [
        (
            f"`{setting.variable}`",
            setting.wanted,
            f"`{setting.default}`" if f"{setting.default}" else "",
            _cell(setting.help),
        )
        for setting in SETTINGS
    ]
    introduction = (
        "Each setting is an environment variable, and an option of `exoscore serve` by the same name. `--var` is an option of "
        "every command. A malformed or unknown setting stops the start with a message that names it."
    )
    return "\n".join(["# Settings", "", introduction, "", *_table(("variable", "type", "default", "meaning"), rows)])


def file_formats_page() -> str:
    """The columns of candidates, scores and findings."""
    vocabulary = Vocabulary.load()
    lines = ["# File formats", ""]
    lines += [
        "Tables are CSV, TSV, JSON Lines (an object on each line), Parquet, or workbooks (`.xlsx`, `.xlsm`, `.xlsb`,",
        "`.xls`, `.ods`).",
        "The same fields stand in JSON and in files. Fields that hold several terms join them by `;`.",
        "",
        "## Candidates",
        "",
        "The fields of a candidate: columns of a file, members of `candidates` in JSON, options of `exoscore score`.",
        "",
    ]
    lines += _table(
        ("field", "meaning", "required", "several", "terms"),
        [
            (
                f"`{field.name}`",
                _cell(field.help),
                "yes" if field.required else f"no{f' ({field.default})' if field.default else ''}",
                "yes" if field.many else "",
                _terms(vocabulary, field),
            )
            for field in FIELDS
        ],
    )
    plain = Options(Format.CSV, Format.CSV)
    everything = replace(plain, include=(CONTRIBUTIONS, EVIDENCE), costs=Costs(1, 1), rank=True)
    plain, included = file_types(plain), file_types(everything)
    lines += [
        "## Scores",
        "",
        "The columns of the output of `exoscore batch`, after `id` and the columns of yours.",
        "",
    ]
    lines += _table(
        ("column", "type", "meaning"),
        [(f"`{name}`", str(decoded_type(kind)), _score_column(name)) for name, kind in plain.items()],
    )
    lines += ["With `--include contributions` and `--include evidence`, also:", ""]
    lines += _table(
        ("column", "type", "meaning"),
        [(f"`{name}`", str(kind), _score_column(name)) for name, kind in included.items() if name not in plain],
    )
    lines += ["## Findings", "", "The columns of a table of findings.", ""]
    meanings = _finding_columns()
    lines += _table(
        ("column", "meaning", "required", "several"),
        [
            (
                f"`{name}`",
                _cell(meanings[name]),
                "yes" if name in REQUIRED_COLUMNS else "",
                "yes" if name in LIST_COLUMNS else "",
            )
            for name in COLUMNS
        ],
    )
    for field in ("effect", "grade", "evidence", "mechanism", "processes"):
        lines += [f"### Terms of {field}", ""]
        lines += _table(
            ("term", "meaning"), [(f"`{term.name}`", _cell(term.definition)) for term in vocabulary.terms(field)]
        )
    return "\n".join(lines)


def _score_column(name: str) -> str:
    if field := name.removeprefix("contribution_") if name.startswith("contribution_") else "":
        return f"What {field} adds to the log-odds of suppressing."
    return SCORE_COLUMNS[name]


def _finding_columns() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as var:
        app = create_app(Settings(var=Path(var), log_level="error"))
        schemas = app.test_client().get("/openapi.json").get_json()["components"]["schemas"]
    return {name: schema.get("description", "") for name, schema in schemas["FindingColumns"]["properties"].items()}


def _terms(vocabulary: Vocabulary, field: FieldSpec) -> str:
    if not field.controlled:
        return ""
    names = [f"`{name}`" for name in vocabulary.names(field.name)]
    if len(names) <= FEW_TERMS:
        return ", ".join(names)
    return f"{', '.join(names[:5])} … ([all {len(names)}](/v1/vocabulary?field={field.name}))"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)] + [""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Gives screen readers what Material leaves out: names of the search and of the sections, and tables that can be scrolled
    by keyboard."""

    def name_section(match: re.Match[str]) -> str:
        (title,) = config.nav[int(match[1]) - 1]
        return f'aria-label="{title}"'

    output = re.sub(r'aria-labelledby="__nav_(\d+)_label"', name_section, output)
    output = output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
    return output.replace("<table>", '<table tabindex="0">').replace("<th></th>", "<td></td>")
