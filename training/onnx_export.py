"""A model as ONNX: vectors of features in, probabilities of both effects out, in double precision.

What a text means is no matter of an ONNX graph, so the graph begins where `encode_candidates` ends. The metadata of the file name
the features in their order, so that a vector can be made anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from models.errors import ExoscoreError
from training.data.findings import EFFECTS

INPUT = "features"
ENCODING = (
    "Each column is one feature, `field:level`. Its value is the width that the level has for the candidate, or 0 where it does "
    "not apply. `training.encode_candidates(candidates, features)` of Exoscore makes the vectors, and the score card of the "
    "model says when a level applies."
)


class OnnxError(ExoscoreError):
    """A model that cannot be exported as ONNX; the message says why."""


def export_onnx(weights: Mapping[str, float], baseline: float, metadata: Mapping[str, str] | None = None) -> bytes:
    """The file of a model by the calibrated weights of its features and its baseline, in log-odds of suppressing.

    The input `features` has a column for each weight, in their order. The outputs are `label` and `probabilities`, whose columns
    are promoting and suppressing. Raises OnnxError where skl2onnx is not installed.
    """
    try:
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import DoubleTensorType
    except ImportError as error:
        raise OnnxError("Export as ONNX needs skl2onnx: install exoscore[onnx]") from error
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression()
    regression.classes_ = np.array(sorted(EFFECTS))
    regression.coef_, regression.intercept_ = np.array([[*weights.values()]]), np.array([baseline])
    regression.n_features_in_ = len(weights)
    model = to_onnx(
        regression,
        initial_types=[(INPUT, DoubleTensorType([None, len(weights)]))],
        options={"zipmap": False},
    )
    model.doc_string = "Whether a therapeutic exosome suppresses or promotes a tumour. For research use only."
    described = {"features": json.dumps(list(weights)), "encoding": ENCODING, **(metadata or {})}
    for name, text in described.items():
        model.metadata_props.add(key=name, value=text)
    content: bytes = model.SerializeToString()
    return content
