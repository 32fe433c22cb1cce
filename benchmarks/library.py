"""Libraries of candidates by the million, over the whole vocabulary: what the figures of `exoscore batch` are over.

`python benchmarks/library.py ROWS OUT.parquet|OUT.csv` writes one. No candidate is in a million of them more than three times.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv, parquet

from benchmarks.candidates import STATED, Candidates
from models.candidates.cargo import Cargo
from models.candidates.states import is_made_outside
from models.columnar.lookup import Codes
from models.columnar.scorer import RawColumn
from models.estimator.features import Features

MILLION = 1_000_000
MOST_ALIKE = 3
# How many different lists and pairs of co-loaded cargos a library has, drawn from all that there could be.
LISTS = 400
PAIRS = 300
NAMES = 5_000
SEED = 23


class Groups:
    """Values in groups; a member of a group is picked by chance."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        sizes = [len(group) for group in groups]
        self.sizes = np.array(sizes)
        self._starts = np.cumsum([0, *sizes[:-1]])
        flat = [value for group in groups for value in group]
        codes = {value: code for code, value in enumerate(dict.fromkeys(flat))}
        self.values = list(codes)
        self._code_of = np.array([codes[value] for value in flat])

    def pick(self, groups: NDArray[np.int64], random: np.random.Generator) -> Codes:
        """The code of a value of each group."""
        return self.at(self._starts[groups] + random.integers(0, self.sizes[groups]))

    def at(self, places: NDArray[np.int64]) -> Codes:
        """The codes of the values at places, all groups one after another."""
        found: Codes = self._code_of[places]
        return found


