"""How a model is made: findings, checks, folds, baselines, fitting and evaluation."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.classifier import ExosomeClassifier

__all__ = ["ExosomeClassifier"]
_MODULE = {"ExosomeClassifier": "classifier"}


def __getattr__(name: str) -> Any:
    """What `from training import …` asks for: imported then, since most of training is used without scikit-learn."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"training.{_MODULE[name]}"), name)
