"""`exoscore audit`: who did what."""

import click

from service.cli.output import as_json, open_installation, print_json, print_table
from service.db.audit_log import list_entries
from service.schemas.key import MAX_ENTRIES


@click.command()
@click.option("--action", default="", help="What was done, or how that begins: model.promote, or model.")
@click.option("--author", default="", help="Who did it, or a part of that.")
@click.option("--subject", default="", help="What it was done to: the id of a model, key, finding or job.")
@click.option("--limit", type=click.IntRange(1, MAX_ENTRIES), default=50, show_default=True)
@click.option("--cursor", default="", help="Where the page before ended.")
@as_json
def audit(action: str, author: str, subject: str, limit: int, cursor: str, as_json: bool) -> None:
    """Tell who did what, the newest first."""
    page = list_entries(open_installation().database, limit, action, author, subject, cursor)
    if as_json:
        print_json(page)
        return
    rows = []
    for entry in page["entries"]:
        details = ", ".join(f"{name} {value}" for name, value in entry["details"].items() if value)
        at = entry["at"][:19].replace("T", " ")
        rows.append((at, entry["author"], entry["action"], entry["subject"], details))
    print_table(("at (UTC)", "author", "action", "subject", "details"), rows)
    if page["next"]:
        click.echo(f"More: --cursor {page['next']}", err=True)
