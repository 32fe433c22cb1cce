"""The command line: all that the API does, by the same core.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with bad rows.
"""

from __future__ import annotations

import click

from service.cli import evaluate, findings, jobs, knowledge, models, score, serve, train


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="exoscore")
def main() -> None:
    """Scores therapeutic exosomes as tumour-suppressing or tumour-promoting. For research use only."""


for command in (
    serve.serve,
    score.score,
    train.train,
    evaluate.evaluate,
    findings.findings,
    knowledge.knowledge,
    models.models,
    jobs.jobs,
    serve.worker,
):
    main.add_command(command)
