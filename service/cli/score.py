"""`exoscore score`: one candidate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from models.candidate import FIELDS, Reading
from models.errors import ArtifactError, CandidateError, UnknownModelError
from models.files import atomic_write
from models.scorer import Scorer
from service import problems, reports
from service.cli.shared import WRONG_USAGE, as_json, fail, installation, print_json
from service.errors import RetiredModelError
from service.first_model import ensure_model
from service.pages.report import page
from service.scoring.documents import OPTIONAL_FIELDS, select_fields
from service.scoring.serializer import ScoreSerializer, decode
from service.store import StoreError

# How a report is written, by the suffix of its file.
_WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    ".html": page,
    ".json": lambda report: json.dumps(report, indent=1) + "\n",
}


def candidate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every field of a candidate."""
    for one in reversed(FIELDS):
        help_text = one.help + (" Several joined by ;" if one.many else "")
        help_text += f" [default: {one.default}]" if one.default else ""
        command = click.option(f"--{one.name.replace('_', '-')}", one.name, help=help_text, metavar="TEXT")(command)
    return command


def _known_suffix(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """The path of a report whose suffix says how it is to be written."""
    if path is not None and path.suffix.lower() not in _WRITERS:
        raise click.BadParameter(f"{path.name!r} ends in none of {', '.join(_WRITERS)}")
    return path


@click.command()
@candidate_options
@click.option("--include", multiple=True, type=click.Choice(OPTIONAL_FIELDS), help="What to add to the answer.")
@click.option("--model", help="The id of the model to score with, instead of the current one.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_known_suffix,
    help="Also write the whole prediction report to FILE: a page where it ends in .html, a document where in .json.",
)
@as_json
def score(include: tuple[str, ...], model: str | None, report: Path | None, as_json: bool, **given: str | None) -> None:
    """Score one candidate."""
    opened = installation()
    raw = {name: text for name, text in given.items() if text is not None}
    try:
        scorer = opened.registry.scorer(model) if model else ensure_model(opened)
        reading = scorer.reader.read(raw)
    except CandidateError as error:
        if as_json:
            print_json(problems.of_candidate(error))
        fail("\n  ".join(["the candidate cannot be understood", *map(str, error.faults)]), WRONG_USAGE)
    except UnknownModelError as error:
        fail(f"{error}; kept: {', '.join(error.known) or 'none'}")
    except (ArtifactError, RetiredModelError, StoreError) as error:
        fail(str(error))
    if report:
        _write(report, reports.report(scorer, reading, raw))
    if as_json:
        print_json(decode(ScoreSerializer(scorer).respond([raw], fields=select_fields(include)).body))
    else:
        _print(scorer, reading, include)


def _write(path: Path, report: Mapping[str, Any]) -> None:
    try:
        with atomic_write(path) as file:
            file.write(_WRITERS[path.suffix.lower()](report).encode("utf-8"))
    except OSError as error:
        fail(f"the report cannot be written to {path}: {error.strerror or error}")


def _print(scorer: Scorer, reading: Reading, include: tuple[str, ...]) -> None:
    score = scorer.score_reading(reading)
    console = Console(highlight=False, soft_wrap=True)
    console.print(score.summary, markup=False)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row(
        "probability of suppressing",
        f"{score.probability_suppressing:.3f} (90 % band {score.interval[0]:.3f} to {score.interval[1]:.3f})",
    )
    table.add_row("90 % prediction set", ", ".join(score.prediction_set) or "empty")
    table.add_row("confidence, credibility", f"{score.confidence:.3f}, {score.credibility:.3f}")
    for note in score.normalisation:
        read = f"{note.used} ({note.how}{', ' + note.identifier if note.identifier else ''})"
        table.add_row(note.field, f"{note.given or 'not given'} read as {read}")
    for reason in score.domain.reasons:
        table.add_row("domain", reason.says)
    for field, log_odds in sorted(score.contributions.items(), key=lambda of: -abs(of[1])):
        table.add_row(f"{field} says", f"{log_odds:+.2f} log-odds of suppressing")
    for neighbour in scorer.nearest(reading) if "evidence" in include else ():
        one = neighbour.evidence
        cited = " ".join(filter(None, (one.citation.get("first_author"), one.citation.get("year"), one.paper)))
        table.add_row("evidence", f"{one.effect}, {100 * neighbour.likeness:.0f} % alike: {cited}")
    for flip in scorer.flips(reading, score.label) if "flips" in include else ():
        changed = ", ".join(f"{field} {before or 'none'} to {after}" for field, before, after in flip.changes)
        beyond = "" if flip.inside_domain else ", outside the domain"
        table.add_row("would turn it", f"{changed}: {flip.label}, {flip.probability_suppressing:.3f}{beyond}")
    table.add_row("model", f"{score.versions.model} (data {score.versions.data})")
    console.print(table)
