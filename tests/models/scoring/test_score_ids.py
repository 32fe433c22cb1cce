"""The id of a score holds its candidate whole; whatever was cut, changed or never was an id is refused in plain words."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import FIELDS
from models.errors import ChangedScoreError, UnknownModelError, UnknownScoreError
from models.scorer import Scorer
from models.scoring.score_ids import ScoreId, make_score_id

MIR21: dict[str, Any] = {
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "mir-21",
    "cancer_type": "gastrc cancer",
    "species": "Homo sapiens; mouse",
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
CANDIDATES = st.fixed_dictionaries(
    {}, optional={field.name: st.lists(TEXTS, max_size=3) if field.many else TEXTS for field in FIELDS}
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture(scope="module")
def score_id(scorer: Scorer) -> str:
    return scorer.score(MIR21).score_id


def sealed(content: bytes) -> str:
    """A text that has the form and the check of an id."""
    return urlsafe_b64encode(crc32(content).to_bytes(4) + content).rstrip(b"=").decode()


@given(CANDIDATES, st.floats(0, 1))
def test_an_id_holds_all_that_is_stated(candidate: dict[str, Any], probability: float) -> None:
    score_id = make_score_id("exo-887e749b99dd", "promoting", probability, candidate)
    assert set(score_id) <= set(LETTERS)
    said = ScoreId.parse(score_id)
    filled = {
        name: [part for part in value if part.strip()] if isinstance(value, list) else value
        for name, value in candidate.items()
    }
    assert said.candidate == {name: value for name, value in filled.items() if value}
    assert make_score_id(said.model, said.label, said.probability_suppressing, said.candidate) == score_id
    assert make_score_id("exo-887e749b99dd", "promoting", probability, dict(reversed(candidate.items()))) == score_id


@given(st.data())
def test_an_id_that_was_cut_or_changed_is_refused(score_id: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(score_id) - 1))
    letter = data.draw(st.sampled_from(LETTERS).filter(lambda letter: letter != score_id[place]))
    for changed in (
        score_id[:place],
        score_id[place + 1 :],
        score_id[:place] + letter + score_id[place + 1 :],
        score_id[:place] + letter + score_id[place:],
        f"{score_id[:place]} {score_id[place:]}",
    ):
        with pytest.raises(UnknownScoreError, match="is not the id of a score"):
            ScoreId.parse(changed)


@given(st.text() | st.text(LETTERS))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnknownScoreError):
        ScoreId.parse(text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b'["exo-887e749b99dd","promoting",0.5]',
        b'["exo-887e749b99dd","promoting",0.5,[]]',
        b'["exo-887e749b99dd","promoting","0.5",{}]',
        b'["exo-887e749b99dd","promoting",0.5,{},1]',
        b'["exo-887e749b99dd", "promoting", 0.5, {}]',
        b'["exo-887e749b99dd","promoting",0.50,{}]',
        b'["exo-887e749b99dd","promoting",7.5,{}]',
        b'["exo-887e749b99dd","soup",0.5,{}]',
        b'["","promoting",0.5,{}]',
        b'["exo-\\u0000","promoting",0.5,{}]',
        b'["../../exo-887e749b99dd","promoting",0.5,{}]',
        b'["exo-887e749b99dd","promoting",0.5,{"id":"\xff"}]',
        b'["exo-887e749b99dd","promoting",0.5,{"id":' + b"[" * 5000 + b"]" * 5000 + b"}]",
        b"[" * 100_000,
        b'"' + b"x" * 1_000_000 + b'"',
    ],
    ids=range(19),
)
def test_what_has_the_check_of_an_id_but_says_no_score_is_refused(content: bytes) -> None:
    with pytest.raises(UnknownScoreError) as refused:
        ScoreId.parse(sealed(content))
    assert len(str(refused.value)) < 250


def test_padding_and_other_alphabets_are_no_other_ids_of_a_score(score_id: str) -> None:
    for other in (score_id + "=", score_id + "==", score_id.replace("-", "+").replace("_", "/") + "/", score_id + "\n"):
        with pytest.raises(UnknownScoreError):
            ScoreId.parse(other)


def test_a_score_comes_again_by_its_id(scorer: Scorer, score_id: str) -> None:
    assert scorer.replay(score_id) == scorer.score(MIR21)


def test_a_score_of_another_model_is_refused_by_name(scorer: Scorer) -> None:
    with pytest.raises(UnknownModelError, match="exo-000000000000"):
        scorer.replay(make_score_id("exo-000000000000", "promoting", 0.1, MIR21))


def test_another_prediction_than_the_one_of_the_id_is_said(scorer: Scorer) -> None:
    score = scorer.score(MIR21)
    changed = make_score_id(scorer.bundle.id, score.label, 0.4321, MIR21)
    with pytest.raises(ChangedScoreError, match=rf"{score.label} \(0\.4321\).*{score.label} \(0\.\d{{4}}\) now"):
        scorer.replay(changed)
