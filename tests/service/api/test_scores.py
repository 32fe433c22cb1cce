"""`POST /v1/scores` answers in order, and refuses bad requests with the right status and every fault at once."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from models.rounding import round_probability
from models.scorer import Scorer
from service.scoring.parsing import MAX_CANDIDATES

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}


def post(client: FlaskClient, *candidates: object, query: str = "") -> tuple[int, dict]:  # type: ignore[type-arg]
    response = client.post(f"/v1/scores{query}", json={"candidates": list(candidates)})
    return response.status_code, response.get_json()


def pointers(problem: dict) -> dict[str, str]:  # type: ignore[type-arg]
    return {error["pointer"]: error["code"] for error in problem["errors"]}


def test_scores_come_in_order_with_what_was_understood(client: FlaskClient, scorer: Scorer) -> None:
    others = [MIR21 | {"id": str(number), "cargo_name": name} for number, name in enumerate(("MIR145", "let7b"))]
    status, answer = post(client, MIR21, *others)
    assert status == 200
    assert [score["candidate"].get("id") for score in answer["scores"]] == [None, "0", "1"]
    assert [score["candidate"]["cargo_name"] for score in answer["scores"]] == ["miR-21-5p", "miR-145", "let-7b"]
    assert answer["model"]["id"] == scorer.bundle.id
    for raw, score in zip((MIR21, *others), answer["scores"], strict=True):
        assert score["probability_suppressing"] == round_probability(scorer.score(raw).probability_suppressing)
        assert score["versions"]["model"] == scorer.bundle.id
        assert "contributions" not in score


def test_contributions_sum_to_the_score_that_the_probability_is_of(client: FlaskClient) -> None:
    _, answer = post(client, MIR21, query="?include=contributions")
    found = answer["scores"][0]["contributions"]
    assert found["baseline"] + sum(found["fields"].values()) == pytest.approx(found["log_odds"], abs=5e-4)


def test_a_model_can_be_pinned_and_an_unknown_one_is_told_what_there_is(client: FlaskClient, scorer: Scorer) -> None:
    assert post(client, MIR21, query=f"?model={scorer.bundle.id}")[0] == 200
    status, problem = post(client, MIR21, query="?model=exo-000000000000")
    assert status == 404
    assert scorer.bundle.id in problem["errors"][0]["detail"]
    assert post(client, MIR21, query="?model=../../etc/passwd")[0] == 404


def test_every_fault_of_every_candidate_has_its_pointer(client: FlaskClient) -> None:
    status, problem = post(
        client, {"cargo_type": "mirnaz", "colour": "red"}, MIR21, MIR21 | {"source_cell": "MSC"}, "a text"
    )
    assert status == 422
    assert problem["detail"] == "5 errors in 3 of 4 candidates."
    assert pointers(problem) == {
        "/candidates/0/colour": "unknown_field",
        "/candidates/0/source_phenotype": "missing",
        "/candidates/0/cargo_type": "unknown_term",
        "/candidates/2/source_phenotype": "wrong_cell",
        "/candidates/3": "wrong_type",
    }


def test_what_could_not_be_understood_is_warned_of_or_refused(client: FlaskClient) -> None:
    odd = MIR21 | {"cancer_type": "gastrc cancer"}
    _, answer = post(client, odd, MIR21)
    (warning,) = answer["scores"][0]["warnings"]
    assert (warning["field"], warning["given"]) == ("cancer_type", "gastrc cancer")
    assert warning["nearest"][0] == "gastric cancer"
    assert answer["scores"][1]["warnings"] == []
    status, problem = post(client, odd, MIR21, query="?strict=true")
    assert (status, pointers(problem)) == (422, {"/candidates/0/cancer_type": "not_understood"})
    status, answer = post(client, odd, MIR21, query="?strict=true&partial=true")
    assert (status, "errors" in answer["scores"][0], "label" in answer["scores"][1]) == (200, True, True)


@pytest.mark.parametrize("field", ["flips", "missing"])
def test_what_takes_long_is_given_for_some_hundred_candidates_at_most(client: FlaskClient, field: str) -> None:
    status, problem = post(client, *[MIR21] * 251, query=f"?include={field}")
    assert (status, problem["errors"][0]["code"]) == (422, "too_many")
    assert post(client, *[MIR21] * 251, query="?include=evidence")[0] == 200


def test_the_nearest_and_the_allowed_terms_are_named(client: FlaskClient) -> None:
    _, problem = post(client, MIR21 | {"cargo_state": "natif"})
    (error,) = problem["errors"]
    assert error["given"] == "natif"
    assert error["nearest"][0] == "native"
    assert error["allowed"] == ["native", "enriched", "loaded", "depleted"]


def test_a_partial_answer_scores_the_good_and_puts_a_problem_in_place_of_the_bad(client: FlaskClient) -> None:
    status, answer = post(client, MIR21, {"source_phenotype": "M9"}, 7, MIR21, query="?partial=true")
    assert status == 200
    assert ["label" in score for score in answer["scores"]] == [True, False, False, True]
    problem = answer["scores"][1]
    assert (problem["status"], pointers(problem)) == (
        422,
        {"/source_phenotype": "unknown_term", "/cargo_type": "missing"},
    )


@pytest.mark.parametrize("body", [{}, {"candidates": []}, {"candidates": {}}, {"candidates": [], "x": 1}, [], 3, "a"])
def test_a_body_without_a_list_of_candidates_is_told_what_is_wanted(client: FlaskClient, body: object) -> None:
    response = client.post("/v1/scores", json=body)
    assert response.status_code == 422
    assert response.get_json()["errors"]


def test_more_than_the_limit_is_refused_before_any_is_read(client: FlaskClient) -> None:
    response = client.post("/v1/scores", json={"candidates": [{}] * (MAX_CANDIDATES + 1)})
    assert response.status_code == 422
    (error,) = response.get_json()["errors"]
    assert (error["pointer"], str(MAX_CANDIDATES) in error["detail"]) == ("/candidates", True)


def test_the_limit_itself_is_scored(client: FlaskClient) -> None:
    status, answer = post(client, *[MIR21] * MAX_CANDIDATES)
    assert (status, len(answer["scores"])) == (200, MAX_CANDIDATES)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        (b'{"candidates": [}', "application/json", 400, "line 1, column 17"),
        (b'{"candidates": [{"id": "\xff"}]}', "application/json", 400, "UTF-8"),
        (b'{"candidates": [NaN]}', "application/json", 400, "NaN"),
        (b"[" * 100_000, "application/json", 400, "not readable JSON"),
        (b"9" * 5_000, "application/json", 400, "not readable JSON"),
        (b"", "application/json", 400, "not JSON"),
        (b"{}", "text/plain", 415, "application/json"),
        (b"{}", "", 415, "application/json"),
        (b" " * (16 * 1024 * 1024 + 1), "application/json", 413, "16 MiB"),
    ],
)
def test_a_body_that_cannot_be_read_has_its_own_status(
    client: FlaskClient, body: bytes, content_type: str, status: int, says: str
) -> None:
    response = client.post("/v1/scores", data=body, content_type=content_type)
    assert response.status_code == status
    assert says in response.get_json()["detail"]


@pytest.mark.parametrize("query", ["?include=everything", "?includes=contributions", "?partial=perhaps"])
def test_a_query_that_is_not_understood_is_refused(client: FlaskClient, query: str) -> None:
    status, problem = post(client, MIR21, query=query)
    assert status == 422
    assert problem["errors"][0]["parameter"] == query[1:].partition("=")[0]


def test_texts_of_any_script_come_back_as_they_were_sent(client: FlaskClient) -> None:
    name = "שלום <b>&amp;</b> 分子 🧬"
    _, answer = post(client, MIR21 | {"cargo_name": name, "id": "<script>"})
    candidate = answer["scores"][0]["candidate"]
    assert (candidate["cargo_name"], candidate["id"]) == (name, "<script>")


def test_a_text_that_would_turn_a_page_round_is_refused(client: FlaskClient) -> None:
    status, problem = post(client, MIR21 | {"cargo_name": "\u202emiR-21"})
    assert (status, problem["errors"][0]["code"]) == (422, "control_character")
