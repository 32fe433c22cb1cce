"""Saves the fitted pipeline as MLflow wants it, with a signature: python save_mlflow.py FOLDER."""

import json
import sys
from pathlib import Path

import joblib
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature


def main():
    """Writes FOLDER/mlflow."""
    folder = Path(sys.argv[1])
    pipeline = joblib.load(folder / "pipeline.joblib")
    sample = pd.DataFrame(json.loads((folder / "sample.json").read_text(encoding="utf-8"))[:5])
    mlflow.sklearn.save_model(
        pipeline,
        folder / "mlflow",
        signature=infer_signature(sample, pipeline.predict_proba(sample)),
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=["scikit-learn"],
    )


if __name__ == "__main__":
    main()
