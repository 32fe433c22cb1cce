"""How a model is made: findings, checks, folds, baselines, fitting and evaluation."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.classifier import ExosomeClassifier, encode_candidates
    from training.onnx_export import export_onnx

__all__ = ["ExosomeClassifier", "encode_candidates", "export_onnx"]
_MODULE = {"ExosomeClassifier": "classifier", "encode_candidates": "classifier", "export_onnx": "onnx_export"}


def __getattr__(name: str) -> Any:
    """What `from training import …` asks for: imported then, since most of training is used without scikit-learn."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"training.{_MODULE[name]}"), name)
