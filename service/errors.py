"""Errors that only the service knows."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from models.errors import (
    MAX_QUOTED,
    CandidateError,
    ExoscoreError,
    FieldError,
    TableError,
    UnknownModelError,
    quote_faults,
)


class SettingsError(ExoscoreError):
    """Settings that are malformed or unknown, each with what would be right."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


class CandidatesError(ExoscoreError):
    """A request with candidates that cannot be understood: their faults by position, and how many were given."""

    def __init__(self, faults: Mapping[int, CandidateError], given: int) -> None:
        self.faults = dict(faults)
        super().__init__(f"{len(self.faults)} of {given} candidate{'' if given == 1 else 's'}")


class CandidateTableError(TableError):
    """A table of candidates in a request that cannot be read, with every fault found in it."""


class ParametersError(ExoscoreError):
    """A query that cannot be understood, with every fault of every parameter (the `field` of each)."""

    def __init__(self, faults: Sequence[FieldError]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return quote_faults(self.faults)


class FindingsError(ExoscoreError):
    """Findings that were sent and cannot be taken: every fault, with the JSON pointer to the row that it is in."""

    def __init__(self, faults: Sequence[tuple[str, FieldError]]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return quote_faults([f"{pointer} {fault}" for pointer, fault in self.faults[:MAX_QUOTED]])


class UnusableIdError(ExoscoreError):
    """An id with which nothing can be done here; each class says it in its own `message`."""

    message: ClassVar[str]

    def __init__(self, identifier: str) -> None:
        super().__init__(self.message.format(identifier))


class UnknownFindingError(UnusableIdError):
    """No finding of that id is kept here."""

    message = "There is no finding {!r}."


class StaleFindingError(ExoscoreError):
    """A change to a revision of a finding that is not the newest any more."""

    def __init__(self, finding_id: str, revision: int) -> None:
        super().__init__(f"{finding_id} is at revision {revision} now. Load it again, then change that revision.")


class FindingClashError(ExoscoreError):
    """A change that would make a finding repeat or contradict another one of the same paper."""

    def __init__(self, finding_id: str, other: str, why: str) -> None:
        super().__init__(f"{finding_id} would {why} {other}. Correct or retract one of them.")


class UnknownImportError(UnusableIdError):
    """No table of that id waits to be added here."""

    message = "There is no import {!r}. Imports are stored for a week. Upload the file again."


class IdempotencyError(ExoscoreError):
    """An Idempotency-Key that cannot be used for this request."""


class NoModelError(UnknownModelError):
    """No model was promoted yet."""

    def __init__(self) -> None:
        super().__init__("current")
        self.args = ("There is no model yet. Run `exoscore train`, or start the service with `exoscore serve`.",)


class RetiredModelError(UnusableIdError):
    """A model that is kept but was taken out of use."""

    message = "Model {0} is retired. Restore it with `exoscore models restore {0}`."


class PromotionError(ExoscoreError):
    """The pointer to the current model cannot be moved as asked; it stays where it is."""


class ReasonError(ExoscoreError):
    """A change that replaces or removes something, without a reason that can be stored."""

    def __init__(self, most: int) -> None:
        example = "such as “worse on the plasma panel”"
        super().__init__(f"Give the reason for this change in 1 to {most} characters, {example}.")


class AccessError(ExoscoreError):
    """A request without a key, or with one that is not good; the message says what to do."""


class ForbiddenError(ExoscoreError):
    """A request with a good key that lacks the scope."""

    def __init__(self, scope: str, scopes: Sequence[str]) -> None:
        super().__init__(
            f"This needs a key with the scope {scope}. The key sent has the scopes: {', '.join(scopes) or 'none'}."
        )


class ForeignFormError(ExoscoreError):
    """A form that did not come from a page of this service in this visit; the message says what to do."""


class UnknownKeyError(UnusableIdError):
    """No key of that id was ever made here."""

    message = "There is no key {!r}. List the keys with `exoscore keys list`."


class GateError(ExoscoreError):
    """A promotion that the gate does not recommend, with its words."""

    def __init__(self, model_id: str, current: str, says: Sequence[str]) -> None:
        self.model_id = model_id
        self.current = current
        self.says = tuple(says)
        super().__init__(f"Model {model_id} failed the promotion check against {current}: {'; '.join(says)}")


class KeyRequestError(ExoscoreError):
    """A key that cannot be made as asked: the field at fault, a word for the fault, and what would be right."""

    def __init__(self, field: str, code: str, remedy: str) -> None:
        self.field = field
        self.code = code
        super().__init__(remedy)


class TooManyRequestsError(ExoscoreError):
    """One key, or one address, asked more often than a minute allows."""

    def __init__(self, per_minute: int, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"More than {per_minute} requests in a minute. Try again in {retry_after} s.")


class ExposureError(ExoscoreError):
    """A service that would be open to other machines without that being meant; the message says what to run."""


class BackupError(ExoscoreError):
    """A back-up that cannot be made or used; the message says why, and nothing was changed."""


class UnknownBatchError(UnusableIdError):
    """No batch of that id was sent here."""

    message = "There is no batch {!r}."


class UnfinishedBatchError(ExoscoreError):
    """What a batch has not come to, or not yet."""


class RemovedBatchError(UnusableIdError):
    """A batch whose files were removed, because they were asked to be or their time was over."""

    message = "The files of batch {} were removed."


class UnknownDesignError(UnusableIdError):
    """No design of that id was asked for here."""

    message = "There is no design {!r}."


class UnfinishedDesignError(ExoscoreError):
    """A design that is not done, or could not be."""


class UnknownDraftError(UnusableIdError):
    """No file of that id waits to be scored here."""

    message = "The file is no longer stored, because it was not scored within a day. Upload it again."


class NoRoomError(ExoscoreError):
    """A file that was sent and for which there is no room."""


class UnknownJobError(UnusableIdError):
    """No job of that id is kept here."""

    message = "There is no job {!r}."


class LostJobError(ExoscoreError):
    """The job is no longer this worker's: it was cancelled, or leased to another one."""


class StoreError(ExoscoreError):
    """The database did not answer, or could not do what it was asked; nothing was changed."""


class FullStoreError(StoreError):
    """The database has no room for what it was asked to keep; nothing was changed."""
