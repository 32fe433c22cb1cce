"""What a notebook shows of a score says what the answer page says, and nothing typed becomes a part of the page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.wording import percent, signed
from models.errors import CandidateError
from models.scorer import Scorer
from tests.private_words import private_words

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "HCC"}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</style></div></details><style>* { display: none }</style>",
    "{{ 7 * 7 }}{% raw %}",
    "$\\href{javascript:alert(1)}{x}$",
    "my_own_name",
    "&lt;b&gt;",
    "x" * 300,
]
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=60)


def plain(text: str) -> str:
    """A text with every kind of space as a blank."""
    return " ".join(text.split())


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, frozenset[str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        return plain(" ".join(self.texts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, frozenset(name for name, _ in attrs)))
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)


def test_a_score_shows_prediction_support_probability_reasons_and_literature(scorer: Scorer) -> None:
    score = scorer.score({**MIR21, "polarisation": "moonlight"})
    text = Page(score._repr_html_()).text
    assert "miR-21-5p · M2 macrophage · hepatocellular carcinoma" in text
    assert "Tumour-promoting" in text
    assert f"Support: {score.support}" in text
    low, high = map(percent, score.interval)
    assert plain(f"{percent(score.probability_suppressing)} (90 % band {low} to {high})") in text
    assert score.summary in text
    assert "“moonlight” was not understood" in text
    assert all(signed(value) in text for value in score.contributions.values() if value)
    assert f"{score.known.anywhere.promoting_papers} papers" in text
    assert score.versions.model in text
    assert private_words(text) == []


def test_an_undetermined_score_says_why(scorer: Scorer) -> None:
    score = scorer.score({**MIR21, "cargo_name": "blorb"})
    text = Page(score._repr_html_()).text
    assert "Undetermined" in text
    assert "Outside the domain of the model" in text
    assert all(reason.says in text for reason in score.domain.reasons)
    assert "No curated paper has tested this source with this cargo." in text


def test_a_model_shows_what_it_learned_from(scorer: Scorer) -> None:
    text = Page(scorer._repr_html_()).text
    assert scorer.bundle.id in text
    assert f"{len(scorer.learned_from)} findings of {scorer.papers} papers" in text
    assert "99 % right on papers that the model had not seen" in text
    assert private_words(text) == []
    without = scorer.without(frozenset(list(scorer.learned_from)[:2]))
    assert "2 findings that were retracted since" in Page(without._repr_html_()).text


def check_harmless(scorer: Scorer, text: str) -> None:
    candidate = {**MIR21, "id": text, "cargo_name": text, "cancer_type": text, "polarisation": [text]}
    try:
        html = scorer.score(candidate)._repr_html_()
    except CandidateError:
        return
    page = Page(html)
    assert plain(text) in page.text
    known = {
        "div",
        "style",
        "p",
        "span",
        "strong",
        "bdi",
        "details",
        "summary",
        "table",
        "thead",
        "tr",
        "th",
        "td",
        "ul",
        "li",
    }
    assert {tag for tag, _ in page.elements} <= known
    assert sum(tag == "style" for tag, _ in page.elements) == 1
    assert {name for _, names in page.elements for name in names} <= {"class", "style", "role", "aria-label", "open"}
    # Notebooks set mathematics in what they show.
    assert "mathjax_ignore" in html
    assert "tex2jax_ignore" in html


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_text(scorer: Scorer, text: str) -> None:
    check_harmless(scorer, text)


@given(text=TEXT)
def test_whatever_is_typed_stays_text(scorer: Scorer, text: str) -> None:
    check_harmless(scorer, text)


def test_it_needs_nothing_else_and_takes_the_colours_around_it(scorer: Scorer) -> None:
    for html in (scorer._repr_html_(), scorer.score(MIR21)._repr_html_()):
        assert not any(part in html for part in ("http", "src=", "href=", "url(", "@import", "prefers-color-scheme"))
        style = html.partition("<style>")[2].partition("</style>")[0]
        assert not re.search("(?<!-)color: #", style)
        assert "background: #fff" not in style


def test_designs_show_every_proposal_and_test_and_escape_what_was_typed(scorer: Scorer) -> None:
    vary = {"cargo_name": ["miR-34a", "miR-21", *HOSTILE[:4]], "cargo_state": ["loaded", "enriched"]}
    fixed = {"source_phenotype": "M1", "cargo_type": "mirna", "cancer_type": HOSTILE[0]}
    designs = scorer.design(vary, fixed, constraints={"inside_domain": False}, limit=20)
    page = Page(designs._repr_html_())
    assert len(designs.designs) > 2
    assert {"script", "img"}.isdisjoint(name for name, _ in page.elements)
    for design in designs.designs:
        assert plain(design.reason) in plain(page.text)
    for test in designs.test_first:
        assert all(plain(control) in plain(page.text) for control in test.controls)
