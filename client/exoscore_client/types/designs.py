"""Types of designs. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.types.scores import Model, ReadingWarning, Score, Versions


class Designs(TypedDict):
    """A shortlist of candidates for a goal, best first, and what to test first."""

    goal: Literal["suppressing", "promoting"]
    counts: DesignCounts
    designs: list[Design]
    test_first: list[ProposedTest]
    replicates: str
    comparison: str
    warnings: list[ReadingWarning]
    model: Model
    versions: Versions
    request: DesignRequest


class DesignCounts(TypedDict):
    """What became of all combinations."""

    variants: int
    scored: int
    labels: dict[str, int]
    left_out: dict[str, int]


class Design(TypedDict):
    """One proposed candidate."""

    rank: int
    lower: float
    papers: int
    family: str
    novelty: Literal["published_in_this_cancer", "published_elsewhere", "cargo_published_in_another_source", "new"]
    reason: str
    literature: str
    answer: str
    score: Score


class ProposedTest(TypedDict):
    """An experiment that would teach the model much for the goal."""

    reduction: float
    information: float
    novelty: Literal["published_in_this_cancer", "published_elsewhere", "cargo_published_in_another_source", "new"]
    controls: list[str]
    answer: str
    score: Score


class DesignFixed(TypedDict):
    """The fields of a candidate that all proposals have, with one value each."""

    source_cell: NotRequired[str | None]
    source_phenotype: NotRequired[str | None]
    polarisation: NotRequired[list[str] | str | None]
    species: NotRequired[list[str] | str | None]
    cargo_type: NotRequired[str | None]
    cargo_name: NotRequired[str | None]
    cargo_state: NotRequired[str | None]
    engineering: NotRequired[list[str] | str | None]
    cancer_type: NotRequired[str | None]
    recipient_cell: NotRequired[list[str] | str | None]


class DesignVary(TypedDict):
    """The fields that may vary: lists of values, or known for all that reports or findings have."""

    source_cell: NotRequired[list[str | None] | Literal["known"]]
    source_phenotype: NotRequired[list[str | None] | Literal["known"]]
    polarisation: NotRequired[list[list[str] | str | None] | Literal["known"]]
    species: NotRequired[list[list[str] | str | None] | Literal["known"]]
    cargo_type: NotRequired[list[str | None] | Literal["known"]]
    cargo_name: NotRequired[list[str | None] | Literal["known"]]
    cargo_state: NotRequired[list[str | None] | Literal["known"]]
    engineering: NotRequired[list[list[str] | str | None] | Literal["known"]]
    cancer_type: NotRequired[list[str | None] | Literal["known"]]
    recipient_cell: NotRequired[list[list[str] | str | None] | Literal["known"]]


class DesignConstraints(TypedDict):
    """What every proposal must satisfy."""

    inside_domain: NotRequired[bool]
    min_papers: NotRequired[int]
    exclude_published: NotRequired[bool]
    exclude_cargos: NotRequired[list[str]]
    validated_targets: NotRequired[bool]
    max_per_family: NotRequired[int]
    max_per_source: NotRequired[int]


class DesignRequest(TypedDict):
    """What is wanted: the goal, what is fixed, what may vary, and what a proposal must satisfy."""

    goal: NotRequired[Literal["suppressing", "promoting"]]
    fixed: NotRequired[DesignFixed]
    vary: DesignVary
    constraints: NotRequired[DesignConstraints]
    limit: NotRequired[int]
    test_first: NotRequired[int]
    model: NotRequired[str]


class CreateDesignQuery(TypedDict):
    """The query of create_design."""

    format: NotRequired[Literal["json", "csv", "xlsx"]]


class GetDesignQuery(TypedDict):
    """The query of get_design."""

    format: NotRequired[Literal["json", "csv", "xlsx"]]
