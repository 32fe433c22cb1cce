"""One answer, however it comes about: together or alone, whole or in parts; with the same problems where a candidate is bad,
and with four decimals of what the Python `Score` says in full."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.candidates.candidate import FIELDS as CANDIDATE_FIELDS
from models.errors import CandidateError
from models.rounding import round_number, round_probability
from models.scorer import Scorer
from service.errors import CandidatesError
from service.scoring.documents import FIELDS, OPTIONAL_FIELDS, Score, select_fields
from service.scoring.serializer import ScoreSerializer, citation, decode, encode, score_document
from training.data.findings import Finding

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.just("x" * 301),
    st.lists(st.text(max_size=5) | st.integers(), max_size=3),
    st.just(["a"] * 51),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=1),
)
NAMES = st.sampled_from([*(field.name for field in CANDIDATE_FIELDS), "colour", "cargo", ""])
TERMS = st.sampled_from(
    ["M2", "mirna", "miR-21", "TAM", "macrophage", "native", "HCC", "human;mouse", "", " ", "unheard of", "PC"]
)


@pytest.fixture(scope="module")
def drawn(scorer: Scorer) -> list[dict[str, Any]]:
    return Candidates(scorer.features, seed=7).draw(300)


@pytest.fixture(scope="module")
def serializer(scorer: Scorer) -> ScoreSerializer:
    return ScoreSerializer(scorer)


def scores(serializer: ScoreSerializer, candidates: list[Any], **options: Any) -> list[dict[str, Any]]:
    # One of its own for each request, since a serializer suggests names only so often.
    found: list[dict[str, Any]] = decode(ScoreSerializer(serializer.scorer).respond(candidates, **options).body)[
        "scores"
    ]
    return found


def test_a_candidate_has_the_same_document_together_and_alone(
    serializer: ScoreSerializer, drawn: list[dict[str, Any]]
) -> None:
    together = scores(serializer, drawn, fields=FIELDS)
    alone = [scores(serializer, [candidate], fields=FIELDS)[0] for candidate in drawn[::10]]
    assert together[::10] == alone


def test_the_order_of_candidates_changes_nothing_but_the_order(
    serializer: ScoreSerializer, drawn: list[dict[str, Any]]
) -> None:
    order = random.Random(1).sample(range(len(drawn)), len(drawn))
    in_order = scores(serializer, drawn)
    assert scores(serializer, [drawn[place] for place in order]) == [in_order[place] for place in order]


def test_every_document_is_of_the_type_that_describes_it(
    serializer: ScoreSerializer, drawn: list[dict[str, Any]]
) -> None:
    for document in scores(serializer, drawn, fields=FIELDS):
        assert msgspec.to_builtins(msgspec.convert(document, Score)) == document


def test_documents_have_four_decimals_of_the_python_score(
    scorer: Scorer, serializer: ScoreSerializer, drawn: list[dict[str, Any]], corpus: tuple[Finding, ...]
) -> None:
    candidates = [*drawn, *(finding.reading.candidate.to_dict() for finding in corpus if finding.reading.cargo)]
    for raw, document in zip(candidates, scores(serializer, candidates, fields=FIELDS), strict=True):
        score = scorer.score(raw)
        assert document["label"] == score.label
        assert document["probability_suppressing"] == round_probability(score.probability_suppressing)
        assert document["interval"] == [round_probability(end) for end in score.interval]
        assert document["confidence"] == round_number(score.confidence)
        assert document["credibility"] == round_number(score.credibility)
        assert document["percentile"]["of_all"] == round_number(score.percentiles.of_all)
        assert document["domain"]["distance"] == round_number(score.distance)
        assert document["contributions"]["log_odds"] == round_number(score.log_odds)
        assert document["contributions"]["fields"] == {
            field: round_number(value) for field, value in score.contributions.items()
        }


@given(raw=st.dictionaries(NAMES, TERMS | ODD, max_size=6) | ODD)
def test_a_bad_candidate_among_good_ones_has_the_problem_of_the_reader(
    scorer: Scorer, serializer: ScoreSerializer, raw: object
) -> None:
    candidates = [GOOD, raw, GOOD]
    response = serializer.respond(candidates, partial=True)
    try:
        scorer.parser.parse(raw if isinstance(raw, dict) else {})
        is_good = isinstance(raw, dict)
    except CandidateError:
        is_good = False
    assert ["label" in document for document in decode(response.body)["scores"]] == [True, is_good, True]
    assert sum(response.counts.labels.values()) == 2 + is_good
    if not is_good:
        with pytest.raises(CandidatesError) as refused:
            serializer.respond(candidates)
        assert list(refused.value.faults) == [1]


def test_nothing_is_scored_where_one_candidate_refuses_the_request(scorer: Scorer) -> None:
    class Refusing(ScoreSerializer):
        def predict(self, readings: Any) -> Any:
            raise AssertionError("scored before it was known that all candidates are good")

    with pytest.raises(CandidatesError):
        Refusing(scorer).respond([GOOD] * 999 + [{}])


@given(
    only=st.lists(st.sampled_from(FIELDS), unique=True), include=st.lists(st.sampled_from(OPTIONAL_FIELDS), unique=True)
)
def test_selected_fields_are_those_of_the_whole_document_in_its_order(
    serializer: ScoreSerializer, only: list[str], include: list[str]
) -> None:
    candidates = [GOOD | {"cancer_type": "HCC"}, GOOD | {"cargo_name": "blorb"}]
    whole = scores(serializer, candidates, fields=FIELDS)
    some = scores(serializer, candidates, fields=select_fields(include, only))
    selected = {*(only or set(FIELDS) - set(OPTIONAL_FIELDS)), *include}
    selected |= {"undetermined_because"} if "label" in selected else set()
    for every, part in zip(whole, some, strict=True):
        assert list(part.items()) == [(name, value) for name, value in every.items() if name in selected]


def test_half_a_surrogate_pair_comes_back_in_the_problem(serializer: ScoreSerializer) -> None:
    body = serializer.respond([GOOD | {"cargo_name": "\ud800"}], partial=True).body
    (problem,) = json.loads(body)["scores"]
    assert json.dumps(problem["errors"][0]["given"]) == '"\\ud800"'


def test_the_document_of_one_candidate_is_that_of_the_answer(scorer: Scorer, serializer: ScoreSerializer) -> None:
    (expected,) = scores(serializer, [GOOD], fields=FIELDS)
    assert score_document(scorer, scorer.parser.parse(GOOD), FIELDS) == expected


def test_counts_are_what_the_documents_say(serializer: ScoreSerializer, drawn: list[dict[str, Any]]) -> None:
    response = serializer.respond([*drawn, {}], partial=True)
    scored = [document for document in decode(response.body)["scores"] if "label" in document]
    counts = response.counts
    assert counts.labels == Counter((each["label"], each.get("undetermined_because", "")) for each in scored)
    cells = {value: count for (field, value), count in counts.values.items() if field == "source_cell"}
    assert cells == Counter(document["candidate"]["source_cell"] for document in scored)
    assert counts.outside == Counter(
        field
        for document in scored
        for field in {reason["field"] for reason in document["domain"]["reasons"] if reason["outside"]}
    )
    assert sum(counts.cargos.values()) == len(scored)


def test_a_reference_has_the_sentence_of_its_paper_where_one_is_stored(scorer: Scorer) -> None:
    evidence = scorer.evidence.evidence[0]
    quoted = {**evidence.citation, "quote": "Migration was reduced.", "quote_place": "Figure 3"}
    for stated in (evidence, replace(evidence, citation=quoted)):
        document = decode(encode(citation(stated)))
        assert {name: document.get(name) for name in ("quote", "quote_place")} == {
            name: stated.citation.get(name) for name in ("quote", "quote_place")
        }
