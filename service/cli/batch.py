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
from models.scoring.scorer import Scorer
from service.batch import dataset
from service.batch.errors import BatchError
from service.batch.executors import MOST_DEFAULT_WORKERS, default_workers
from service.batch.formats import Format, format_of, format_read
from service.batch.options import BAD_ROWS, INCLUDES, LEAVE_OUT, BatchSpec, Options
from service.batch.progress import Progress, ProgressCallback
from service.batch.readers.header import read_constants, split_names
from service.batch.run import run
from service.cli import output
from service.cli.output import as_json, fail, open_installation, open_scorer, print_json, words_of

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
@click.option("--from", "source_format", type=_FORMAT, help="The format of IN, where its name does not say it.")
@click.option("--to", "target_format", type=_FORMAT, help="The format of OUT, where its name does not say it.")
@click.option(
    "--errors",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where the faults of bad rows go (.jsonl, .csv or .tsv); by default the first few are shown.",
)
@click.option(
    "--bad-rows",
    type=click.Choice(BAD_ROWS),
    default=LEAVE_OUT,
    show_default=True,
    help="Whether bad rows are left out of OUT, or kept there without scores.",
)
@output.sheet_option
@click.option("--include", multiple=True, type=click.Choice(INCLUDES), help="What to add to the scores.")
@click.option("--strict", is_flag=True, help="Take a row of which anything could not be understood for a bad one.")
@click.option(
    "--keep",
    is_flag=True,
    help="Carry all columns of IN over to OUT, before the scores, not only those that are no fields.",
)
@click.option(
    "--columns",
    metavar="A,B,C",
    callback=_named_columns,
    help="What the columns of a table without a header are, in order.",
)
@click.option(
    "--set",
    "constants",
    metavar="FIELD=VALUE",
    multiple=True,
    callback=_constants,
    help="The value of a field in all rows that state none; may be given for several fields.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help=f"Threads that score.  [default: one for each core, at most {MOST_DEFAULT_WORKERS}]",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="The scheduler of a Dask cluster that scores instead of this machine."
)
@click.option("--model", help="The id of the model to score with, instead of the current one.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted batch to OUT stopped, if there is one.")
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
    model: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Score the candidates of the file IN into the file OUT.

    Either is .csv, .tsv, .jsonl or .parquet, or - for a pipe; IN may be a workbook too (.xlsx, .xlsb, .xls or .ods). OUT is
    written whole or not at all. Where IN is a folder of such files, OUT and the FILE of errors are folders too, and each file is
    scored into the one of its name.
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
    )
    if resume and PIPE in (source, target):
        raise click.UsageError("a pipe cannot be resumed: name files")
    if as_json and target == PIPE:
        raise click.UsageError("--json would be mixed with the scores: name a file as OUT")
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
        click.echo(f"{source}: {remark}", err=True)
    if as_json:
        print_json(_summarize(scorer, spec, progress))
    else:
        _show_warnings(source, progress)
        if progress.bad and not errors:
            _show_faults(source, progress)
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
        fail(f"{spec.source or 'the input'} cannot be scored; nothing was written")
    except BrokenPipeError:
        # Whoever read has enough; what Python would still write on the way out has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(output.FAILED)
    except OSError as error:
        fail(f"nothing was written under the final name: {words_of(error)}")
    except KeyboardInterrupt:
        fail("interrupted; --resume goes on from here")


@contextmanager
def _progress_bar(spec: BatchSpec) -> Iterator[ProgressCallback]:
    """A progress bar on a terminal, nothing elsewhere; always on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal or os.environ.get("TERM") == "dumb":
        yield lambda progress: None
        return
    columns = (bars.BarColumn(), bars.TextColumn("{task.description}"), bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

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
        raise click.UsageError(f"{what} {path} ends in none of .csv, .tsv, .jsonl and .parquet: say {option} FORMAT")
    return form


def _determine_errors_format(path: Path | None) -> Format:
    form = Format.JSONL if path is None else format_of(path)
    if form is None or not form.is_text:
        raise click.UsageError(f"--errors {path} ends in none of .jsonl, .csv and .tsv")
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
    if not progress.warned:
        return
    click.echo(
        f"{source}: in {progress.warned:,} of {progress.rows:,} rows something was not understood as it is written; "
        "the column warnings says what",
        err=True,
    )
    for each in progress.warnings[:_SHOWN_WARNINGS]:
        click.echo(f"  {each.rows:,} {'row' if each.rows == 1 else 'rows'}: {each.warning}", err=True)
    if len(progress.warnings) > _SHOWN_WARNINGS:
        click.echo("  and others", err=True)


def _show_faults(source: Path, progress: Progress) -> None:
    for fault in progress.first_faults:
        where = f"line {fault['line']}" if fault["line"] else f"row {fault['row']}"
        column = f", column {fault['field']}" if fault["field"] else ""
        click.echo(f"{source}: {where}{column}: {fault['detail']}", err=True)
    click.echo(f"{progress.bad:,} of {progress.rows:,} rows are bad; --errors FILE lists every fault", err=True)
