"""`exoscore score`: one candidate, or several of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.candidates.candidate import ASSUMED, FIELDS, ParsedCandidate
from models.candidates.wording import describe_setting
from models.errors import CandidateError
from models.estimator.conformal import LABELS
from models.evidence.evidence import LiteratureSupport
from models.evidence.reporting import describe_completeness
from models.scoring.score_ids import ScoreId
from models.scoring.summary import UNDETERMINED, describe_sources, retraction_remark
from service import problems
from service.cli.decisions import RANK_HELP, costs_options
from service.cli.output import (
    WRONG_USAGE,
    as_json,
    as_sentence,
    console,
    fail,
    format_interval,
    format_probability,
    model_option,
    open_installation,
    open_scorer,
    print_json,
    print_table,
    warn,
    write_file,
)
from service.cli.pdf import print_pdf
from service.cli.terms import help_of, terms_of
from service.scoring.documents import OPTIONAL_FIELDS, select_fields
from training.report.formatting import calibration_of, humanize, percent, pluralize, signed

if TYPE_CHECKING:
    from models.scorer import Score, Scorer
    from models.scoring.cargo_parts import CargoSet
    from models.scoring.decisions import Costs, Decision


def _page(report: Mapping[str, Any]) -> bytes:
    from service.pages.report import page

    return page(report).encode("utf-8")


_COLOURS = {**dict(zip(LABELS, ("blue", "red"), strict=True)), UNDETERMINED: "yellow"}
# How a report is written, by the suffix of its file.
_WRITERS: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    ".html": _page,
    ".pdf": lambda report: print_pdf(_page(report)),
    ".json": lambda report: (json.dumps(report, indent=1) + "\n").encode("utf-8"),
}


def candidate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every field of a candidate."""
    for field in reversed(FIELDS):
        terms, name = terms_of(field), field.name.replace("_", "-")
        command = click.option(f"--{name}", field.name, type=terms, help=help_of(field, terms))(command)
    return command


