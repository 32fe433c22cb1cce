"""The columns of a file of scores."""

import pyarrow as pa

from models.columnar.table import score_types
from service.batch.options import CONTRIBUTIONS, EVIDENCE, Options


def file_types(options: Options) -> dict[str, pa.DataType]:
    """The columns of the scores with their types, and those of what is included."""
    types = score_types(CONTRIBUTIONS in options.include, options.costs is not None, options.rank)
    return types | ({EVIDENCE: pa.string()} if EVIDENCE in options.include else {})
