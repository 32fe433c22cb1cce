"""Zip archives that come from outside: whatever zipfile makes of a damaged or hostile one is one error."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What zipfile raises: RuntimeError for an encrypted member, and its NotImplementedError for an unknown compression; ValueError
# and struct.error for places that do not lie in the file.
_RAISED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, RuntimeError, ValueError)


@contextmanager
def reading_archive(refuse: Callable[[str], Exception]) -> Iterator[None]:
    """Raises what `refuse` makes of the reason where an archive cannot be read in the block."""
    try:
        yield
    except _RAISED as error:
        raise refuse(str(error)) from error


def check_members(archive: zipfile.ZipFile, most_bytes: int) -> None:
    """Raises zipfile.BadZipFile where a name comes twice, a member unpacks to more than `most_bytes`, or it is packed otherwise
    than we pack. No member gives more bytes than it says."""
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise zipfile.BadZipFile("a name comes twice")
    for member in archive.infolist():
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile(f"{member.filename} is packed in a way that is not read here")
        if member.file_size > most_bytes:
            raise zipfile.BadZipFile(f"{member.filename} is larger than {most_bytes:,} bytes")
