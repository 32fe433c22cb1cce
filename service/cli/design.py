"""`exoscore design`: the best candidates of a space, and what to test first."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich import progress as bars
from rich.console import Console

from models.candidates.headings import CANDIDATE_HEADINGS
from models.designs.designs import NOVELTY, make_space, propose
from models.designs.ranking import Progress
from models.designs.request import (
    DEFAULT_LIMIT,
    DEFAULT_TESTS,
    KNOWN,
    MAX_LIMIT,
    MAX_TESTS,
    Constraints,
)
from models.errors import CandidateError, DesignError, FieldError
from models.estimator.conformal import LABELS
from service import problems
from service.batch.readers.header import read_constants, split_names
from service.cli.output import (
    WRONG_USAGE,
    as_json,
    as_sentence,
    fail,
    format_interval,
    model_option,
    open_installation,
    open_scorer,
    print_json,
    print_table,
    warn,
    write_file,
)
from service.scoring.design_documents import encode_designs
from service.scoring.design_requests import PinnedRequest
from service.scoring.design_tables import JSON, WRITERS
from service.scoring.parsing import parse_json
from service.scoring.score_cells import joined
from service.scoring.serializer import decode
from training.report.formatting import describe_cargo, describe_source, humanize, pluralize

TABLE, XLSX = "table", "xlsx"
_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
    JSON: lambda answer: (json.dumps(answer, indent=1) + "\n").encode("utf-8"),
    **WRITERS,
}
FORMATS = (TABLE, *_WRITERS)
_DEFAULT = Constraints()
_PUBLISHED = dict(
    zip(NOVELTY, ("in this cancer type", "in another cancer type", "cargo in another source", "no"), strict=True)
)
# The constraint whose option is called otherwise.
_CONSTRAINTS = {"exclude_cargos": "--exclude-cargo"}
# The options that say how, and not what.
_BESIDE_REQUEST = ("request_file", "output", "form", "model", "as_json", "var")
# The fields that the words for a source and its cargo have.
_SHOWN = ("source_cell", "source_phenotype", "cargo_type", "cargo_name", "cargo_state")


def _fixed(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    try:
        return read_constants(texts)
    except CandidateError as error:
        raise click.BadParameter("; ".join(fault.remedy for fault in error.faults)) from error


def _varied(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    """The values of each field that varies. A list that begins with @ is a file with a value on each line."""
    varied: dict[str, Any] = {}
    for text in texts:
        heading, equals, values = text.partition("=")
        field = CANDIDATE_HEADINGS.column_of(heading.strip()) or heading.strip()
        if not equals or not field or field in varied:
            says = (
                f"{field} varies twice. Name it once"
                if equals and field
                else f"{text!r} is not of the form FIELD=A,B,C"
            )
            raise click.BadParameter(f"{says}, such as cargo_name={KNOWN} or cargo_state=native,loaded.")
        varied[field] = KNOWN if values.strip() == KNOWN else _read_list(values)
    return varied


def _read_list(values: str) -> list[str]:
    if not values.startswith("@"):
        return [value for value in split_names(values) if value]
    try:
        text = Path(values[1:]).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{values[1:]} cannot be read: {error}.") from error
    return list(filter(None, map(str.strip, text.splitlines())))


def _bound(option: str, text: str, default: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(option, type=int, metavar="N", help=f"{text}  [default: {default}]")


@click.command()
@click.option("--goal", type=click.Choice(LABELS), help=f"The effect on the tumour.  [default: {LABELS[0]}]")
@click.option(
    "--fix",
    "fixed",
    metavar="FIELD=VALUE",
    multiple=True,
    callback=_fixed,
    help="A field that all candidates have, such as cancer_type=glioblastoma. May be repeated.",
)
@click.option(
    "--vary",
    metavar="FIELD=A,B,C",
    multiple=True,
    callback=_varied,
    help=f"A field that may vary: values separated by commas (in quotes if they contain one), @FILE with one on each line, "
    f"or {KNOWN} for all that reports or findings have. May be repeated.",
)
@click.option(
    "--inside-domain/--outside-domain",
    default=None,
    help="Only candidates inside the domain, or others too.  [default: inside-domain]",
)
@_bound("--min-papers", "Only sources with at least N papers with findings in the same state.", _DEFAULT.min_papers)
@click.option(
    "--exclude-published", is_flag=True, default=None, help="Leave out sources with a cargo that was published."
)
@click.option(
    "--exclude-cargo", "exclude_cargos", metavar="NAME", multiple=True, help="A cargo to leave out. May be repeated."
)
@click.option("--validated-targets", is_flag=True, default=None, help="Only cargos with an imported validated target.")
@_bound("--max-per-family", "At most N of one family of cargos; 0 for no limit.", _DEFAULT.max_per_family)
@_bound("--max-per-source", "At most N from one source; 0 for no limit.", _DEFAULT.max_per_source)
@_bound("--limit", f"The length of the shortlist, 1 to {MAX_LIMIT:,}.", DEFAULT_LIMIT)
@_bound("--test-first", f"How many experiments to propose, 0 to {MAX_TESTS}.", DEFAULT_TESTS)
@click.option(
    "--request",
    "request_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Repeat the request in FILE, which is JSON: a request, or the designs that a request gave.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the designs to FILE: .json, .csv (which exoscore batch reads) or .xlsx.",
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="The format of the output.  [default: by FILE, else table]"
)
@model_option
@as_json
def design(
    goal: str | None,
    fixed: Mapping[str, str],
    vary: Mapping[str, Any],
    exclude_cargos: Sequence[str],
    limit: int | None,
    test_first: int | None,
    request_file: Path | None,
    output: Path | None,
    form: str | None,
    model: str | None,
    as_json: bool,
    **constraints: object,
) -> None:
    """Propose candidates for a goal, and what to test first.

    Ranks every combination of the values that may vary by the lower end of the 90 % band of the goal's probability.

    \b
    Examples:
      exoscore design --fix cancer_type=glioblastoma --fix cargo_type=mirna --fix source_cell=MSC --vary cargo_name=known
      exoscore design --fix cargo_type=mirna --vary source_phenotype=M1,M2 --vary cargo_name=@names.txt --output plan.xlsx
      exoscore design --request designs.json --output again.json
    """
    form = JSON if as_json else _determine_format(form, output)
    document: object
    if request_file:
        document = _read_request(request_file)
        _refuse_options_beside_request()
    else:
        stated = {name: value for name, value in constraints.items() if value is not None}
        stated |= {"exclude_cargos": list(exclude_cargos)} if exclude_cargos else {}
        members = {"goal": goal, "limit": limit, "test_first": test_first}
        given = {name: value for name, value in members.items() if value is not None}
        document = {**given, "fixed": dict(fixed), "vary": dict(vary), "constraints": stated}
    try:
        requested = PinnedRequest.parse(document)
        scorer = open_scorer(open_installation(may_make=True), model or requested.model or None)
        space = make_space(scorer, requested.request)
        with _progress_bar() as report:
            designs = propose(scorer, requested.request, space, report)
    except DesignError as error:
        if as_json:
            print_json(problems.of_candidate(error))
        explain = str if request_file else _by_option
        fail("\n  ".join(["The design cannot be made:", *map(explain, error.faults)]), WRONG_USAGE)
    except KeyboardInterrupt:
        fail("interrupted")
    for warning in designs.warnings:
        warn(str(warning))
    answer = decode(encode_designs(scorer, designs))
    if form == TABLE:
        _print(answer)
    elif form == JSON and not output:
        print_json(answer)
    elif output:
        write_file(output, _WRITERS[form](answer), "the designs")
        click.echo(f"{_summary(answer)} {pluralize(len(answer['designs']), 'candidate')} in {output}.", err=True)
    else:
        click.echo(_WRITERS[form](answer), nl=False)


def _determine_format(form: str | None, output: Path | None) -> str:
    """The format of the output. Raises UsageError where there is none for a file, or it needs one."""
    suffix = output.suffix.lower()[1:] if output else TABLE
    form = form or suffix
    if form not in FORMATS or (output and form == TABLE):
        raise click.UsageError(
            f"--output {output} must end in .{', .'.join(_WRITERS)}, or give one of them as --format."
        )
    if form == XLSX and not output:
        raise click.UsageError(f"--format {XLSX} needs a file. Add --output designs.{XLSX}.")
    return form


def _refuse_options_beside_request() -> None:
    """Raises UsageError where options say what a file of a request says."""
    context = click.get_current_context()
    beside = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in _BESIDE_REQUEST
        and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    ]
    if beside:
        raise click.UsageError(f"--request holds the whole request. Leave out {', '.join(beside)}, or change the file.")


def _read_request(path: Path) -> object:
    """The request in a file, which may be that of the designs that it gave."""
    try:
        document = parse_json(path.read_bytes())
    except ValueError as error:
        fail(f"{path}: {str(error).replace('The body', 'The file')}", WRONG_USAGE)
    return document.get("request", document) if isinstance(document, dict) else document


def _by_option(fault: FieldError) -> str:
    """An error by the option that it is about."""
    member, _, name = fault.field.partition(".")
    named = _CONSTRAINTS.get(name, f"--{name.replace('_', '-')}") if name else member
    options = {"vary": f"--vary {name}", "fixed": f"--fix {name}", "constraints": named}
    option = options.get(member, f"--{member.replace('_', '-')}")
    return f"{option.strip()}: {fault.remedy}"


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """A progress bar on a terminal, nothing elsewhere; always on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal or os.environ.get("TERM") == "dumb":
        yield lambda done, total: None
        return
    columns = (bars.BarColumn(), bars.TextColumn("{task.description}"), bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=None)
        yield lambda done, total: bar.update(
            task, description=f"{done:,} of {total:,} variants", total=total, completed=done
        )


