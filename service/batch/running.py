"""A batch from its beginning, or from where it was interrupted, to its end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from models.coded import ColumnScorer
from models.errors import SheetError
from models.scorer import Scorer
from service.batch import faults, parquet_writer, text_writer
from service.batch.cluster import scored_on
from service.batch.errors import BatchError, ResumeError, SilentWorkerError
from service.batch.formats import Format
from service.batch.journal import identity
from service.batch.opening import Source, opened
from service.batch.options import Asked
from service.batch.output import Output
from service.batch.pieces import Piece
from service.batch.pool import scored_by
from service.batch.progress import Far, Tell
from service.batch.unfinished import final
from service.batch.work import Scored, Work
from training.compute import connected


def run(scorer: Scorer, asked: Asked, tell: Tell = lambda far: None) -> Far:
    """Scores a file, telling how far it is after each piece.

    Raises SheetError where the file cannot be used, BatchError where the batch cannot be done, ClusterError where the cluster
    cannot be used, OSError where something cannot be read or written. Then nothing stands under the names of the files to be
    written that did not stand there before; what was finished is left beside them for `resume`, unless it is the input that has
    to be changed.
    """
    # Arrow's own pool holds an eighth more memory at the peak, and is no faster here.
    pa.set_memory_pool(pa.system_memory_pool())
    target, faults_to = _places(asked)
    with opened(asked) as (source, columns):
        work = Work(ColumnScorer(scorer), asked.options, columns)
        of = _identity(scorer, asked)
        output = Output(target, faults_to, asked.piped_out, resumable=asked.source is not None)
        try:
            return _run(source, work, output, asked, of, tell)
        except (ResumeError, SilentWorkerError):
            output.leave()
            raise
        except (SheetError, BatchError):
            output.discard()
            raise
        except BaseException:
            output.leave()
            raise


def _run(source: Source, work: Work, output: Output, asked: Asked, of: Mapping[str, Any], tell: Tell) -> Far:
    options, begun = asked.options, time.monotonic()
    schema = work.schema(source.nothing())
    is_parquet = options.target is Format.PARQUET
    head = parquet_writer.MAGIC if is_parquet else text_writer.head(options.target, schema.names)
    far = Far()
    groups: list[tuple[int, bytes]] = []
    place, number, length = source.start, 0, len(head)
    for entry in output.begin(of, (head, faults.head(options.faults)), asked.resume):
        groups.append((length, entry.group))
        far.add(entry.after, entry.bad, entry.labels, entry.first_faults)
        place, number, length = entry.after, entry.number + 1, entry.lengths[0]
    far.resumed = far.rows
    with _scored(work, source.pieces(place, number), asked) as pieces:
        for piece, scored in pieces:
            groups.append((output.lengths[0], scored.group))
            output.add(piece, scored)
            far.add(piece.after, scored.bad, scored.labels, scored.first_faults)
            far.seconds = time.monotonic() - begun
            far.done = piece.after.offset / source.size if source.size else None
            tell(far)
    foot = parquet_writer.footer(schema, [(start, group) for start, group in groups if group]) if is_parquet else b""
    output.finish(foot)
    far.seconds = time.monotonic() - begun
    return far


@contextmanager
def _scored(work: Work, pieces: Iterable[Piece], asked: Asked) -> Iterator[Iterator[tuple[Piece, Scored]]]:
    if not asked.cluster:
        yield scored_by(work, pieces, asked.workers)
        return
    with connected(asked.cluster) as client:
        yield scored_on(work, pieces, client)


def _identity(scorer: Scorer, asked: Asked) -> Mapping[str, Any]:
    """What a batch that goes on must have in common with what was begun."""
    versions = asdict(scorer.versions)
    of_input = identity(asked.source) if asked.source else {}
    of_files = {"errors": str(asked.faults or "none"), "pieces": [asked.piece_bytes, asked.piece_rows]}
    return {**of_input, **versions, **asked.options.as_dict(), **of_files}


def _places(asked: Asked) -> tuple[Path | None, Path | None]:
    """Where the files to be written come to stand. Raises BatchError where two of the files are one."""
    named = {"the input": asked.source, "the output": asked.target, "the file of faults": asked.faults}
    seen: dict[Path, str] = {}
    for what, path in named.items():
        if path and (other := seen.setdefault(path.resolve(), what)) is not what:
            raise BatchError(f"{path} is both {other} and {what}: name another file")
    return asked.target and final(asked.target), asked.faults and final(asked.faults)
