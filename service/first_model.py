"""The first model: made from the shipped corpus when there is none yet, or none that this version can use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from models.artifact import Bundle
from models.errors import ArtifactError, UnknownModelError
from models.scorer import Scorer
from service.registry import Registry
from training.evaluation import REPEATS
from training.findings import read_findings
from training.produce import produce


def ensure_model(registry: Registry) -> Scorer:
    """The scorer of the current model; where there is none to be used, of one trained now on the shipped corpus."""
    try:
        return registry.scorer()
    except (ArtifactError, UnknownModelError) as error:
        reason = str(error) if registry.current_id() else "there is no model yet"
    with training_progress(f"{reason[:1].upper()}{reason[1:]}: training on the shipped corpus") as progress:
        bundle, _ = produce(read_findings(reader=registry.features.reader), registry.features, progress=progress)
    return keep_and_promote(registry, bundle)


def keep_and_promote(registry: Registry, bundle: Bundle) -> Scorer:
    """Keeps a bundle, makes it the current one, and gives its scorer."""
    registry.keep(bundle)
    registry.promote(bundle.id)
    return registry.scorer(bundle.id)


@contextmanager
def training_progress(title: str) -> Iterator[Callable[[int], None]]:
    """A progress bar over the repeats on a terminal, one plain line elsewhere; always on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal or os.environ.get("TERM") == "dumb":
        console.print(f"{title} …", highlight=False, soft_wrap=True)
        yield lambda done: None
        return
    with Progress(console=console) as bar:
        task = bar.add_task(title, total=REPEATS)
        yield lambda done: bar.update(task, completed=done)
