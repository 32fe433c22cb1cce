"""`exoscore keys`: who may call what over HTTP."""

from datetime import UTC, datetime, timedelta

import click

from service.auth.keys import SCOPES, document
from service.cli.output import (
    WRONG_USAGE,
    as_json,
    author,
    fail,
    open_installation,
    print_json,
    print_table,
    reason_option,
)
from service.cli.terms import Offered
from service.db.tables import now
from service.errors import KeyRequestError


@click.group()
def keys() -> None:
    """Create, list and revoke keys to the API."""


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
            self.fail(f"{text!r} is neither a number of days nor a date. Give 90, or 2030-01-31.", param, ctx)


@keys.command()
@click.option("--name", required=True, help="Whose key it is. Named in the audit log.")
@click.option(
    "--scopes",
    required=True,
    type=Offered(tuple(SCOPES), ","),
    help=f"What it allows: {', '.join(SCOPES)}. Separate several with commas.",
)
@click.option("--expires", type=Expiry(), help="When it expires: days from now, or a date (UTC).")
@as_json
def create(name: str, scopes: str, expires: datetime | None, as_json: bool) -> None:
    """Create a key, and print it once.

    \b
    Examples:
      exoscore keys create --name anna --scopes score,curate
      exoscore keys create --name pipeline --scopes score --expires 90
    """
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
    scopes = ", ".join(key["scopes"])
    click.echo(f"Key {key['id']} allows {scopes}{until}. Copy it now: it is not shown again.", err=True)


@keys.command(name="list")
@as_json
def list_keys(as_json: bool) -> None:
    """List all keys, also those expired or revoked.

    \b
    Example:
      exoscore keys list
    """
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
@reason_option
@as_json
def revoke(key_id: str, reason: str, as_json: bool) -> None:
    """Revoke the key ID. It stays in the list.

    \b
    Example:
      exoscore keys revoke 3f6a0c1b --reason "Anna left the laboratory"
    """
    key = document(open_installation().keys.revoke(key_id, author(), reason))
    if as_json:
        print_json(key)
    else:
        click.echo(f"Key {key['id']} ({key['name']}) is revoked.")
