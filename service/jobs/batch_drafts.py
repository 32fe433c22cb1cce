"""Files of candidates that were sent and are looked at before they are scored. Each stands in a folder beside those of batches.

One that is not scored within a day is removed, by what removes the files of batches.
"""

import json
import re
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from models.files import atomic_write
from service.auth.keys import Principal
from service.batch.errors import table_error
from service.batch.formats import Format, recognised
from service.errors import UnknownDraftError
from service.installation import Installation
from service.jobs.batch_uploads import FOLDER, NOBODY, BatchRequest, create, write_stream
from training.data.workbooks import is_workbook

_IS_ID = re.compile(r"draft-[0-9a-f]{32}").fullmatch
_BEGINNING_BYTES = 64 * 1024
_LONGEST_NAME = 200
_NAME = "name"


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A file that waits: what it is called where it comes from, its format and who sent it. `batch` is the one that it became."""

    draft_id: str
    folder: Path
    name: str
    form: Format
    author: str
    batch: str = ""

    @property
    def candidates(self) -> Path:
        """The file."""
        return self.folder / f"candidates.{self.form}"

    @property
    def is_workbook(self) -> bool:
        """Whether one of several sheets may be meant."""
        with self.candidates.open("rb") as file:
            return is_workbook(file.read(8))


def keep(installation: Installation, name: str, body: IO[bytes], author: str) -> PendingUpload:
    """Keeps a file for a day. Raises SheetError where it is of no format that can be scored, NoRoomError."""
    draft_id = f"draft-{secrets.token_hex(16)}"
    folder = installation.settings.var / FOLDER / draft_id
    folder.mkdir(parents=True)
    try:
        sent = folder / "sent"
        write_stream(body, sent)
        with sent.open("rb") as file:
            form = _format(name, file.read(_BEGINNING_BYTES))
        draft = PendingUpload(draft_id, folder, name[:_LONGEST_NAME], form, author)
        sent.rename(draft.candidates)
        _write_metadata(draft)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return draft


def find(installation: Installation, draft_id: str, viewer: Principal) -> PendingUpload:
    """A file that was kept. It is there for the key that it was sent with, or, sent without one, for whoever knows its id. Raises
    UnknownDraftError."""
    folder = installation.settings.var / FOLDER / draft_id
    try:
        if not _IS_ID(draft_id):
            raise FileNotFoundError
        metadata = json.loads((folder / "draft.json").read_bytes())
        # A file of an earlier version was sent by nobody.
        author = metadata.get("author", NOBODY.author)
        if author not in (NOBODY.author, viewer.author):
            raise FileNotFoundError
    except FileNotFoundError as error:
        raise UnknownDraftError(draft_id) from error
    return PendingUpload(draft_id, folder, metadata["name"], Format(metadata["format"]), author, metadata["batch"])


def score(
    installation: Installation,
    draft: PendingUpload,
    request: BatchRequest,
    sender: Principal,
    own: Collection[str] | None = (),
) -> tuple[str, bool]:
    """Makes a batch of a file that waits, once, or finds it as `batch_uploads.create`. Returns its id, and whether it was there
    already. Raises as that."""
    if draft.batch:
        return draft.batch, False
    try:
        file = draft.candidates.open("rb")
    except FileNotFoundError:
        # Somebody else has just had it scored.
        return find(installation, draft.draft_id, sender).batch, False
    with file:
        batch = create(installation, file, request, sender.author, draft.draft_id, own)
    batch_id: str = batch["id"]
    # Its name is for whoever looks at it; the batch may have been removed already.
    with suppress(FileNotFoundError), atomic_write(installation.settings.var / FOLDER / batch_id / _NAME) as name:
        name.write(draft.name.encode("utf-8", "replace"))
    _write_metadata(replace(draft, batch=batch_id))
    draft.candidates.unlink(missing_ok=True)
    return batch_id, batch["duplicate"]


def name_of(installation: Installation, batch_id: str) -> str:
    """What the file of a batch was called where it came from; empty where that is not known."""
    try:
        return (installation.settings.var / FOLDER / batch_id / _NAME).read_text("utf-8")
    except FileNotFoundError:
        return ""


def _write_metadata(draft: PendingUpload) -> None:
    metadata = {"name": draft.name, "format": str(draft.form), "author": draft.author, "batch": draft.batch}
    with atomic_write(draft.folder / "draft.json") as file:
        file.write(json.dumps(metadata).encode())


def _format(name: str, beginning: bytes) -> Format:
    form = recognised(name, beginning)
    if not beginning.strip():
        raise table_error(1, "empty", "The file is empty. Give a header with the names of the columns, and rows")
    return form
