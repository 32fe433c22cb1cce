"""The document of a score, as a type. `serializer.py` fills it; the OpenAPI document and the client's types are made from it.

A new field of the answer is one line here and one in the serializer's table of columns.
"""

from collections.abc import Collection, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from models.candidates.cargo import FUNCTIONS
from models.estimator.conformal import LABELS
from models.evidence.evidence import LOSS_AGREEMENTS, SETTINGS
from models.evidence.reporting import ITEMS
from models.scoring.decisions import REASONS as DECISION_REASONS
from models.scoring.predictions import SUPPORT
from models.scoring.summary import UNDETERMINED

REFERENCE = "#/components/schemas/{name}"

Effect = Annotated[str, Meta(extra_json_schema={"enum": list(LABELS)})]
Label = Annotated[str, Meta(extra_json_schema={"enum": [*LABELS, UNDETERMINED]})]
UndeterminedReason = Annotated[str, Meta(extra_json_schema={"enum": ["domain", "conflict", "both_possible"]})]
Support = Annotated[
    str,
    Meta(
        description="How well the prediction is supported: strong, moderate, weak (undetermined) or none (outside the domain).",
        extra_json_schema={"enum": list(SUPPORT)},
    ),
]
Consensus = Annotated[str, Meta(extra_json_schema={"enum": [*LABELS, "contradictory", "nothing"]})]
Origin = Annotated[
    str,
    Meta(
        description="corpus: shipped; published: of a paper that was added; lab: the laboratory's own, unpublished.",
        extra_json_schema={"enum": ["corpus", "published", "lab"]},
    ),
]
ReportingItem = Annotated[str, Meta(extra_json_schema={"enum": list(ITEMS)})]
Share = Annotated[float, Meta(ge=0, le=1)]
Groups = Annotated[
    int,
    Meta(description="The research groups of these papers, as far as last authors are stored: papers that share one."),
]
Unattributed = Annotated[
    int, Meta(description="How many of the papers have no last author stored, so that their groups are unknown.")
]
Function = Annotated[
    str,
    Meta(
        description="gain: the cargo was delivered or raised; loss: taken out or silenced; gain_and_loss: both, of several; "
        "as_found: no change is stated.",
        extra_json_schema={"enum": list(FUNCTIONS)},
    ),
]
# A candidate in canonical terms: the same fields as those that are sent.
CandidateFields = Annotated[dict[str, Any], Meta(extra_json_schema={"$ref": REFERENCE.format(name="Candidate")})]


class Part(msgspec.Struct, frozen=True, gc=False):
    """A part of a document. Parts hold no cycles, so there is no garbage to look for in them."""


class Note(Part, frozen=True):
    """How one given value was read."""

    field: str
    given: str
    used: str
    how: Annotated[str, Meta(description="exact, spelling, alias, symbol, mature, stem, default …")]
    identifier: Annotated[str, Meta(description="A CURIE, if there is one.")] | UnsetType = UNSET
    alternatives: Annotated[Sequence[str], Meta(description="Other meanings of the name.")] | UnsetType = UNSET
    remark: Annotated[str, Meta(description="A remark on the reading.")] | UnsetType = UNSET


class ReadingWarning(Part, frozen=True):
    """A value that was not understood, and what was done instead; or an assumption of how a set of cargos is scored."""

    field: str
    given: str
    done: str
    nearest: Annotated[
        Sequence[str], Meta(description="The nearest known names, for the first 100 warnings of a response.")
    ]
    is_assumption: (
        Annotated[
            bool, Meta(description="True where the value was understood, but counts by a rule that was not learned.")
        ]
        | UnsetType
    ) = UNSET


class Count(Part, frozen=True):
    """The findings behind one value of one field."""

    findings: int
    papers: int
    groups: Groups
    papers_without_author: Unattributed


class Reason(Part, frozen=True):
    """The result of the domain check for one field."""

    field: str
    message: str = msgspec.field(name="says")
    outside: Annotated[bool, Meta(description="Whether this alone puts the candidate outside the domain.")]


class Domain(Part, frozen=True):
    """Whether similar vesicles are in the training data."""

    inside: bool
    reasons: Sequence[Reason]
    support: dict[str, Count]
    distance: Annotated[float, Meta(description="Distance to the nearest finding: 0 identical, 1 nothing shared.")]


