"""`exoscore keys`: who may call what over HTTP."""

from datetime import UTC, datetime, timedelta

import click

from service.auth.keys import SCOPES, document
from service.cli.output import WRONG_USAGE, as_json, author, fail, open_installation, print_json, print_table
from service.db.tables import now
from service.errors import KeyRequestError


@click.group()
def keys() -> None:
    """Keys to the service."""


class Expiry(click.ParamType[datetime]):
    """A number of days from now, or a date, at whose beginning (UTC) the key stops working."""

    name = "DAYS|DATE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment."""
        text = str(value)
        try:
            if text.isdigit():
                return now() + timedelta(days=int(text))
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is neither a number of days nor a date such as 2030-01-31", param, ctx)


@keys.command()
@click.option("--name", required=True, help="Whose key it is; the audit names it.")
@click.option("--scopes", required=True, help=f"What it opens, joined by commas: {', '.join(SCOPES)}.")
@click.option("--expires", type=Expiry(), help="Days from now, or the date at whose beginning (UTC) it stops working.")
@as_json
def create(name: str, scopes: str, expires: datetime | None, as_json: bool) -> None:
    """Make a key, and print it this once."""
    repository = open_installation(may_make=True).keys
    try:
        secret = repository.create(
            name, [scope.strip() for scope in scopes.split(",") if scope.strip()], author(), expires
        )
    except KeyRequestError as error:
        fail(f"--{error.field}: {error}", WRONG_USAGE)
    key = document(repository.get(secret))
    if as_json:
        print_json({"key": secret, **key})
        return
    click.echo(secret)
    until = f", until {key['expires'][:16].replace('T', ' ')} UTC" if key["expires"] else ""
    click.echo(f"Key {key['id']} opens {', '.join(key['scopes'])}{until}. It is not shown again.", err=True)


@keys.command(name="list")
@as_json
def list_keys(as_json: bool) -> None:
    """List every key ever made."""
    listed = [document(key) for key in open_installation().keys.all()]
    if as_json:
        print_json({"keys": listed})
        return
    rows = [
        (
            key["id"],
            key["name"],
            ",".join(key["scopes"]),
            key["state"],
            key["created"][:10],
            (key["expires"] or "never")[:10],
        )
        for key in listed
    ]
    print_table(("id", "name", "scopes", "state", "created", "expires"), rows)


@keys.command()
@click.argument("key_id", metavar="ID")
@as_json
def revoke(key_id: str, as_json: bool) -> None:
    """Make the key ID useless; it stays in the list."""
    key = document(open_installation().keys.revoke(key_id, author()))
    if as_json:
        print_json(key)
    else:
        click.echo(f"Key {key['id']} ({key['name']}) opens nothing any more.")