class Library:
    """Draws candidates in coded columns; the same for the same seed."""

    def __init__(self, features: Features, names: int = NAMES, seed: int = SEED) -> None:
        """`names`: about how many cargos there are among them, of all that have a name or of pairs of those."""
        words = features.vocabulary
        self._random = np.random.default_rng(seed)
        self._single = Candidates(features, seed)
        self._cells = words.names("source_cell")
        self._types = words.names("cargo_type")
        phenotypes = [sorted(words.phenotypes_of(cell)) for cell in self._cells]
        self._sources = Groups(phenotypes)
        self._cell_of = np.repeat(np.arange(len(self._cells)), [len(each) for each in phenotypes])
        self._spelled = {
            field: Groups([self._single.spellings(field, name) for name in words.names(field)])
            for field in ("source_cell", "cargo_type", "cargo_state", "cancer_type", "species")
        }
        of_types = [self._single.cargos_of(name) for name in self._types]
        distinct = list(dict.fromkeys(name for each in of_types for name in each))
        share = min(1.0, names / (len(distinct) + PAIRS * len(of_types)))
        kept = set(self._random.choice(distinct, math.ceil(share * len(distinct)), replace=False).tolist())
        self._cargos = Groups([self._cargos_of(each, kept, math.ceil(share * PAIRS)) for each in of_types])
        self._type_is_made_outside = np.array([is_made_outside(Cargo(name)) for name in self._types])
        self._cargo_is_made_outside = np.array(
            [is_made_outside(features.parser.cargo("protein", name, False).cargo) for name in self._cargos.values]
        )
        states = words.names("cargo_state")
        self._of_cells = np.isin(states, ["native", "depleted"])
        self._loaded = states.index("loaded")
        self._lists = {
            field: list(dict.fromkeys(["", *(self._list(words.names(field)) for _ in range(LISTS))]))
            for field in ("polarisation", "engineering", "recipient_cell")
        }

    def millions(self, count: int) -> Iterator[tuple[int, dict[str, RawColumn]]]:
        """`count` candidates in parts of a million at most, each with the place of its first."""
        for begin in range(0, count, MILLION):
            yield begin, self.draw(min(MILLION, count - begin))

    def draw(self, count: int) -> dict[str, RawColumn]:
        """`count` candidates by field, none of them more than MOST_ALIKE times. At most a million or so."""
        found = self._drawn(count + count // 4 + 100)
        kept = np.flatnonzero(_occurrence(found) < MOST_ALIKE)[:count]
        if len(kept) < count:
            raise ValueError(f"{count} candidates cannot be drawn at once")
        return {name: RawColumn(column.values, column.codes[kept]) for name, column in found.items()}

    def _drawn(self, count: int) -> dict[str, RawColumn]:
        random = self._random
        source = random.integers(0, len(self._cell_of), count)
        mirna = self._types.index("mirna")
        cargo_type = np.where(random.random(count) < 0.3, mirna, random.integers(0, len(self._types), count))
        groups = {"source_cell": self._cell_of[source], "cargo_type": cargo_type}
        found = {
            "source_phenotype": RawColumn(self._sources.values, self._sources.at(source)),
            "cargo_name": RawColumn(self._cargos.values, self._cargos.pick(cargo_type, random)),
        }
        for field, spelled in self._spelled.items():
            terms = len(spelled.sizes)
            of = groups.get(field, random.integers(0, terms, count))
            if field == "cargo_state":
                outside = (
                    self._type_is_made_outside[cargo_type] | self._cargo_is_made_outside[found["cargo_name"].codes]
                )
                of = np.where(outside & self._of_cells[of], self._loaded, of)
            codes = spelled.pick(of, random) + 1
            stated = random.random(count) < STATED.get(field, 1.0)
            found[field] = RawColumn(["", *spelled.values], np.where(stated, codes, 0))
        for field, lists in self._lists.items():
            stated = random.random(count) < STATED[field]
            found[field] = RawColumn(lists, np.where(stated, random.integers(1, len(lists), count), 0))
        return found

    def _cargos_of(self, names: Sequence[str], kept: set[str], pairs: int) -> list[str]:
        if not names:
            return [""]
        single = [name for name in dict.fromkeys(names) if name in kept] or [names[0]]
        return [*single, *("+".join(pair) for pair in self._random.choice(single, (pairs, 2)).tolist())]

    def _list(self, terms: Sequence[str]) -> str:
        return ";".join(self._random.choice(terms, self._random.integers(1, 4)).tolist())


def _occurrence(columns: Mapping[str, RawColumn]) -> NDArray[np.int64]:
    """How many rows like it stand before each row."""
    key = np.zeros(len(next(iter(columns.values())).codes), np.uint64)
    for column in columns.values():
        key = key * np.uint64(0x9E3779B97F4A7C15) + column.codes.astype(np.uint64)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    places = np.arange(len(key))
    begins = np.maximum.accumulate(np.where(np.r_[True, ordered[1:] != ordered[:-1]], places, 0))
    found = np.empty(len(key), np.int64)
    found[order] = places - begins
    return found


def as_table(columns: Mapping[str, RawColumn], first: int) -> pa.Table:
    """Candidates as a table of texts, with ids."""
    count = len(next(iter(columns.values())).codes)
    ids = pa.array(np.arange(first, first + count)).cast(pa.string())
    texts = {
        name: pa.DictionaryArray.from_arrays(
            pa.array(column.codes.astype(np.int32)), list(column.values)
        ).dictionary_decode()
        for name, column in columns.items()
    }
    return pa.table({"id": ids, **texts})


def write(path: Path, count: int, features: Features, names: int = NAMES) -> None:
    """Writes a library, as Parquet or CSV by the suffix, unless it is there."""
    if path.exists():
        return
    unfinished = path.with_suffix(".part")
    tables = (as_table(columns, first) for first, columns in Library(features, names).millions(count))
    head = next(tables)
    if path.suffix == ".parquet":
        writer = parquet.ParquetWriter(unfinished, head.schema)
    else:
        writer = csv.CSVWriter(unfinished, head.schema, write_options=csv.WriteOptions(quoting_style="needed"))
    with writer:
        writer.write_table(head)
        for table in tables:
            writer.write_table(table)
    unfinished.rename(path)


def main() -> None:
    """Writes a library."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("rows", type=int)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--names", type=int, default=NAMES, help="about how many different cargos")
    chosen = arguments.parse_args()
    write(chosen.out, chosen.rows, Features.load(), chosen.names)


if __name__ == "__main__":
    main()
