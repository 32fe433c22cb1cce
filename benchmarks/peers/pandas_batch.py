"""pandas with the pipeline on a file, as a whole program: what `exoscore batch` is measured beside.

python pandas_batch.py TASK PIPELINE IN OUT; prints how many seconds it took after its imports, and how many rows it scored
"""

import json
import sys
import time

import joblib
import pandas as pd


def parquet(pipeline, source, target):
    """Parquet to Parquet, the texts as pandas reads them."""
    return _parquet(pipeline, pd.read_parquet(source), target)


def parquet_objects(pipeline, source, target):
    """Parquet to Parquet, the texts turned into Python's, which scikit-learn is faster with."""
    return _parquet(pipeline, pd.read_parquet(source).astype(object), target)


def csv(pipeline, source, target):
    """CSV to CSV."""
    rows = pd.read_csv(source, dtype=str, keep_default_na=False)
    _scored(pipeline, rows).to_csv(target, index=False)
    return len(rows)


def csv_objects(pipeline, source, target):
    """CSV to CSV, the texts as Python's."""
    rows = pd.read_csv(source, dtype=object, keep_default_na=False)
    _scored(pipeline, rows).to_csv(target, index=False)
    return len(rows)


def encoded(pipeline, source, target):
    """Nothing but the classifier, over a matrix that is encoded already: the limit of scikit-learn."""
    rows = pd.read_parquet(source).astype(object)
    matrix = pipeline[0].transform(rows[list(pipeline.feature_names_in_)])
    began = time.perf_counter()
    pipeline[-1].predict_proba(matrix)
    return len(rows), time.perf_counter() - began


def _parquet(pipeline, rows, target):
    _scored(pipeline, rows).to_parquet(target, index=False)
    return len(rows)


def _scored(pipeline, rows):
    found = pipeline.predict_proba(rows[list(pipeline.feature_names_in_)])[:, 1]
    return pd.DataFrame({"id": rows["id"], "probability_suppressing": found})


TASKS = {each.__name__: each for each in (parquet, parquet_objects, csv, csv_objects, encoded)}


def main():
    """Runs a task."""
    task, pipeline, source, target = sys.argv[1:]
    loaded = joblib.load(pipeline)
    began = time.perf_counter()
    done = TASKS[task](loaded, source, target)
    rows, seconds = done if isinstance(done, tuple) else (done, time.perf_counter() - began)
    print(json.dumps({"rows": rows, "seconds": seconds}))


if __name__ == "__main__":
    main()
