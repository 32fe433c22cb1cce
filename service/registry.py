"""The models kept in the `var` folder: one signed bundle each, and a pointer to the current one."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import threading
from pathlib import Path

from models import artifact
from models.artifact import Bundle
from models.errors import UnknownModelError
from models.features import Features
from models.scorer import Scorer

SUFFIX = ".exoscore"
_ID = re.compile(r"exo-[0-9a-f]{12}")


class Registry:
    """Keeps bundles, says which is current, and hands out scorers, each loaded and verified once."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.folder = var / "models"
        self._pointer = self.folder / "current"
        self._scorers: dict[str, Scorer] = {}
        self._loading = threading.Lock()
        self._features: Features | None = None

    @property
    def features(self) -> Features:
        """The words and the knowledge that all scorers share, loaded once."""
        with self._loading:
            if self._features is None:
                self._features = Features.load()
            return self._features

    def ids(self) -> list[str]:
        """The ids of the models kept here, in order."""
        return sorted(path.stem for path in self.folder.glob(f"*{SUFFIX}") if _ID.fullmatch(path.stem))

    def current_id(self) -> str | None:
        """The id of the current model; None before the first one is promoted."""
        try:
            return self._pointer.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def path(self, model_id: str) -> Path:
        """Where a model's bundle is kept. Raises UnknownModelError where it is not."""
        path = self.folder / f"{model_id}{SUFFIX}"
        if not _ID.fullmatch(model_id) or not path.is_file():
            raise UnknownModelError(model_id, self.ids())
        return path

    def scorer(self, model_id: str | None = None) -> Scorer:
        """The scorer of a model, by default the current one.

        Raises UnknownModelError where no such model is kept, ArtifactError where its bundle must not be used.
        """
        wanted = model_id or self.current_id()
        if wanted is None:
            raise UnknownModelError("current", self.ids())
        if found := self._scorers.get(wanted):
            return found
        scorer = Scorer(artifact.load(self.path(wanted).read_bytes(), self.signing_key()), self.features)
        scorer.self_test()
        return self._scorers.setdefault(wanted, scorer)

    def keep(self, bundle: Bundle) -> Path:
        """Signs and keeps a bundle. Nothing changes for those who score until it is promoted."""
        path = self.folder / f"{bundle.id}{SUFFIX}"
        _write(path, artifact.dump(bundle, self.signing_key()))
        return path

    def promote(self, model_id: str) -> None:
        """Makes a kept model the current one, by moving one pointer. Raises UnknownModelError."""
        self.path(model_id)
        _write(self._pointer, f"{model_id}\n".encode("ascii"))

    def signing_key(self) -> bytes:
        """The key of this installation, made at the first need and readable by its owner only."""
        path = self.folder / "signing.key"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".key-") as fresh:
            fresh.write(secrets.token_hex(32).encode("ascii"))
            fresh.flush()
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, path)
        return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    """Writes a whole file or none: readers see the old content until the new one is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as fresh:
        try:
            fresh.write(content)
            fresh.flush()
            os.fsync(fresh.fileno())
            os.replace(fresh.name, path)
        except BaseException:
            Path(fresh.name).unlink(missing_ok=True)
            raise
