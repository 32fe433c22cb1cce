"""The page of designs: its address replays the same digits, its shortlist is that of the library, and what was typed stays."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from urllib.parse import parse_qs, quote, urlencode

import pytest
from flask.testing import FlaskClient

from models.designs.designs import Designs, make_space, propose
from models.estimator.artifact import Bundle
from models.rounding import round_probability
from models.scorer import Scorer
from service.pages.design.form import EXAMPLE, EXAMPLE_TITLE
from service.scoring import design_query
from tests.pages.addresses import DESIGN
from tests.service.candidates import HOSTILE

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SMALL = "/design?source=M1&source=MSC&cargo_type=mirna&cargo_name=miR-34a&cargo_name=miR-21&cargo_name=miR-124"


def designs_of(scorer: Scorer, address: str) -> Designs:
    request = design_query.read(address.partition("?")[2].encode()).parse()
    return propose(scorer, request, make_space(scorer, request))


def links_of(page: str) -> dict[str, str]:
    """The address of each link of a page, by what it says."""
    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', page)
    return {text: html.unescape(address) for address, text in links}


def shown(page: str) -> list[str]:
    """The candidates of the shortlist, in its order."""
    rows = re.findall(r'<p class="who"><a href="[^"]+">(.*?)</a></p>', page)
    return [html.unescape(re.sub("<[^>]+>", "", row)) for row in rows]


def test_the_shortlist_is_that_of_the_library(client: FlaskClient, scorer: Scorer) -> None:
    page = client.get(DESIGN).text
    designs = designs_of(scorer, DESIGN)
    assert len(designs) == 10
    for name, design in zip(shown(page), designs.designs, strict=True):
        assert name.startswith(design.score.candidate.cargo_name)
        assert html.escape(design.reason) in page
    for count in (designs.variants, designs.scored, *designs.of_label.values(), *designs.left_out.values()):
        assert f"{count:,}" in page
    for reason in designs.left_out:
        assert html.escape(reason) in page
    assert all(html.escape(control) in page for test in designs.test_first for control in test.controls)
    assert html.escape(designs.replicates) in page


def test_an_address_with_its_model_replays_the_same_digits(client: FlaskClient, produced: Bundle) -> None:
    first = client.get(DESIGN).text
    permanent = links_of(first)["Permanent link"]
    assert permanent == f"{DESIGN}&model={produced.id}"
    again = client.get(permanent)
    assert (again.status_code, shown(again.text)) == (200, shown(first))
    for form in ("csv", "json"):
        exported = [client.get(address.replace("/design?", f"/design.{form}?")).data for address in (DESIGN, permanent)]
        assert exported[0] == exported[1]
    assert client.get(f"{DESIGN}&model=exo-none").status_code == 404


def test_exports_have_every_digit_and_no_formula(client: FlaskClient, scorer: Scorer) -> None:
    address = f"{SMALL}&cancer_type=%3DHYPERLINK(1)&inside_domain=false"
    designs = designs_of(scorer, address)
    exported = client.get(address.replace("/design?", "/design.csv?"))
    rows = list(csv.DictReader(io.StringIO(exported.text)))
    document = json.loads(client.get(address.replace("/design?", "/design.json?")).data)
    workbook = client.get(address.replace("/design?", "/design.xlsx?"))
    assert workbook.data.startswith(b"PK")
    assert len(rows) == len(designs) > 0
    for row, entry, design in zip(rows, document["designs"], designs.designs, strict=True):
        assert row["cancer_type"] == "'=HYPERLINK(1)"
        assert entry["score"]["probability_suppressing"] == float(row["probability_suppressing"])
        assert float(row["probability_suppressing"]) == round_probability(design.score.probability_suppressing)
        assert entry["lower"] == float(row["lower"]) == round_probability(design.lower)
        assert (row["rank"], row["cargo_name"]) == (str(design.rank), design.score.candidate.cargo_name)


def test_each_candidate_leads_to_the_answer_with_its_digits(client: FlaskClient, scorer: Scorer) -> None:
    page = client.get(SMALL).text
    answers = re.findall(r'<p class="who"><a href="([^"]+)"', page)
    for answer, design in zip(answers, designs_of(scorer, SMALL).designs, strict=True):
        raw = {name: values[0] for name, values in parse_qs(html.unescape(answer).partition("?")[2]).items()}
        assert scorer.score(raw).log_odds == design.score.log_odds
        assert client.get(html.unescape(answer)).status_code == 200
    assert client.get(links_of(page)["Compare these"]).text.count('class="place"') == 2 * len(answers)


def test_what_a_form_sends_becomes_the_address_to_share(client: FlaskClient) -> None:
    sent = [
        ("goal", "suppressing"),
        ("cancer_type", "GBM"),
        ("limit", "10"),
        ("source", "M1"),
        ("source", "\r\nMSC\r\n"),
    ]
    sent += [
        ("cargo_type", "mirna"),
        ("cargo_name", ""),
        ("exclude_cargos", ""),
        ("max_per_family", "1"),
        ("min_papers", "0"),
    ]
    answer = client.get(f"/design?{urlencode(sent)}")
    assert answer.status_code == 303
    assert answer.location == "/design?source=M1&source=MSC&cargo_type=mirna&cargo_name=known&cancer_type=GBM"
    page = client.get(answer.location)
    assert page.status_code == 200
    for value in ("M1", "MSC", "mirna"):
        assert f'value="{value}" checked' in page.text
    assert 'value="GBM"' in page.text


def test_the_form_begins_with_an_example_to_open(client: FlaskClient) -> None:
    for address in ("/design", "/"):
        example = links_of(client.get(address).text)[html.escape(EXAMPLE_TITLE)]
        assert example == f"/design?{design_query.write(EXAMPLE)}"
    assert len(shown(client.get(example).text)) == 10


def test_errors_stand_at_their_fields_and_what_was_typed_stays(client: FlaskClient) -> None:
    typed = {
        "goal": "kill",
        "source": ["M7", "MSC"],
        "cargo_type": "mirna",
        "cargo_name": ["miR-21", "Ж" * 400],
        "limit": "many",
        "max_per_family": "-3",
        "species": "unicorn",
        "exclude_cargos": "blorb & co",
        "colour": "red",
    }
    page = client.get(f"/design?{urlencode(typed, doseq=True)}", headers=BROWSER)
    assert page.status_code == 422
    for name in ("goal", "limit", "max_per_family"):
        assert f'id="fault-{name}"' in page.text
        assert f'href="#{name}"' in page.text
    for text in ("kill", "many", "-3", "unicorn"):
        assert f'value="{text}"' in page.text
    for text in ("M7", "miR-21", "Ж" * 400, "blorb &amp; co"):
        assert text in page.text
    assert "colour" in page.text


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("source=M7&source=MSC&cargo_type=mirna&cargo_name=known", "source", "&#39;M7&#39; is not a known source cell"),
        ("cargo_type=mirna&cargo_name=known", "source", "Choose at least one cell"),
        ("source=M1&source=MSC&cargo_name=known", "cargo_type", "Choose at least one cargo type"),
        (
            "source=M1&source=MSC&cargo_type=mirna&cargo_type=drugg&cargo_name=known",
            "cargo_type",
            "is not a known cargo type",
        ),
        (
            "source=M1&source=MSC&cargo_type=mirna&cargo_name=known&exclude_cargos=blorb",
            "exclude_cargos",
            "no known cargo",
        ),
        ("source=M1&source=M2&cargo_type=mirna&cargo_name=known&species=x&species=y", "species", "&#39;y&#39; is not"),
        ("source=M1&source=MSC&cargo_type=mirna&cargo_name=known&limit=101", "limit", "from 1 to 100"),
        (
            f"source=M1&cargo_type=mirna&{'&'.join(f'cargo_name=x{number}' for number in range(501))}",
            "cargo_name",
            "at most 500 values",
        ),
    ],
)
def test_each_error_says_at_its_field_what_would_be_right(
    client: FlaskClient, query: str, field: str, says: str
) -> None:
    page = client.get(f"/design?{query}", headers=BROWSER, follow_redirects=True)
    assert page.status_code == 422
    (fault,) = re.findall(rf'(?s)<div id="fault-{field}">(.*?)</div>', page.text)
    assert says in fault
    assert client.get(f"/design.csv?{query}").status_code == 422


def test_more_combinations_than_a_page_ranks_are_handed_on(client: FlaskClient) -> None:
    query = "source=known&source_phenotype=known&cargo_type=mirna&cargo_type=protein&cargo_name=known&min_papers=1"
    page = client.get(f"/design?{query}", headers=BROWSER)
    assert page.status_code == 422
    (text,) = re.findall(r"(?s)<pre[^>]*><code>(.*?)</code>", page.text)
    body = json.loads(html.unescape(text))
    assert body["vary"]["cargo_name"] == "known"
    assert body["constraints"]["min_papers"] == 1
    (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', page.text))
    (action,) = re.findall(r'action="(/design/jobs[^"]+)"', page.text)
    sent = {"data": {"csrf": token}, "headers": {"Origin": "http://localhost"}}
    job = client.post(html.unescape(action), **sent).location
    assert "queued" in client.get(job).text.lower()
    assert client.get(f"/design/{'/'.join(job.split('/')[2:])}.csv").status_code == 409
    small = client.post(SMALL.replace("?", "/jobs?"), **sent)
    assert small.location == SMALL
    refused = client.get(f"/design.json?{query}")
    assert refused.status_code == 422
    assert "200,000" in refused.text


@pytest.mark.parametrize(
    ("constraint", "way"),
    [
        ("exclude_published=true", "allow what was published"),
        ("goal=promoting", "add cells, cargo types, cargos or states"),
    ],
)
def test_an_empty_result_says_what_would_let_candidates_through(client: FlaskClient, constraint: str, way: str) -> None:
    published = (
        "source=M2&source=TAM&cargo_type=mirna&cargo_name=miR-21-5p&cargo_state=native&cancer_type=gastric+cancer"
    )
    loaded = "source=M1&source=M2&cargo_type=mirna&cargo_name=miR-34a&cargo_state=loaded"
    page = client.get(f"/design?{loaded if 'goal' in constraint else published}&{constraint}")
    assert page.status_code == 200
    assert "No candidate can be proposed" in page.text
    assert way in page.text
    assert shown(page.text) == []


def test_what_was_not_understood_is_said_beside_the_result(client: FlaskClient) -> None:
    page = client.get(f"{SMALL}&cargo_name=miR-155a&cancer_type=gastrc+cancer&inside_domain=false").text
    assert "Not everything was understood as written" in page
    assert "gastrc cancer" in page
    assert "Did you mean" in page


def test_all_combinations_can_be_scored_as_a_file(client: FlaskClient, scorer: Scorer) -> None:
    page = client.get(SMALL).text
    (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    (action,) = re.findall(r'<form class="all" action="([^"]+)"', page)
    sent = client.post(html.unescape(action), data={"csrf": token}, headers={"Origin": "http://localhost"})
    assert sent.status_code == 303
    preview = client.get(sent.location)
    assert f"{designs_of(scorer, SMALL).scored} rows" in preview.text
    assert "none</a> with errors" in re.sub(r"\s+", " ", preview.text) or "none with errors" in preview.text
    assert client.post(html.unescape(action)).status_code == 403


def test_hostile_texts_are_shown_as_texts(client: FlaskClient) -> None:
    texts = {name: HOSTILE[name] for name in ("cargo_name", "cancer_type", "polarisation")}
    query = f"source=M1&source=M2&cargo_type=mirna&{urlencode(texts, doseq=True)}&inside_domain=false"
    page = client.get(f"/design?{query}", headers=BROWSER, follow_redirects=True)
    assert page.status_code == 200
    assert not re.search(r"<(?:img|i|b|script)\b(?! defer)", page.text)
    assert "&lt;img src=x" in page.text


@pytest.mark.parametrize(
    "query", ["%FF", "source=%FF&cargo_type=mirna&cargo_name=", "&&&", "limit=" + "9" * 5000, "model=%FF"]
)
def test_an_address_that_nobody_meant_is_no_defect(client: FlaskClient, query: str) -> None:
    for page in ("/design", "/design.csv", "/design.json"):
        answer = client.get(f"{page}?{query}", headers=BROWSER, follow_redirects=True)
        assert answer.status_code in (200, 404, 422)


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "1,25-D3", "a;b", "a+b", "known things"])
def test_a_name_of_any_kind_stays_one_name(client: FlaskClient, text: str) -> None:
    page = client.get(f"{SMALL}&cargo_name={quote(text)}&inside_domain=false", follow_redirects=True)
    assert page.status_code == 200
    (count,) = re.findall(r'<p class="counts">(\d+) combinations', page.text)
    assert int(count) == 2 * (3 + len(text.splitlines()))
