"""Flask as a careful author writes it by hand: the checks, a data frame, the probabilities."""

import os

import joblib
import pandas as pd
from flask import Flask, jsonify, request

pipeline = joblib.load(os.environ["PIPELINE"])
FIELDS = list(pipeline.feature_names_in_)
app = Flask(__name__)


@app.post("/predict")
def predict():
    """Probabilities of suppressing for a list of candidates."""
    body = request.get_json()
    candidates = body.get("candidates") if isinstance(body, dict) else None
    if not isinstance(candidates, list) or not candidates:
        return jsonify(error="candidates must be a list that is not empty"), 400
    for place, candidate in enumerate(candidates):
        if not isinstance(candidate, dict):
            return jsonify(error=f"candidates[{place}] must be an object"), 400
        for field in FIELDS:
            if not isinstance(candidate.get(field), str):
                return jsonify(error=f"candidates[{place}].{field} must be a string"), 400
    found = pipeline.predict_proba(pd.DataFrame(candidates, columns=FIELDS))[:, 1]
    return jsonify(probabilities=found.tolist())