class Percentile(Part, frozen=True):
    """The share of curated findings, in percent, that score lower."""

    of_all: float
    of_cargo_type: (
        Annotated[float, Meta(description="Among findings of the same cargo type, where there are any.")] | UnsetType
    ) = UNSET
    of_cancer_type: (
        Annotated[float, Meta(description="Among findings of the same cancer type, where there are any.")] | UnsetType
    ) = UNSET
    of_source_cell: (
        Annotated[float, Meta(description="Among findings of the same source cell, where there are any.")] | UnsetType
    ) = UNSET


class FunctionCount(Part, frozen=True):
    """Papers, and the laboratory's own findings, that tested one function of the cargo in one setting, as they count here."""

    function: Function
    setting: Annotated[str, Meta(extra_json_schema={"enum": list(SETTINGS)})]
    suppressing_papers: int
    promoting_papers: int
    suppressing_lab_findings: int
    promoting_lab_findings: int


class Tally(Part, frozen=True):
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
    suppressing_turned: Annotated[int, Meta(description="Papers that reported the opposite vesicle as promoting.")]
    promoting_turned: Annotated[int, Meta(description="Papers that reported the opposite vesicle as suppressing.")]
    suppressing_lab_turned: int
    promoting_lab_turned: int
    groups: Groups
    papers_without_author: Unattributed
    tests: Annotated[Sequence[FunctionCount], Meta(description="By gain and loss of function and setting, where any.")]
    loss_of_function: Annotated[
        str,
        Meta(
            description="Whether findings without the cargo, or that silence it, say the same of it as those with it. alone: "
            "there are no others; not_tested: there are none.",
            extra_json_schema={"enum": list(LOSS_AGREEMENTS)},
        ),
    ]


class Known(Part, frozen=True, kw_only=True):
    """What papers reported of the same source and cargo, for this vesicle."""

    consensus: Consensus = msgspec.field(name="says")
    agrees: Annotated[bool, Meta(description="Whether the model and the papers agree.")] | UnsetType = UNSET
    anywhere: Tally
    in_this_cancer: Tally | UnsetType = UNSET
    findings: Sequence[str]


class Observed(Part, frozen=True):
    """An observation, and the findings that report it."""

    name: str
    findings: Sequence[str]


class Target(Part, frozen=True):
    """A gene that papers validated as a target of the cargo."""

    target: str
    papers: int
    source: Annotated[str, Meta(description="The imported table that counts the papers.")]


class Observations(Part, frozen=True):
    """What findings report in the recipient cell: + raised or activated, - lowered or inactivated."""

    post_transcriptional_targets: Sequence[Observed]
    other_targets: Sequence[Observed]
    pathways: Sequence[Observed]
    processes: Sequence[Observed]


class Mechanism(Part, frozen=True):
    """What findings of this cargo saw in the recipient cell, as this vesicle would do it: turned round where it lacks or silences
    what they brought. Then the validated targets of the cargo."""

    post_transcriptional_targets: Sequence[Observed]
    other_targets: Sequence[Observed]
    pathways: Sequence[Observed]
    processes: Sequence[Observed]
    validated_targets: Annotated[
        Sequence[Target],
        Meta(description="The 20 with most papers, of a table that was imported; empty where none was."),
    ]
    neighbours: (
        Annotated[
            Observations,
            Meta(description="If no finding has this cargo: what the nearest findings, with other cargos, reported."),
        ]
        | UnsetType
    ) = UNSET


class Contributions(Part, frozen=True):
    """Log-odds of suppressing: the baseline and the fields sum to the total, within the rounding of each."""

    baseline: float
    by_field: dict[str, float] = msgspec.field(name="fields")
    log_odds: float


class CargoPart(Part, frozen=True, kw_only=True):
    """One cargo of a set."""

    type: str
    name: str
    state: str
    weight: Annotated[float, Meta(description="As it was stated; left out where no weights are.")] | UnsetType = UNSET
    share: Annotated[Share, Meta(description="The share with which it counts. All shares sum to 1.")]
    contribution: Annotated[float, Meta(description="What it adds to the log-odds; all sum to what the cargo adds.")]


class CargoSet(Part, frozen=True):
    """How several cargos in one vesicle were scored together."""

    rule: Annotated[str, Meta(description="By what rule they were scored, and what it rests on, in words.")]
    parts: Sequence[CargoPart]


