"""`exoscore doctor`: checks an installation, and says what to do about what is wrong."""

import sys
from dataclasses import asdict

import click
from rich.text import Text

from service.cli.location import read_settings, say_where
from service.cli.output import FAILED, as_json, print_json, print_table
from service.errors import SettingsError
from service.operations.checks import FAIL, OK, WARN, Check, is_ready

_COLOURS = {OK: "green", WARN: "yellow", FAIL: "bold red"}


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check the installation without changing it. Exit status 1 if a check fails.

    \b
    Example:
      exoscore doctor --var /srv/exoscore
    """
    from service.operations.doctor import examine

    try:
        settings = read_settings()
        say_where(settings)
        checks = examine(settings)
    except SettingsError as error:
        checks = [Check("settings", FAIL, fault) for fault in error.faults]
    good = is_ready(checks)
    if as_json:
        print_json({"good": good, "checks": [asdict(check) for check in checks]})
    else:
        print_table((), [(Text(check.state, style=_COLOURS[check.state]), check.name, check.says) for check in checks])
    sys.exit(0 if good else FAILED)
