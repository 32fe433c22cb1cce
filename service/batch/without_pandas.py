"""Arrow without pandas, for programs that have nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not wanted here", name=fullname)
        return None


def leave_pandas_out() -> None:
    """Keeps Arrow from importing pandas where it is installed, to see that nothing it is given is of that: a seventh of a
    second, which Arrow asks for once. What imports pandas itself still can; its objects are strange to Arrow then."""
    if "pandas" in sys.modules:
        return
    none = _NoPandas()
    sys.meta_path.insert(0, none)
    try:
        pa.array(())
    finally:
        sys.meta_path.remove(none)
