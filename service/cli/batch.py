"""`exoscore batch`: files of candidates."""

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich import progress as bars
from rich.console import Console

from models.errors import CandidateError, TableError
from models.scorer import Scorer
from models.scoring.decisions import Costs
from service.batch import dataset
from service.batch.errors import BatchError
from service.batch.executors import MOST_DEFAULT_WORKERS, default_workers
from service.batch.formats import Format, format_of, format_read
from service.batch.options import BAD_ROWS, INCLUDES, LEAVE_OUT, BatchSpec, Options
from service.batch.progress import Progress, ProgressCallback
from service.batch.readers.header import read_constants, split_names
from service.batch.run import run
from service.cli import output
from service.cli.decisions import RANK_HELP, costs_options
from service.cli.output import as_json, as_sentence, fail, open_installation, open_scorer, print_json, words_of

PIPE = Path("-")
_FILE = click.Path(path_type=Path, allow_dash=True)
_SHOWN_WARNINGS = 5
_FORMAT = click.Choice([str(form) for form in Format])


def _named_columns(context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...]:
    return split_names(text or "")


def _constants(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    try:
        return read_constants(texts)
    except CandidateError as error:
        raise click.BadParameter("; ".join(fault.remedy for fault in error.faults)) from error


@click.command()
@click.argument("source", metavar="IN", type=_FILE)
@click.argument("target", metavar="OUT", type=_FILE)
@click.option("--from", "source_format", type=_FORMAT, help="The format of IN, if its name does not end in it.")
@click.option("--to", "target_format", type=_FORMAT, help="The format of OUT, if its name does not end in it.")
@click.option(
    "--errors",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the errors of rows to FILE (.jsonl, .csv or .tsv); by default the first few are shown.",
)
@click.option(
    "--bad-rows",
    type=click.Choice(BAD_ROWS),
    default=LEAVE_OUT,
    show_default=True,
    help="Drop rows with errors from OUT, or keep them there without scores.",
)
@output.sheet_option
@click.option("--include", multiple=True, type=click.Choice(INCLUDES), help="What to add to the scores.")
@click.option("--strict", is_flag=True, help="Treat a row with anything that is not understood as a row with errors.")
@click.option(
    "--keep",
    is_flag=True,
    help="Copy all columns of IN to OUT, before the scores. Columns that are not fields are always copied.",
)
@click.option(
    "--columns",
    metavar="A,B,C",
    callback=_named_columns,
    help="The columns of a table without a header, in order.",
)
@click.option(
    "--set",
    "constants",
    metavar="FIELD=VALUE",
    multiple=True,
    callback=_constants,
    help="The value of a field in all rows that have none. May be repeated.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help=f"Threads that score.  [default: one per core, at most {MOST_DEFAULT_WORKERS}]",
)
@click.option("--cluster", metavar="ADDRESS", help="Score on the Dask cluster of the scheduler at ADDRESS.")
@costs_options
@click.option("--rank", is_flag=True, help=RANK_HELP)
@output.model_option
@click.option("--resume", is_flag=True, help="Continue an interrupted batch to OUT, if there is one.")
@as_json
def batch(
    source: Path,
    target: Path,
    source_format: str | None,
    target_format: str | None,
    errors: Path | None,
    bad_rows: str,
    sheet: str,
    include: tuple[str, ...],
    strict: bool,
    keep: bool,
    columns: tuple[str, ...],
    constants: Mapping[str, str],
    workers: int | None,
    cluster: str | None,
    costs: Costs | None,
    rank: bool,
    model: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Score the candidates of the file IN into the file OUT.

    Both are .csv, .tsv, .jsonl or .parquet files, or - for a pipe. IN may also be a workbook (.xlsx, .xlsb, .xls or .ods). OUT
    is written completely or not at all. If IN is a folder of such files, OUT and the FILE of errors are folders too, and each
    file is scored into the file of the same name.

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 done but some rows have errors.

    \b
    Examples:
      exoscore batch candidates.csv scores.csv --errors errors.csv
      exoscore batch plates.xlsx scores.parquet --sheet "Plate 2" --include evidence
      exoscore batch candidates.tsv scores.tsv --set cancer_type="gastric cancer"
    """
    candidates = _determine_format(source, source_format, "IN", "--from", format_read(source))
    options = Options(
        source=candidates,
        target=_determine_format(target, target_format, "OUT", "--to", candidates if source.is_dir() else None),
        errors=_determine_errors_format(None if source.is_dir() else errors),
        include=tuple(name for name in INCLUDES if name in include),
        keep_columns=keep,
        bad_rows=bad_rows,
        sheet=sheet,
        strict=strict,
        columns=columns,
        constants=constants,
        costs=costs,
        rank=rank,
    )
    if resume and PIPE in (source, target):
        raise click.UsageError("A pipe cannot be resumed. Name files as IN and OUT.")
    if as_json and target == PIPE:
        raise click.UsageError("--json would be mixed with the scores. Name a file as OUT.")
    spec = BatchSpec(
        options,
        source=None if source == PIPE else source,
        target=None if target == PIPE else target,
        errors_path=errors,
        workers=workers or default_workers(),
        resume=resume,
    )
    installation = open_installation(may_make=True)
    spec = replace(spec, cluster=installation.settings.dask_address if cluster is None else cluster)
    scorer = open_scorer(installation, model)
    # What is loaded stays: to search it for garbage again and again took a tenth of the time.
    gc.freeze()
    progress = _run(scorer, spec, as_json)
    for remark in progress.remarks:
        click.echo(f"{source}: {as_sentence(remark)}", err=True)
    if as_json:
        print_json(_summarize(scorer, spec, progress))
    else:
        _show_warnings(source, progress)
        if progress.bad and not errors:
            _show_errors(source, progress)
        _show_summary(target, errors, progress)
    if progress.bad:
        sys.exit(output.BAD_ROWS)


def _run(scorer: Scorer, spec: BatchSpec, as_json: bool) -> Progress:
    try:
        with _progress_bar(spec) as report:
            if spec.source is None or not spec.source.is_dir():
                return run(scorer, spec, report)
            whole = Progress()
            for part in dataset.parts(scorer, spec):
                whole.merge(run(scorer, part, report))
            return whole
    except TableError as error:
        if as_json:
            print_json({"faults": output.row_faults(spec.source or PIPE, error.faults)})
        for said in (*getattr(error, "__notes__", ()), *(() if as_json else error.faults)):
            click.echo(f"{spec.source or PIPE}: {said}", err=True)
        fail(f"nothing was written, since {spec.source or 'the input'} cannot be scored")
    except BrokenPipeError:
        # Whoever read has enough; what Python would still write on the way out has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(output.FAILED)
    except OSError as error:
        fail(f"OUT was not written: {words_of(error)}")
    except KeyboardInterrupt:
        fail("interrupted. Run it again with --resume to continue")


@contextmanager
def _progress_bar(spec: BatchSpec) -> Iterator[ProgressCallback]:
    """A progress bar on a terminal, nothing elsewhere; always on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal or os.environ.get("TERM") == "dumb":
        yield lambda progress: None
        return
    columns = (bars.BarColumn(), bars.TextColumn("{task.description}"), bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=None)

        def report(progress: Progress) -> None:
            rows = f"{progress.rows:,} rows, {progress.rate:,.0f} rows/s"
            bar.update(
                task, description=rows, total=None if progress.done is None else 1.0, completed=progress.done or 0.0
            )

        yield report


def _determine_format(path: Path, named: str | None, what: str, option: str, otherwise: Format | None = None) -> Format:
    if named:
        return Format(named)
    try:
        form = otherwise or (dataset.format_in(path) if path.is_dir() else format_of(path))
    except BatchError as error:
        fail(str(error))
    if form is None:
        raise click.UsageError(f"{what} {path} must end in .csv, .tsv, .jsonl or .parquet, or give {option} FORMAT.")
    return form


def _determine_errors_format(path: Path | None) -> Format:
    form = Format.JSONL if path is None else format_of(path)
    if form is None or not form.is_text:
        raise click.UsageError(f"--errors {path} must end in .jsonl, .csv or .tsv.")
    return form


def _summarize(scorer: Scorer, spec: BatchSpec, progress: Progress) -> Mapping[str, Any]:
    from msgspec import to_builtins

    from service.scoring.serializer import model_document

    return {
        **progress.to_document(),
        "model": to_builtins(model_document(scorer)),
        "output": str(spec.target),
        "errors": str(spec.errors_path) if spec.errors_path else None,
        "first_faults": progress.first_faults,
    }


def _show_warnings(source: Path, progress: Progress) -> None:
    for each in progress.warnings[:_SHOWN_WARNINGS]:
        output.warn(f"{source}, {_count(each.rows, 'row')}: {each.warning}")
    if len(progress.warnings) > _SHOWN_WARNINGS:
        click.echo("  More are in the column warnings.", err=True)


def _show_errors(source: Path, progress: Progress) -> None:
    for fault in progress.first_faults:
        where = f"line {fault['line']}" if fault["line"] else f"row {fault['row']}"
        column = f", column {fault['field']}" if fault["field"] else ""
        click.echo(f"{source}: {where}{column}: {fault['detail']}", err=True)
    if progress.bad > len(progress.first_faults):
        click.echo("  --errors FILE lists every error.", err=True)


def _show_summary(target: Path, errors: Path | None, progress: Progress) -> None:
    """What was scored, in two lines on standard error."""
    labels = ", ".join(f"{count:,} {label}" for label, count in progress.labels.items())
    bad = f"{_count(progress.bad, 'row')} with errors" + (f" (in {errors})" if progress.bad and errors else "")
    scored = f"{progress.rows - progress.bad:,} of {_count(progress.rows, 'row')}"
    click.secho(f"Scored {scored} in {progress.seconds:.1f} s: {labels}.", bold=True, err=True)
    click.echo(
        f"{bad}, {_count(progress.warned, 'row')} with warnings. "
        f"{'Scores are on standard output' if target == PIPE else f'Scores are in {target}'}.",
        err=True,
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
