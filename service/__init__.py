"""How people and programs reach Exoscore: the REST API, its pages and the command line."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.scorer import Scorer
    from service.app import create_app
    from service.settings import Settings

__all__ = ["Settings", "create_app", "open_scorer"]
_MODULE = {"Settings": "settings", "create_app": "app"}


def open_scorer(var: str | Path | None = None, model: str | None = None) -> Scorer:
    """The scorer of an installation's current model, or of the `model` of that id: the Python door.

    `var` is the installation's folder, by default the one of the environment. Raises SettingsError, StoreError, and as
    ModelRegistry.scorer does.
    """
    from service.installation import Installation
    from service.settings import Settings

    installation = Installation.open(Settings.read(options={"var": None if var is None else str(var)}))
    try:
        return installation.registry.scorer(model)
    finally:
        installation.close()


def __getattr__(name: str) -> Any:
    """What `from service import …` asks for: imported then, since few commands need the application."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"service.{_MODULE[name]}"), name)
