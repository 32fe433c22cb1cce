"""The training data of `exoscore train` and `exoscore train advise`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from models.candidates.parser import CandidateParser
from service.cli.output import FINDINGS_FILE, Remarks, report_row_faults
from service.installation import Installation
from training.data.findings import CORPUS, Finding, merge_files, read_findings


def findings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose findings and deal them to folds."""
    for option in (
        click.option(
            "--seed", metavar="N", default=0, show_default=True, type=click.IntRange(0), help="Assigns papers to folds."
        ),
        click.option("--with-corpus", is_flag=True, help="Also train on the shipped corpus."),
        click.option(
            "--findings",
            "files",
            multiple=True,
            metavar="FILE",
            type=FINDINGS_FILE,
            help="Train on the findings in FILE instead of the stored ones. May be repeated.",
        ),
    ):
        command = option(command)
    return command


def chosen_findings(
    files: tuple[Path, ...], with_corpus: bool, installation: Installation, as_json: bool
) -> tuple[Finding, ...]:
    """The findings of all files chosen, else those kept here; says every fault and stops where one cannot be used."""
    reader = installation.registry.features.parser
    if files or with_corpus:
        return merge_files([_read(path, reader, as_json) for path in ((*files, CORPUS) if with_corpus else files)])
    return installation.findings.for_training()


def _read(path: Path, reader: CandidateParser, as_json: bool) -> tuple[Finding, ...]:
    with report_row_faults(path, as_json, "nothing was trained"):
        return read_findings(path, reader, on_remark=Remarks(path).append)
