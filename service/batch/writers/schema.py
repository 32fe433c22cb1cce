"""The columns of a file of scores."""

from collections.abc import Sequence

import pyarrow as pa

from models.columnar.table import score_types
from service.batch.options import CONTRIBUTIONS, EVIDENCE


def file_types(include: Sequence[str]) -> dict[str, pa.DataType]:
    """The columns of the scores with their types, and those of what is included."""
    return score_types(CONTRIBUTIONS in include) | ({EVIDENCE: pa.string()} if EVIDENCE in include else {})
