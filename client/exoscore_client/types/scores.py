"""Types of scores. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Fault(TypedDict):
    """One error of the request."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    line: NotRequired[int]
    column: NotRequired[str]
    code: str
    detail: str
    given: NotRequired[object]
    allowed: NotRequired[list[str]]
    nearest: NotRequired[list[str]]


class Problem(TypedDict):
    """A problem document, served as application/problem+json."""

    line: NotRequired[int]
    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[Fault]]
    errors_left_out: NotRequired[dict[str, int]]
    request_id: NotRequired[str]


class Score(TypedDict):
    """The score of one candidate."""

    candidate: Candidate
    normalisation: list[Note]
    warnings: list[ReadingWarning]
    label: Literal["suppressing", "promoting", "undetermined"]
    undetermined_because: NotRequired[Literal["domain", "conflict", "both_possible"]]
    support: Literal["none", "weak", "moderate", "strong"]
    probability_suppressing: float
    interval: list[float]
    prediction_set: list[Literal["suppressing", "promoting"]]
    confidence: float
    credibility: float
    percentile: Percentile
    domain: Domain
    known: Known
    mechanism: Mechanism
    cargo_set: NotRequired[CargoSet]
    contributions: NotRequired[Contributions]
    evidence: NotRequired[list[Neighbour]]
    flips: NotRequired[list[Flip]]
    missing: NotRequired[list[MissingField]]
    decision: NotRequired[Decision]
    rank: NotRequired[int]
    rank_to: NotRequired[int]
    summary: str
    score_id: str
    versions: Versions


class Note(TypedDict):
    """How one given value was read."""

    field: str
    given: str
    used: str
    how: str
    identifier: NotRequired[str]
    alternatives: NotRequired[list[str]]
    remark: NotRequired[str]


class ReadingWarning(TypedDict):
    """A value that was not understood, and what was done instead; or an assumption of how a set of cargos is scored."""

    field: str
    given: str
    done: str
    nearest: list[str]
    is_assumption: NotRequired[bool]


class Percentile(TypedDict):
    """The share of curated findings, in percent, that score lower."""

    of_all: float
    of_cargo_type: NotRequired[float]
    of_cancer_type: NotRequired[float]
    of_source_cell: NotRequired[float]


class Domain(TypedDict):
    """Whether similar vesicles are in the training data."""

    inside: bool
    reasons: list[Reason]
    support: dict[str, Count]
    distance: float


class Reason(TypedDict):
    """The result of the domain check for one field."""

    field: str
    says: str
    outside: bool


class Count(TypedDict):
    """The findings behind one value of one field."""

    findings: int
    papers: int
    groups: int
    papers_without_author: int


class Known(TypedDict):
    """What papers reported of the same source and cargo, for this vesicle."""

    says: Literal["suppressing", "promoting", "contradictory", "nothing"]
    agrees: NotRequired[bool]
    anywhere: Tally
    in_this_cancer: NotRequired[Tally]
    findings: list[str]


class Tally(TypedDict):
    """Findings each way, the published papers and the laboratory's own findings among them, and how far each way is
    believed: positive x (1 - negative). Those that are turned tested only the opposite vesicle: one that brings what this one
    lacks or silences, or the other way round."""

    suppressing_findings: int
    suppressing_papers: int
    promoting_findings: int
    promoting_papers: int
    belief_suppressing: float
    belief_promoting: float
    suppressing_lab_findings: int
    promoting_lab_findings: int
    suppressing_turned: int
    promoting_turned: int
    suppressing_lab_turned: int
    promoting_lab_turned: int
    groups: int
    papers_without_author: int
    tests: list[FunctionCount]
    loss_of_function: Literal["not_tested", "alone", "agrees", "in_part", "disagrees"]


class FunctionCount(TypedDict):
    """Papers, and the laboratory's own findings, that tested one function of the cargo in one setting, as they count here."""

    function: Literal["gain", "loss", "gain_and_loss", "as_found"]
    setting: Literal["in_vitro", "in_vivo", "both", "clinical", "not_stated"]
    suppressing_papers: int
    promoting_papers: int
    suppressing_lab_findings: int
    promoting_lab_findings: int


