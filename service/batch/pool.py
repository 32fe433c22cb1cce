"""Pieces worked on by several threads or processes at once, in the order in which they came."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context

import pyarrow as pa

from service.batch.errors import SilentWorkerError
from service.batch.pieces import Piece
from service.batch.work import Scored, Work
from training.compute import die_with_parent

# So many pieces for each worker are held at a time.
HELD = 2
# Up to so many workers are threads: what they meet is worked out once for all, and nothing is sent to and fro. One of them scores
# at a time, so that more would wait for each other.
MOST_THREADS = 3


def default_workers() -> int:
    """As many as this process may use cores; where processes cannot be forked safely, one."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def scored_by(work: Work, pieces: Iterable[Piece], workers: int) -> Iterator[tuple[Piece, Scored]]:
    """Each piece with what became of it, in order.

    One after another where there is one worker or one piece. Raises what `Work.do` raises, and SilentWorkerError where a worker
    was killed.
    """
    coming = iter(pieces)
    if workers > 1:
        first = list(islice(coming, 2))
        coming = chain(first, coming)
        if len(first) > 1:
            at_once = _by_threads if work.is_for_threads and workers <= MOST_THREADS else _by_processes
            yield from at_once(work, coming, workers)
            return
    for piece in coming:
        yield piece, work.do(piece)


def _by_threads(work: Work, pieces: Iterator[Piece], workers: int) -> Iterator[tuple[Piece, Scored]]:
    work.share()
    return _in_order(ThreadPoolExecutor(workers), work.do, pieces, workers)


def _by_processes(work: Work, pieces: Iterator[Piece], workers: int) -> Iterator[tuple[Piece, Scored]]:
    # Forked, so that what the scorer holds is shared; it is handed to them without being sent.
    pool = ProcessPoolExecutor(workers, get_context("fork"), _begin, (work, os.getpid()))
    try:
        yield from _in_order(pool, _do, pieces, workers)
    except BrokenProcessPool as error:
        raise SilentWorkerError from error


def _in_order(
    pool: Executor, do: Callable[[Piece], Scored], pieces: Iterator[Piece], workers: int
) -> Iterator[tuple[Piece, Scored]]:
    waiting: deque[tuple[Piece, Future[Scored]]] = deque()
    try:
        for piece in islice(pieces, HELD * workers):
            waiting.append((piece, pool.submit(do, piece)))
        while waiting:
            piece, future = waiting.popleft()
            found = future.result()
            waiting.extend((coming, pool.submit(do, coming)) for coming in islice(pieces, 1))
            yield piece, found
    finally:
        pool.shutdown(cancel_futures=True)


_begun: list[Work] = []


def _begin(work: Work, parent: int) -> None:
    die_with_parent(parent, signal.SIGKILL)
    # Ctrl-C goes to all processes of the terminal; the one that writes decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    _begun.append(work)


def _do(piece: Piece) -> Scored:
    return _begun[0].do(piece)
