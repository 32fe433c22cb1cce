"""Where heavy work runs: in processes of this machine that end with the one that started them, or on a Dask cluster.

The processes of a cluster are trusted as those of this machine are: Dask sends what they work on as pickles. They need the same
versions of Exoscore, of Python and of the libraries that figures depend on, so that they work out the same figures.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from models.errors import ExoscoreError

# Heavy libraries are imported where they are used: most commands do without them.
if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
_PR_SET_PDEATHSIG = 1


class ClusterError(ExoscoreError):
    """The Dask cluster cannot be used."""


def die_with_parent(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Has the kernel send `by` to this process when `parent`, the process that started it, dies, however it dies.

    Linux only (prctl(2)); elsewhere an orphan goes on, and is fenced off by the number of its lease.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), by)


@contextmanager
def worker_pool(cluster_address: str = "") -> Iterator[None]:
    """A context in which joblib runs on the cluster at an address, else in processes that end with this one.

    By themselves joblib's processes outlive a parent that was killed. Raises ClusterError where the cluster cannot be used.
    """
    from joblib import parallel_config

    if cluster_address:
        with connected(cluster_address), parallel_config(backend="dask"):
            yield
    else:
        with parallel_config(backend="loky", initializer=die_with_parent, initargs=(os.getpid(),)):
            yield


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the cluster whose scheduler is at `address`. Raises ClusterError where it cannot be used."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("Work on a cluster needs Dask: install exoscore[cluster], or run `make cluster`") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No Dask scheduler answers at {address}: {error}") from error
    with client:
        _check_workers(client, address)
        yield client


def _check_workers(client: Client, address: str) -> None:
    """Raises ClusterError unless there are workers, each with the versions of this process."""
    versions_by_worker: Mapping[str, Mapping[str, str]] = client.run(_versions, on_error="return")
    if not versions_by_worker:
        raise ClusterError(f"The cluster at {address} has no workers. Start some with `dask worker {address}`")
    for worker, versions in sorted(versions_by_worker.items()):
        if isinstance(versions, BaseException):
            remedy = "install the same version there"
            raise ClusterError(f"The worker {worker} cannot import Exoscore: {remedy} ({versions})")
        for name, here in _versions().items():
            if (there := versions.get(name, "none")) != here:
                versions_differ = f"has {name} {there}, this machine {here}"
                raise ClusterError(f"The worker {worker} {versions_differ}: they must be the same")


def _versions() -> dict[str, str]:
    from models.scorer import library_versions

    return {"exoscore": version("exoscore"), **library_versions()}