def _print(answer: Mapping[str, Any]) -> None:
    """The shortlist as a table, the tests below."""
    if answer["designs"]:
        columns = (
            "",
            "source",
            "cargo",
            *_also_varied(answer),
            "prediction",
            "90 % band",
            "support",
            "published",
            "reason",
        )
        print_table(columns, [_design_row(answer, row) for row in answer["designs"]], numbers=("",))
    else:
        click.echo("No candidate reaches the goal.")
    click.echo(f"\n{_summary(answer)}")
    for reason, count in answer["counts"]["left_out"].items():
        click.echo(f"  Left out: {count:,}. {as_sentence(reason)}")
    if answer["test_first"]:
        click.echo()
        click.secho("Test first", bold=True)
        columns = ("", "source", "cargo", *_also_varied(answer), "removes", "controls")
        print_table(columns, [_test_row(answer, *row) for row in enumerate(answer["test_first"], 1)], numbers=("",))
        click.echo(f"\n{as_sentence(answer['replicates'])}")


def _design_row(answer: Mapping[str, Any], row: Mapping[str, Any]) -> list[object]:
    score = row["score"]
    goal = answer["goal"]
    band = score["interval"] if goal == LABELS[0] else [1.0 - end for end in reversed(score["interval"])]
    told = (
        score["label"],
        format_interval(band),
        score["support"],
        _PUBLISHED[row["novelty"]],
        as_sentence(row["reason"]),
    )
    return [row["rank"], *_candidate_cells(answer, score), *told]


def _test_row(answer: Mapping[str, Any], number: int, row: Mapping[str, Any]) -> list[object]:
    controls = " ".join(map(as_sentence, row["controls"]))
    removes = f"{100 * row['reduction']:.1f} % of the uncertainty"
    return [number, *_candidate_cells(answer, row["score"]), removes, controls]


def _candidate_cells(answer: Mapping[str, Any], score: Mapping[str, Any]) -> list[str]:
    candidate = score["candidate"]
    others = [humanize(joined(candidate.get(name) or "none")) for name in _also_varied(answer)]
    return [describe_source(candidate), describe_cargo(candidate), *others]


def _also_varied(answer: Mapping[str, Any]) -> list[str]:
    """The fields that vary beside those that the source and the cargo show."""
    return [name for name in answer["request"]["vary"] if name not in _SHOWN]


def _summary(answer: Mapping[str, Any]) -> str:
    counts = answer["counts"]
    labels = ", ".join(f"{count:,} {label}" for label, count in counts["labels"].items() if count)
    return f"Ranked {counts['scored']:,} of {counts['variants']:,} variants: {labels or 'none'}."
