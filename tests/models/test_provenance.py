"""The code says which commit it is: in a clone of any kind, in a package, and not at all where nobody knows it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from models.provenance import LOCK, ROOT, STAMP, code_version, provenance

LOCKED = "flask==3.1.2\n"
LOCK_DIGEST = hashlib.sha256(LOCKED.encode()).hexdigest()


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=anna", "-c", "user.email=anna@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", folder, *identity, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with one commit of some code."""
    folder = tmp_path / "clone"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "scorer.py").write_text("WEIGHT = 1\n", "utf-8")
    (folder / ".gitignore").write_text("__pycache__/\n", "utf-8")
    (folder / LOCK).write_text(LOCKED, "utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Weigh")
    return folder


def in_a_clone(folder: Path) -> Path:
    return folder


def with_packed_references(folder: Path) -> Path:
    git(folder, "pack-refs", "--all")
    git(folder, "gc", "--quiet")
    return folder


def detached(folder: Path) -> Path:
    git(folder, "checkout", "--quiet", "--detach")
    return folder


def in_a_worktree(folder: Path) -> Path:
    git(folder, "worktree", "add", "--quiet", str(folder.parent / "worktree"))
    return folder.parent / "worktree"


def with_compiled_files(folder: Path) -> Path:
    (folder / "models" / "__pycache__").mkdir()
    (folder / "models" / "__pycache__" / "scorer.pyc").touch()
    return folder


def with_other_files_changed(folder: Path) -> Path:
    (folder / "notes.txt").write_text("to do", "utf-8")
    return folder


@pytest.mark.parametrize(
    "prepare",
    [
        in_a_clone,
        with_packed_references,
        detached,
        in_a_worktree,
        with_compiled_files,
        with_other_files_changed,
    ],
)
def test_a_clone_of_any_kind_says_its_commit_and_its_lock(clone: Path, prepare: Callable[[Path], Path]) -> None:
    commit = git(clone, "rev-parse", "--short=12", "HEAD")
    assert provenance(prepare(clone)) == {"commit": commit, "lock": LOCK_DIGEST}


def test_a_hook_of_another_repository_changes_nothing(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = git(clone, "rev-parse", "--short=12", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(clone.parent / "other" / ".git"))
    assert provenance(clone)["commit"] == commit


def change_a_file(folder: Path) -> None:
    (folder / "models" / "scorer.py").write_text("WEIGHT = 2\n", "utf-8")


def stage_a_change(folder: Path) -> None:
    change_a_file(folder)
    git(folder, "add", ".")


def add_a_file(folder: Path) -> None:
    (folder / "models" / "extra.py").write_text("WEIGHT = 2\n", "utf-8")


def remove_a_file(folder: Path) -> None:
    (folder / "models" / "scorer.py").unlink()


@pytest.mark.parametrize("change", [change_a_file, stage_a_change, add_a_file, remove_a_file])
def test_code_that_differs_from_the_commit_says_so(clone: Path, change: Callable[[Path], None]) -> None:
    commit = git(clone, "rev-parse", "--short=12", "HEAD")
    change(clone)
    assert provenance(clone)["commit"] == f"{commit}.dirty"


def test_asking_does_not_lock_the_repository(clone: Path) -> None:
    (clone / ".git" / "index.lock").touch()
    assert provenance(clone)["commit"]


def test_a_copy_without_git_within_another_repository_says_no_commit(clone: Path) -> None:
    copy = clone / "copies" / "exoscore"
    shutil.copytree(clone / "models", copy / "models")
    assert provenance(copy) == {"commit": "", "lock": ""}


def test_a_repository_without_a_commit_and_a_machine_without_git_say_none(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    assert provenance(empty)["commit"] == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance(clone) == {"commit": "", "lock": LOCK_DIGEST}


def test_the_stamp_of_a_package_is_believed(clone: Path) -> None:
    stamped = {"commit": "3aea2e1d5c0b", "lock": "ab" * 32}
    (clone / STAMP).write_text(json.dumps(stamped), "utf-8")
    assert provenance(clone) == stamped


def test_the_version_of_the_code_is_the_release_and_the_commit() -> None:
    said = Version(code_version())
    assert said.base_version == version("exoscore")
    commit = provenance()["commit"]
    assert (said.local or "") == (f"g{commit}" if commit else "")
    if (ROOT / ".git").exists():
        assert commit[:12] == git(ROOT, "rev-parse", "--short=12", "HEAD")
