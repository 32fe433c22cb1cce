"""Which code this is: the release, the commit, and the lock file of the libraries that it was made with.

A clone says so by Git and its `requirements.lock`; a package by the stamp that `hatch_build.py` puts into it, which needs
this module without anything else of the product.
"""

import hashlib
import json
import os
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).parent.parent
# Where the stamp of a package lies, from the root of the package.
STAMP = "models/provenance.json"
LOCK = "requirements.lock"
_CODE = ("models", "service", "training")
_COMMIT_DIGITS = 12
_GIT_SECONDS = 5


class Provenance(TypedDict):
    """`commit` is empty where nobody knows it, and ends in `.dirty` where code differs from it; `lock` is a SHA-256."""

    commit: str
    lock: str


@cache
def code_version() -> str:
    """The release and, as the local part of PEP 440, the commit: `0.1.0+g3aea2e1d5c0b`, with `.dirty` where code was changed."""
    release, commit = version("exoscore"), provenance()["commit"]
    return f"{release}+g{commit}" if commit else release


@cache
def provenance(root: Path = ROOT) -> Provenance:
    """What the stamp below `root` says or, where there is none, the clone at `root`."""
    stamp, lock = root / STAMP, root / LOCK
    if stamp.exists():
        stamped: Provenance = json.loads(stamp.read_bytes())
        return stamped
    digest = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else ""
    return {"commit": _commit(root) if (root / ".git").exists() else "", "lock": digest}


def _commit(root: Path) -> str:
    # A service may run a clone of another account, must not lock what somebody commits to, and be no hook's other repository.
    git = ["git", "-C", str(root), "-c", "safe.directory=*", "--no-optional-locks"]
    status = ["status", "--porcelain=v2", "--branch", "--", *_CODE]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            [*git, *status], env=environment, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = done.stdout.splitlines()
    commit = lines[0].removeprefix("# branch.oid ")[:_COMMIT_DIGITS]
    is_dirty = any(not line.startswith("#") for line in lines)
    return "" if commit.startswith("(") else f"{commit}.dirty" if is_dirty else commit
