"""Candidates side by side: what the page and its sheet say is what `POST /v1/scores` says, whatever the candidates are."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.candidates.parser import CandidateParser
from models.formulas import mark_formulas
from service.pages.compare import query as comparison_query
from service.pages.compare import ranking
from service.pages.compare.query import MAX_COMPARED
from service.pages.score.examples import COMPARISON
from service.scoring import query_string
from service.scoring.score_cells import SCORE_COLUMNS
from tests.service.candidates import CANDIDATES, FULL, HOSTILE, LONGEST, MIR21

WRONG = {"source_phenotype": "M7", "cargo_type": "mirna", "cargo_name": "miR-21"}
CARRIED = {
    "source_phenotype": st.sampled_from(["M0", "M1", "M2", "TAM", "unspecified"]),
    "cargo_type": st.sampled_from(["mirna", "lncrna", "protein", "small_molecule"]),
    "cargo_name": st.sampled_from(["miR-21", "let-7b", "PTEN", "PTX", "blorb", "=1+1", "a;b, c & d=%2B", "Ж"]),
    "cargo_state": st.sampled_from(["native", "enriched", "loaded", "depleted"]),
}
STATED = {
    "cancer_type": st.sampled_from(["HCC", "glioma", "-no such", "PC"]),
    "polarisation": st.lists(st.sampled_from(["LPS", "1,25-D3", "hypoxia"]), min_size=1, max_size=3, unique=True),
    "id": st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["C", "Z"]), min_size=1),
}


def state_of_drug(drawn: dict[str, Any]) -> dict[str, str]:
    """Cells make no drugs, so that a vesicle is loaded with them."""
    return {"cargo_state": "loaded"} if drawn["cargo_type"] == "small_molecule" or drawn["cargo_name"] == "PTX" else {}


COMPARED = st.lists(
    st.fixed_dictionaries(CARRIED, optional=STATED).map(lambda drawn: drawn | state_of_drug(drawn)),
    min_size=1,
    max_size=MAX_COMPARED,
)
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def address(*candidates: dict[str, Any], page: str = "/compare", more: str = "") -> str:
    return f"{page}?{comparison_query.write(candidates)}{more}"


def scored(client: FlaskClient, candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = client.post("/v1/scores?include=contributions&rank=true", json={"candidates": candidates})
    found: list[dict[str, Any]] = answer.json["scores"]  # type: ignore[index]
    return found


def numbers(page: str, title: str) -> list[float]:
    """The exact numbers in the row of that title, one for each column."""
    (row,) = re.findall(rf'<th scope="row">{re.escape(title)}</th>(.*?)</tr>', page, re.DOTALL)
    return [float(value) for value in re.findall(r'<data value="([^"]+)"', row)]


def sheet_of(client: FlaskClient, *candidates: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address(*candidates, page="/compare.csv")).text)))


@QUIET
@given(COMPARED)
def test_an_address_holds_its_candidates(reader: CandidateParser, candidates: list[dict[str, Any]]) -> None:
    asked = comparison_query.read(comparison_query.write(candidates).encode(), reader)
    assert asked.is_canonical
    assert [query_string.stated(one) for one in asked.given] == [query_string.stated(one) for one in candidates]
    assert [one.reading for one in asked.entries] == [reader.parse(one) for one in candidates]


@QUIET
@given(COMPARED)
def test_the_numbers_of_the_page_are_those_of_the_api(client: FlaskClient, candidates: list[dict[str, Any]]) -> None:
    page = client.get(address(*candidates)).text
    scores = scored(client, candidates)
    in_rank = [one.score for one in ranking.rank(dict(enumerate(scores)))]
    told = {
        "Probability of suppressing": [one["probability_suppressing"] for one in in_rank],
        "90 % band from": [one["interval"][0] for one in in_rank],
        "90 % band to": [one["interval"][1] for one in in_rank],
        "Confidence": [one["confidence"] for one in in_rank],
        "Credibility": [one["credibility"] for one in in_rank],
        "Findings with a lower score": [one["percentile"]["of_all"] for one in in_rank],
        "Sum": [one["contributions"]["log_odds"] for one in in_rank],
    }
    for title, expected in told.items():
        shown = numbers(page, title)
        # What is the same in all is told once.
        assert shown == expected or shown * len(expected) == expected


@QUIET
@given(COMPARED)
def test_the_sheet_has_every_digit_and_no_formula(client: FlaskClient, candidates: list[dict[str, Any]]) -> None:
    rows = sheet_of(client, *candidates)
    assert list(rows[0]) == [*FIELD_BY_NAME, *SCORE_COLUMNS]
    for row, score in zip(rows, scored(client, candidates), strict=True):
        assert (row["label"], row["known"]) == (score["label"], score["known"]["says"])
        assert float(row["probability_suppressing"]) == score["probability_suppressing"]
        assert [float(row["interval_low"]), float(row["interval_high"])] == score["interval"]
        assert row["prediction_set"].split(";") == score["prediction_set"] or not score["prediction_set"]
        assert float(row["percentile_of_all"]) == score["percentile"]["of_all"]
        assert row["inside_domain"] == str(score["domain"]["inside"]).lower()
        for one in FIELDS:
            value = score["candidate"].get(one.name, "")
            cell = ";".join(value) if isinstance(value, list) else value
            assert row[one.name] == mark_formulas(cell)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_text_that_a_spreadsheet_would_run_is_kept_a_text(client: FlaskClient, start: str) -> None:
    (row,) = sheet_of(client, {**MIR21, "id": f"{start}HYPERLINK(1)"})
    assert row["id"] == f"'{start}HYPERLINK(1)"


def test_candidates_are_listed_by_probability_and_those_outside_the_domain_last(client: FlaskClient) -> None:
    ranked = ranking.rank(dict(enumerate(scored(client, [*CANDIDATES, dict(MIR21)]))))
    inside = [one for one in ranked if one.rank]
    assert ranked == [*inside, *(one for one in ranked if not one.rank)]
    assert {one.score["domain"]["inside"] for one in inside} == {True}
    for group in (inside, ranked[len(inside) :]):
        chances = [one.score["probability_suppressing"] for one in group]
        assert chances == sorted(chances, reverse=True)
        assert len(chances) > 0


def test_two_candidates_are_not_distinguished_where_no_order_of_their_bands_follows(client: FlaskClient) -> None:
    ranked = ranking.rank(dict(enumerate(scored(client, [*CANDIDATES, dict(MIR21)]))))
    others = {one.letter: one.not_distinguished_from for one in ranked}
    first, again = (next(one for one in ranked if one.key == key) for key in (0, len(ranked) - 1))
    assert again.letter in others[first.letter]
    assert first.rank == again.rank
    assert all(one in others[other] for one in others for other in others[one])
    for one in ranked:
        # Exactly those are between the first and the last place that it can have, beside itself.
        assert one.rank is None or one.rank.rank_to - one.rank.rank == len(others[one.letter])


@QUIET
@given(COMPARED)
def test_the_ranks_of_the_page_are_those_of_the_api(client: FlaskClient, candidates: list[dict[str, Any]]) -> None:
    page = client.get(address(*candidates)).text
    scores = scored(client, candidates)
    expected = [
        " to ".join(dict.fromkeys((str(score["rank"]), str(score["rank_to"]))))
        for score in (one.score for one in ranking.rank(dict(enumerate(scores))))
        if "rank" in score
    ]
    assert re.findall(r"<strong>Rank ([^<]+)</strong>", page) == expected
    assert page.count("<strong>Not ranked</strong>") == len(candidates) - len(expected)


def test_a_candidate_has_one_letter_wherever_the_page_speaks_of_it(client: FlaskClient) -> None:
    page = client.get(address(*CANDIDATES)).text
    letters = list("ABCDEFGHIJ"[: len(CANDIDATES)])
    assert re.findall(r'class="place">([A-Z])<', page) == letters * 2
    assert re.findall(r"Edit<span class=\"unseen\"> candidate ([A-Z])", page) == letters
    assert set(re.findall(r"[A-Z]", " ".join(re.findall(r"distinguished from ([A-Z, ]+)", page)))) <= set(letters)


def test_a_comparison_of_nothing_shows_what_one_looks_like_and_counts_nothing(client: FlaskClient) -> None:
    before = client.get("/metrics").text
    page = client.get("/compare").text
    counted = [line for line in client.get("/metrics").text.splitlines() if "scores" in line]
    assert counted == [line for line in before.splitlines() if "scores" in line]
    assert page.count('class="place"') == len(COMPARISON)
    (example,) = re.findall(r'<a href="([^"]+)">Open this example', page)
    assert client.get(html.unescape(example)).text.count('class="place"') == 2 * len(COMPARISON)


def test_the_others_are_shown_beside_one_that_cannot_be_understood(client: FlaskClient) -> None:
    page = client.get(address(MIR21, WRONG, FULL, more="&colour=red"))
    assert page.status_code == 422
    assert page.text.count('class="place"') == 4
    assert "&#39;M7&#39; is not a known phenotype. Did you mean M0 or M1?" in page.text
    assert "colour" in page.text
    rows = sheet_of(client, MIR21, WRONG)
    assert [row["label"] for row in rows] == ["promoting", ""]
    assert [row["source_phenotype"] for row in rows] == ["M2", "M7"]
    assert "Did you mean M0 or M1?" in rows[1]["errors"]


def test_of_more_than_there_is_room_for_nothing_is_lost(client: FlaskClient) -> None:
    many = [{**MIR21, "id": f"number {number}"} for number in range(1, 13)]
    page = client.get(address(*many)).text
    assert page.count('class="place"') == 2 * MAX_COMPARED
    assert "2 more are in the CSV only" in page
    assert "number 11" in page
    assert "number 12" in page
    assert len(sheet_of(client, *many)) == len(many)


def test_one_more_goes_to_the_end_or_in_the_place_of_the_one_that_is_changed(client: FlaskClient) -> None:
    more = f"&{query_string.write(CANDIDATES[2])}&cancer_type="
    at_end = client.get(address(MIR21, MIR21, more=more))
    assert (at_end.status_code, at_end.location) == (303, address(MIR21, MIR21, CANDIDATES[2]))
    changed = client.get(address(MIR21, MIR21, more=f"&{query_string.write(FULL)}&change=1"))
    assert changed.location == address(FULL, MIR21)
    unknown = client.get(address(MIR21, more=f"&{query_string.write(CANDIDATES[2])}&colour=red"))
    assert (unknown.status_code, 'value="miR-155"' in unknown.text) == (422, True)
    refused = client.get(address(MIR21, more=f"&{query_string.write(WRONG)}"))
    assert refused.status_code == 422
    assert 'value="M7"' in refused.text
    assert refused.text.count('class="place"') == 2


@pytest.mark.parametrize("query", ["c1.cargo_name=%FF", "cargo_name=%FF&id=%ED%A0%80", "change=9&copy=x", "c1.model=x"])
def test_an_address_that_nobody_meant_is_told_what_is_wrong(client: FlaskClient, query: str) -> None:
    for page in ("/compare", "/compare.csv", "/"):
        answer = client.get(f"{page}?{query}")
        assert answer.status_code in (200, 422)
    assert client.get(f"/compare?{query}").status_code == 422


def test_hostile_texts_are_shown_as_texts(client: FlaskClient) -> None:
    page = client.get(address(HOSTILE, LONGEST, {**WRONG, "cargo_name": "<i>x</i>"})).text
    assert not re.search(r"<(?:img|i|b|script)\b(?! defer)", page)
    assert "&lt;img src=x" in page
