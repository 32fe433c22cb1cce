"""What can go wrong with a batch as a whole. Faults of single rows are no errors: they are reported beside the scores."""

from collections.abc import Mapping, Sequence

from models.errors import ExoscoreError, FieldError, RowError, TableError


class BatchError(ExoscoreError):
    """A batch that cannot be done; the message says why. No output file has been changed."""


class ResumeError(BatchError):
    """An interrupted batch that differs from the one to be resumed; `differs` are the names of what changed."""

    def __init__(self, differences: Sequence[tuple[str, object, object]]) -> None:
        self.differs = tuple(name for name, _, _ in differences)
        changes = "; ".join(f"{name} was {then}, now {now}" for name, then, now in differences)
        super().__init__(f"The batch cannot be resumed: {changes}. Run it without --resume to start again.")


class WorkerKilledError(BatchError):
    """Workers of a cluster that were killed, or a cluster that went away."""

    def __init__(self) -> None:
        super().__init__(
            "A worker of the cluster was killed or disconnected, perhaps for lack of memory. "
            "Run the batch with --resume to continue."
        )


def check_unchanged(then: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Raises ResumeError where what an interrupted batch was of differs from what is to be scored now."""
    names = {**now, **then}
    if differences := [(name, then.get(name), now.get(name)) for name in names if then.get(name) != now.get(name)]:
        raise ResumeError(differences)


def table_error(line: int, code: str, remedy: str) -> TableError:
    """A file that cannot be used because of one of its lines."""
    return TableError([RowError(line, FieldError("", code, remedy))])
