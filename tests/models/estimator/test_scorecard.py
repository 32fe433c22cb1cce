"""A score can be added up by hand from the card alone, whatever the candidate, in JSON and from the table."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from models.estimator.scorecard import STATES, ScoreCard
from models.rounding import round_number
from models.scorer import Scorer
from service.registry import serializers

CANDIDATES = 4000
# The cargo types by which names of each kind are read; the last one silences what it names.
TYPES = {"mirna": ("mirna",), "gene": ("protein", "sirna"), "lncrna": ("lncrna", "lncrna")}
UNKNOWN = {"mirna": "miR-99999", "gene": "QQQX1", "lncrna": "LNCQQQX1"}
WITHOUT_ROLE = {"small_molecule": "doxorubicin", "whole_vesicle": ""}


@pytest.fixture(scope="module")
def document(scorer: Scorer) -> dict[str, Any]:
    return serializers.scorecard(scorer, cargos=True)


@pytest.fixture(scope="module", params=["json", "tsv"])
def rows(request: pytest.FixtureRequest, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the card, from JSON or from the table."""
    if request.param == "json":
        listed: list[dict[str, Any]] = document["rows"]
        return listed
    table = csv.DictReader("".join(serializers.scorecard_table(document)).splitlines(), delimiter="\t")
    return [
        {
            **{name: row[name] for name in ("field", "level", "of")},
            "terms": row["terms"].split(";") if row["terms"] else [],
            "points": {state: float(row[state]) for state in STATES},
        }
        for row in table
    ]


class Card:
    """Adds up by the rules that are printed with the card, knowing nothing of the model."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.own = [row for row in rows if row["field"] != "cargo_name"]
        self.cargos: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in rows:
            if row["field"] == "cargo_name":
                self.cargos.setdefault((row["of"], row["level"]), []).append(row)

    def add_up(self, candidate: Mapping[str, Any], kind: str) -> float:
        """The sum for a candidate, whose cargo is of a kind."""
        state = candidate["cargo_state"]
        terms = {
            "source_cell": {candidate["source_cell"]},
            "source_phenotype": {candidate["source_phenotype"], *({"hypoxia"} & set(candidate["polarisation"]))},
            "recipient_cell": set(candidate["recipient_cell"]),
        }
        total = 0.0
        for row in self.own:
            always = row["field"] in ("baseline", "cargo_state")
            if always or (terms[row["field"]] & set(row["terms"]) and row["of"] in ("", candidate["source_cell"])):
                total += row["points"][state]
        if kind:
            names = candidate["cargo_name"].split("+")
            sign = -1 if candidate["cargo_type"] == "sirna" else 1
            total += sign * sum(self.of_cargo(kind, name, candidate, state) for name in names) / len(names)
        return total

    def of_cargo(self, kind: str, name: str, candidate: Mapping[str, Any], state: str) -> float:
        """The points of one cargo."""
        listed = self.cargos.get((kind, name), [])
        fitting = [row for row in listed if candidate["cancer_type"] in row["terms"]]
        fitting = fitting or [row for row in listed if not row["terms"]] or self.cargos[kind, "any other"]
        (row,) = fitting
        points: float = row["points"][state]
        return points


def candidates(scorer: Scorer, card: Card, count: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Candidates by chance, each with the kind of its cargo."""
    chance, vocabulary = random.Random(7), scorer.features.vocabulary
    named: dict[str, list[str]] = {kind: [] for kind in TYPES}
    for kind, name in card.cargos:
        named[kind].append(name)
    for _ in range(count):
        cell = chance.choice(vocabulary.names("source_cell"))
        kind = chance.choice([*TYPES, *TYPES, ""])
        state = chance.choice(STATES)
        if kind:
            cargo_type = chance.choice(TYPES[kind])
            names = chance.sample(named[kind], chance.choice([1, 1, 1, 2, 3]))
            cargo_name = "+".join(UNKNOWN[kind] if name == "any other" else name for name in names)
        else:
            cargo_type, cargo_name = chance.choice([*WITHOUT_ROLE.items()])
        if cargo_type in ("sirna", "small_molecule"):
            state = "loaded"
        yield (
            {
                "source_cell": cell,
                "source_phenotype": chance.choice([*sorted(vocabulary.phenotypes_of(cell)), "unspecified"]),
                "polarisation": chance.sample(["hypoxia", "IL-4", "LPS"], chance.randint(0, 2)),
                "recipient_cell": chance.sample(vocabulary.names("recipient_cell"), chance.randint(0, 3)),
                "cargo_type": cargo_type,
                "cargo_name": cargo_name,
                "cargo_state": state,
                "cancer_type": chance.choice(["", *vocabulary.names("cancer_type")]),
            },
            kind,
        )


def test_the_points_of_thousands_of_candidates_are_their_log_odds(scorer: Scorer, rows: list[dict[str, Any]]) -> None:
    card = Card(rows)
    tried = 0
    for candidate, kind in candidates(scorer, card, CANDIDATES):
        reading = scorer.parser.parse(candidate)
        # The rules of the card tell how plain names count, not what else a text can mean.
        if not all(name.kind in (kind, "unknown") for name in reading.cargo) and kind:
            continue
        tried += 1
        log_odds = scorer.score_reading(reading).log_odds
        total = card.add_up(candidate, kind)
        assert total == pytest.approx(log_odds, abs=1e-5), candidate
        assert round_number(total) == pytest.approx(round_number(log_odds), abs=1.01e-4)
    assert tried > 0.9 * CANDIDATES


def test_the_card_without_cargos_is_short_and_has_every_feature_of_the_model(scorer: Scorer) -> None:
    card = ScoreCard.of_model(scorer.bundle.model, scorer.features, cargos=False)
    # All states are in one row, the role is in rules, and the baseline and unknown cargos of three kinds are added.
    assert len(card.rows) == len(scorer.bundle.model.weights) - len(STATES) - 1 + 1 + 1 + 3
    assert f"{card.role_weight:.6f} times its role" in card.rules[-1]
    assert card.role_weight == pytest.approx(scorer.bundle.model.weights["cargo_name:role"])


def test_a_loaded_cargo_counts_without_its_source_and_a_depleted_one_the_other_way_round(scorer: Scorer) -> None:
    for row in ScoreCard.of_model(scorer.bundle.model, scorer.features, cargos=False).rows:
        native, enriched, loaded, depleted = row.points
        if row.field.startswith(("source", "recipient")):
            assert (enriched, loaded, depleted) == pytest.approx((native / 2, 0.0, -native), abs=1e-6)
        elif row.field == "cargo_name":
            assert (enriched, loaded, depleted) == (native, native, -native)
