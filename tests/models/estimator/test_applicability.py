"""Unseen cells, phenotypes, cargos, tumours and combinations each say so, by field, with what was seen instead."""

from __future__ import annotations

import pytest

from benchmarks.candidates import Candidates
from models.estimator.applicability import DomainResult
from models.scorer import Scorer

SEEN = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}


def domain(scorer: Scorer, **changed: object) -> DomainResult:
    return scorer.score(SEEN | changed).domain


def said(found: DomainResult) -> dict[str, bool]:
    return {reason.field: reason.outside for reason in found.reasons}


def test_a_candidate_of_seen_values_is_inside_and_nothing_is_said(scorer: Scorer) -> None:
    found = domain(scorer)
    assert (found.inside, found.reasons) == (True, ())
    assert all(count.findings >= count.papers > 0 for count in found.support.values())


@pytest.mark.parametrize(
    ("changed", "field", "outside"),
    [
        ({"source_cell": "b_cell", "source_phenotype": "unspecified"}, "source_cell", True),
        ({"source_phenotype": "M0"}, "source_phenotype", False),
        ({"cargo_type": "lncrna", "cargo_name": "LINC01133"}, "cargo_name", False),
        ({"cargo_state": "loaded"}, "cargo_state", False),
        ({"cargo_type": "lipid", "cargo_name": "ceramide"}, "cargo_type", True),
        ({"cargo_name": "miR-99999"}, "cargo_name", True),
        ({"cargo_name": "blorbase"}, "cargo_name", True),
        ({"cargo_type": "protein", "cargo_name": "MRP1"}, "cargo_name", True),
        ({"cargo_name": "miR-107"}, "cargo_name", False),
        ({"cancer_type": "thymoma"}, "cancer_type", False),
        ({"cancer_type": "cancer of the left antenna"}, "cancer_type", False),
        ({"source_phenotype": "M1", "cargo_state": "depleted"}, "stratum", False),
    ],
)
def test_what_was_never_seen_is_named(scorer: Scorer, changed: dict[str, object], field: str, outside: bool) -> None:
    found = domain(scorer, **changed)
    assert said(found)[field] is outside
    assert found.inside is not outside


def test_outside_the_domain_the_call_is_undetermined_and_says_why(scorer: Scorer) -> None:
    score = scorer.score(SEEN | {"source_cell": "b_cell", "source_phenotype": "unspecified"})
    assert (score.label, score.undetermined_because) == ("undetermined", "domain")
    assert "B cell" in score.summary


def test_a_state_or_source_whose_findings_nearly_all_have_one_effect_says_so(scorer: Scorer) -> None:
    counts = scorer.bundle.model.sets.counts
    for raw, group, field in [
        ({"cargo_state": "loaded"}, "cargo_state:loaded", "cargo_state"),
        ({"cargo_state": "enriched"}, "cargo_state:enriched", "cargo_state"),
        ({"source_cell": "plant", "source_phenotype": "unspecified"}, "source_cell:plant", "source_cell"),
    ]:
        suppressing, promoting = counts["suppressing"][group], counts["promoting"][group]
        assert suppressing >= 20 > promoting
        (says,) = [reason.says for reason in domain(scorer, **raw).reasons if reason.says.startswith("Of ")]
        assert says.startswith(f"Of {suppressing + promoting} findings")
        assert (f"only {promoting} " in says) if promoting else ("none is promoting" in says)
        assert not {"of "} & {reason.says[:3] for reason in domain(scorer).reasons if reason.field == field}


def test_the_support_of_an_unseen_cargo_counts_those_of_its_type(scorer: Scorer) -> None:
    (reason,) = domain(scorer, cargo_name="miR-107").reasons
    count = domain(scorer).support["cargo_type"]
    assert f"{count.findings} findings of {count.papers} papers share its cargo type" in reason.says


def test_a_candidate_is_outside_by_the_fields_whose_reasons_say_so(scorer: Scorer) -> None:
    drawn = [scorer.parser.parse(given) for given in Candidates(scorer.features, 11).draw(400)]
    outside = set()
    for reading in drawn:
        predictions = scorer.predict(reading.columns)
        (fields,), (domain,) = predictions.outside, predictions.domains
        assert set(fields) == {reason.field for reason in domain.reasons if reason.outside}
        assert domain.inside == (not fields)
        outside |= set(fields)
    assert outside >= {"source_cell", "cargo_name"}


@pytest.mark.parametrize(
    ("tumour", "says"),
    [
        ("PC", "The cancer type PC can mean pancreatic cancer or prostate cancer; it was not used"),
        ("lung cancr", "The cancer type lung cancr is unknown; it was not used"),
    ],
)
def test_an_ambiguous_tumour_is_not_said_to_be_an_unknown_one(scorer: Scorer, tumour: str, says: str) -> None:
    assert [reason.says for reason in domain(scorer, cancer_type=tumour).reasons] == [says]
