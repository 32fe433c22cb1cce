"""A Dask cluster that a lab already runs: where folds are fitted, and pieces of files scored, beyond one machine.

Its processes are trusted as those of this machine are: Dask sends what they work on as pickles. They need the same versions of
Exoscore, of Python and of the libraries that figures depend on, so that what they work out is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from models.scorer import libraries
from service.errors import ClusterError
from service.jobs.parent import bound_pool
from service.settings import Settings

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the cluster whose scheduler is at `address`. Raises ClusterError where it cannot be used."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("work on a cluster needs Dask: install exoscore[cluster], or run `make cluster`") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        _check(client, address)
        yield client


def pool(settings: Settings) -> AbstractContextManager[object]:
    """Where joblib runs folds: on the cluster that the settings name, else in processes that end with this one."""
    return _folds_on(settings.dask_address) if settings.dask_address else bound_pool()


@contextmanager
def _folds_on(address: str) -> Iterator[None]:
    from joblib import parallel_config

    with connected(address), parallel_config(backend="dask"):
        yield


def _check(client: Client, address: str) -> None:
    """Raises ClusterError unless there are workers, each with the versions of this process."""
    own = _versions()
    found: Mapping[str, Mapping[str, str]] = client.run(_versions, on_error="return")
    if not found:
        raise ClusterError(f"the cluster at {address} has no workers: start some, with `dask worker {address}`")
    for worker, versions in sorted(found.items()):
        if isinstance(versions, BaseException):
            raise ClusterError(
                f"the worker {worker} cannot import Exoscore: install the same version there ({versions})"
            )
        for name, here in own.items():
            if versions.get(name) != here:
                there = versions.get(name, "none")
                raise ClusterError(
                    f"the worker {worker} has {name} {there}, this machine {here}: they must be the same"
                )


def _versions() -> dict[str, str]:
    return {"exoscore": version("exoscore"), **libraries()}
