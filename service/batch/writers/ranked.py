"""Scores with their ranks, which need all rows first: blocks are kept beside the file until the last one has come, then written
with the columns of their ranks. What stays in memory does not grow with the rows."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from models.columnar.ranks import add_ranks, count_bands
from models.scoring.ranking import Ranking
from service.batch.writers.atomic_file import PartialFile, Sink
from service.batch.writers.parquet import read_blocks


class RankedSink(Sink):
    """Takes blocks as Arrow streams, and writes them with their ranks into `file` when all have come."""

    def __init__(self, file: Sink, path: Path | None, header: bytes, encode: Callable[[pa.Table], bytes]) -> None:
        """`path` is where the file comes to stand, None for a pipe; `header` stands before the blocks, which `encode` makes
        bytes of. Raises OSError where the blocks cannot be kept."""
        self._file = file
        self._header = header
        self._encode = encode
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if path is None:
            self._folder = tempfile.TemporaryDirectory(prefix="exoscore-")
            path = Path(self._folder.name, "scores")
        self._blocks = PartialFile(path, "ranked")
        self._length = 0
        self._ranking = Ranking()

    def write(self, content: bytes) -> None:
        """Adds a block. Raises OSError where there is no room."""
        if content:
            self._blocks.write(content)
            self._length += len(content)
            count_bands(self._ranking, pa.ipc.open_stream(content).read_all())

    def truncate(self, length: int) -> None:
        """Removes all blocks that come after so many bytes."""
        self._blocks.truncate(length)
        self._length = length
        self._ranking = Ranking()
        for table in read_blocks(self._blocks, length):
            count_bands(self._ranking, table)

    def checksum(self, start: int, end: int) -> int | None:
        """The CRC-32 of the bytes of blocks between two offsets; None where they are not all there."""
        return self._blocks.checksum(start, end)

    def finish(self) -> None:
        """Writes all blocks with their ranks, and puts the file under its own name."""
        self._file.truncate(0)
        self._file.write(self._header)
        for table in read_blocks(self._blocks, self._length):
            self._file.write(self._encode(add_ranks(self._ranking, table)))
        self._file.finish()
        self._remove_blocks()

    def close(self) -> None:
        """Lets go of the files, and leaves them as they are."""
        self._file.close()
        self._blocks.close()

    def discard(self) -> None:
        """Removes the files."""
        self._file.discard()
        self._remove_blocks()

    def _remove_blocks(self) -> None:
        self._blocks.discard()
        if self._folder:
            self._folder.cleanup()
