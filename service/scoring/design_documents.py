"""The document of a design, as types, and how it is filled: one for the API, the command line, jobs, pages and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from models.candidates.candidate import ParsedCandidate
from models.designs import designs as proposals
from models.designs.designs import NOVELTY
from models.rounding import round_number, round_probability
from models.scorer import Scorer
from models.scoring.summary import describe_literature
from service.scoring import query_string
from service.scoring.design_requests import PinnedRequest
from service.scoring.documents import REFERENCE, Effect, Model, Part, ReadingWarning, Score, Share, Versions
from service.scoring.serializer import ScoreSerializer, encode, model_document, warning_document

# So many of the first rows are compared side by side.
COMPARED = 10

Novelty = Annotated[
    str,
    Meta(
        description="How far the candidate is from what was published, the nearest first.",
        extra_json_schema={"enum": list(NOVELTY)},
    ),
]
Request = Annotated[
    dict[str, Any],
    Meta(extra_json_schema={"$ref": REFERENCE.format(name="DesignRequest")}),
]
Address = Annotated[str, Meta(description="The page of this server with the answer on it, for the same model.")]


class DesignCounts(Part, frozen=True):
    """What became of all combinations."""

    variants: Annotated[int, Meta(description="All combinations of the values.")]
    scored: Annotated[int, Meta(description="Those that can be made and satisfy the constraints.")]
    labels: Annotated[dict[str, int], Meta(description="The scored ones by prediction.")]
    left_out: Annotated[dict[str, int], Meta(description="The others by reason, and cargos that were taken out.")]


class Design(Part, frozen=True):
    """One proposed candidate."""

    rank: int
    lower: Annotated[
        Share, Meta(description="The lower end of the 90 % band of the goal's probability, which decides the rank.")
    ]
    papers: Annotated[int, Meta(description="Papers with findings of the same source and state.")]
    family: Annotated[str, Meta(description="The family of the cargo: a seed, a gene family, or the cargo itself.")]
    novelty: Novelty
    reason: Annotated[str, Meta(description="What speaks most for the goal, in a line.")]
    literature: Annotated[str, Meta(description="What papers say of this source with this cargo, in a line.")]
    answer: Address
    score: Annotated[Score, Meta(description="The score, as for a request that has only this candidate.")]


class ProposedTest(Part, frozen=True):
    """An experiment that would teach the model much for the goal."""

    reduction: Annotated[
        Share, Meta(description="The share of the remaining uncertainty about all candidates that it removes.")
    ]
    information: Annotated[float, Meta(description="What one outcome says about the model, in bits.")]
    novelty: Novelty
    controls: Annotated[Sequence[str], Meta(description="What has to be tested beside it.")]
    answer: Address
    score: Score


class Designs(Part, frozen=True, kw_only=True):
    """A shortlist of candidates for a goal, best first, and what to test first."""

    goal: Effect
    counts: DesignCounts
    designs: Sequence[Design]
    test_first: Annotated[Sequence[ProposedTest], Meta(description="The few experiments that would teach most.")]
    replicates: Annotated[str, Meta(description="How often to test, and how to report the dose.")]
    comparison: Annotated[str, Meta(description="The page of this server that compares the first ten; empty for none.")]
    warnings: Annotated[Sequence[ReadingWarning], Meta(description="Values of the request that were not understood.")]
    model: Model
    versions: Versions
    request: Request


def encode_designs(scorer: Scorer, designs: proposals.Designs) -> bytes:
    """The document of designs as JSON. Each score is that of its candidate alone."""
    proposed, tests = designs.designs, designs.test_first
    candidates = [row.score.candidate for row in proposed] + [row.score.candidate for row in tests]
    readings = [scorer.parser.parse(candidate.to_dict()) for candidate in candidates]
    serializer = ScoreSerializer(scorer)
    scores = iter(serializer.serialize(serializer.predict(readings)))
    model = designs.versions.model
    addresses = iter([f"/?{query_string.write(reading.candidate.to_dict(), model)}" for reading in readings])
    document = Designs(
        goal=designs.request.goal,
        counts=DesignCounts(designs.variants, designs.scored, dict(designs.of_label), dict(designs.left_out)),
        designs=[
            Design(
                rank=row.rank,
                lower=round_probability(row.lower),
                papers=row.papers,
                family=row.family,
                novelty=row.novelty,
                reason=row.reason,
                literature=_literature(row, reading),
                answer=next(addresses),
                score=next(scores),
            )
            for row, reading in zip(proposed, readings, strict=False)
        ],
        test_first=[
            ProposedTest(
                round_number(row.reduction),
                round_number(row.information),
                row.novelty,
                row.controls,
                next(addresses),
                next(scores),
            )
            for row in tests
        ],
        replicates=designs.replicates,
        comparison=_comparison(readings[: len(proposed)], model),
        warnings=list(map(warning_document, designs.warnings)),
        model=model_document(scorer),
        versions=serializer.versions,
        request=PinnedRequest(designs.request, model).as_dict(),
    )
    return encode(document)


def _literature(row: proposals.Design, reading: ParsedCandidate) -> str:
    score = row.score
    return describe_literature(score.label, score.known, reading.carried, reading.candidate.cargo_state)


def _comparison(readings: Sequence[ParsedCandidate], model: str) -> str:
    candidates = [reading.candidate.to_dict() for reading in readings[:COMPARED]]
    return f"/compare?{query_string.write_comparison(candidates, model)}" if candidates else ""
