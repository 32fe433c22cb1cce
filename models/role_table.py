"""The roles of cargos in tumours as arrays: one number for a cargo that says the same everywhere, else one for each tumour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.candidate import Read
from models.cargo import Cargo
from models.features import WIDTH, Features
from models.lookup import Codes

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class RoleTable:
    """Roles by codes of cargos and tumours, worked out by the features for each cargo once."""

    def __init__(self, features: Features, cargos: Sequence[Cargo], tumours: Sequence[Read]) -> None:
        """`cargos` and `tumours` are what codes stand for; cargos may grow."""
        self._features = features
        self._cargos = cargos
        self._terms = [read.value for read in tumours]
        self._everywhere: list[float] = []
        self._row: list[int] = []
        self._rows: list[Floats] = []
        place = {term: at for at, term in enumerate(self._terms)}
        lineages = [[place[each] for each in features.vocabulary.lineage("cancer_type", term)] for term in self._terms]
        longest = max(map(len, lineages))
        # Shorter lineages end in what is not stated, in which no report speaks.
        self._lineages = np.array([[*line, *[0] * (longest - len(line))] for line in lineages])
        self._place = place
        self._nearest: dict[tuple[str, str], Places] = {}
        self._arrays = np.empty(0), np.empty(0, dtype=np.int32), np.empty((0, len(self._terms)))

    def of(self, cargo: Codes, tumour: Codes) -> Floats:
        """The role of each cargo in its tumour; a tumour that is no term has a code beyond those of the terms."""
        if len(self._row) < len(self._cargos):
            for each in self._cargos[len(self._row) :]:
                self._add(each)
            rows = np.stack(self._rows) if self._rows else np.empty((0, len(self._terms)))
            self._arrays = np.array(self._everywhere), np.array(self._row, dtype=np.int32), rows
        everywhere, row_of, rows = self._arrays
        found: Floats = everywhere[cargo]
        row = row_of[cargo]
        within = np.flatnonzero((row >= 0) & (tumour < len(self._terms)))
        found[within] = rows[row[within], tumour[within]]
        return found

    def _add(self, cargo: Cargo) -> None:
        role = self._features.role_of_all
        self._everywhere.append(WIDTH["role"] * role(cargo.names, cargo.cargo_type))
        reported = [self._features.reported_as(name, cargo.cargo_type) for name in cargo.names]
        if not any(self._features.reported_within(kind, stem) for kind, stem in reported):
            self._row.append(-1)
            return
        # Tumours whose nearest ones are the same for every name have one role.
        nearest = np.stack([self._nearest_of(kind, stem) for kind, stem in reported])
        key = np.ravel_multi_index(tuple(nearest), (len(self._terms),) * len(nearest))
        _, first, of_tumour = np.unique(key, return_index=True, return_inverse=True)
        roles = [WIDTH["role"] * role(cargo.names, cargo.cargo_type, self._terms[place]) for place in first.tolist()]
        self._row.append(len(self._rows))
        self._rows.append(np.array(roles)[of_tumour])

    def _nearest_of(self, kind: str | None, stem: str) -> Places:
        """For each tumour the nearest one in which reports speak of a cargo, by their places."""
        found = self._nearest.get((kind or "", stem))
        if found is None:
            speaks = np.zeros(len(self._terms), dtype=bool)
            speaks[[self._place[tumour] for tumour in self._features.reported_within(kind, stem)]] = True
            within = speaks[self._lineages]
            rows = np.arange(len(within))
            found = np.where(within.any(axis=1), self._lineages[rows, within.argmax(axis=1)], 0)
            self._nearest[kind or "", stem] = found
        return found
