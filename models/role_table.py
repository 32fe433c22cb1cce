"""The roles of cargos in tumours as arrays: one number for a cargo that says the same everywhere, else one for each tumour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.coded_reader import Carried, CodedReader
from models.features import WIDTH, Features, brings_other_way, mean
from models.lookup import Codes, Growing
from models.memo import ALL, Memo
from models.naming import CargoName

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

# The place of a cargo's roles where they are the same in every tumour.
EVERYWHERE = -1


class RoleTable:
    """Roles by codes of cargos and tumours. Those of a name are worked out by the features once, those of co-loaded cargos from
    the rows of their names."""

    def __init__(self, features: Features, reader: CodedReader) -> None:
        """`reader` has what the codes stand for."""
        self._features = features
        self._reader = reader
        self._terms = [read.value for read in reader.tumours]
        # By cargo: its role where no tumour is stated, and the place of its roles by tumour, EVERYWHERE if they are all alike.
        self._everywhere = Growing()
        self._row = Growing(kind=np.int32)
        self._rows = Growing(len(self._terms))
        self._place = place = {term: at for at, term in enumerate(self._terms)}
        lineages = [features.vocabulary.lineage("cancer_type", term) for term in self._terms[1:]]
        # Every tumour with the next broader one, broader ones first; the broadest have what is not stated.
        self._broader = [
            (place[term], place[broader[0]] if broader else 0) for term, *broader in sorted(lineages, key=len)
        ]
        self._of_name = Memo(self._name, ALL)
        self._reported: dict[tuple[str, str, str, bool], tuple[float, int]] = {}

    def of(self, cargo: Codes, tumour: Codes) -> Floats:
        """The role of each cargo in its tumour; a tumour that is no term has a code beyond those of the terms."""
        for each in self._reader.cargos[len(self._row) :]:
            self._add(each)
        found: Floats = self._everywhere.array[cargo]
        row = self._row.array[cargo]
        within = np.flatnonzero((row >= 0) & (tumour < len(self._terms)))
        found[within] = self._rows.array[row[within], tumour[within]]
        found *= WIDTH["role"]
        return found

    def _add(self, cargo: Carried) -> None:
        roles = [role for code in cargo.names if (role := self._of_name[code]) is not None]
        self._everywhere.add(mean([everywhere for everywhere, _ in roles]))
        rows = [row for _, row in roles]
        if len(rows) > 1 and max(rows) != EVERYWHERE:
            self._row.add(self._rows.add(_together([self._by_tumour(*role) for role in roles])))
        else:
            self._row.add(rows[0] if rows else EVERYWHERE)

    def _by_tumour(self, everywhere: float, row: int) -> Floats:
        return np.full(len(self._terms), everywhere) if row == EVERYWHERE else self._rows.array[row]

    def _name(self, code: int) -> tuple[float, int] | None:
        """What a cargo brings where no tumour is stated, and the place of its row; None where its kind has no reports."""
        cargo_type, name, _ = self._reader.names[code]
        kind, stem = self._features.reported_as(name, cargo_type)
        if kind is None:
            return None
        # Whatever is reported as the same thing brings the same.
        same = kind, stem, name.seed, brings_other_way(name, cargo_type)
        found = self._reported.get(same)
        if found is None:
            found = self._reported[same] = self._brought(name, cargo_type)
        return found

    def _brought(self, name: CargoName, cargo_type: str) -> tuple[float, int]:
        everywhere, within = self._features.roles_as_brought(name, cargo_type)
        if not within:
            return everywhere, EVERYWHERE
        roles = [everywhere] * len(self._terms)
        own = {self._place[tumour]: role for tumour, role in within.items()}
        for place, broader in self._broader:
            roles[place] = own[place] if place in own else roles[broader]
        return everywhere, self._rows.add(roles)


def _together(roles: Sequence[Floats]) -> Floats:
    """Their mean in each tumour, as `mean` has it of one."""
    if len(roles) == 2:
        # Of two numbers the plain sum is the nearest one, as that of `mean` always is.
        together: Floats = (roles[0] + roles[1]) / 2
        return together
    return np.array([mean(each) for each in zip(*(role.tolist() for role in roles), strict=True)])
