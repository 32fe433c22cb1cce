"""What was published of very vesicles, for columns of candidates: a word for each, by look-up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.cargo import Cargo
from models.coded_reader import CodedReader, ReadCodes
from models.evidence import EvidenceBase, Vesicle, vesicle
from models.lookup import Lookup

SAYS = ("nothing", "suppressing", "promoting", "contradictory")


class KnownTable:
    """The words of one corpus of findings on what one reader reads."""

    def __init__(self, evidence: EvidenceBase, reader: CodedReader) -> None:
        self._evidence = evidence
        self._reader = reader
        # Codes of what is carried in any finding, with one cargo of each that was met; 0 is all else.
        self._alikes = {alike: code for code, alike in enumerate(evidence.alikes, start=1)}
        self._carried: dict[int, Cargo] = {}
        self._vesicles: list[Vesicle] = []
        self._depleted = reader.states.index("depleted")
        # Tumours that are no terms have one code beyond those of the terms.
        self._tumours = len(reader.tumours) + 1
        self._alike_of = Lookup(self._alike)
        self._vesicle_of = Lookup(self._vesicle)
        self._says = Lookup(self._what_is_known)

    def of(self, read: ReadCodes) -> NDArray[np.int8]:
        """What the literature says of each candidate, as codes into SAYS."""
        alike = self._alike_of.of(read.cargo)
        told = np.flatnonzero(alike)
        found = np.zeros(len(alike), dtype=np.int8)
        if len(told):
            vesicles = self._vesicle_of.of(read.source[told].astype(np.int64) * (len(self._alikes) + 1) + alike[told])
            told, vesicles = told[vesicles > 0], vesicles[vesicles > 0] - 1
            depleted = read.cargo_state[told] == self._depleted
            found[told] = self._says.of((vesicles * 2 + depleted) * self._tumours + read.tumour[told])
        return found

    def _alike(self, cargo: int) -> int:
        cargo_type, names = self._reader.cargos[cargo]
        named = [self._reader.names[name] for name in names]
        code = self._alikes.get(frozenset([one.key for one in named] or [cargo_type]), 0)
        if code and code not in self._carried:
            self._carried[code] = Cargo(cargo_type, tuple(one.name for one in named))
        return code

    def _vesicle(self, key: int) -> int:
        """One more than the place of a vesicle among those met, or 0 for one of which nothing was published."""
        source, alike = divmod(key, len(self._alikes) + 1)
        found = vesicle(*self._reader.sources[source], self._carried[alike])
        if not self._evidence.speaks_of(found):
            return 0
        self._vesicles.append(found)
        return len(self._vesicles)

    def _what_is_known(self, key: int) -> int:
        of_vesicle, tumour = divmod(key, self._tumours)
        place, depleted = divmod(of_vesicle, 2)
        state = "depleted" if depleted else "native"
        known = self._evidence.known_of(self._vesicles[place], state, self._reader.tumours[tumour].value)
        return SAYS.index(known.says)
