"""`exoscore score`: one candidate."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from models.candidates.candidate import FIELDS, ParsedCandidate
from models.errors import CandidateError
from models.scoring.scorer import Scorer
from models.scoring.summary import retraction_remark
from service import problems
from service.cli.output import (
    WRONG_USAGE,
    as_json,
    fail,
    format_probability,
    open_installation,
    open_scorer,
    print_json,
    print_table,
    write_text,
)
from service.pages.report import page
from service.scoring import report as reports
from service.scoring.documents import OPTIONAL_FIELDS, select_fields
from service.scoring.serializer import ScoreSerializer, decode

# How a report is written, by the suffix of its file.
_WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    ".html": page,
    ".json": lambda report: json.dumps(report, indent=1) + "\n",
}


def candidate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every field of a candidate."""
    for field in reversed(FIELDS):
        help_text = field.help + (" Several joined by ;" if field.many else "")
        help_text += f" [default: {field.default}]" if field.default else ""
        command = click.option(f"--{field.name.replace('_', '-')}", field.name, help=help_text, metavar="TEXT")(command)
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
@click.option("--strict", is_flag=True, help="Refuse a candidate of which anything could not be understood.")
@as_json
def score(
    include: tuple[str, ...],
    model: str | None,
    report: Path | None,
    strict: bool,
    as_json: bool,
    **given: str | None,
) -> None:
    """Score one candidate."""
    scorer = open_scorer(open_installation(may_make=True), model)
    raw = {name: text for name, text in given.items() if text is not None}
    try:
        reading = scorer.parser.parse(raw, strict=strict)
    except CandidateError as error:
        if as_json:
            print_json(problems.of_candidate(error))
        fail("\n  ".join(["the candidate cannot be understood", *map(str, error.faults)]), WRONG_USAGE)
    for warning in scorer.parser.warnings.find(reading.notes):
        click.echo(f"Warning: {warning}", err=True)
    if report:
        text = _WRITERS[report.suffix.lower()](reports.report(scorer, reading, raw))
        write_text(report, text, "the report")
    if as_json:
        print_json(decode(ScoreSerializer(scorer).respond([raw], fields=select_fields(include)).body))
    else:
        _print(scorer, reading, include)


def _print(scorer: Scorer, reading: ParsedCandidate, include: tuple[str, ...]) -> None:
    score = scorer.score_reading(reading)
    click.echo(score.summary)
    low, high = map(format_probability, score.interval)
    rows = [
        (
            "probability of suppressing",
            f"{format_probability(score.probability_suppressing)} (90 % band {low} to {high})",
        ),
        ("90 % prediction set", ", ".join(score.prediction_set) or "empty"),
        ("confidence, credibility", f"{score.confidence:.3f}, {score.credibility:.3f}"),
    ]
    for note in score.normalisation:
        identifier = f", {note.identifier}" if note.identifier else ""
        read = f"{note.given or 'not given'} read as {note.used} ({note.how}{identifier})"
        rows.append((note.field, f"{read}: {note.remark}" if note.remark else read))
    rows += [("domain", reason.says) for reason in score.domain.reasons]
    for field, log_odds in sorted(score.contributions.items(), key=lambda added: -abs(added[1])):
        rows.append((f"{field} says", f"{log_odds:+.2f} log-odds of suppressing"))
    for neighbour in scorer.nearest(reading) if "evidence" in include else ():
        finding = neighbour.evidence
        cited = " ".join(
            filter(None, (finding.citation.get("first_author"), finding.citation.get("year"), finding.paper))
        )
        whose = " (of this lab)" if finding.of_lab else ""
        rows.append(("evidence", f"{finding.effect}, {100 * neighbour.likeness:.0f} % alike: {cited}{whose}"))
    for flip in scorer.counterfactuals(reading, score.label) if "flips" in include else ():
        changed = ", ".join(f"{field} {before or 'none'} to {after}" for field, before, after in flip.changes)
        beyond = "" if flip.inside_domain else ", outside the domain"
        rows.append(
            ("would turn it", f"{changed}: {flip.label}, {format_probability(flip.probability_suppressing)}{beyond}")
        )
    rows.append(("model", f"{score.versions.model} (data {score.versions.data})"))
    if remark := retraction_remark(len(scorer.retracted)):
        rows.append(("evidence", remark))
    print_table((), rows)
