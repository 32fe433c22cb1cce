"""The command line: all that the API does, by the same core.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with bad rows.
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
COMMANDS = {
    "serve": Entry("serve", "Serve the API and the pages, with a worker for jobs."),
    "score": Entry("score", "Score one candidate."),
    "batch": Entry("batch", "Score the candidates of a file into another."),
    "train": Entry("train", "Train a model on findings, and keep or promote it."),
    "evaluate": Entry("evaluate", "Score labelled findings that the model has not seen."),
    "findings": Entry("findings", "Findings: what papers observed of candidates."),
    "knowledge": Entry("knowledge", "Names and roles of cargo, the vocabulary, a lab's own sources."),
    "models": Entry("models", "Models: list, compare, promote, roll back."),
    "jobs": Entry("jobs", "Trainings and other jobs."),
    "keys": Entry("keys", "Keys to the service."),
    "audit": Entry("audit", "Who did what, the newest first."),
    "drift": Entry("drift", "Compare what was scored lately with the training data."),
    "doctor": Entry("doctor", "Check the installation without changing it."),
    "backup": Entry("backup", "Back the installation up into a file."),
    "restore": Entry("backup", "Make this installation what a back-up holds."),
    "web": Entry("serve"),
    "worker": Entry("serve", "Do the jobs of an installation, as one more worker."),
}


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
        """Writes the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items() if entry.help])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(f"service.cli.{entry.module}"), cmd_name)
        offer_var(command)
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
            fail(f"{error}; import it anew, or run `exoscore knowledge remove {error.path.stem}`")
        except UnknownModelError as error:
            fail(f"{error}; kept: {', '.join(error.known)}" if error.known else str(error))
        except GateError as error:
            fail("\n  ".join((f"{error.model_id} is not promoted over {error.current}", *error.says)))
        except UnicodeEncodeError as error:
            fail(f"{error.object!r} is no text", WRONG_USAGE)
        except BrokenPipeError:
            raise
        except (ExoscoreError, OSError) as error:
            fail(words_of(error))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="exoscore")
def main() -> None:
    """Scores therapeutic exosomes as tumour-suppressing or tumour-promoting. For research use only."""
    from service.monitoring import logs
    from service.settings import Settings

    logs.configure(Settings(log_level="warning", log_format="text"))
