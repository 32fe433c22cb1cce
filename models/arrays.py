"""The types of arrays, and linear algebra that gives the same digits everywhere."""

from contextlib import AbstractContextManager
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Places of rows in a table.
Rows = NDArray[np.intp]


def one_thread() -> AbstractContextManager[object]:
    """Linear algebra on one thread: sums split over threads differ in the last bit with their number."""
    limited: AbstractContextManager[object] = _thread_pools().limit(limits=1, user_api="blas")
    return limited


# Looking for the libraries each time would take a third of the time of a fit.
_thread_pools = cache(ThreadpoolController)
