"""What a field that was not stated could change is what scoring it with each likely value says, and nothing else is said to be
missing."""

from __future__ import annotations

from collections import Counter

import pytest

from models.scorer import Scorer
from models.scoring.missing import FIELDS
from training.data.findings import Finding

BARE = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21"}


def test_the_ends_are_those_of_scoring_every_likely_value(scorer: Scorer, corpus: tuple[Finding, ...]) -> None:
    counts = Counter(finding.reading.candidate.cancer_type for finding in corpus)
    likely = {tumour for tumour, count in counts.items() if tumour and count >= 3}
    alone = {tumour: scorer.score({**BARE, "cancer_type": tumour}) for tumour in likely}
    missing = {field.field: field for field in scorer.missing(scorer.parser.parse(BARE))}["cancer_type"]
    probabilities = {tumour: score.probability_suppressing for tumour, score in alone.items()}
    assert missing.values == len(likely)
    assert missing.lowest.probability_suppressing == min(probabilities.values())
    assert missing.highest.probability_suppressing == max(probabilities.values())
    assert probabilities[missing.lowest.value] == missing.lowest.probability_suppressing
    assert set(missing.labels) == {score.label for score in alone.values()}


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"cancer_type": "glioma"}, "cancer_type"),
        ({"recipient_cell": "T cells"}, "recipient_cell"),
        ({"cargo_state": "native"}, "cargo_state"),
        ({"polarisation": "IL-4"}, "polarisation"),
        ({"species": "human"}, "species"),
    ],
)
def test_a_field_is_missing_until_it_is_stated(scorer: Scorer, stated: dict[str, str], field: str) -> None:
    without = {missing.field for missing in scorer.missing(scorer.parser.parse(BARE))}
    with_it = {missing.field for missing in scorer.missing(scorer.parser.parse(BARE | stated))}
    assert without - with_it == {field}
    assert "source_phenotype" not in without


def test_a_cancer_type_that_was_not_understood_is_missing(scorer: Scorer) -> None:
    reading = scorer.parser.parse(BARE | {"cancer_type": "gastrc cancer"})
    assert "cancer_type" in {missing.field for missing in scorer.missing(reading)}


def test_a_state_that_follows_from_the_cargo_is_not_missing(scorer: Scorer) -> None:
    reading = scorer.parser.parse({"source_cell": "MSC", "cargo_type": "small_molecule", "cargo_name": "paclitaxel"})
    fields = {missing.field for missing in scorer.missing(reading)}
    assert "cargo_state" not in fields
    assert "source_phenotype" in fields


def test_what_moves_the_probability_most_comes_first(scorer: Scorer) -> None:
    found = scorer.missing(scorer.parser.parse(BARE))
    spreads = [each.highest.probability_suppressing - each.lowest.probability_suppressing for each in found]
    assert spreads == sorted(spreads, reverse=True)
    assert {each.field for each in found} <= set(FIELDS)