class Mechanism(TypedDict):
    """What findings of this cargo saw in the recipient cell, as this vesicle would do it: turned round where it lacks or silences
    what they brought. Then the validated targets of the cargo."""

    post_transcriptional_targets: list[Observed]
    other_targets: list[Observed]
    pathways: list[Observed]
    processes: list[Observed]
    validated_targets: list[Target]
    neighbours: NotRequired[Observations]


class Observed(TypedDict):
    """An observation, and the findings that report it."""

    name: str
    findings: list[str]


class Target(TypedDict):
    """A gene that papers validated as a target of the cargo."""

    target: str
    papers: int
    source: str


class Observations(TypedDict):
    """What findings report in the recipient cell: + raised or activated, - lowered or inactivated."""

    post_transcriptional_targets: list[Observed]
    other_targets: list[Observed]
    pathways: list[Observed]
    processes: list[Observed]


class CargoSet(TypedDict):
    """How several cargos in one vesicle were scored together."""

    rule: str
    parts: list[CargoPart]


class CargoPart(TypedDict):
    """One cargo of a set."""

    type: str
    name: str
    state: str
    weight: NotRequired[float]
    share: float
    contribution: float


class Contributions(TypedDict):
    """Log-odds of suppressing: the baseline and the fields sum to the total, within the rounding of each."""

    baseline: float
    fields: dict[str, float]
    log_odds: float


class Neighbour(TypedDict):
    """A near finding: its similarity, the fields it shares, its effect and its paper."""

    finding_id: str
    origin: Literal["corpus", "published", "lab"]
    effect: Literal["suppressing", "promoting"]
    likeness: float
    matched: dict[str, float]
    candidate: Candidate
    observed: dict[str, str]
    function: Literal["gain", "loss", "gain_and_loss", "as_found"]
    completeness: Completeness
    citation: Citation


class Completeness(TypedDict):
    """How many of the items that MISEV2023 and EV-TRACK ask studies to report this record states. It says nothing of the
    quality of the paper; where no reporting was recorded, not even that of the record."""

    recorded: bool
    of: int
    stated: NotRequired[int]
    missing: NotRequired[
        list[
            Literal[
                "source cell",
                "cell line or model",
                "species",
                "separation method",
                "dose or quantity",
                "EV-TRACK id",
                "transmembrane or GPI-anchored marker",
                "cytosolic marker",
                "non-EV marker",
            ]
        ]
    ]


class Citation(TypedDict):
    """The paper of a finding, or the laboratory's own name for it."""

    paper: str
    links: list[str]
    pmid: NotRequired[str]
    doi: NotRequired[str]
    pmcid: NotRequired[str]
    title: NotRequired[str]
    first_author: NotRequired[str]
    last_author: NotRequired[str]
    year: NotRequired[str]
    journal: NotRequired[str]
    url: NotRequired[str]
    quote: NotRequired[str]
    quote_place: NotRequired[str]


class Flip(TypedDict):
    """A small change of the candidate that would change the prediction."""

    changes: list[Change]
    label: Literal["suppressing", "promoting"]
    probability_suppressing: float
    inside_domain: bool
    support: int
    candidate: Candidate


Change = TypedDict("Change", {"field": str, "from": str, "to": str})


class MissingField(TypedDict):
    """A field that was not stated: how far the probability moves over its likely values, which at least 3 findings have."""

    field: str
    values: int
    lowest: LikelyValue
    highest: LikelyValue
    labels: list[Literal["suppressing", "promoting", "undetermined"]]


class LikelyValue(TypedDict):
    """A likely value of a field, and what would be predicted with it."""

    value: str
    probability_suppressing: float
    label: Literal["suppressing", "promoting", "undetermined"]


class Decision(TypedDict):
    """The choice that costs least in expectation, by stated costs, and what it rests on. The prediction stays as it is."""

    choice: Literal["suppressing", "promoting", "undetermined"]
    because: Literal["least_cost", "domain", "tie"]
    cost: NotRequired[float]
    expected_costs: NotRequired[ExpectedCosts]
    thresholds: Thresholds
    sure: NotRequired[bool]
    calibration_error: NotRequired[float]
    costs: StatedCosts
    rests_on: list[str]


class ExpectedCosts(TypedDict):
    """What each choice costs in expectation."""

    suppressing: float
    promoting: float
    undetermined: NotRequired[float]