class Citation(Part, frozen=True):
    """The paper of a finding, or the laboratory's own name for it."""

    paper: str
    links: Sequence[str]
    pmid: str | UnsetType = UNSET
    doi: str | UnsetType = UNSET
    pmcid: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    first_author: str | UnsetType = UNSET
    last_author: str | UnsetType = UNSET
    year: str | UnsetType = UNSET
    journal: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    quote: str | UnsetType = UNSET
    quote_place: str | UnsetType = UNSET


class Completeness(Part, frozen=True):
    """How many of the items that MISEV2023 and EV-TRACK ask studies to report this record states. It says nothing of the
    quality of the paper; where no reporting was recorded, not even that of the record."""

    recorded: Annotated[
        bool, Meta(description="Whether anything was recorded of separation, markers, dose or EV-TRACK id.")
    ]
    of: Annotated[int, Meta(description="The number of items.")]
    stated: Annotated[int, Meta(description="How many are stated; only where recorded.")] | UnsetType = UNSET
    missing: Annotated[Sequence[ReportingItem], Meta(description="The others; only where recorded.")] | UnsetType = (
        UNSET
    )


class Neighbour(Part, frozen=True):
    """A near finding: its similarity, the fields it shares, its effect and its paper."""

    finding_id: str
    origin: Origin
    effect: Effect
    likeness: Share
    matched: dict[str, float]
    candidate: CandidateFields
    observed: dict[str, str]
    function: Function
    completeness: Completeness
    citation: Citation


class Change(Part, frozen=True):
    """One field changed."""

    field: str
    before: str = msgspec.field(name="from")
    after: str = msgspec.field(name="to")


class Flip(Part, frozen=True):
    """A small change of the candidate that would change the prediction."""

    changes: Sequence[Change]
    label: Effect
    probability_suppressing: Share
    inside_domain: bool
    support: Annotated[int, Meta(description="Findings of the changed source and state.")]
    candidate: CandidateFields


class LikelyValue(Part, frozen=True):
    """A likely value of a field, and what would be predicted with it."""

    value: str
    probability_suppressing: Share
    label: Label


class MissingField(Part, frozen=True):
    """A field that was not stated: how far the probability moves over its likely values, which at least 3 findings have."""

    field: str
    values: Annotated[int, Meta(description="How many likely values were tried.")]
    lowest: LikelyValue
    highest: LikelyValue
    labels: Annotated[Sequence[Label], Meta(description="All predictions that occur over these values.")]


class StatedCosts(Part, frozen=True):
    """What decisions cost, in one unit: a wrong one of each effect, and one that is left undetermined."""

    wrong_suppressing: float
    wrong_promoting: float
    undetermined: float | UnsetType = UNSET


class ExpectedCosts(Part, frozen=True):
    """What each choice costs in expectation."""

    suppressing: float
    promoting: float
    undetermined: float | UnsetType = UNSET


class Thresholds(Part, frozen=True):
    """The probabilities of suppressing above which suppressing costs least, and below which promoting does."""

    suppressing_above: Share
    promoting_below: Share


class Decision(Part, frozen=True, kw_only=True):
    """The choice that costs least in expectation, by stated costs, and what it rests on. The prediction stays as it is."""

    choice: Label
    because: Annotated[
        str,
        Meta(
            description="least_cost, domain (outside it, so undetermined) or tie (both effects cost the same, so undetermined).",
            extra_json_schema={"enum": list(DECISION_REASONS)},
        ),
    ]
    cost: Annotated[float, Meta(description="What the choice costs in expectation.")] | UnsetType = UNSET
    expected_costs: (
        Annotated[ExpectedCosts, Meta(description="There unless the candidate is outside the domain.")] | UnsetType
    ) = UNSET
    thresholds: Thresholds
    sure: (
        Annotated[
            bool, Meta(description="Whether the choice is the same over the whole 90 % band. Unset outside the domain.")
        ]
        | UnsetType
    ) = UNSET
    calibration_error: (
        Annotated[
            float, Meta(description="How far probabilities were off on average on papers left out of the training.")
        ]
        | UnsetType
    ) = UNSET
    costs: StatedCosts
    rests_on: Annotated[Sequence[str], Meta(description="What the decision rests on, in sentences.")]


