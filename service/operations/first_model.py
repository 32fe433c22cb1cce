"""The first model: made from the findings kept here when there is none yet, or none that this version can use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from models.errors import ArtifactError, KnowledgeMismatchError, UnknownModelError
from models.scorer import Scorer
from service.db.audit_log import SYSTEM
from service.installation import Installation
from service.monitoring import logs
from service.settings import Settings
from training.compute import worker_pool

_REASON = "Automatic: there was no model that this version can use."


def ensure_model(installation: Installation, announce: Callable[[str], object] | None = None) -> Scorer:
    """The scorer of the current model; where there is none to be used, of one trained now on the findings kept here.

    `announce` is called with a line about the training, in place of a progress bar on standard error.
    Raises ArtifactError, saying what to do, where the current model learned with other knowledge and from findings that are
    not kept here: those would be lost. Raises KnowledgeError where an imported table cannot be read, StoreError where
    findings are not understood any more.
    """
    registry = installation.registry
    try:
        return registry.scorer()
    except (ArtifactError, UnknownModelError) as error:
        # What stands against a training is raised here, where it is told with its remedy.
        installation.findings.for_training()
        if isinstance(error, KnowledgeMismatchError):
            _keep_own_findings(error, installation.findings.paper_names())
        reason = str(error) if registry.current_id() else "there is no model yet"
    title = f"{reason[:1].upper()}{reason[1:]}: training on the stored findings"
    # In a process of its own, so that no pool of processes outlives it into a server that forks workers.
    if announce:
        announce(title)
    arguments = [sys.executable, "-m", __name__, *([] if announce else [title])]
    process = subprocess.run(arguments, env={**os.environ, **installation.settings.environment})
    if process.returncode:
        raise ArtifactError("The first model could not be trained; the messages above say why")
    registry.invalidate()
    return registry.scorer()


def _keep_own_findings(error: KnowledgeMismatchError, kept: frozenset[str]) -> None:
    if error.papers - kept:
        remedy = (
            "it was trained on findings that are not stored here, so it is not replaced automatically. Run "
            "`exoscore train --with-corpus --findings FILE --promote`, or undo the change (`exoscore knowledge sources` "
            "lists what is in use)"
        )
        raise ArtifactError(f"{error}: {remedy}") from error


def _train(settings: Settings, title: str) -> None:
    # Imported where there is something to train: most often the model is there.
    from training.evaluation.assessment import STEPS
    from training.pipeline import train_model

    logs.configure(settings)
    installation = Installation.open(settings)
    registry = installation.registry
    with (
        training_progress(title, STEPS) as progress,
        worker_pool(settings.dask_address),
    ):
        bundle, _ = train_model(installation.findings.for_training(), registry.features, progress=progress)
    registry.save(bundle, SYSTEM)
    registry.promote(bundle.id, SYSTEM, reason=_REASON)
    installation.close()


@contextmanager
def training_progress(title: str, steps: int) -> Iterator[Callable[[int], None]]:
    """A progress bar over the steps on a terminal, one plain line elsewhere; on standard error. Nothing without a title."""
    console = Console(stderr=True)
    if title and console.is_terminal and os.environ.get("TERM") != "dumb":
        with Progress(console=console) as bar:
            task = bar.add_task(title, total=steps)
            yield lambda done: bar.update(task, completed=done)
        return
    if title:
        console.print(f"{title} …", highlight=False, soft_wrap=True)
    yield lambda done: None


if __name__ == "__main__":
    _train(Settings.read(), "".join(sys.argv[1:]))
