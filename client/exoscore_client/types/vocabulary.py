"""Types of vocabulary. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Term(TypedDict):
    """One accepted value of a field."""

    term: str
    curie: NotRequired[str]
    parent: NotRequired[str]
    aliases: list[str]
    definition: str
    disposition: NotRequired[str]
    source_cells: NotRequired[list[str]]


class Vocabulary(TypedDict):
    """The terms of each field."""

    version: str
    fields: dict[str, list[Term]]


class CargoName(TypedDict):
    """How a name is understood as a cargo."""

    given: str
    name: str
    kind: str
    how: str
    stem: str
    identifier: str
    alternatives: list[str]
    seed: str
    silences: bool
    recognised: bool


class TermMatch(TypedDict):
    """The terms of one field that a name can mean."""

    names: list[str]
    how: str


class Name(TypedDict):
    """How a name is understood."""

    given: str
    cargo: CargoName
    terms: dict[str, TermMatch]


class VocabularyQuery(TypedDict):
    """The query of vocabulary."""

    field: NotRequired[
        Literal[
            "source_cell",
            "source_phenotype",
            "polarisation",
            "species",
            "cargo_type",
            "cargo_state",
            "engineering",
            "cancer_type",
            "recipient_cell",
            "effect",
            "mechanism",
            "processes",
            "evidence",
            "grade",
            "lncrna",
            "protein",
            "small_molecule",
        ]
    ]


class ReadNameQuery(TypedDict):
    """The query of read_name."""

    q: str
    cargo_type: NotRequired[str]
