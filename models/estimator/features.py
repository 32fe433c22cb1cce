"""The one place that turns a candidate into features, for training, serving and batch alike.

Every feature is named `field:level`; the value of a level that holds is its prior width: under one common penalty, a wider
level may move the score further before the data must insist. The design follows from what `effect` means. A native vesicle
speaks for its source cell. A depleted one is judged against the same vesicle with the cargo, so what source and cargo say
turns round. An enriched one is judged for the cargo more than for the carrier, a loaded one for the cargo alone. One that
immune cells take up acts through them: tumour vesicles bring them antigens, and then suppress more often than otherwise.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.arrays import Floats
from models.candidates.candidate import ParsedCandidate
from models.candidates.cargo import JOINT, Cargo, shares_in, state_sign
from models.candidates.parser import CandidateParser
from models.knowledge.roles import NO_VOTES, Roles, Votes
from models.naming.resolver import CargoName, NameResolver
from models.vocabulary.vocabulary import Vocabulary

# How much of the source cell's own effect a vesicle shows in each state of its cargo.
SOURCE_EFFECT_BY_STATE = {"native": 1.0, "enriched": 0.5, "loaded": 0.0, "depleted": -1.0}

# Prior widths in log-odds, fixed before any fit: all alike, except that the disposition of a state, which stands for many
# phenotypes at once, may move the score twice as far as any one of them.
PRIOR_SCALE = {
    "cargo_state": 1.0,
    "source_cell": 1.0,
    "source_phenotype": 1.0,
    "disposition": 2.0,
    "recipient_cell": 1.0,
    "role": 1.0,
}

# The feature of the cargo's role, the only one that depends on what is carried.
ROLE = "cargo_name:role"

# A tumour's own reports are weighed against those of the broader tumour as if the latter were this many reports.
TUMOUR_VOTES = 2.0
# Reports on one cargo follow each other: n of them say as much as n / (1 + (n - 1) x this) independent ones, never more than
# five (the design effect of clusters, Kish 1965).
REPORT_CORRELATION = 0.2

# The kind of name under which a cargo type's reports are counted. Small molecules, particles and vesicles have none.
KIND_OF_CARGO_TYPE = {
    "mirna": "mirna",
    "lncrna": "lncrna",
    "circrna": "lncrna",
    "protein": "gene",
    "mrna": "gene",
    "sirna": "gene",
}
_HOST_GENE = re.compile(r"circ(?P<circ>[A-Z][A-Za-z0-9]+)|(?P<antisense>[A-Z0-9]+)-AS\d")
# The stimulus that makes a source hypoxic.
HYPOXIA = "hypoxia"
# The recipients through which a vesicle acts on the tumour by immunity.
IMMUNE_CELLS = frozenset({"t_cell", "nk_cell", "macrophage", "dendritic_cell", "neutrophil"})
# Raised when candidates get other features: a model scores only with those that it learned with.
RULES = 2
# Of how many cargos the roles in all tumours are remembered.
MAX_ROLES = 8192


class Features:
    """Candidate to features, by one reader of candidates and one table of roles. Immutable once built."""

    def __init__(self, reader: CandidateParser, roles: Roles) -> None:
        self.parser = reader
        self.vocabulary = vocabulary = reader.vocabulary
        self.roles = roles
        # Votes on a microRNA in each tumour of which reports speak, those of its narrower tumours among them.
        self._within: dict[str, dict[str, Votes]] = {}
        # Votes on the microRNAs of each seed, over all tumours.
        self._family: dict[str, dict[str, Votes]] = {}
        for stem in roles.stems("mirna"):
            if seed := reader.naming.cargo("mirna", stem).seed:
                self._family.setdefault(seed, {})[stem] = self.independent(roles.of("mirna", stem))
            within = self._within[stem] = {}
            for tumour, votes in roles.by_tumour("mirna", stem).items():
                if votes.total and vocabulary.has("cancer_type", tumour):
                    for broader in vocabulary.lineage("cancer_type", tumour):
                        if broader != "cancer":
                            within[broader] = within.get(broader, NO_VOTES) + votes
        # Every tumour with the next broader one, which comes before it; the broadest have none.
        tumours = sorted((vocabulary.lineage("cancer_type", name) for name in vocabulary.names("cancer_type")), key=len)
        self._broader = {tumour: broader[0] if broader else "" for tumour, *broader in tumours}
        # Where the role in a tumour stands among those of a cargo; first the one where no tumour is stated.
        self.tumour_code = {tumour: code for code, tumour in enumerate(("", *vocabulary.names("cancer_type")))}
        self._no_role = np.zeros(len(self.tumour_code))
        self._roles = lru_cache(MAX_ROLES)(self._compute_roles)

    def __reduce__(self) -> tuple[Any, ...]:
        # What is remembered cannot be sent to another process.
        return Features, (self.parser, self.roles)

    @classmethod
    def load(cls, imported: Path | None = None) -> Features:
        """Features over the shipped vocabulary, names and roles, and the role tables that a lab imported into a folder.

        Raises KnowledgeError where one of those cannot be read.
        """
        roles = Roles.load(imported)
        vocabulary = Vocabulary.load()
        return cls(CandidateParser(vocabulary, NameResolver.load(vocabulary, roles)), roles)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex, first 16) over vocabulary, roles and rules: what a name means, what is known of it, and what counts."""
        parts = f"{RULES} {self.vocabulary.fingerprint} {self.roles.fingerprint}"
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    def of(self, reading: ParsedCandidate) -> dict[str, float]:
        """The features of a candidate: name to value, zero ones left out, always in the same order, the role last."""
        stated = reading.candidate
        hypoxic, immune = HYPOXIA in stated.polarisation, acts_by_immunity(stated.recipient_cell)
        state = reading.carried.mixed_state or stated.cargo_state
        features = self.of_carrier(stated.source_cell, stated.source_phenotype, hypoxic, immune, state)
        if role := self.signed_role(reading):
            features[ROLE] = PRIOR_SCALE["role"] * role
        return features

    def of_carrier(self, cell: str, phenotype: str, hypoxic: bool, immune: bool, state: str) -> dict[str, float]:
        """The features of a candidate whatever it carries: of its source, of whether immune cells take it up, and of the state
        that the cargo is in; of a `mixed_state` the mean of its states, each with its share."""
        if JOINT in state:
            mixed: dict[str, float] = {}
            for each, share in shares_in(state):
                for name, value in self.of_carrier(cell, phenotype, hypoxic, immune, each).items():
                    mixed[name] = mixed.get(name, 0.0) + share * value
            return {name: value for name, value in mixed.items() if value}
        carrier = SOURCE_EFFECT_BY_STATE[state]
        features = {f"source_cell:{cell}": PRIOR_SCALE["source_cell"] * carrier}
        for broader in self.vocabulary.lineage("source_phenotype", phenotype):
            features[f"source_phenotype:{cell} {broader}"] = PRIOR_SCALE["source_phenotype"] * carrier
        for disposition in self._dispositions(phenotype, hypoxic):
            features[f"source_phenotype:{disposition}"] = PRIOR_SCALE["disposition"] * carrier
        if immune:
            features["recipient_cell:immune"] = PRIOR_SCALE["recipient_cell"] * carrier
        features[f"cargo_state:{state}"] = PRIOR_SCALE["cargo_state"]
        return {name: value for name, value in features.items() if value}

    def signed_role(self, reading: ParsedCandidate) -> float:
        """What independent reports say of the cargo, in log-odds of suppressing; 0 for cargo without a kind of reports.

        The sign turns for what is switched off (depleted cargo, siRNA, inhibitors).
        """
        stated = reading.candidate
        return state_sign(stated.cargo_state) * self.role_of_all(reading.carried, stated.cancer_type)

    def role_of_all(self, cargo: Cargo, cancer_type: str = "") -> float:
        """The mean role of co-loaded cargos as a vesicle brings them, siRNAs and inhibitors turning those of their targets; in a
        set that states weights, or several types, each with its share."""
        roles = self.roles_of_all(cargo)
        return float(roles[self.tumour_code.get(cancer_type, 0)])

    def roles_of_all(self, cargo: Cargo) -> Floats:
        """The mean roles of co-loaded cargos where no tumour is stated and in every tumour, shape (tumours + 1,)."""
        each = self._roles_of_each(cargo)
        if not cargo.is_uniform:
            pairs = zip(cargo.shares, each, strict=True)
            return sum((share * roles for share, roles in pairs if roles is not None), start=self._no_role)
        roles = [of_name for of_name in each if of_name is not None]
        if not roles:
            return self._no_role
        return roles[0] if len(roles) == 1 else np.mean(roles, axis=0)

    def shares_of_role(self, cargo: Cargo, cancer_type: str = "") -> list[tuple[float, float]]:
        """Of each co-loaded cargo the share with which it counts, and that share of its role; the latter sum to `role_of_all`.

        Where no weights are stated and all are of one type, cargos without a kind of reports do not count, as in training.
        """
        each, place = self._roles_of_each(cargo), self.tumour_code.get(cancer_type, 0)
        shares: Sequence[float] = cargo.shares
        if cargo.is_uniform and (counted := sum(roles is not None for roles in each)):
            shares = [0.0 if roles is None else 1.0 / counted for roles in each]
        pairs = zip(shares, each, strict=True)
        return [(share, 0.0 if roles is None else share * float(roles[place])) for share, roles in pairs]

    def _roles_of_each(self, cargo: Cargo) -> list[Floats | None]:
        """The role of each cargo as the vesicle brings it, None where it has no kind of reports."""
        roles: list[Floats | None] = []
        for name, cargo_type, sign in zip(cargo.names, cargo.type_of_each, cargo.signs, strict=True):
            kind, stem = self.reported_as(name, cargo_type)
            roles.append(None if kind is None else self._roles(kind, stem, name.seed) * sign)
        return roles

    def _compute_roles(self, kind: str, stem: str, seed: str) -> Floats:
        """The log-odds that a report calls one cargo a suppressor where no tumour is stated and in every tumour, shape
        (tumours + 1,).

        The mean of a Beta posterior, each level being the prior of the next: the typical cargo of the kind, the seed
        family of a microRNA, all tumours together, then the tumour's ancestors down to itself (empirical Bayes along the
        tree). A tumour of which no report speaks is as its nearest ancestor. A cargo that no report speaks of is taken for a
        typical one, or for its host gene.
        """
        beta = self.roles.priors.get(kind, Votes(1.0, 1.0))
        if kind == "mirna":
            # The typical cargo of the kind with the other microRNAs of the same seed, as strong as the former alone.
            relatives = [votes for other, votes in self._family.get(seed, {}).items() if other != stem]
            beta = _scaled(beta + sum(relatives, start=NO_VOTES), beta.total)
        posteriors = {"": beta + self.independent(self.roles.of(kind, stem))}
        roles = {"": _log_odds(posteriors[""])}
        within = self._within.get(stem) if kind == "mirna" else None
        if not within:
            return np.broadcast_to(np.float64(roles[""]), len(self.tumour_code))
        for tumour, broader in self._broader.items():
            posteriors[tumour], roles[tumour] = posteriors[broader], roles[broader]
            if tumour in within:
                posteriors[tumour] = _scaled(posteriors[broader], TUMOUR_VOTES) + self.independent(within[tumour])
                roles[tumour] = _log_odds(posteriors[tumour])
        return np.array([roles[tumour] for tumour in self.tumour_code])

    @staticmethod
    def independent(votes: Votes) -> Votes:
        """As many independent reports as these are worth."""
        total = votes.total
        return _scaled(votes, total / (1.0 + (total - 1.0) * REPORT_CORRELATION)) if total > 1.0 else votes

    def reports(self, name: CargoName, cargo_type: str) -> Votes:
        """The independent reports on one cargo, over all tumours; none for a cargo that was not recognised. Those of a family are
        also those of its members."""
        kind, stem = self.reported_as(name, cargo_type)
        members = name.alternatives if name.how == "family" else ()
        return sum((self.roles.of(kind, each) for each in (stem, *members)), start=NO_VOTES) if kind else NO_VOTES

    def reports_on_relatives(self, name: CargoName) -> Votes:
        """The independent reports on the other microRNAs of the same seed, from which a cargo's role is estimated too."""
        relatives = (stem for stem in self._family.get(name.seed, {}) if stem != name.stem)
        return sum((self.roles.of("mirna", stem) for stem in relatives), start=NO_VOTES)

    def reported_as(self, name: CargoName, cargo_type: str) -> tuple[str | None, str]:
        """The kind and name under which reports on a cargo are counted."""
        if name.recognised and self.roles.knows(name.kind, name.stem):
            return name.kind, name.stem
        host = _HOST_GENE.fullmatch(name.name)
        if host and self.roles.knows("gene", gene := host["circ"] or host["antisense"]):
            return "gene", gene
        return KIND_OF_CARGO_TYPE.get(cargo_type), name.stem if name.recognised else ""

    def _dispositions(self, phenotype: str, hypoxic: bool) -> tuple[str, ...]:
        """What the state of the source makes of it towards a tumour; hypoxia counts in whichever field it is stated."""
        states = [phenotype, "hypoxic"] if hypoxic else [phenotype]
        dispositions = {self.vocabulary.term("source_phenotype", state).disposition for state in states}
        return tuple(sorted(dispositions - {"neutral"}))


def acts_by_immunity(recipients: Collection[str]) -> bool:
    """Whether immune cells are among those that take the vesicle up."""
    return not IMMUNE_CELLS.isdisjoint(recipients)


def _log_odds(votes: Votes) -> float:
    return math.log(votes.suppressing / votes.oncogenic)


def _scaled(votes: Votes, strength: float) -> Votes:
    """The same balance of votes at another total."""
    return Votes(votes.suppressing * strength / votes.total, votes.oncogenic * strength / votes.total)
