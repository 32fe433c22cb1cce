"""Sheets of workbooks (.xlsx, .xlsb, .xls, .ods) written as CSV, a line for each row of the sheet.

A workbook is read by a process of its own, which may take only so much memory, time and room: a few bytes of one can stand for
any number of cells.
"""

import csv
import io
import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from models.archives import check_members, reading_archive
from models.candidates.cells import cell_text
from models.errors import TableError

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
MOST_BYTES = 4 * 1024**3
# A million rows of twelve texts, as many as a sheet can have, are 700 MiB unpacked and take 1.2 GiB and half a minute; a cell in
# the last row makes all before it count.
_LEAST_MEMORY, _MEMORY_FOR_EACH_BYTE, _MOST_MEMORY = 512 * 1024**2, 6, 2 * 1024**3
_MOST_SECONDS = 120
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_REFUSED = 3
_TOO_LARGE = "The workbook is too large to be read. Save the sheet as CSV, or in parts"


def is_workbook(beginning: bytes) -> bool:
    """Whether a file that begins so is a workbook, or else an archive or a document that is no table either."""
    return beginning.startswith((_ZIP, _OLE))


def write_sheet(workbook: IO[bytes], sheet: str, target: IO[bytes], most_bytes: int | None = None) -> list[str]:
    """Writes a sheet of a file as CSV, by default the first, and returns what is to be said of how it was read.

    Neither unpacked nor as CSV may it have more than `most_bytes`. Raises TableError where it cannot be read.
    """
    most_bytes = most_bytes or MOST_BYTES
    size = workbook.seek(0, os.SEEK_END)
    workbook.seek(0)
    if workbook.read(len(_ZIP)) == _ZIP:
        with reading_archive(_refusal), zipfile.ZipFile(workbook) as archive:
            check_members(archive, most_bytes)
            size = sum(member.file_size for member in archive.infolist())
    if size > most_bytes:
        raise _refusal(f"it has more than {most_bytes:,} bytes")
    most_memory = min(_LEAST_MEMORY + _MEMORY_FOR_EACH_BYTE * size, _MOST_MEMORY)
    os.lseek(workbook.fileno(), 0, os.SEEK_SET)
    command = [sys.executable, "-P", "-m", "training.data.workbooks", json.dumps([sheet, most_memory, most_bytes])]
    done = subprocess.run(command, stdin=workbook, stdout=target, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode not in (0, _REFUSED):
        raise TableError.at_line(0, "too_large", _TOO_LARGE)
    answer = json.loads(done.stderr)
    if done.returncode:
        raise TableError.at_line(0, *answer)
    read, others = answer
    also = " and ".join(map(repr, others))
    return [f"The sheet {read!r} is read; there {'is' if len(others) == 1 else 'are'} also {also}"] if others else []


def trim(rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Rows without the empty cells behind the last heading of the first that is not empty; nothing of empty rows."""
    width = 0
    for row in rows:
        end = len(row)
        while end > width and not row[end - 1].strip():
            end -= 1
        width = width or end
        yield row[:end] if any(map(str.strip, row)) else ()


def main(sheet: str, most_memory: int, most_bytes: int) -> int:
    """Writes a sheet of the workbook on standard input to standard output, and on standard error, as JSON, its name and those of
    the others that can be chosen; or returns a status and says why it cannot be read."""
    import python_calamine as calamine

    for limit, most in (
        (resource.RLIMIT_AS, most_memory),
        (resource.RLIMIT_CPU, _MOST_SECONDS),
        (resource.RLIMIT_FSIZE, most_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        with calamine.CalamineWorkbook.from_filelike(sys.stdin.buffer) as workbook:
            sheets = [each for each in workbook.sheets_metadata if each.typ == calamine.SheetTypeEnum.WorkSheet]
            names = [each.name for each in sheets]
            visible = [each.name for each in sheets if each.visible == calamine.SheetVisibleEnum.Visible]
            read = sheet or next(iter(visible or names), "")
            if read not in names:
                listed = f"it has {', '.join(map(repr, names))}" if names else "it has none"
                return _refuse("unknown_sheet", f"The workbook has no sheet {sheet!r}; {listed}")
            with io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="") as out:
                rows = workbook.get_sheet_by_name(read).iter_rows()
                csv.writer(out, lineterminator="\n").writerows(trim([cell_text(cell) for cell in row] for row in rows))
    except calamine.PasswordError:
        return _refuse("workbook", "The workbook is locked by a password. Save it without one")
    except calamine.CalamineError as error:
        wanted = "Give .xlsx, .xlsb, .xls or .ods, or save the sheet as CSV"
        return _refuse("workbook", f"This workbook cannot be read ({error}). {wanted}")
    except (MemoryError, OSError):
        return _refuse("too_large", _TOO_LARGE)
    others = [] if sheet else [name for name in visible if name != read]
    sys.stderr.write(json.dumps([read, others]))
    return 0


def _refusal(reason: str) -> TableError:
    return TableError.at_line(0, "workbook", f"The workbook cannot be read: {reason}")


def _refuse(code: str, remedy: str) -> int:
    sys.stderr.write(json.dumps([code, remedy]))
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main(*json.loads(sys.argv[1])))
