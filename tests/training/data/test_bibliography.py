"""Papers go to reference managers: an entry for each, whatever its title holds, and each can be told from the others."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from training.data.bibliography import bibtex, csl, ris

PUBLISHED = {
    "finding_id": "EXF-1",
    "paper": "pmid:35210436",
    "first_author": "Müller",
    "year": "2022",
    "title": "TNF-α & 50 % of {exosomes}",
    "journal": "Cell Death & Disease",
    "doi": "10.1038/s41419-022-04640-z",
    "pmid": "35210436",
}
OF_LAB = {"finding_id": "EXF-2", "paper": "lab:notebook 7", "title": "Own results"}
TEXTS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=60)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"finding_id": st.sampled_from(["EXF-1", "EXF-2", "EXF-3"]), "paper": TEXTS.map("lab:{}".format) | TEXTS},
        optional=dict.fromkeys(("first_author", "year", "title", "journal", "doi", "url"), TEXTS),
    ),
    max_size=5,
)


# Of the schema of the Citation Style Language (csl-data.json, version 1.0): what is written here.
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "additionalProperties": False,
        "properties": {
            "type": {"enum": ["article-journal", "manuscript"]},
            **{
                name: {"type": "string"}
                for name in ("id", "title", "container-title", "DOI", "PMID", "PMCID", "URL", "note")
            },
            "author": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"family": {"type": "string"}},
                    "additionalProperties": False,
                },
            },
            "issued": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "maxItems": 2,
                        "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
                    }
                },
            },
        },
    },
}


def balanced(text: str) -> bool:
    """Whether the braces that BibTeX counts come in pairs."""
    depth = 0
    for brace in re.findall("[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def test_a_paper_has_one_entry_that_names_all_its_findings() -> None:
    entries = list(bibtex([PUBLISHED, OF_LAB, PUBLISHED | {"finding_id": "EXF-3"}]))
    assert len(entries) == 2
    first, second = entries
    assert first.startswith("@article{Muller2022-")
    for line in (
        "author = {{Müller} and others}",
        r"title = {{TNF-α \& 50 \% of \textbraceleft{}exosomes\textbraceright{}}}",
        "doi = {10.1038/s41419-022-04640-z}",
        "url = {https://doi.org/10.1038/s41419-022-04640-z}",
        "note = {Exoscore findings: EXF-1, EXF-3}",
    ):
        assert line in first
    assert second.startswith("@unpublished{")
    assert "url" not in second


def test_a_record_of_ris_has_what_is_known_of_the_paper() -> None:
    (record,) = ris([PUBLISHED])
    lines = record.split("\r\n")
    assert lines[0] == "TY  - JOUR"
    assert {"AU  - Müller", "PY  - 2022", "AN  - 35210436", "JO  - Cell Death & Disease"} <= set(lines)
    assert lines[-3:] == ["ER  - ", "", ""]


@given(ROWS)
def test_no_text_breaks_out_of_its_entry(rows: list[dict[str, str]]) -> None:
    papers = {row["paper"] for row in rows}
    entries = list(bibtex(rows))
    assert len(entries) == len(papers)
    assert all(balanced(entry) for entry in entries)
    records = list(ris(rows))
    assert len(records) == len(papers)
    for record in records:
        lines = record.split("\r\n")
        assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines if line)
        assert sum(line.startswith("TY  - ") for line in lines) == 1


@pytest.mark.parametrize("write", [bibtex, ris])
def test_papers_of_one_author_and_year_have_keys_of_their_own(write: object) -> None:
    rows = [PUBLISHED | {"paper": f"pmid:{number}", "finding_id": f"EXF-{number}"} for number in range(1, 200)]
    assert callable(write)
    keys = {re.search(r"Muller2022-\w+", entry).group() for entry in write(rows)}  # type: ignore[union-attr]
    assert len(keys) == len(rows)


def test_csl_has_an_object_for_each_paper() -> None:
    published, of_lab = json.loads("".join(csl([PUBLISHED, OF_LAB, PUBLISHED | {"finding_id": "EXF-3"}])))
    assert published["id"].startswith("Muller2022-")
    assert published["author"] == [{"family": "Müller"}]
    assert published["issued"] == {"date-parts": [[2022]]}
    assert published["DOI"] == "10.1038/s41419-022-04640-z"
    assert published["title"] == "TNF-α & 50 % of {exosomes}"
    assert "EXF-1, EXF-3" in published["note"]
    assert (of_lab["type"], of_lab["title"]) == ("manuscript", "Own results")


@given(ROWS)
def test_csl_of_any_texts_is_csl(rows: list[dict[str, str]]) -> None:
    items = json.loads("".join(csl(rows)))
    Draft7Validator(CSL).validate(items)
    assert len(items) == len({row["paper"] for row in rows}) == len({item["id"] for item in items})
