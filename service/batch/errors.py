"""What can go wrong with a batch as a whole. Faults of single rows are not errors, but told beside the scores."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import ExoscoreError, Fault, RowFault, SheetError


class BatchError(ExoscoreError):
    """A batch that cannot be done; the message says why, and nothing stands under the final name that did not before."""


class ResumeError(BatchError):
    """What is left of an interrupted batch that is not the one asked for now; `differs` are the names of what changed."""

    def __init__(self, differs: Sequence[tuple[str, object, object]]) -> None:
        self.differs = tuple(name for name, _, _ in differs)
        said = "; ".join(f"{name} was {then}, now {now}" for name, then, now in differs)
        super().__init__(f"what was begun cannot be resumed: {said}. Without --resume it is begun anew")


class SilentWorkerError(BatchError):
    """A worker process that was killed."""

    def __init__(self) -> None:
        super().__init__(
            "a worker process was killed (the machine may be out of memory: try fewer --workers); --resume goes on from here"
        )


def refuse(line: int, code: str, remedy: str, field: str = "", nearest: Sequence[str] = ()) -> SheetError:
    """A file that cannot be used because of one of its lines."""
    return SheetError([RowFault(line, Fault(field, code, remedy, nearest=tuple(nearest)))])
