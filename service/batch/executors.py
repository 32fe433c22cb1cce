"""Blocks of a file scored by several threads, or by a Dask cluster, in the order in which they came."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Protocol

from service.batch.block_scoring import BlockProcessor, ScoredBlock
from service.batch.errors import WorkerKilledError
from service.batch.options import BatchSpec
from service.batch.readers.base import Block
from training.compute import connected

# How many blocks are held for each worker at a time: the one it works on, and those it takes next.
BLOCKS_AHEAD, BLOCKS_AHEAD_ON_CLUSTER = 2, 3
# Threads score one at a time, so that more than these would only wait for each other and hold memory.
MOST_DEFAULT_WORKERS = 4


class BlockFuture(Protocol):
    """The part of `concurrent.futures.Future` that Dask's futures have too."""

    def result(self) -> ScoredBlock:
        """Waits for the result, or raises the error."""

    def cancel(self) -> object:
        """Gives it up."""


def default_workers() -> int:
    """As many threads as this process may use cores, up to MOST_DEFAULT_WORKERS."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_DEFAULT_WORKERS)


def map_in_order(
    submit: Callable[[Block], BlockFuture], blocks: Iterable[Block], ahead: int
) -> Iterator[tuple[Block, ScoredBlock]]:
    """Each block with its scores, in order; at most `ahead` blocks are held at a time. Raises what scoring them raises."""
    coming = iter(blocks)
    waiting: deque[tuple[Block, BlockFuture]] = deque()
    try:
        while True:
            waiting.extend((block, submit(block)) for block in islice(coming, ahead - len(waiting)))
            if not waiting:
                return
            block, future = waiting.popleft()
            yield block, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


def score_blocks(
    processor: BlockProcessor, blocks: Iterable[Block], spec: BatchSpec
) -> Generator[tuple[Block, ScoredBlock], None, None]:
    """Each block with its scores, in order, by the workers of a batch.

    Raises what `BlockProcessor.process` raises, ClusterError where the cluster cannot be used, WorkerKilledError where it gives
    a block up or goes away; a block whose worker died is first tried by other workers.
    """
    if not spec.cluster:
        with ThreadPoolExecutor(spec.workers) as executor:
            yield from map_in_order(
                lambda block: executor.submit(processor.process, block), blocks, BLOCKS_AHEAD * spec.workers
            )
        return
    with connected(spec.cluster) as client:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        # Sent once; each process of the cluster has one, which its threads share.
        shared = client.scatter(processor, broadcast=True, hash=False)
        threads = max(sum(client.nthreads().values()), 1)
        on_cluster = partial(client.submit, BlockProcessor.process, shared, pure=False)
        try:
            yield from map_in_order(on_cluster, blocks, BLOCKS_AHEAD_ON_CLUSTER * threads)
        except (KilledWorker, FutureCancelledError, OSError, TimeoutError) as error:
            raise WorkerKilledError from error
