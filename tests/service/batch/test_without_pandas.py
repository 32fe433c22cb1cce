"""A batch does not wait for pandas, where that is installed, and takes it from nobody."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import pyarrow as pa
from service.batch.without_pandas import leave_pandas_out
leave_pandas_out()
leave_pandas_out()
pa.array([1.5])
print("pandas" in sys.modules)
import pandas
print(pandas.Series([1, 2]).sum())
"""


def test_arrow_does_not_import_pandas_and_others_still_can() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "3"]
