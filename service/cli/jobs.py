"""`exoscore jobs`: trainings and other work that goes on behind an answer."""

import click

from service.cli.output import as_json, author, open_installation, print_json, print_table
from service.db.jobs import STATES
from service.jobs import serializers
from service.jobs.kinds import KINDS


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
    page = serializers.page(open_installation().jobs, limit, kind or "", state or "", cursor)
    if as_json:
        print_json(page)
        return
    rows = [
        (job["id"], job["kind"], job["state"], f"{100 * job['done']:.0f} %", job["created"][:19], job["author"])
        for job in page["jobs"]
    ]
    print_table(("job", "kind", "state", "done", "created", "author"), rows)


@jobs.command()
@click.argument("job_id")
@as_json
def show(job_id: str, as_json: bool) -> None:
    """Show how a job stands, with its log."""
    job = serializers.document(open_installation().jobs.get(job_id))
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
    state = open_installation().jobs.cancel(job_id, author())
    click.echo(f"{job_id} is {state}" + (" and will stop soon" if state == "running" else ""))