class Versions(Part, frozen=True):
    """The versions behind the response, to reproduce it."""

    model: str
    data: str
    vocabulary: str
    code: str
    targets: Annotated[str, Meta(description="The table of validated targets, where one was imported.")] | UnsetType = (
        UNSET
    )


class Score(Part, frozen=True, kw_only=True):
    """The score of one candidate."""

    candidate: CandidateFields
    normalisation: Sequence[Note]
    warnings: Sequence[ReadingWarning]
    label: Label
    undetermined_because: UndeterminedReason | UnsetType = UNSET
    support: Support
    probability_suppressing: Share
    interval: Annotated[
        Sequence[float], Meta(min_length=2, max_length=2, description="The 90 % band of the probability.")
    ]
    prediction_set: Sequence[Effect]
    confidence: Share
    credibility: Share
    percentile: Percentile
    domain: Domain
    known: Known
    mechanism: Mechanism
    cargo_set: Annotated[CargoSet, Meta(description="Where several cargos are carried.")] | UnsetType = UNSET
    contributions: Contributions | UnsetType = UNSET
    evidence: Sequence[Neighbour] | UnsetType = UNSET
    flips: Sequence[Flip] | UnsetType = UNSET
    missing: Sequence[MissingField] | UnsetType = UNSET
    decision: Annotated[Decision, Meta(description="There where costs were stated.")] | UnsetType = UNSET
    rank: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="One more than the number of candidates whose 90 % band lies wholly above. Unset outside the domain.",
            ),
        ]
        | UnsetType
    ) = UNSET
    rank_to: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="The number of ranked candidates less those whose 90 % band lies wholly below.",
            ),
        ]
        | UnsetType
    ) = UNSET
    summary: str
    score_id: Annotated[
        str,
        Meta(
            description="GET /v1/scores/{score_id} gives the score again. It contains the candidate, and nothing is stored."
        ),
    ]
    versions: Versions


ScorePart = msgspec.defstruct(
    "ScorePart",
    [(field.name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(Score)],
    namespace={"__doc__": "The selected fields of the score of one candidate."},
    bases=(Part,),
    frozen=True,
    kw_only=True,
)


class Model(Part, frozen=True):
    """The model that scored."""

    id: str
    findings: Annotated[int, Meta(description="The number of findings in the training data.")]
    papers: Annotated[int, Meta(description="The number of published papers they come from.")]
    lab_findings: Annotated[int, Meta(description="How many of the findings are the laboratory's own, unpublished.")]
    retracted: Annotated[
        int,
        Meta(
            description="The number of them retracted since: no longer evidence, but in the model until it is retrained."
        ),
    ]
    created: str


# What can be asked for by `fields`, what is only there on request, and what every answer has.
# Fields that come with another one, where there is anything to say, and those of what a request asks besides.
COMPANIONS = {"label": "undetermined_because", "candidate": "cargo_set"}
_BESIDES = ("decision", "rank", "rank_to")
FIELDS = tuple(name for name in Score.__struct_fields__ if name not in (*COMPANIONS.values(), *_BESIDES))
OPTIONAL_FIELDS = ("contributions", "evidence", "flips", "missing")
DEFAULT_FIELDS = tuple(name for name in FIELDS if name not in OPTIONAL_FIELDS)


def select_fields(include: Collection[str] = (), only: Collection[str] = ()) -> tuple[str, ...]:
    """The fields of a document in their order: `only` those (by default DEFAULT_FIELDS), and those to `include`."""
    selected = {*(only or DEFAULT_FIELDS), *include}
    return tuple(name for name in FIELDS if name in selected)


def json_schemas(*types: type[Part]) -> dict[str, dict[str, Any]]:
    """The JSON Schema of scores, of some more types, and of all that they are made of, by name."""
    _, schemas = msgspec.json.schema_components([Score, ScorePart, Model, *types], ref_template=REFERENCE)
    return {name: _tidy(schema) for name, schema in schemas.items()}


def _tidy(schema: Any) -> Any:
    """A schema that allows no other members, without titles that repeat the name and anything beside a reference."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    is_type = schema.get("type") == "object" and "properties" in schema
    tidied = {
        key: {name: _tidy(each) for name, each in value.items()} if key == "properties" else _tidy(value)
        for key, value in schema.items()
        if not (is_type and key == "title")
    }
    return tidied | {"additionalProperties": False} if is_type else tidied
