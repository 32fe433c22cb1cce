"""Findings are changed under If-Match, whole or not at all, and keep what they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.db.tables import AuditRow
from service.installation import Installation
from tests.service.api.findings.answers import Cells, pointers
from training.data.findings import COLUMNS


@pytest.mark.parametrize("finding_id", ["none", "%00", "%ff", "x" * 500])
def test_a_finding_that_is_not_here_is_told_so(client: FlaskClient, key: dict[str, str], finding_id: str) -> None:
    address = f"/v1/findings/{finding_id}"
    for answer in (
        client.get(address),
        client.get(f"{address}/history"),
        client.patch(address, json={"retracted": True, "reason": "x"}, headers=key | {"If-Match": "*"}),
    ):
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_change_needs_the_revision_that_it_changes(
    client: FlaskClient, key: dict[str, str], added: str, patch: Callable[..., TestResponse]
) -> None:
    body = {"changes": {"year": "2021"}, "reason": "as printed"}
    assert client.patch(added, json=body, headers=key).status_code == 428
    changed = patch(1, **body)
    assert (changed.status_code, changed.headers["ETag"], changed.get_json()["year"]) == (200, '"2"', "2021")
    stale = patch(1, **body)
    assert (stale.status_code, "revision 2" in stale.get_json()["detail"]) == (412, True)
    for tag in ('W/"2"', '"two"', '"02x"', '""', f'"{"2" * 5_000}"', '"²"', ","):
        assert client.patch(added, json=body, headers=key | {"If-Match": tag}).status_code == 412
    assert client.patch(added, json=body, headers=key | {"If-Match": "*"}).status_code == 200
    assert client.patch(added, json=body, headers=key | {"If-Match": '"9", "2"'}).status_code == 200
    assert client.get(added).headers["ETag"] == '"2"'


def test_a_finding_is_retracted_put_back_and_keeps_its_history(
    client: FlaskClient, installation: Installation, added: str, patch: Callable[..., TestResponse]
) -> None:
    finding_id = added.rpartition("/")[2]
    assert patch(1, retracted=True, reason="image duplicated").get_json()["retracted"]
    assert (
        patch(
            2, changes={"title": "Retracted: x", "species": ["human"], "cargo_name": "let-7a"}, reason="withdrawn"
        ).status_code
        == 200
    )
    assert not patch(3, retracted=False, reason="right").get_json()["retracted"]
    revisions = client.get(f"{added}/history").get_json()["revisions"]
    assert [(one["revision"], one["retracted"], one["reason"]) for one in revisions] == [
        (1, False, ""),
        (2, True, "image duplicated"),
        (3, True, "withdrawn"),
        (4, False, "right"),
    ]
    assert revisions[2]["changed"] == ["species", "cargo_name", "title"]
    assert all(one["author"].endswith("(anna)") for one in revisions)
    with installation.database.read() as session:
        audit = session.query(AuditRow).filter(AuditRow.subject == finding_id).order_by(AuditRow.sequence)
        actions = [row.action for row in audit]
    assert actions == ["finding.add", "finding.retract", "finding.correct", "finding.restore"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/reason"]),
        ({"changes": {"year": "2020"}, "retracted": True, "reason": "x"}, [""]),
        ({"changes": {}, "reason": "x"}, ["/changes"]),
        ({"changes": ["year"], "reason": "x"}, ["/changes"]),
        ({"changes": {"colour": "red", "year": ["2020"]}, "reason": "x"}, ["/changes/colour", "/changes/year"]),
        (
            {"changes": {"effect": "x", "grade": "Z", "year": "20"}, "reason": "x"},
            ["/changes/year", "/changes/effect", "/changes/grade"],
        ),
        ({"changes": {"finding_id": "other"}, "reason": "x"}, ["/changes/finding_id"]),
        ({"changes": {"title": "a\0b"}, "reason": "a\0b"}, ["/reason"]),
        ({"changes": {"title": "\udfff"}, "reason": "x" * 501}, ["/reason"]),
        ({"retracted": True}, ["/reason"]),
        ({"retracted": True, "reason": " "}, ["/reason"]),
        ({"retracted": "yes", "reason": "x"}, ["/retracted"]),
        ({"retracted": 2, "reason": "x"}, ["/retracted"]),
        ({"retracted": True, "reason": "\ud800"}, ["/reason"]),
        ({"retracted": True, "reason": None}, ["/reason"]),
        ({"held_out": True, "reason": "x"}, ["/held_out"]),
    ],
)
def test_a_change_that_makes_no_sense_is_told_and_changes_nothing(
    client: FlaskClient, added: str, patch: Callable[..., TestResponse], body: Cells, expected: list[str]
) -> None:
    assert sorted(pointers(patch(1, **body))) == sorted(expected)
    assert client.get(added).headers["ETag"] == '"1"'


def test_a_correction_into_another_finding_is_a_conflict(
    client: FlaskClient,
    post: Callable[..., TestResponse],
    patch: Callable[..., TestResponse],
    added: str,
    good: Cells,
) -> None:
    other = post(good | {"cargo_name": "let-7a"}).get_json()["added"][0]["finding_id"]
    for changes in ({"cargo_name": "let7a"}, {"cargo_name": "let-7a", "effect": "suppressing"}):
        answer = patch(1, changes=changes, reason="x")
        assert (answer.status_code, other in answer.get_json()["detail"]) == (409, True)
    assert client.get(added).headers["ETag"] == '"1"'


def test_a_shipped_finding_that_the_lab_changed_says_so(client: FlaskClient, key: dict[str, str]) -> None:
    one = client.get("/v1/findings?origin=corpus&limit=1").get_json()["findings"][0]
    address = f"/v1/findings/{one['finding_id']}"
    changed = client.patch(
        address, json={"changes": {"dose": "1 µg"}, "reason": "x"}, headers=key | {"If-Match": '"1"'}
    ).get_json()
    assert (one["touched"], changed["touched"], changed["origin"]) == (False, True, "corpus")
    client.patch(address, json={"changes": {"dose": None}, "reason": "x"}, headers=key | {"If-Match": '"2"'})
    last = client.get(address).get_json()
    assert {name: text for name, text in last.items() if name in COLUMNS} == {
        name: text for name, text in one.items() if name in COLUMNS
    }
