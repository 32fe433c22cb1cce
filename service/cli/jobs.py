"""`exoscore jobs`: trainings and other work that goes on behind an answer."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from service import job_documents
from service.cli.output import as_json, author, fail, installation, print_json
from service.errors import ParametersError
from service.jobs.kinds import KINDS
from service.store.jobs import STATES, UnknownJobError


@click.group()
def jobs() -> None:
    """Trainings and other jobs."""


@jobs.command(name="list")
@click.option("--kind", type=click.Choice(KINDS), help="Jobs of this kind only.")
@click.option("--state", type=click.Choice(STATES), help="Jobs in this state only.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--cursor", default="", help="Where the page before ended.")
@as_json
def list_jobs(kind: str | None, state: str | None, limit: int, cursor: str, as_json: bool) -> None:
    """List jobs, the newest first."""
    try:
        page = job_documents.page(installation().jobs, limit, kind or "", state or "", cursor)
    except ParametersError as error:
        fail(str(error))
    if as_json:
        print_json(page)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("job", "kind", "state", "done", "created", "author"):
        table.add_column(column)
    for job in page["jobs"]:
        done = f"{100 * job['done']:.0f} %"
        table.add_row(job["id"], job["kind"], job["state"], done, job["created"][:19], job["author"])
    Console(highlight=False).print(table)


@jobs.command()
@click.argument("job_id")
@as_json
def show(job_id: str, as_json: bool) -> None:
    """Show how a job stands, with its log."""
    try:
        job = job_documents.document(installation().jobs.get(job_id))
    except UnknownJobError as error:
        fail(str(error))
    if as_json:
        print_json(job)
        return
    click.echo(f"{job['id']} {job['kind']} {job['state']} {100 * job['done']:.0f} %")
    for line in job["log"]:
        click.echo(f"  {line}")
    if job["failure"]:
        click.echo(f"  failed: {job['failure']}")


@jobs.command()
@click.argument("job_id")
def cancel(job_id: str) -> None:
    """Ask a job to stop."""
    try:
        state = installation().jobs.cancel(job_id, author())
    except UnknownJobError as error:
        fail(str(error))
    click.echo(f"{job_id} is {state}" + (" and will stop soon" if state == "running" else ""))
