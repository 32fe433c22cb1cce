"""Findings are paged, told with their revision, and exported as they can be read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.candidates.parser import CandidateParser
from tests.service.api.findings.answers import Cells
from training.data.findings import COLUMNS, LIST_COLUMNS, check_rows, read_findings
from training.data.tabular import parse_table


def test_pages_follow_their_links_to_every_finding_once(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells
) -> None:
    post(*(good | {"cargo_name": f"miR-{number}"} for number in range(1, 8)))
    address = f"/v1/findings?limit=3&paper={good['paper']}&effect=promoting"
    sizes, seen = [], []
    while address:
        answer = client.get(address)
        listed = answer.get_json()["findings"]
        sizes.append(len(listed))
        seen += [one["cargo_name"] for one in listed]
        address = answer.get_json()["next"]
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    assert (sizes, seen) == ([3, 3, 1], [f"miR-{number}" for number in range(1, 8)])


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("limit=0", {"limit"}),
        ("limit=501", {"limit"}),
        ("limit=many", {"limit"}),
        ("cursor=nonsense", {"cursor"}),
        ("cursor=%00", {"cursor"}),
        ("cursor=YWZ0ZXItMS0y", {"cursor"}),
        ("colour=red", {"colour"}),
        (
            "source_cell=makrophag&effect=x&cancer_type=hepatom&origin=y",
            {"source_cell", "effect", "cancer_type", "origin"},
        ),
        ("q=%00", {"q"}),
        ("paper=a%00", {"paper"}),
        ("retracted=perhaps", {"retracted"}),
    ],
)
def test_a_query_that_means_nothing_is_told_by_parameter(client: FlaskClient, query: str, parameters: set[str]) -> None:
    answer = client.get(f"/v1/findings?{query}")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert {error["parameter"] for error in answer.get_json()["errors"]} == parameters


def test_a_finding_has_its_revision_for_an_etag_and_is_not_sent_twice(client: FlaskClient, added: str) -> None:
    answer = client.get(added)
    assert answer.headers["ETag"] == '"1"'
    again = client.get(added, headers={"If-None-Match": '"0", "1"'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", '"1"')
    assert client.get(added, headers={"If-None-Match": '"2"'}).status_code == 200


@pytest.mark.parametrize(("suffix", "kind"), [("tsv", "text/tab-separated-values"), ("csv", "text/csv")])
def test_an_export_passes_the_check_and_says_the_same_findings(
    client: FlaskClient,
    key: dict[str, str],
    post: Callable[..., TestResponse],
    good: Cells,
    reader: CandidateParser,
    tmp_path: Path,
    suffix: str,
    kind: str,
) -> None:
    post(good | {"title": 'With "quotes", commas\nand lines', "targets": ["PTEN-"], "markers": ["CD63", "CD81"]})
    exported = client.get(f"/v1/findings.{suffix}")
    assert exported.mimetype == kind
    assert f"findings.{suffix}" in exported.headers["Content-Disposition"]
    path = tmp_path / f"export.{suffix}"
    path.write_bytes(exported.data)
    read = {one.finding_id: one.content for one in read_findings(path, reader)}
    told: dict[str, str] = {}
    address = "/v1/findings?limit=500&held_out=false"
    while address:
        page = client.get(address).get_json()
        for one in page["findings"]:
            cells = {name: one[name] for name in COLUMNS if name in one}
            joined = {name: ";".join(text) if name in LIST_COLUMNS else text for name, text in cells.items()}
            (finding,) = check_rows(_rows(joined), reader)
            told[finding.finding_id] = finding.content
        address = page["next"]
    assert read == told
    of_paper = client.get(f"/v1/findings.{suffix}?paper={good['paper']}").data
    assert len(parse_table(of_paper, suffix == "csv", COLUMNS, ())) == 1
    again = client.post("/v1/findings", data=of_paper, content_type=kind, headers=key)
    assert (again.status_code, len(again.get_json()["existing"])) == (200, 1)
    assert client.get(f"/v1/findings.{suffix}?effect=x").status_code == 422
    assert client.get(f"/v1/findings.{suffix}?limit=3").status_code == 422


def _rows(cells: dict[str, str]) -> Any:
    out = io.StringIO()
    writer = csv.DictWriter(out, cells)
    writer.writeheader()
    writer.writerow(cells)
    return parse_table(out.getvalue().encode(), True, COLUMNS, ())


QUOTE = "Exosomes of M2 macrophages promoted the migration of gastric cancer cells (P < 0.01)."


def test_a_sentence_of_the_paper_goes_with_its_finding_everywhere(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells, key: dict[str, str]
) -> None:
    quoted = good | {"quote": QUOTE, "quote_place": "Abstract"}
    finding_id = post(quoted).get_json()["added"][0]["finding_id"]
    stands = client.get(f"/v1/findings/{finding_id}").get_json()
    assert (stands["quote"], stands["quote_place"]) == (QUOTE, "Abstract")
    for suffix in ("csv", "tsv"):
        content = client.get(f"/v1/findings.{suffix}?paper={good['paper']}").data
        (row,) = parse_table(content, suffix == "csv", COLUMNS, ())
        assert (row.cells["quote"], row.cells["quote_place"]) == (QUOTE, "Abstract")
    changed = client.patch(
        f"/v1/findings/{finding_id}",
        json={"changes": {"quote_place": "Figure 3"}, "reason": "seen there"},
        headers=key | {"If-Match": '"1"'},
    ).get_json()
    assert (changed["quote"], changed["quote_place"]) == (QUOTE, "Figure 3")
    first, second = client.get(f"/v1/findings/{finding_id}/history").get_json()["revisions"]
    assert first["finding"]["quote_place"] == "Abstract"
    assert second["changed"] == ["quote_place"]


REPORTED = {
    "strength": "Tumour volume 62 % larger than with PBS, day 21",
    "last_author": "Zhang Y",
    "isolation_method": "ultracentrifugation",
    "markers": ["CD63", "TSG101", "calnexin"],
    "dose": "10 µg",
}


def test_what_a_study_reports_goes_with_its_finding_everywhere(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells, key: dict[str, str]
) -> None:
    sent = good | REPORTED | {"last_author": "Y. Zhang", "cargo_state": "depleted"}
    finding_id = post(sent).get_json()["added"][0]["finding_id"]
    stands = client.get(f"/v1/findings/{finding_id}").get_json()
    assert {name: stands[name] for name in REPORTED} == REPORTED
    assert stands["function"] == "loss"
    completeness = stands["completeness"]
    assert (completeness["recorded"], completeness["of"]) == (True, 9)
    assert completeness["stated"] == 9 - len(completeness["missing"])
    assert "species" in completeness["missing"]
    exported = client.get(f"/v1/findings.csv?paper={good['paper']}").data
    (row,) = parse_table(exported, True, COLUMNS, ())
    assert row.cells["markers"] == "CD63;TSG101;calnexin"
    assert {name: row.cells[name] for name in ("strength", "dose")} == {
        name: REPORTED[name] for name in ("strength", "dose")
    }
    assert client.get("/v1/findings?function=loss&origin=lab").get_json()["findings"][-1]["finding_id"] == finding_id
    assert client.get("/v1/findings?function=lost").status_code == 422
    bare = dict.fromkeys(REPORTED)
    headers = key | {"If-Match": '"1"'}
    changed = client.patch(
        f"/v1/findings/{finding_id}", json={"changes": bare, "reason": "read again"}, headers=headers
    ).get_json()
    assert changed["completeness"] == {"recorded": False, "of": 9}
    assert client.get(f"/v1/findings/{finding_id}/history").get_json()["revisions"][1]["changed"] == [
        name for name in COLUMNS if name in REPORTED
    ]


@pytest.mark.parametrize("author", ["Zhang", "Zhang Yan", "Zhang Y; Li X"])
def test_a_last_author_that_cannot_be_read_is_refused(
    post: Callable[..., TestResponse], good: Cells, author: str
) -> None:
    refused = post(good | {"last_author": author})
    assert refused.status_code == 422
    assert "such as Zhang Y" in refused.get_json()["errors"][0]["detail"]


def test_a_finding_is_stored_once_under_any_name_of_its_paper(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells
) -> None:
    bare = {name: value for name, value in good.items() if name != "paper"}
    names = {"pmid": "35210436", "doi": "10.1038/s41419-022-04640-z", "pmcid": "PMC7862798", "title": "On M2 vesicles"}
    (first,) = post(bare | names).get_json()["added"]
    for written in (
        {"doi": "https://link.springer.com/article/10.1038/S41419-022-04640-Z?x=1"},
        {"pmid": "PMID:035210436."},
        {"pmcid": "PMC7862798.2"},
        {"title": "RETRACTED: On <i>M2</i> vesicles"},
        {"title": "On M2 vesicles [retracted]", "cancer_type": None},
        {"url": "https://pmc.ncbi.nlm.nih.gov/articles/PMC7862798/pdf/1.pdf"},
    ):
        answer = post(bare | written).get_json()
        assert [placed["finding_id"] for placed in answer["existing"]] == [first["finding_id"]], written


@pytest.mark.parametrize(("column", "longest"), [("quote", 300), ("quote_place", 80), ("strength", 300)])
def test_a_quote_is_a_sentence_and_no_page(
    post: Callable[..., TestResponse], good: Cells, column: str, longest: int
) -> None:
    refused = post(good | {column: "x" * (longest + 1)})
    assert refused.status_code == 422
    (error,) = refused.get_json()["errors"]
    assert error["pointer"].endswith(column) if "pointer" in error else column in str(error)
    assert str(longest) in error["detail"]
    assert post(good | {column: "x" * longest}).status_code == 201


def test_the_document_states_how_long_a_quote_may_be(client: FlaskClient) -> None:
    columns = client.get("/openapi.json").get_json()["components"]["schemas"]["FindingColumns"]["properties"]
    assert columns["quote"]["anyOf"][0]["maxLength"] == 300
    assert columns["quote_place"]["anyOf"][0]["maxLength"] == 80


@pytest.mark.parametrize(("suffix", "begins"), [("bib", "@unpublished{"), ("ris", "TY  - UNPB")])
def test_the_papers_of_findings_can_be_cited(
    client: FlaskClient, post: Callable[..., TestResponse], good: Cells, suffix: str, begins: str
) -> None:
    post(good | {"title": "Our own results"}, good | {"cargo_name": "miR-21-5p"})
    answer = client.get(f"/v1/findings.{suffix}?paper={good['paper']}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="findings.{suffix}"'
    text = answer.get_data(as_text=True)
    assert text.startswith(begins)
    assert (text.count(begins), text.count("EXF-"), "Our own results" in text) == (1, 2, True)
    assert client.get(f"/v1/findings.{suffix}?effect=x").status_code == 422
