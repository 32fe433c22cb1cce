"""One answer, however it comes about: from texts or from mappings, together or alone, remembered or written anew, whole or in
parts; and with the same problems where a candidate is bad."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.candidate import FIELDS
from models.errors import CandidateError
from models.scorer import Scorer
from service.answers import Answers
from service.errors import CandidatesError
from service.fragments import decode
from service.members import INCLUDES, MEMBERS, STANDING, chosen
from service.remembered import Remembered
from service.schemas.score import ScoreSchema

ALL = chosen(INCLUDES)
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
NAMES = st.sampled_from([*(one.name for one in FIELDS), "colour", "cargo", ""])
TERMS = st.sampled_from(
    ["M2", "mirna", "miR-21", "TAM", "macrophage", "native", "HCC", "human;mouse", "", " ", "unheard of", "PC"]
)


@pytest.fixture(scope="module")
def drawn(scorer: Scorer) -> list[dict[str, Any]]:
    return Candidates(scorer.features, seed=7).draw(300)


def texts(candidates: list[Any]) -> list[bytes]:
    return [json.dumps(one).encode() for one in candidates]


def test_texts_and_mappings_get_the_same_bytes_together_and_alone(scorer: Scorer, drawn: list[dict[str, Any]]) -> None:
    writer = Answers(scorer)
    together = writer.answer_to_texts(texts(drawn), told=ALL)
    assert together == writer.answer(drawn, told=ALL)
    alone = [decode(Answers(scorer).answer([one], told=ALL).body)["scores"][0] for one in drawn[::10]]
    assert decode(together.body)["scores"][::10] == alone


def test_the_order_of_candidates_changes_nothing_but_the_order(scorer: Scorer, drawn: list[dict[str, Any]]) -> None:
    order = random.Random(1).sample(range(len(drawn)), len(drawn))
    found = decode(Answers(scorer).answer_to_texts(texts(drawn)).body)["scores"]
    shuffled = decode(Answers(scorer).answer_to_texts(texts([drawn[place] for place in order])).body)["scores"]
    assert shuffled == [found[place] for place in order]


def test_what_is_remembered_is_what_would_be_written_anew(scorer: Scorer, drawn: list[dict[str, Any]]) -> None:
    remembering = Answers(scorer, Remembered(10**7))
    plain = Answers(scorer)
    for told in (chosen(), ALL, chosen(only=["label"])):
        for _ in range(2):
            assert remembering.answer_to_texts(texts(drawn[:50]), told=told) == plain.answer_to_texts(
                texts(drawn[:50]), told=told
            )
        mixed = [*drawn[40:60], {}, *drawn[:10]]
        assert remembering.answer_to_texts(texts(mixed), True, told) == plain.answer(mixed, True, told)


@settings(max_examples=300)
@given(raw=st.dictionaries(NAMES, TERMS | ODD, max_size=6) | ODD)
def test_a_bad_candidate_has_the_same_problem_by_the_fast_path_as_by_the_reader(scorer: Scorer, raw: object) -> None:
    writer = Answers(scorer)
    candidates = [GOOD, raw, GOOD]
    fast, slow = writer.answer_to_texts(texts(candidates), True), writer.answer(candidates, True)
    assert fast == slow
    try:
        scorer.reader.read(raw if isinstance(raw, dict) else {})
        faults = None if isinstance(raw, dict) else 1
    except CandidateError as error:
        faults = len(error.faults)
    if faults is None:
        assert "label" in decode(fast.body)["scores"][1]
        return
    with pytest.raises(CandidatesError) as refused:
        writer.answer_to_texts(texts(candidates))
    assert list(refused.value.faults) == [1]
    assert sum(fast.counted.calls.values()) == 2


@given(told=st.lists(st.sampled_from(MEMBERS), unique=True), include=st.lists(st.sampled_from(INCLUDES), unique=True))
def test_chosen_members_are_those_of_the_whole_answer_in_its_order(
    scorer: Scorer, told: list[str], include: list[str]
) -> None:
    candidates = [GOOD | {"cancer_type": "HCC"}, GOOD | {"cargo_name": "blorb"}]
    whole = decode(Answers(scorer).answer(candidates, told=ALL).body)["scores"]
    some = decode(Answers(scorer).answer(candidates, told=chosen(include, told)).body)["scores"]
    wanted = {*(told or set(MEMBERS) - set(INCLUDES)), *include}
    wanted |= {"undetermined_because"} if "label" in wanted else set()
    for every, one in zip(whole, some, strict=True):
        assert list(one.items()) == [(name, value) for name, value in every.items() if name in wanted]


def test_the_members_are_those_that_the_schema_documents() -> None:
    documented = set(ScoreSchema().fields) - {"undetermined_because"}
    assert set(MEMBERS) == documented
    assert set(STANDING) | set(INCLUDES) <= documented


def test_what_is_counted_is_what_the_documents_say(scorer: Scorer, drawn: list[dict[str, Any]]) -> None:
    answer = Answers(scorer).answer([*drawn, {}], partial=True)
    documents = decode(answer.body)["scores"]
    scored = [one for one in documents if "label" in one]
    assert answer.counted.calls == Counter((one["label"], one.get("undetermined_because", "")) for one in scored)
    cells = {value: count for (field, value), count in answer.counted.values.items() if field == "source_cell"}
    assert cells == Counter(one["candidate"]["source_cell"] for one in scored)
    assert answer.counted.outside == Counter(
        field
        for one in scored
        if one["label"] == "undetermined"
        for field in {reason["field"] for reason in one["domain"]["reasons"] if reason["outside"]}
    )


def test_fields_of_a_request_choose_the_members_and_a_wrong_one_is_told(client: FlaskClient) -> None:
    answer = client.post("/v1/scores?fields=label,probability_suppressing", json={"candidates": [GOOD]}).get_json()
    assert list(answer["scores"][0]) == ["label", "probability_suppressing"]
    refused = client.post("/v1/scores?fields=label,mood", json={"candidates": [GOOD]})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["parameter"] == "fields"
