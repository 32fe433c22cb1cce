"""What a figure was measured on: a figure without it says little."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("flask", "granian", "msgspec", "numpy", "scikit-learn", "scipy")
GIB = 1024**2


def machine() -> dict[str, object]:
    """The machine, the versions and the time, as they go into every file of figures."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _line_of("/proc/cpuinfo", "model name"),
        "memory_gib": round(int(_line_of("/proc/meminfo", "MemTotal").split()[0]) / GIB, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": os.getloadavg()[0],
        "versions": {"Python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "command": " ".join([Path(sys.argv[0]).name, *_without_places(sys.argv[1:])]),
    }


def _without_places(words: Sequence[str]) -> list[str]:
    """The words of a command, but for where things were on this machine."""
    return ["FOLDER" if "/" in word else shlex.quote(word) for word in words]


def _line_of(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "0"
