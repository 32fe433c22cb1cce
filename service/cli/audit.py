"""`exoscore audit`: who did what."""

import click

from service.cli.output import (
    as_json,
    cursor_option,
    limit_option,
    open_installation,
    print_json,
    print_next,
    print_table,
)
from service.db.audit_log import list_entries
from service.schemas.key import MAX_ENTRIES


@click.command()
@click.option("--action", default="", help="Only actions that begin with this, such as model.promote or model.")
@click.option("--author", default="", help="Only changes by this person, or by anyone whose name contains this.")
@click.option("--subject", default="", help="Only changes to this model, key, finding or job, by its id.")
@limit_option(MAX_ENTRIES)
@cursor_option
@as_json
def audit(action: str, author: str, subject: str, limit: int, cursor: str, as_json: bool) -> None:
    """List who changed what, the newest change first.

    \b
    Examples:
      exoscore audit --action model
      exoscore audit --author anna --limit 20
    """
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
    print_next(page["next"])
