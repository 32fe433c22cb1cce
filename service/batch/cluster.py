"""Pieces worked on by the machines of a Dask cluster, in the order in which they came."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from service.batch.errors import SilentWorkerError
from service.batch.pieces import Piece
from service.batch.work import Scored, Work

if TYPE_CHECKING:
    from distributed import Client

# So many pieces for each thread of the cluster are held at a time.
HELD = 3

_of_thread = threading.local()


def scored_on(work: Work, pieces: Iterable[Piece], client: Client) -> Iterator[tuple[Piece, Scored]]:
    """Each piece with what became of it, in order; a piece whose worker died is done again by another.

    Raises what `Work.do` raises, and SilentWorkerError where the cluster gives a piece up or goes away.
    """
    import cloudpickle
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    content = cloudpickle.dumps(work)
    digest = hashlib.sha256(content).hexdigest()
    shared = client.scatter(content, broadcast=True, hash=False)
    most = HELD * max(sum(client.nthreads().values()), 1)
    coming = iter(pieces)

    def submitted(piece: Piece) -> tuple[Piece, Any]:
        return piece, client.submit(_do, shared, digest, piece, pure=False)

    waiting = deque(map(submitted, islice(coming, most)))
    try:
        while waiting:
            piece, future = waiting.popleft()
            found: Scored = future.result()
            waiting.extend(map(submitted, islice(coming, 1)))
            yield piece, found
    except (KilledWorker, FutureCancelledError, OSError, TimeoutError) as error:
        raise SilentWorkerError from error
    finally:
        client.cancel([future for _, future in waiting])


def _do(content: bytes, digest: str, piece: Piece) -> Scored:
    """What is done on a worker: a scorer serves one thread, so each thread has its own."""
    if getattr(_of_thread, "digest", None) != digest:
        pa.set_cpu_count(1)
        _of_thread.work, _of_thread.digest = pickle.loads(content), digest  # noqa: S301, sent by a cluster that is trusted
    done: Scored = _of_thread.work.do(piece)
    return done
