"""Features: the role of the cargo is signed, aware of the tumour and shrunken; states turn what source and cargo say."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estimator import features as rules
from models.estimator.features import SOURCE_EFFECT_BY_STATE, Features
from models.knowledge.roles import Roles, Votes
from models.knowledge.sources import RoleRow

SHARED = Features.load()


def role(features: Features, **raw: object) -> float:
    return features.signed_role(features.parser.parse({"source_phenotype": "M2", **raw}))


def mirna(name: str, **more: object) -> dict[str, object]:
    return {"cargo_type": "mirna", "cargo_name": name, **more}


def test_known_suppressors_and_oncogenes_have_the_sign_that_reports_give_them(features: Features) -> None:
    assert role(features, **mirna("miR-145")) > 1
    assert role(features, **mirna("miR-21")) < -1
    assert role(features, cargo_type="protein", cargo_name="PTEN") > 1
    assert role(features, cargo_type="protein", cargo_name="KRAS") < -1


def test_the_sign_turns_once_for_what_is_switched_off_however_often_that_is_said(features: Features) -> None:
    native = role(features, **mirna("miR-21"))
    assert role(features, **mirna("miR-21", cargo_state="depleted")) == -native
    assert role(features, **mirna("miR-21 inhibitor", cargo_state="loaded")) == -native
    assert role(features, **mirna("anti-miR-21", cargo_state="depleted")) == -native
    assert role(features, cargo_type="sirna", cargo_name="anti-miR-21", cargo_state="loaded") == -native
    kras = role(features, cargo_type="protein", cargo_name="KRAS")
    assert role(features, cargo_type="sirna", cargo_name="KRAS", cargo_state="loaded") == -kras


def test_the_role_is_that_of_the_tumour_where_reports_speak_of_it(features: Features) -> None:
    roles = features.roles
    everywhere = role(features, **mirna("miR-155"))
    votes = roles.of("mirna", "miR-155", "melanoma")
    assert votes.total, "the example needs votes in that tumour"
    towards = (
        votes.suppressing / votes.total - roles.of("mirna", "miR-155").suppressing / roles.of("mirna", "miR-155").total
    )
    moved = role(features, **mirna("miR-155", cancer_type="melanoma")) - everywhere
    assert moved * towards > 0


def test_a_tumour_without_votes_backs_off_to_its_parent(features: Features) -> None:
    parent = role(features, **mirna("miR-21", cancer_type="breast cancer"))
    assert not features.roles.of("mirna", "miR-21", "HER2-positive breast cancer").total
    assert role(features, **mirna("miR-21", cancer_type="HER2-positive breast cancer")) == parent


def typical(features: Features, kind: str) -> float:
    prior = features.roles.priors[kind]
    return math.log(prior.suppressing / prior.oncogenic)


def test_a_cargo_that_nobody_reports_on_is_taken_for_a_typical_one_of_its_kind(features: Features) -> None:
    lncrna, gene = typical(features, "lncrna"), typical(features, "gene")
    assert role(features, cargo_type="lncrna", cargo_name="unheard-of transcript") == pytest.approx(lncrna)
    assert role(features, cargo_type="circrna", cargo_name="circ_0099999") == pytest.approx(lncrna)
    ambiguous = role(features, cargo_type="protein", cargo_name="MRP1")
    assert ambiguous == pytest.approx(gene), "neither meaning is guessed"


def test_cargo_without_a_kind_of_reports_has_no_role(features: Features) -> None:
    assert role(features, cargo_type="whole_vesicle") == 0.0
    assert role(features, cargo_type="small_molecule", cargo_name="paclitaxel", cargo_state="loaded") == 0.0


def test_an_unreported_circrna_or_antisense_rna_goes_by_its_host_gene(features: Features) -> None:
    host = role(features, cargo_type="protein", cargo_name="FBXW7")
    assert role(features, cargo_type="circrna", cargo_name="circ-FBXW7") == host
    assert role(features, cargo_type="lncrna", cargo_name="FBXW7-AS1") == host


def test_hypoxia_counts_by_whichever_field_it_is_told(features: Features) -> None:
    raw = {"source_cell": "cancer_cell", "cargo_type": "whole_vesicle"}
    told = [
        features.of(features.parser.parse(raw | more))
        for more in (
            {"source_phenotype": "hypoxic"},
            {"source_phenotype": "unspecified", "polarisation": "hypoxia"},
            {"source_phenotype": "hypoxic", "polarisation": "hypoxia"},
        )
    ]
    assert [of.get("source_phenotype:aggressive") for of in told] == [2.0, 2.0, 2.0]


def test_more_votes_of_one_kind_speak_louder_but_never_for_certain() -> None:
    def with_votes(suppressing: int) -> float:
        features = Features(SHARED.parser, Roles([RoleRow("gene", "PTEN", "", suppressing, 0)]))
        return role(features, cargo_type="protein", cargo_name="PTEN")

    assert 0 < with_votes(1) < with_votes(10) < with_votes(1000) < math.log(7.0), (
        "five reports beside a prior of one each way"
    )


def test_one_report_more_moves_the_role_the_less_the_more_there_are() -> None:
    worth = [Features.independent(Votes(float(reports), 0.0)).total for reports in range(1, 200)]
    added = [more - less for less, more in pairwise(worth)]
    assert worth[0] == 1.0
    assert added == sorted(added, reverse=True)
    assert min(added) > 0


@given(st.integers(0, 500), st.integers(0, 500))
def test_however_many_reports_there_are_their_balance_is_kept(suppressing: int, oncogenic: int) -> None:
    votes, worth = Votes(suppressing, oncogenic), Features.independent(Votes(suppressing, oncogenic))
    assert worth.suppressing * votes.oncogenic == pytest.approx(worth.oncogenic * votes.suppressing)
    assert worth.total <= min(votes.total, 5.0)


def test_vesicles_that_immune_cells_take_up_act_through_them_as_far_as_they_show_their_carrier(
    features: Features,
) -> None:
    def immune(recipients: str, state: str = "native") -> float:
        raw = mirna("miR-21", source_cell="cancer_cell", source_phenotype="", recipient_cell=recipients)
        return features.of(features.parser.parse(raw | {"cargo_state": state})).get("recipient_cell:immune", 0.0)

    for recipients in ("T cells", "dendritic cells", "cancer cells;NK cells", "macrophages", "PMN"):
        assert immune(recipients) == 1.0, recipients
    for recipients in ("", "cancer cells", "endothelial cells;fibroblasts"):
        assert immune(recipients) == 0.0, recipients
    assert [immune("T cells", state) for state in ("enriched", "loaded", "depleted")] == [0.5, 0.0, -1.0]


def test_a_model_that_learned_by_other_rules_is_known_by_its_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Features(SHARED.parser, SHARED.roles).fingerprint
    monkeypatch.setattr(rules, "RULES", rules.RULES - 1)
    assert Features(SHARED.parser, SHARED.roles).fingerprint != now


def test_the_order_of_co_loaded_cargos_does_not_matter(features: Features) -> None:
    assert role(features, **mirna("miR-21+miR-145")) == role(features, **mirna("miR-145+miR-21"))


@given(st.sampled_from(SHARED.roles.stems("mirna")), st.sampled_from(sorted(SOURCE_EFFECT_BY_STATE)))
def test_features_of_one_candidate_are_always_the_same_in_the_same_order(stem: str, state: str) -> None:
    raw = {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": stem, "cargo_state": state}
    first, second = (list(SHARED.of(SHARED.parser.parse(raw)).items()) for _ in range(2))
    assert first == second


def test_every_feature_belongs_to_a_field_of_the_candidate(features: Features, corpus: tuple) -> None:  # type: ignore[type-arg]
    fields = {name.partition(":")[0] for finding in corpus for name in features.of(finding.reading)}
    assert fields == {"source_cell", "source_phenotype", "cargo_name", "cargo_state", "recipient_cell"}


def test_a_loaded_vesicle_does_not_speak_for_its_source_and_a_depleted_one_speaks_against(features: Features) -> None:
    def of_source(state: str) -> float:
        raw = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", "cargo_state": state}
        return features.of(features.parser.parse(raw)).get("source_phenotype:macrophage M2", 0.0)

    assert of_source("native") > of_source("enriched") > of_source("loaded") == 0.0
    assert of_source("depleted") == -of_source("native")


@pytest.mark.parametrize("votes", [Votes(3, 1), Votes(0, 0), Votes(0.5, 2)])
def test_votes_add_up(votes: Votes) -> None:
    assert (votes + Votes(1, 2)).total == votes.total + 3
