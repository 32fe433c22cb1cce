"""Columns of candidates have the scores that each has alone, to 1e-12, and the same faults; however they are cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.candidates.candidate import FIELDS
from models.columnar.scorer import AGREEMENT, PREDICTION_SETS, BatchScorer, BatchScores, RawColumn
from models.errors import CandidateError, FieldError
from models.estimator.artifact import Bundle
from models.evidence.evidence import CONSENSUS
from models.scorer import Scorer
from models.scoring.predictions import LABELS, SUPPORT, UNDETERMINED_REASONS
from training.data.findings import Finding

Raw = dict[str, Any]
TOLERANCE = 1e-12
NAMES = [one.name for one in FIELDS if one.name != "id"]
VALUES = st.sampled_from(
    [
        None,
        "",
        " ",
        "M2",
        "TAM",
        "CAF",
        "bone marrow",
        "macrophage",
        "MSC",
        "mirna",
        "miRNA",
        "protein",
        "whole_vesicle",
        *(
            "miR-21",
            "hsa-miR-21-5p",
            "p53",
            "let7b+miR-145",
            "anti-miR-21",
            "HCC",
            "PC",
            "antenna",
            "gastrc cancer",
            "SGC-7901",
            "miR-155a",
            "blorb",
            "depleted",
            "loaded",
        ),
        *("hypoxia", "IL-4;hypoxia", "x" * 301, "a\x00b", 7, ("hypoxia", "LPS"), ("human", "cat"), True),
        *("T cells", "cancer cells;dendritic cells", ("nk_cell", "fibroblast")),
    ]
)


def columns(raws: Sequence[Raw]) -> dict[str, RawColumn]:
    """The candidates in columns, without their ids."""
    found = {}
    for name in NAMES:
        values = [tuple(value) if isinstance(value := raw.get(name), list) else value for raw in raws]
        # 1 and True are one key of a dictionary, but not one value of JSON.
        keys = [(type(value), value) for value in values]
        distinct = list(dict.fromkeys(keys))
        place = {key: at for at, key in enumerate(distinct)}
        found[name] = RawColumn(
            [value for _, value in distinct], np.array([place[key] for key in keys], dtype=np.int32)
        )
    return found


def check(scorer: Scorer, raws: Sequence[Raw], found: BatchScores) -> None:
    """Compares columns with what each candidate is told alone."""
    understood = iter(range(len(found.good)))
    for place, raw in enumerate(raws):
        alone = {name: value for name, value in raw.items() if name != "id"}
        if place in found.bad:
            with pytest.raises(CandidateError) as refused:
                scorer.score(alone)
            assert found.bad[place].faults == refused.value.faults
            continue
        score, at = scorer.score(alone), next(understood)
        assert found.good[at] == place
        assert (score.probability_suppressing, *score.interval, score.log_odds) == pytest.approx(
            (found.probability[at], found.low[at], found.high[at], found.log_odds[at]), abs=TOLERANCE
        )
        assert (score.label, score.undetermined_because, score.support) == (
            LABELS[found.label[at]],
            UNDETERMINED_REASONS[found.because[at]],
            SUPPORT[found.support[at]],
        )
        assert ";".join(score.prediction_set) == PREDICTION_SETS[found.prediction_set[at]]
        assert (score.confidence, score.credibility) == pytest.approx(
            (found.confidence[at], found.credibility[at]), abs=TOLERANCE
        )
        alone = [math.nan if percentile is None else percentile for percentile in score.percentiles]
        in_columns = [percentiles[at] for percentiles in found.percentiles.values()]
        assert in_columns == pytest.approx(alone, abs=TOLERANCE, nan_ok=True)
        assert (score.domain.inside, score.known.says) == (found.inside[at], CONSENSUS[found.known[at]])
        assert ("" if score.agrees is None else str(score.agrees).lower()) == AGREEMENT[found.agrees[at]]
        contributions = {name: each[at] for name, each in found.contributions.items() if each[at]}
        assert contributions == pytest.approx(
            {name: each for name, each in score.contributions.items() if each}, abs=TOLERANCE
        )
        assert found.baseline == score.baseline
        warned = found.warned.values[found.warned.codes[at]]
        assert scorer.parser.warnings.find(warned) == score.warnings
    assert len(found.good) + len(found.bad) == len(raws)


@pytest.fixture(scope="module")
def drawn(scorer: Scorer, corpus: tuple[Finding, ...]) -> list[Raw]:
    raws: list[Raw] = list(Candidates(scorer.features, seed=21).draw(10_000))
    named = [finding.reading.candidate.to_dict() for finding in corpus if finding.reading.cargo]
    return raws + [dict(raw, cancer_type=tumour) for raw in named for tumour in ("", "glioma", "antenna")] + named


def test_columns_have_the_scores_of_each_candidate_alone(scorer: Scorer, drawn: list[Raw]) -> None:
    found = BatchScorer(scorer).score(columns(drawn))
    check(scorer, drawn, found)
    assert not found.bad
    assert {LABELS[code] for code in found.label} == set(LABELS)
    assert {CONSENSUS[code] for code in found.known} >= {"nothing", "suppressing", "promoting"}


def test_papers_that_contradict_each_other_leave_the_call_open_in_columns_too(scorer: Scorer, drawn: list[Raw]) -> None:
    model = scorer.bundle.model
    turned = {"suppressing": "promoting", "promoting": "suppressing"}
    others = [
        replace(one, finding_id=f"{one.finding_id}-turned", paper=f"lab:{one.finding_id}", effect=turned[one.effect])
        for one in model.evidence
    ]
    torn = Scorer(Bundle(replace(model, evidence=(*model.evidence, *others)), scorer.bundle.manifest), scorer.features)
    found = BatchScorer(torn).score(columns(drawn[-300:]))
    check(torn, drawn[-300:], found)
    assert (found.because == UNDETERMINED_REASONS.index("conflict")).any()


def test_it_does_not_matter_how_they_are_cut_and_what_came_before(scorer: Scorer, drawn: list[Raw]) -> None:
    whole = BatchScorer(scorer).score(columns(drawn))
    again = BatchScorer(scorer)
    parts = [again.score(columns(drawn[start : start + 173])) for start in range(0, len(drawn), 173)]
    for name in ("probability", "low", "high", "label", "because", "known", "inside", "agrees"):
        assert (np.concatenate([getattr(part, name) for part in parts]) == getattr(whole, name)).all(), name


def test_what_is_forgotten_on_the_way_changes_nothing(scorer: Scorer, drawn: list[Raw]) -> None:
    whole = BatchScorer(scorer).score(columns(drawn))
    again = BatchScorer(scorer, max_cached_values=100)
    parts = [again.score(columns(drawn[start : start + 500])) for start in range(0, len(drawn), 500)]
    assert (np.concatenate([part.log_odds for part in parts]) == whole.log_odds).all()


@given(raws=st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), min_size=1, max_size=12))
def test_bad_candidates_among_good_ones_have_the_faults_that_they_have_alone(scorer: Scorer, raws: list[Raw]) -> None:
    good = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
    mixed = [good, *raws, *({**good, **raw} for raw in raws)]
    check(scorer, mixed, BatchScorer(scorer).score(columns(mixed)))


@given(raws=st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), min_size=1, max_size=12))
def test_strictly_what_is_warned_of_is_refused_as_it_is_alone(scorer: Scorer, raws: list[Raw]) -> None:
    good = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
    mixed = [good, *({**good, **raw} for raw in raws)]
    found = BatchScorer(scorer).score(columns(mixed), strict=True)
    for place, raw in enumerate(mixed):
        faults: tuple[FieldError, ...] = ()
        try:
            scorer.parser.parse(raw, strict=True)
        except CandidateError as error:
            faults = error.faults
        assert (found.bad[place].faults if place in found.bad else ()) == faults
    assert len(found.good) + len(found.bad) == len(mixed)


def test_columns_of_bad_candidates_alone_have_faults_and_no_scores(scorer: Scorer) -> None:
    raws: list[Raw] = [{"source_phenotype": "M2"}, {"cargo_type": "mirna", "species": "cat"}]
    check(scorer, raws, BatchScorer(scorer).score(columns(raws)))


def test_a_column_that_is_no_field_is_refused(scorer: Scorer) -> None:
    column = RawColumn(("red",), np.zeros(1, dtype=np.int32))
    with pytest.raises(KeyError, match="colour"):
        BatchScorer(scorer).score({"colour": column})
