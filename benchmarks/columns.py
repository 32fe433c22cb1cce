"""Times the scoring of columns that are coded already: `exoscore batch` without files. Run by `benchmarks/batch.py`.

python benchmarks/columns.py VAR ROWS NAMES
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.library import Library
from models.columnar.scorer import BatchScorer, RawColumn
from service import open_scorer

BLOCK = 65_536


def main() -> None:
    """Scores a library twice by one scorer: at the first meeting of its values, and when they have been met."""
    var, rows, names = Path(sys.argv[1]), *map(int, sys.argv[2:])
    loaded = open_scorer(var)
    columns = Library(loaded.features, names).draw(rows)
    blocks = [
        {name: RawColumn(column.values, column.codes[begin : begin + BLOCK]) for name, column in columns.items()}
        for begin in range(0, rows, BLOCK)
    ]
    scorer = BatchScorer(loaded)
    found = {}
    for name in ("first", "again"):
        began = time.perf_counter()
        good = sum(len(scorer.score(block).good) for block in blocks)
        found[name] = {"seconds": time.perf_counter() - began, "rows": good}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