def _known_suffix(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """The path of a report whose suffix says how it is to be written."""
    if path is not None and path.suffix.lower() not in _WRITERS:
        raise click.BadParameter(f"{path.name!r} must end in one of {', '.join(_WRITERS)}.")
    return path


@click.command()
@click.argument("source", metavar="[FILE]", required=False, type=click.Path(path_type=Path, allow_dash=True))
@candidate_options
@click.option("--include", multiple=True, type=click.Choice(OPTIONAL_FIELDS), help="What to add to the answer.")
@model_option
@click.option(
    "--replay", "score_id", metavar="ID", help="Give the score with this `score_id` again, in place of a candidate."
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_known_suffix,
    help="Also write the whole prediction report to FILE, as a page (.html), for printing (.pdf) or as data (.json).",
)
@click.option("--strict", is_flag=True, help="Refuse a candidate with anything that is not understood.")
@costs_options
@click.option("--rank", is_flag=True, help=RANK_HELP)
@as_json
def score(
    source: Path | None,
    include: tuple[str, ...],
    model: str | None,
    score_id: str | None,
    report: Path | None,
    strict: bool,
    costs: Costs | None,
    rank: bool,
    as_json: bool,
    **fields: str | None,
) -> None:
    """Predict whether a candidate suppresses or promotes a tumour.

    One candidate is given by options; up to 10,000 are read from FILE (.csv, .tsv, .jsonl, .parquet or a workbook).

    \b
    Examples:
      exoscore score --source-phenotype M2 --cargo-type mirna --cargo-name miR-21-5p
      exoscore score --source-cell MSC --cargo-type drug --cargo-name paclitaxel --cancer-type "breast cancer"
      exoscore score --source-cell MSC --cargo-name "miR-21:0.9+doxorubicin:0.1" --cargo-state loaded
      exoscore score --source-phenotype M1 --cargo-type mirna --cargo-name let-7a --report let-7a.pdf
      exoscore score --source-phenotype M1 --cargo-type mirna --cargo-name let-7a --cost-wrong-suppressing 5 \\
        --cost-wrong-promoting 1 --cost-undetermined 0.5
      exoscore score candidates.csv --rank
      exoscore score --replay SCORE_ID --json
    """
    raw: dict[str, Any] = {name: text for name, text in fields.items() if text is not None}
    if source and (raw or report or score_id or (include and not as_json)):
        raise click.UsageError(
            "With FILE, leave out the fields of a candidate, --report and --replay; --include needs --json."
        )
    said = None
    if score_id is not None:
        if raw or model:
            raise click.UsageError("--replay takes no --model and no fields of a candidate: the id has them.")
        said = ScoreId.parse(score_id)
        raw, model = said.candidate, said.model
    scorer = open_scorer(open_installation(may_make=True), model)
    if source:
        from service.cli.scores_table import score_file

        score_file(scorer, source, select_fields(include), strict, costs, rank, as_json)
        return
    try:
        reading = scorer.parser.parse(raw, strict=strict)
    except CandidateError as error:
        if as_json:
            print_json(problems.of_candidate(error))
        fail("\n  ".join(["The candidate is not understood:", *map(str, error.faults)]), WRONG_USAGE)
    if said:
        scored = scorer.score_reading(reading)
        said.check(scored.versions.model, scored.label, scored.probability_suppressing)
    for warning in scorer.parser.warnings.find(reading.notes):
        warn(str(warning))
    if report:
        from service.scoring.report import report as make_report

        write_file(report, _WRITERS[report.suffix.lower()](make_report(scorer, reading, raw, costs)), "the report")
    if as_json:
        from service.scoring.serializer import ScoreSerializer, decode

        fields_of_score = select_fields(include)
        print_json(decode(ScoreSerializer(scorer).respond([raw], fields=fields_of_score, costs=costs, rank=rank).body))
    else:
        _print(scorer, reading, include, costs, rank)


def _print(scorer: Scorer, reading: ParsedCandidate, include: tuple[str, ...], costs: Costs | None, rank: bool) -> None:
    score = scorer.score_reading(reading)
    label = score.label if score.label == UNDETERMINED else f"tumour-{score.label}"
    click.secho(label.capitalize(), bold=True, fg=_COLOURS[score.label])
    console().print(score.summary)
    click.echo()
    ranked = [("Rank", "1, as the only candidate" if scorer.rank([score])[0] else "none, outside the domain")]
    print_table((), [*(ranked if rank else ()), *_rows(score)])
    if costs:
        _print_part("Decision by costs", _decision(scorer.decide(score, costs)))
    drivers = sorted(score.contributions.items(), key=lambda added: -abs(added[1]))
    _print_part(
        "What drove it (log-odds: above 0 suppresses, below 0 promotes)",
        [(humanize(field), signed(log_odds)) for field, log_odds in drivers],
    )
    if score.cargo_set:
        _print_part("What each cargo adds to it", _cargos(score.cargo_set))
        console().print(score.cargo_set.rule)
    if "evidence" in include:
        _print_part("Findings of this source with this cargo", _known(score.known))
        _print_part("Nearest findings", _evidence(scorer, reading))
    if "flips" in include:
        _print_part("What would change the prediction", _flips(scorer, reading, score.label))
    if "missing" in include:
        _print_part("What was not stated, and how far it matters", _missing(scorer, reading))
    calibration = calibration_of(scorer.bundle.manifest["metrics"], reading.candidate.cargo_type)
    versions = (score.versions.model, f"training data {score.versions.data}")
    _print_part("Model", [versions, ("calibration", calibration["says"])])
    if remark := retraction_remark(len(scorer.retracted)):
        warn(as_sentence(remark))


def _print_part(title: str, rows: Iterable[tuple[str, str]]) -> None:
    click.echo()
    click.secho(title, bold=True)
    print_table((), [(f"  {name}", text) for name, text in rows] or [("  none", "")])


def _rows(score: Score) -> Iterator[tuple[str, str]]:
    band = format_interval(score.interval)
    yield "Support", score.support
    yield "Probability of suppressing", f"{format_probability(score.probability_suppressing)} (90 % band: {band})"
    yield "90 % prediction set", ", ".join(score.prediction_set) or "empty"
    for note in score.normalisation:
        if note.how == ASSUMED:
            continue
        source = "not given" if not note.given else "as given" if note.given == note.used else f"from {note.given!r}"
        how = ", ".join(filter(None, (source, note.how, note.identifier)))
        yield humanize(note.field).capitalize(), f"{note.used} ({how}){': ' if note.remark else ''}{note.remark}"
    yield from (("Domain", as_sentence(reason.says)) for reason in score.domain.reasons)


def _decision(decision: Decision) -> Iterator[tuple[str, str]]:
    yield "Decision", decision.choice
    yield from ((f"Expected cost of {choice}", f"{cost:.4g}") for choice, cost in decision.expected.items())
    for place, sentence in enumerate(decision.rests_on):
        yield "" if place else "Rests on", sentence.replace("\u202f", " ")


def _cargos(cargos: CargoSet) -> Iterator[tuple[str, str]]:
    for part in cargos.parts:
        weight = f", weight {part.weight:g}" if part.weight is not None else ""
        what = f"{humanize(part.cargo_type)}, {part.state}"
        yield part.name, f"{signed(part.contribution)} (counts {percent(part.share)}{weight}; {what})"


def _evidence(scorer: Scorer, reading: ParsedCandidate) -> Iterator[tuple[str, str]]:
    for neighbour in scorer.nearest(reading):
        finding = neighbour.evidence
        cited = filter(None, (finding.citation.get("first_author"), finding.citation.get("year"), finding.paper))
        whose = " (of this lab)" if finding.of_lab else ""
        yield finding.effect, f"{100 * neighbour.likeness:.0f} % similar: {' '.join(cited)}{whose}"
        grade = f", grade {finding.observed['grade']}" if "grade" in finding.observed else ""
        setting = describe_setting(finding.observed.get("evidence", ""))
        reporting = describe_completeness({**finding.candidate, **finding.observed})
        yield "", f"{humanize(neighbour.function)}, {setting}{grade}; reporting {reporting}"
        if strength := finding.observed.get("strength"):
            yield "", f"Strength: {strength}"
        if quote := finding.citation.get("quote"):
            place = finding.citation.get("quote_place")
            yield "", f'"{quote}"' + (f" ({place})" if place else "")


def _known(known: LiteratureSupport) -> Iterator[tuple[str, str]]:
    """How the findings on this source and cargo were tested, and of how many research groups their papers are."""
    tally = known.anywhere
    for test in tally.tests:
        counts = [
            f"{effect}: {describe_sources(papers, own)}"
            for effect, papers, own in (
                ("suppressing", test.suppressing_papers, test.suppressing_lab_findings),
                ("promoting", test.promoting_papers, test.promoting_lab_findings),
            )
            if papers + own
        ]
        yield f"{humanize(test.function)}, {describe_setting(test.setting)}", ", ".join(counts)
    if papers := tally.suppressing_papers + tally.promoting_papers:
        yield "papers", f"{papers}, of {pluralize(tally.groups, 'group')}; unknown for {tally.papers_without_author}"
        yield "without the cargo", humanize(tally.loss_of_function)


def _missing(scorer: Scorer, reading: ParsedCandidate) -> Iterator[tuple[str, str]]:
    for missing in scorer.missing(reading):
        lowest, highest = (
            f"{format_probability(likely.probability_suppressing)} with {humanize(likely.value)}"
            for likely in (missing.lowest, missing.highest)
        )
        same = missing.lowest.probability_suppressing == missing.highest.probability_suppressing
        spread = "does not count" if same else f"{lowest} to {highest}"
        yield humanize(missing.field), f"{spread} ({', '.join(missing.labels)})"


def _flips(scorer: Scorer, reading: ParsedCandidate, label: str) -> Iterator[tuple[str, str]]:
    for flip in scorer.counterfactuals(reading, label):
        changes = ", ".join(f"{humanize(field)} {before or 'none'} to {after}" for field, before, after in flip.changes)
        beyond = "" if flip.inside_domain else ", outside the domain"
        yield changes, f"{flip.label} ({format_probability(flip.probability_suppressing)}{beyond})"
