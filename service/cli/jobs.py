"""`exoscore jobs`: trainings and other work in the background."""

import click

from service.cli.output import (
    as_json,
    as_sentence,
    author,
    cursor_option,
    limit_option,
    open_installation,
    print_json,
    print_next,
    print_table,
)
from service.db.jobs import STATES
from service.jobs import serializers
from service.jobs.kinds import KINDS


@click.group()
def jobs() -> None:
    """List, show and cancel trainings and other jobs."""


@jobs.command(name="list")
@click.option("--kind", type=click.Choice(KINDS), help="Only jobs of this kind.")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@limit_option(500)
@cursor_option
@as_json
def list_jobs(kind: str | None, state: str | None, limit: int, cursor: str, as_json: bool) -> None:
    """List jobs, the newest first.

    \b
    Examples:
      exoscore jobs list
      exoscore jobs list --kind training --state running
    """
    page = serializers.page(open_installation().jobs, limit, kind or "", state or "", cursor)
    if as_json:
        print_json(page)
        return
    rows = [
        (
            job["id"],
            job["kind"],
            job["state"],
            f"{100 * job['done']:.0f} %",
            job["created"][:16].replace("T", " "),
            job["author"],
        )
        for job in page["jobs"]
    ]
    print_table(("job", "kind", "state", "done", "created (UTC)", "author"), rows, numbers=("done",))
    print_next(page["next"])


@jobs.command()
@click.argument("job_id")
@as_json
def show(job_id: str, as_json: bool) -> None:
    """Show the state of a job, with its log.

    \b
    Example:
      exoscore jobs show job-4mbqxv5cwrcrrxzmlwhbvnyu7a
    """
    job = serializers.document(open_installation().jobs.get(job_id))
    if as_json:
        print_json(job)
        return
    click.echo(f"{job['id']} {job['kind']} {job['state']} {100 * job['done']:.0f} %")
    for line in job["log"]:
        click.echo(f"  {line}")
    if job["failure"]:
        click.secho(f"  Failed: {as_sentence(job['failure'])}", fg="red")


@jobs.command()
@click.argument("job_id")
def cancel(job_id: str) -> None:
    """Ask a job to stop.

    \b
    Example:
      exoscore jobs cancel job-4mbqxv5cwrcrrxzmlwhbvnyu7a
    """
    state = open_installation().jobs.cancel(job_id, author())
    click.echo(f"{job_id} is {state}" + (" and will stop soon." if state == "running" else "."))
