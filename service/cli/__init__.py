"""The command line: all that the API does, by the same core.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with errors in rows.
"""

import gc
import importlib
import os
import sys
from io import TextIOWrapper
from typing import Any, NamedTuple

import click

from models.errors import ExoscoreError, KnowledgeError, UnknownModelError
from service.cli.location import offer_var
from service.errors import GateError, ParametersError, SettingsError


class Entry(NamedTuple):
    """A command: the module that has it, and what the list of commands says of it (nothing of a hidden one)."""

    module: str
    help: str = ""


# A command's module is imported when the command is run, and none for the list of them: most need little of the service.
GROUPS = {
    "Scoring": {
        "score": Entry("score", "Predict whether one candidate suppresses or promotes a tumour."),
        "batch": Entry("batch", "Score a file of candidates into another file."),
        "design": Entry("design", "Propose candidates for a goal, and what to test first."),
    },
    "Data": {
        "findings": Entry("findings", "Search, check, add, correct and export findings."),
        "vocabulary": Entry("vocabulary", "List the terms that each field accepts."),
        "knowledge": Entry("knowledge", "Look up names of cargo, and import tables of cargo roles."),
    },
    "Models": {
        "train": Entry("train", "Train a model on findings, and evaluate it on papers left out."),
        "evaluate": Entry("evaluate", "Evaluate a model on labelled findings of other papers."),
        "models": Entry("models", "List, compare, promote and roll back models."),
        "drift": Entry("drift", "Compare recent queries with the training data."),
    },
    "Operations": {
        "serve": Entry("serve", "Serve the API and the pages, with a worker for jobs."),
        "worker": Entry("serve", "Run one more worker for jobs."),
        "jobs": Entry("jobs", "List, show and cancel trainings and other jobs."),
        "keys": Entry("keys", "Create, list and revoke keys to the API."),
        "audit": Entry("audit", "List who changed what, the newest change first."),
        "doctor": Entry("doctor", "Check the installation without changing it."),
        "backup": Entry("backup", "Back up the installation into one file."),
        "restore": Entry("backup", "Restore the installation from a back-up."),
        "completion": Entry("completion", "Print the completion script for bash, zsh or fish."),
    },
}
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()} | {"web": Entry("serve")}
EXAMPLES = """\b
Examples:
  exoscore score --source-phenotype M2 --cargo-type mirna --cargo-name miR-21-5p
  exoscore batch candidates.csv scores.csv
  exoscore serve
  exoscore help batch"""


class LazyGroup(click.Group):
    """The commands. An error that a command does not handle itself is its failure, in one sentence."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs as a program, the whole of which this process is."""
        # Almost all that is imported stays, so to search it for garbage is time lost: `get_command` goes on with it.
        gc.disable()
        # Arrays are small here: the threads that BLAS starts when it is imported, twice, take longer than they ever save.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Processes that are started from here must not import what lies in the folder in which somebody stands.
        os.environ["PYTHONSAFEPATH"] = "1"
        return super().__call__(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the groups of commands without importing them."""
        for title, entries in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads `help COMMAND` as `COMMAND --help`."""
        return super().parse_args(ctx, [*args[1:], "--help"] if args[:1] == ["help"] else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named. Raises NoSuchCommand, which suggests the nearest ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            listed = [name for name, entry in COMMANDS.items() if entry.help]
            raise click.NoSuchCommand(error.command_name, possibilities=listed, ctx=ctx) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(f"service.cli.{entry.module}"), cmd_name)
        offer_var(command)
        _describe_in_full(command)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was named."""
        from service.cli.output import WRONG_USAGE, fail, words_of

        # The name of a file need be no text, and a terminal may lack letters: neither is a reason to fail.
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.UsageError("\n".join(error.faults)) from error
        except ParametersError as error:
            fail(str(error), WRONG_USAGE)
        except KnowledgeError as error:
            fail(f"{error}; import the table again, or run `exoscore knowledge remove {error.path.stem}`")
        except UnknownModelError as error:
            fail(f"{error}; stored models: {', '.join(error.known)}" if error.known else str(error))
        except GateError as error:
            fail("\n  ".join((f"{error.model_id} was not promoted over {error.current}:", *error.says)))
        except UnicodeEncodeError as error:
            fail(f"{error.object!r} is not valid text", WRONG_USAGE)
        except BrokenPipeError:
            raise
        except (ExoscoreError, OSError) as error:
            fail(words_of(error))


def _describe_in_full(command: click.Command) -> None:
    """Has a group list its commands with the whole of their first paragraphs, which click cuts to a line."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        below.short_help = below.short_help or (below.help or "").partition("\n\n")[0]
        _describe_in_full(below)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXAMPLES)
@click.version_option(None, "-V", "--version", package_name="exoscore")
def main() -> None:
    """Predict whether a therapeutic exosome suppresses or promotes a tumour. For research use only."""
    from service.monitoring import logs
    from service.settings import Settings

    if os.environ.get("NO_COLOR"):
        click.get_current_context().color = False
    logs.configure(Settings(log_level="warning", log_format="text"))
