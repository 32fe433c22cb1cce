"""The one place that turns a candidate into features, for training, serving and batch alike.

Every feature is named `field:level`; the value of a level that holds is its prior width: under one common penalty, a wider
level may move the score further before the data must insist. The design follows from what `effect` means. A native vesicle
speaks for its source cell. A depleted one is judged against the same vesicle with the cargo, so what source and cargo say
turns round. An enriched one is judged for the cargo more than for the carrier, a loaded one for the cargo alone.
"""

from __future__ import annotations

import hashlib
import math
from functools import cached_property

from models.candidate import Candidate, Reader, Reading
from models.naming import CargoName, Naming
from models.roles import NO_VOTES, Roles, Votes
from models.vocabulary import Vocabulary

# How much of the source cell's own effect a vesicle shows in each state of its cargo.
CARRIER_SPEAKS = {"native": 1.0, "enriched": 0.3, "loaded": 0.0, "depleted": -1.0}

# Prior widths in log-odds, fixed by reasoning before any fit: the state and source nearly decide, the type hardly matters.
WIDTH = {
    "cargo_state": 1.5,
    "source_cell": 1.0,
    "source_cell_any_state": 0.5,
    "source_phenotype": 1.0,
    "cargo_type": 0.3,
    "cargo_role": 1.0,
}

# Votes that the prior counts for: the even prior against all tumours together, those against each narrower tumour, and the
# most that a seed family can add to the prior of its members.
PRIOR_VOTES = 2.0
FAMILY_VOTES = 4.0
FAMILY_HALF = 5.0
FAMILY_MEMBER_CAP = 30.0


class Features:
    """Candidate to features, by one reader of candidates and one table of roles. Immutable once built."""

    def __init__(self, reader: Reader, roles: Roles) -> None:
        self.reader = reader
        self.vocabulary = vocabulary = reader.vocabulary
        self.roles = roles
        self._narrower: dict[str, tuple[str, ...]] = {}
        for term in vocabulary.terms("cancer_type"):
            for ancestor in vocabulary.lineage("cancer_type", term.name):
                self._narrower[ancestor] = (*self._narrower.get(ancestor, ()), term.name)
        self._family: dict[str, dict[str, Votes]] = {}
        for stem in roles.stems("mirna"):
            if seed := reader.naming.cargo("mirna", stem).seed:
                self._family.setdefault(seed, {})[stem] = _capped(roles.of("mirna", stem))

    @classmethod
    def load(cls) -> Features:
        """Features over the shipped vocabulary, names and roles."""
        roles = Roles.load()
        vocabulary = Vocabulary.load()
        return cls(Reader(vocabulary, Naming.load(vocabulary, roles)), roles)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex, first 16) over vocabulary and roles: what a name means, and what is known of it."""
        return hashlib.sha256(f"{self.vocabulary.fingerprint} {self.roles.fingerprint}".encode()).hexdigest()[:16]

    def of(self, reading: Reading) -> dict[str, float]:
        """The features of a candidate: name to value, zero ones left out, always in the same order."""
        one = reading.candidate
        carrier = CARRIER_SPEAKS[one.cargo_state]
        features = {
            f"source_cell:{one.source_cell}": WIDTH["source_cell"] * carrier,
            f"source_cell:{one.source_cell} in any state": WIDTH["source_cell_any_state"],
        }
        for phenotype in self.vocabulary.lineage("source_phenotype", one.source_phenotype):
            if phenotype != "unspecified":
                features[f"source_phenotype:{one.source_cell} {phenotype}"] = WIDTH["source_phenotype"] * carrier
        features[f"cargo_state:{one.cargo_state}"] = WIDTH["cargo_state"]
        features[f"cargo_type:{one.cargo_type}"] = WIDTH["cargo_type"]
        features["cargo_name:role"] = WIDTH["cargo_role"] * self.signed_role(reading)
        return {name: value for name, value in features.items() if value}

    def signed_role(self, reading: Reading) -> float:
        """What independent reports say of the cargo, in log-odds of suppressing; 0 where they say nothing.

        The mean over co-loaded cargos; the sign turns for what is switched off (depleted cargo, siRNA, inhibitors).
        """
        one = reading.candidate
        spoken_of = [
            self._sign(name, one) * self.role(name, one.cancer_type) for name in reading.cargo if self._spoken_of(name)
        ]
        return math.fsum(spoken_of) / len(spoken_of) if spoken_of else 0.0

    def role(self, name: CargoName, cancer_type: str) -> float:
        """The role of one cargo in one tumour: shrunken log-odds that a report calls it a suppressor.

        Each level is a prior for the next: even odds, the seed family of a microRNA, all tumours together, then the
        tumour's ancestors down to itself (empirical-Bayes shrinkage along the tree).
        """
        chance, strength = 0.5, PRIOR_VOTES
        own = self.roles.of(name.kind, name.stem)
        family = self._relatives(name)
        if family.total:
            chance = _shrunk(family, chance, strength)
            strength += FAMILY_VOTES * family.total / (family.total + FAMILY_HALF)
        chance = _shrunk(own, chance, strength)
        for ancestor in reversed(self.vocabulary.lineage("cancer_type", cancer_type)):
            if ancestor and ancestor != "cancer":
                chance = _shrunk(self._votes_within(name, ancestor), chance, PRIOR_VOTES)
        return math.log(chance / (1.0 - chance))

    def _relatives(self, name: CargoName) -> Votes:
        """The votes on the other microRNAs of the same seed."""
        votes = NO_VOTES
        for stem, of_stem in self._family.get(name.seed, {}).items():
            if stem != name.stem:
                votes += of_stem
        return votes

    def _votes_within(self, name: CargoName, cancer_type: str) -> Votes:
        votes = NO_VOTES
        for narrower in self._narrower.get(cancer_type, ()):
            votes += self.roles.of(name.kind, name.stem, narrower)
        return votes

    def _spoken_of(self, name: CargoName) -> bool:
        if not name.recognised:
            return False
        return self.roles.knows(name.kind, name.stem) or self._relatives(name).total > 0

    @staticmethod
    def _sign(name: CargoName, one: Candidate) -> float:
        turned = [one.cargo_state == "depleted", one.cargo_type == "sirna", name.silences]
        return -1.0 if sum(turned) % 2 else 1.0


def _capped(votes: Votes) -> Votes:
    """The same balance of votes, at most FAMILY_MEMBER_CAP of them: one much studied member must not speak for all."""
    share = min(1.0, FAMILY_MEMBER_CAP / votes.total) if votes.total else 0.0
    return Votes(votes.suppressing * share, votes.oncogenic * share)


def _shrunk(votes: Votes, chance: float, strength: float) -> float:
    """The share of suppressing votes, drawn towards `chance` as if `strength` more votes had fallen that way."""
    return (votes.suppressing + strength * chance) / (votes.total + strength)
