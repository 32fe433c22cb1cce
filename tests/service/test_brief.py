"""Little told of many candidates: the bytes and the counts are those of the answers that are written one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient

from benchmarks.candidates import Candidates
from models.coded import ColumnScorer
from models.scorer import Scorer
from service.answers import Answer, Answers
from service.brief import LEAST_BYTES, Brief
from service.counted import Sums
from service.given import texts_of
from service.members import MEMBERS, chosen
from service.submissions import Categories
from training.data.findings import Finding

TOLD = [
    chosen(only=names)
    for names in (
        ["label"],
        ["interval"],
        ["probability_suppressing", "label"],
        ["label", "interval", "probability_suppressing"],
    )
]
GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
BAD: list[Any] = [
    {},
    {"source_phenotype": "M2", "cargo_type": "whole_vesicle", "cargo_name": "miR-21"},
    GOOD | {"cargo_name": "+"},
    GOOD | {"cancer_type": "a\x07b"},
    GOOD | {"engineering": ["no such thing"]},
    GOOD | {"species": ";".join(["human"] * 51)},
    GOOD | {"id": "a\x00b"},
    GOOD | {"id": 7},
    GOOD | {"colour": "red"},
    7,
]


@pytest.fixture(scope="module")
def drawn(scorer: Scorer, corpus: tuple[Finding, ...]) -> list[dict[str, Any]]:
    named = [finding.reading.candidate.stated() for finding in corpus if finding.reading.cargo]
    return [
        *Candidates(scorer.features, seed=11).draw(600),
        *named,
        *(one | {"cancer_type": "antenna"} for one in named[:20]),
        GOOD | {"polarisation": "", "engineering": [], "id": None},
        {"source_phenotype": "TAM", "cargo_type": "whole_vesicle", "species": "human; mouse"},
    ]


def body(candidates: Iterable[Any]) -> bytes:
    return json.dumps({"candidates": list(candidates)}).encode()


def by_one(scorer: Scorer, written: bytes, told: tuple[str, ...]) -> Answer:
    texts = texts_of(written)
    assert texts is not None
    return Answers(scorer).answer_to_texts(texts, told=told)


def categories(scorer: Scorer, counted: Sums) -> Counter[tuple[str, str]]:
    sorts = Categories(scorer.reader.vocabulary)
    found: Counter[tuple[str, str]] = Counter()
    for (field, value), count in counted.values.items():
        found.update({(field, category): count for category in sorts.of_value(field, value)})
    return found


@pytest.mark.parametrize("told", TOLD, ids=",".join)
def test_many_candidates_have_the_bytes_and_the_counts_of_each_alone(
    scorer: Scorer, drawn: list[dict[str, Any]], told: tuple[str, ...]
) -> None:
    written = body(drawn)
    writer = Answers(scorer)
    for _ in range(2):
        found, expected = writer.answer_to_many(written, told), by_one(scorer, written, told)
        assert found is not None
        assert found.body == expected.body
        assert (found.counted.calls, found.counted.outside) == (expected.counted.calls, expected.counted.outside)
        assert found.counted.cargos == expected.counted.cargos
        assert categories(scorer, found.counted) == categories(scorer, expected.counted)


@pytest.mark.parametrize("bad", BAD, ids=map(repr, range(len(BAD))))
def test_one_that_is_bad_leaves_all_of_them_to_be_told_one_by_one(
    client: FlaskClient, scorer: Scorer, drawn: list[dict[str, Any]], bad: object
) -> None:
    written = body([*drawn[:100], bad, *drawn[100:120]])
    assert Answers(scorer).answer_to_many(written, ("label",)) is None
    answers = [
        client.post("/v1/scores?fields=label", data=written, content_type=kind).get_json()
        for kind in ("application/json", "application/json; charset=utf-8")
    ]
    for one in answers:
        one.pop("request_id")
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 422
    assert {error["pointer"].split("/")[2] for error in answers[0]["errors"]} == {"100"}


def test_what_tells_more_or_is_small_is_written_one_by_one(scorer: Scorer, drawn: list[dict[str, Any]]) -> None:
    writer = Answers(scorer)
    assert not Brief.tells(MEMBERS)
    assert writer.answer_to_many(body(drawn), MEMBERS) is None
    assert len(body([GOOD])) < LEAST_BYTES
    assert writer.answer_to_many(body([GOOD]), ("label",)) is None


def test_it_is_the_same_by_http_through_flask_and_around_it(client: FlaskClient, drawn: list[dict[str, Any]]) -> None:
    for told in ("label", "label,probability_suppressing", "interval,label", "summary", "label,label", "", "nothing"):
        around, through = (
            client.post(f"/v1/scores?fields={told}", data=body(drawn[:80]), content_type=kind)
            for kind in ("application/json", "application/json; charset=utf-8")
        )
        assert around.status_code == through.status_code, told
        if around.status_code == 200:
            assert around.data == through.data


def test_candidates_met_before_are_told_the_same_in_any_company(
    scorer: Scorer, drawn: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = TOLD[-1]
    bodies = [body(drawn[begin : begin + 150]) for begin in range(0, 600, 150)]
    bodies += [body([*drawn[100:400:3], *drawn[5:90]]), bodies[0], body(drawn[:600]), body(reversed(drawn[:600]))]
    expected = [by_one(scorer, written, told) for written in bodies]
    # What columns met is forgotten on the way, and so is what was remembered of it, or there is room for few or for none.
    for most_met, most_bytes in ((100_000, 32_000_000), (800, 32_000_000), (100_000, 200_000), (100_000, 0)):
        monkeypatch.setattr("service.brief.MOST_MET", most_met)
        brief = Brief(scorer, most_bytes)
        for written, answer in zip(bodies, expected, strict=True):
            found = brief.scores(written, told)
            assert found is not None
            documents, counted = found

            assert answer.body.endswith(b'"scores":[%b]}' % documents)
            assert (counted.calls, counted.outside, counted.cargos) == answer.counted[:2] + answer.counted[3:]
            assert categories(scorer, counted) == categories(scorer, answer.counted)
            assert brief._bytes <= most_bytes


def test_a_body_met_before_is_not_scored_again(
    scorer: Scorer, drawn: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = Brief(scorer)
    for written in (body(drawn[:100]), body(drawn[100:200])):
        assert brief.scores(written, ("label",))
    monkeypatch.setattr(ColumnScorer, "score", None)
    assert brief.scores(body(reversed(drawn[:200])), ("label",))
    with pytest.raises(TypeError):
        brief.scores(body(drawn[:201]), ("label",))
