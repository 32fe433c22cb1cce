"""The models kept in the `var` folder: one signed bundle each, and a pointer to the current one."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path

from models import artifact
from models.artifact import Bundle
from models.errors import ArtifactError, KnowledgeError, OtherKnowledgeError, UnknownModelError
from models.features import Features
from models.scorer import Scorer
from service.atomic import write_whole
from service.knowledge import Knowledge

SUFFIX = ".exoscore"
_ID = re.compile(r"exo-[0-9a-f]{12}")


class Registry:
    """Keeps bundles, says which is current, and hands out scorers, each loaded and verified once."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.folder = var / "models"
        self.knowledge = Knowledge(var)
        self._pointer = self.folder / "current"
        self._scorers: dict[str, Scorer] = {}

    @property
    def features(self) -> Features:
        """The words and the knowledge in use. Raises KnowledgeError where an imported table cannot be read."""
        return self.knowledge.features

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

        Raises UnknownModelError where no such model is kept, ArtifactError where its bundle must not be used, or not with
        the knowledge in use, KnowledgeError where that cannot be read. A scorer keeps the knowledge it was loaded with.
        """
        wanted = model_id or self.current_id()
        if wanted is None:
            raise UnknownModelError("current", self.ids())
        if found := self._scorers.get(wanted):
            return found
        bundle = artifact.load(self.path(wanted).read_bytes(), self.signing_key())
        scorer = Scorer(bundle, self.knowledge.features, self.knowledge.targets)
        scorer.self_test()
        return self._scorers.setdefault(wanted, scorer)

    def must_train(self) -> bool:
        """Whether the current model, if there is one, learned with other knowledge than is in use."""
        try:
            self.scorer()
        except (OtherKnowledgeError, KnowledgeError):
            return True
        except (ArtifactError, UnknownModelError):
            return False
        return False

    def keep(self, bundle: Bundle) -> Path:
        """Signs and keeps a bundle. Nothing changes for those who score until it is promoted."""
        path = self.folder / f"{bundle.id}{SUFFIX}"
        write_whole(path, artifact.dump(bundle, self.signing_key()))
        return path

    def promote(self, model_id: str) -> None:
        """Makes a kept model the current one, by moving one pointer. Raises UnknownModelError."""
        self.path(model_id)
        write_whole(self._pointer, f"{model_id}\n".encode("ascii"))

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
