"""Fits the pipeline that every peer serves. Run by a peer's own Python, which has pandas and scikit-learn.

python fit.py FINDINGS.tsv SAMPLE.json FOLDER: writes pipeline.joblib, and expected.json with its probabilities for the sample
"""

import json
import sys
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def main():
    """Fits, scores the sample, writes both."""
    findings, sample, folder = map(Path, sys.argv[1:])
    candidates = json.loads(sample.read_text(encoding="utf-8"))
    fields = list(candidates[0])
    table = pd.read_csv(findings, sep="\t", dtype=str, keep_default_na=False)
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(max_iter=1000))
    pipeline.fit(table[fields], table["effect"] == "suppressing")
    joblib.dump(pipeline, folder / "pipeline.joblib")
    found = pipeline.predict_proba(pd.DataFrame(candidates, columns=fields))[:, 1]
    (folder / "expected.json").write_text(json.dumps(found.tolist()), encoding="utf-8")


if __name__ == "__main__":
    main()