class Thresholds(TypedDict):
    """The probabilities of suppressing above which suppressing costs least, and below which promoting does."""

    suppressing_above: float
    promoting_below: float


class StatedCosts(TypedDict):
    """What decisions cost, in one unit: a wrong one of each effect, and one that is left undetermined."""

    wrong_suppressing: float
    wrong_promoting: float
    undetermined: NotRequired[float]


class Versions(TypedDict):
    """The versions behind the response, to reproduce it."""

    model: str
    data: str
    vocabulary: str
    code: str
    targets: NotRequired[str]


class ScorePart(TypedDict):
    """The selected fields of the score of one candidate."""

    candidate: NotRequired[Candidate]
    normalisation: NotRequired[list[Note]]
    warnings: NotRequired[list[ReadingWarning]]
    label: NotRequired[Literal["suppressing", "promoting", "undetermined"]]
    undetermined_because: NotRequired[Literal["domain", "conflict", "both_possible"]]
    support: NotRequired[Literal["none", "weak", "moderate", "strong"]]
    probability_suppressing: NotRequired[float]
    interval: NotRequired[list[float]]
    prediction_set: NotRequired[list[Literal["suppressing", "promoting"]]]
    confidence: NotRequired[float]
    credibility: NotRequired[float]
    percentile: NotRequired[Percentile]
    domain: NotRequired[Domain]
    known: NotRequired[Known]
    mechanism: NotRequired[Mechanism]
    cargo_set: NotRequired[CargoSet]
    contributions: NotRequired[Contributions]
    evidence: NotRequired[list[Neighbour]]
    flips: NotRequired[list[Flip]]
    missing: NotRequired[list[MissingField]]
    decision: NotRequired[Decision]
    rank: NotRequired[int]
    rank_to: NotRequired[int]
    summary: NotRequired[str]
    score_id: NotRequired[str]
    versions: NotRequired[Versions]


class Model(TypedDict):
    """The model that scored."""

    id: str
    findings: int
    papers: int
    lab_findings: int
    retracted: int
    created: str


class Cargo(TypedDict):
    """One of several cargos in a vesicle."""

    type: NotRequired[str | None]
    name: str
    state: NotRequired[str | None]
    weight: NotRequired[float | None]


class Candidate(TypedDict):
    """A therapeutic exosome: its source cell, its cargo and the cancer type."""

    id: NotRequired[str | None]
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
    cargo: NotRequired[list[Cargo] | None]


class ScoreRequest(TypedDict):
    """The candidates to score."""

    candidates: list[Candidate]


class ScoreResponse(TypedDict):
    """The scores, in the order of the candidates."""

    model: Model
    scores: list[Score | ScorePart | Problem]


class ScoreQuery(TypedDict):
    """The query of score."""

    cost_wrong_suppressing: NotRequired[float]
    cost_wrong_promoting: NotRequired[float]
    cost_undetermined: NotRequired[float]
    include: NotRequired[list[Literal["contributions", "evidence", "flips", "missing"]]]
    fields: NotRequired[
        list[
            Literal[
                "candidate",
                "normalisation",
                "warnings",
                "label",
                "support",
                "probability_suppressing",
                "interval",
                "prediction_set",
                "confidence",
                "credibility",
                "percentile",
                "domain",
                "known",
                "mechanism",
                "contributions",
                "evidence",
                "flips",
                "missing",
                "summary",
                "score_id",
                "versions",
            ]
        ]
    ]
    model: NotRequired[str]
    partial: NotRequired[bool]
    rank: NotRequired[bool]
    strict: NotRequired[bool]
    store: NotRequired[bool]


class GetScoreQuery(TypedDict):
    """The query of get_score."""

    include: NotRequired[list[Literal["contributions", "evidence", "flips", "missing"]]]
    fields: NotRequired[
        list[
            Literal[
                "candidate",
                "normalisation",
                "warnings",
                "label",
                "support",
                "probability_suppressing",
                "interval",
                "prediction_set",
                "confidence",
                "credibility",
                "percentile",
                "domain",
                "known",
                "mechanism",
                "contributions",
                "evidence",
                "flips",
                "missing",
                "summary",
                "score_id",
                "versions",
            ]
        ]
    ]
