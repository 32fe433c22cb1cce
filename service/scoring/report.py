"""The prediction report of one candidate: its score with everything beside it, in the order of a QPRF.

The QSAR Prediction Reporting Format (version 1.1, European Commission, Joint Research Centre, 2008) asks for the substance,
the endpoint, the algorithm and its prediction, the applicability domain, the uncertainty, the mechanism and the adequacy.
Nothing in a report depends on when or where it was made, but for its evidence: findings that were retracted are in none, and
its `model` says how many of those it learned from were.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import to_builtins
from numpy.typing import NDArray

from models.candidates.candidate import ParsedCandidate
from models.estimator.artifact import Bundle
from models.estimator.conformal import LABELS
from models.evidence.evidence import Evidence, EvidenceBase
from models.rounding import round_number
from models.scorer import Scorer
from models.scoring.decisions import Costs
from service.scoring.documents import FIELDS
from service.scoring.query_string import Given
from service.scoring.reproduction import address, command, replay
from service.scoring.serializer import citation, completeness_document, decode, encode, model_document, score_document
from training.report.formatting import calibration_of

FORMAT = "QSAR Prediction Reporting Format (QPRF) 1.1, for vesicles"
PROPERTY = "net effect of the vesicles on the tumour"
ALGORITHM = (
    "Additive logistic regression over source cell, phenotype, state of the cargo and what independent reports say of the "
    "cargo's role; calibrated, with class-conditional conformal prediction sets at 90\u00a0%."
)
ADEQUACY = {
    "intended_use": "For research use only: to choose and to question candidates before an experiment.",
    "limits": [
        "A score summarises what papers reported of similar vesicles, with their publication bias.",
        "It is no evidence that a vesicle is safe or that it works, and must not guide the treatment of anybody.",
        "Dose, purity, route and isolation of the vesicles are not considered.",
    ],
}


def report(scorer: Scorer, reading: ParsedCandidate, given: Given, costs: Costs | None = None) -> dict[str, Any]:
    """The report of a candidate, `given` so and read as `reading`, with the decision by `costs` where there are any. Its score is
    the one that every other door gives."""
    score = score_document(scorer, reading, FIELDS, costs)
    model = scorer.bundle.id
    return {
        "format": FORMAT,
        "property": {
            "name": PROPERTY,
            "values": {label: scorer.parser.vocabulary.term("effect", label).definition for label in LABELS},
            "algorithm": ALGORITHM,
        },
        "model": decode(encode(model_document(scorer))),
        "score": score,
        "position": position(scorer.evidence, score),
        "contribution_of_cancer_type": _contribution_of_cancer_type(scorer, score),
        "references": references(scorer.evidence, score, scorer.evidence.opposites(reading)),
        "flips": [_of_flip(flip, model) for flip in score["flips"]],
        "performance": performance(scorer.bundle, score["candidate"].get("cargo_type", "")),
        "adequacy": ADEQUACY,
        "replay": replay(given, model, score["score_id"], costs),
    }


def position(base: EvidenceBase, score: Mapping[str, Any]) -> dict[str, Any]:
    """How many findings of each effect were scored between each two edges (in log-odds) by folds without their paper.

    Over all findings and, where there are any, over those of the same cargo type; the edges enclose the candidate too.
    """
    here = score["contributions"]["log_odds"]
    low, high = math.floor(min(base.left_out[0], here)), math.ceil(max(base.left_out[-1], here))
    edges = np.arange(low, max(high, low + 1) + 1)
    cargo_type = score["candidate"]["cargo_type"]

    panels: dict[str, Any] = {"edges": [float(edge) for edge in edges], "of_all": _counts(base.evidence, edges)}
    if "of_cargo_type" in score["percentile"]:
        of_type = [finding for finding in base.evidence if finding.candidate["cargo_type"] == cargo_type]
        panels["of_cargo_type"] = _counts(of_type, edges)
    return panels


def among(base: EvidenceBase, score: Mapping[str, Any], shared: Sequence[str]) -> dict[str, Any]:
    """The same as a panel of `position`, over the findings that share the fields `shared` with the candidate.

    A tumour is shared by whoever has that very one.
    """
    here, edges = score["contributions"]["log_odds"], position(base, score)["edges"]
    sharing = [
        finding
        for finding in base.evidence
        if all(finding.candidate.get(name) == score["candidate"].get(name) for name in shared)
    ]
    lower = sum((finding.left_out < here) + (finding.left_out <= here) for finding in sharing) / 2
    return {
        "shared": list(shared),
        "findings": len(sharing),
        "percentile": 100.0 * lower / len(sharing) if sharing else 0.0,
        "counts": _counts(sharing, edges),
    }


def references(base: EvidenceBase, score: Mapping[str, Any], opposites: Collection[str] = ()) -> list[dict[str, Any]]:
    """Every finding that the score names, once, in the order in which it is first named: those on the same source and cargo,
    then the nearest, then others. `opposites` are those that tested the opposite vesicle."""
    by_id = {finding.finding_id: finding for finding in base.evidence}
    functions = dict(zip(by_id, base.functions, strict=True))
    return [
        {
            "finding_id": finding_id,
            "origin": by_id[finding_id].origin,
            "effect": by_id[finding_id].effect,
            "is_opposite": finding_id in opposites,
            "candidate": dict(by_id[finding_id].candidate),
            "observed": dict(by_id[finding_id].observed),
            "function": functions[finding_id],
            "completeness": to_builtins(
                completeness_document({**by_id[finding_id].candidate, **by_id[finding_id].observed})
            ),
            "citation": decode(encode(citation(by_id[finding_id]))),
        }
        for finding_id in dict.fromkeys(_named(score))
    ]


def performance(bundle: Bundle, cargo_type: str) -> dict[str, Any]:
    """The figures of the model on papers that it left out, as its manifest has them: mean, 5th and 95th percentile; and how its
    predictions of a cargo type were calibrated there."""
    metrics = bundle.manifest["metrics"]
    kept = {name: metrics[name] for name in ("protocol", "findings", "papers")}
    # Models of earlier versions have no grades of support.
    figures = {"figures": metrics["figures"]["model"], "support": metrics.get("support", [])}
    return kept | figures | {"calibration": calibration_of(metrics, cargo_type)}


def _counts(findings: Sequence[Evidence], edges: Sequence[float] | NDArray[np.int_]) -> dict[str, list[int]]:
    """How many findings of each effect score between each two edges."""
    return {
        effect: np.histogram([finding.left_out for finding in findings if finding.effect == effect], edges)[0].tolist()
        for effect in LABELS
    }


def _contribution_of_cancer_type(scorer: Scorer, score: Mapping[str, Any]) -> float:
    """The log-odds by which the cargo's contribution differs from that in no certain cancer, zero where none is stated."""
    candidate = {name: value for name, value in score["candidate"].items() if name != "cancer_type"}
    anywhere = scorer.score(candidate).contributions.get("cargo_name", 0.0)
    here: float = score["contributions"]["fields"].get("cargo_name", 0.0)
    return round_number(here - anywhere)


def _named(score: Mapping[str, Any]) -> Iterator[str]:
    yield from score["known"]["findings"]
    yield from (neighbour["finding_id"] for neighbour in score["evidence"])
    mechanism = score["mechanism"]
    for observed in (*mechanism.values(), *mechanism.get("neighbours", {}).values()):
        for seen in observed if isinstance(observed, list) else ():
            # A validated target is of papers that are no findings here.
            yield from seen.get("findings", ())


def _of_flip(flip: Mapping[str, Any], model: str) -> dict[str, str]:
    """The ways to the report of a changed candidate, which no longer is the one that the caller named."""
    candidate = {name: value for name, value in flip["candidate"].items() if name != "id"}
    return {"command": command(candidate, model), "report": address(candidate, model)}
