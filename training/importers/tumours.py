"""Understands the names of diseases as the public tables write them: MeSH headings, plain names, anything else."""

import re
from collections.abc import Iterator
from functools import cache

from models.vocabulary.vocabulary import Vocabulary

ROOT = "cancer"

_QUALIFIER = re.compile(r"\s*\[[^\]]*\]")
_MALIGNANT = re.compile(
    r"cancer|carcino|neoplas|tumou?r|malignan|metasta|sarcoma|leuka?emi|lymphoma|melanoma|myeloma|glioma|blastoma"
    r"|astrocytoma|mesothelioma|seminoma"
)
# Headings of MeSH that no turning makes into plain words.
_HEADINGS = {
    "leukemia, myelogenous, chronic, bcr-abl positive": "chronic myeloid leukaemia",
    "precursor cell lymphoblastic leukemia-lymphoma": "acute lymphoblastic leukaemia",
    "precursor t-cell lymphoblastic leukemia-lymphoma": "T-cell acute lymphoblastic leukaemia",
}
# MeSH names an organ's tumours by an adjective where the vocabulary has the organ.
_ORGAN = {
    "prostatic": "prostate",
    "colonic": "colon",
    "urinary bladder": "bladder",
    "uterine cervical": "cervical",
    "adrenal cortex": "adrenocortical",
    "mouth": "oral",
}


class Tumours:
    """Which term of the vocabulary a disease name stands for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.term = cache(self._term)

    def _term(self, name: str) -> str:
        """The term that `name` stands for; empty where it is none, or may be several."""
        for spelling in _spellings(name):
            if term := self._vocabulary.lookup("cancer_type", spelling).name:
                return term
        return ""

    def is_tumour(self, name: str) -> bool:
        """Whether a disease is a malignant tumour: a term of the vocabulary, or malignant by its name."""
        return bool(self.term(name) or _MALIGNANT.search(name.lower()))


def _spellings(name: str) -> Iterator[str]:
    """`name`, then what it would be in plain words: "Leukemia, Myeloid, Acute" is acute myeloid leukemia."""
    yield name
    plain = _QUALIFIER.sub("", name).lower()
    yield _HEADINGS.get(plain, plain)
    parts = [part.strip() for part in plain.split(",")]
    for turned in dict.fromkeys((" ".join(reversed(parts)), " ".join((*parts[1:], parts[0])))):
        for spelling in (turned, *_with_organ(turned)):
            yield spelling
            yield re.sub(r"neoplasms?", "cancer", spelling)
            yield spelling.removesuffix("s")
            yield spelling.replace("carcinoma", "cancer")


def _with_organ(name: str) -> Iterator[str]:
    for adjective, organ in _ORGAN.items():
        if name.startswith(adjective):
            yield organ + name.removeprefix(adjective)
