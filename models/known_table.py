"""What was published of very vesicles, for columns of candidates: a word for each, by look-up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.coded_reader import CodedReader, ReadCodes
from models.evidence import EvidenceBase, sources_of
from models.lookup import Codes, Growing, Lookup

SAYS = ("nothing", "suppressing", "promoting", "contradictory")


class KnownTable:
    """The words of one corpus of findings on what one reader reads."""

    def __init__(self, evidence: EvidenceBase, reader: CodedReader) -> None:
        self._evidence = evidence
        self._reader = reader
        # Codes of what is carried in any finding; 0 is all else.
        self._alikes = {alike: code for code, alike in enumerate(evidence.alikes, start=1)}
        self._vesicles = [same for of_source in evidence.vesicles.values() for same in of_source]
        self._numbers = {same: number for number, same in enumerate(self._vesicles, start=1)}
        # By source, the number of the vesicle with each of the codes; 0 where no finding is of it.
        self._of_source = Growing(len(self._alikes) + 1, np.int32)
        self._depleted = reader.states.index("depleted")
        # Tumours that are no terms have one code beyond those of the terms.
        self._tumours = len(reader.tumours) + 1
        self._alike_of = Lookup(self._alike)
        self._says = Lookup(self._what_is_known)

    def of(self, read: ReadCodes) -> NDArray[np.int8]:
        """What the literature says of each candidate, as codes into SAYS."""
        for source in self._reader.sources[len(self._of_source) :]:
            self._of_source.add(self._vesicles_of(*source))
        alike = self._alike_of.of(read.cargo)
        told = np.flatnonzero(alike)
        vesicles = self._of_source.array[read.source[told], alike[told]]
        told, vesicles = told[vesicles > 0], vesicles[vesicles > 0] - np.int64(1)
        depleted = read.cargo_state[told] == self._depleted
        found = np.zeros(len(alike), dtype=np.int8)
        found[told] = self._says.of((vesicles * 2 + depleted) * self._tumours + read.tumour[told])
        return found

    def _alike(self, cargo: int) -> int:
        cargo_type, names = self._reader.cargos[cargo]
        return self._alikes.get(frozenset([self._reader.names[name].key for name in names] or [cargo_type]), 0)

    def _vesicles_of(self, cell: str, phenotype: str) -> Codes:
        numbers = np.zeros(len(self._alikes) + 1, dtype=np.int32)
        for source in sources_of(cell, phenotype):
            for same in self._evidence.vesicles.get(source, ()):
                _, alike = same
                numbers[self._alikes[alike]] = self._numbers[same]
        return numbers

    def _what_is_known(self, key: int) -> int:
        of_vesicle, tumour = divmod(key, self._tumours)
        place, depleted = divmod(of_vesicle, 2)
        state = "depleted" if depleted else "native"
        known = self._evidence.known_of(self._vesicles[place], state, self._reader.tumours[tumour].value)
        return SAYS.index(known.says)
