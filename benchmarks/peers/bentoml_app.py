"""BentoML with two workers and typed requests; where BATCH is set, with its adaptive batching."""

import os

import bentoml
import joblib
import pandas as pd
from fields import FIELDS, Candidate

BATCHING = {"batchable": True, "max_batch_size": 10000, "max_latency_ms": 1000} if os.environ.get("BATCH") else {}


@bentoml.service(workers=2)
class Scorer:
    """The pipeline behind `/predict`."""

    def __init__(self):
        self.pipeline = joblib.load(os.environ["PIPELINE"])

    @bentoml.api(**BATCHING)
    def predict(self, candidates: list[Candidate]) -> list[float]:
        """Probabilities of suppressing for a list of candidates."""
        rows = pd.DataFrame([one.model_dump() for one in candidates], columns=FIELDS)
        return self.pipeline.predict_proba(rows)[:, 1].tolist()
