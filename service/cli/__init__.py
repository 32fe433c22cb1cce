"""The command line: all that the API does, by the same core.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with bad rows.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from models.errors import KnowledgeError
from service import collector, logs
from service.cli.output import fail
from service.errors import ClusterError
from service.settings import Settings

# Each command with the module that has it, which is imported when the command is called: most need little of the service.
COMMANDS = {
    "serve": "serve",
    "score": "score",
    "batch": "batch",
    "train": "train",
    "evaluate": "evaluate",
    "findings": "findings",
    "knowledge": "knowledge",
    "models": "models",
    "jobs": "jobs",
    "keys": "keys",
    "audit": "audit",
    "drift": "drift",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "backup",
    "web": "serve",
    "worker": "serve",
}


class _Commands(click.Group):
    """The commands. Any of them can meet an imported table that cannot be read, or a cluster that does not answer."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Runs as a program, the whole of which this process is."""
        collector.search_seldom()
        # Arrays are small here: the threads that BLAS starts when it is imported, twice, take longer than they ever save.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        return super().__call__(*given, **named)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(f"service.cli.{module}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was given."""
        try:
            return super().invoke(ctx)
        except KnowledgeError as error:
            fail(f"{error}; import it anew, or run `exoscore knowledge remove {error.path.stem}`")
        except ClusterError as error:
            fail(str(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="exoscore")
def main() -> None:
    """Scores therapeutic exosomes as tumour-suppressing or tumour-promoting. For research use only."""
    logs.configure(Settings(log_level="warning", log_format="text"))
