"""Disease names of the tables, as MeSH and others write them, become terms; only malignant ones count."""

from __future__ import annotations

import pytest

from models.vocabulary.vocabulary import Vocabulary
from training.importers.tumours import Tumours


@pytest.fixture(scope="module")
def tumours() -> Tumours:
    return Tumours(Vocabulary.load())


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("Breast Neoplasms", "breast cancer"),
        ("Stomach Neoplasms", "gastric cancer"),
        ("Prostatic Neoplasms", "prostate cancer"),
        ("Urinary Bladder Neoplasms", "bladder cancer"),
        ("Uterine Cervical Neoplasms", "cervical cancer"),
        ("Carcinoma, Hepatocellular", "hepatocellular carcinoma"),
        ("Carcinoma, Lung, Non-Small-Cell", "non-small cell lung cancer"),
        ("Leukemia, Myeloid, Acute", "acute myeloid leukaemia"),
        ("Lymphoma, Large B-Cell, Diffuse", "diffuse large B-cell lymphoma"),
        ("Leukemia, Myelogenous, Chronic, BCR-ABL Positive", "chronic myeloid leukaemia"),
        ("Precursor Cell Lymphoblastic Leukemia-Lymphoma", "acute lymphoblastic leukaemia"),
        ("Gastrointestinal Stromal Tumors", "gastrointestinal stromal tumour"),
        ("Neoplasms [unspecific]", "cancer"),
        ("glioma", "glioma"),
    ],
)
def test_headings_are_read_as_the_terms_they_stand_for(tumours: Tumours, name: str, term: str) -> None:
    assert tumours.term(name) == term


def test_every_term_and_alias_of_the_vocabulary_is_still_read_as_itself(tumours: Tumours) -> None:
    vocabulary = Vocabulary.load()
    wrong = [term.name for term in vocabulary.terms("cancer_type") if tumours.term(term.name) != term.name]
    assert wrong == []


@pytest.mark.parametrize("name", ["Diabetes Mellitus", "Glaucoma", "Hematoma", "Heart Failure", "Stroke, Ischemic"])
def test_other_diseases_are_no_tumours(tumours: Tumours, name: str) -> None:
    assert (tumours.term(name), tumours.is_tumour(name)) == ("", False)


def test_a_tumour_without_a_term_is_still_a_tumour(tumours: Tumours) -> None:
    assert (tumours.term("Adenocarcinoma"), tumours.is_tumour("Adenocarcinoma")) == ("", True)
