"""Points of likeness, counted field by field, are those that an index gives for columns of candidates."""

from __future__ import annotations

import numpy as np

from benchmarks.candidates import Candidates
from models.candidates.candidate import ParsedCandidate, columns_of
from models.evidence.similarity import BROADER_TUMOUR, LIST_FIELDS, POINTS, SEED_FAMILY, max_points
from models.scorer import Scorer
from training.data.findings import Finding


def plainly(one: ParsedCandidate, other: ParsedCandidate, scorer: Scorer) -> int:
    """The points of a finding for a candidate, from the definition alone."""
    candidate, finding = one.candidate, other.candidate
    points = 0
    for field in ("source_cell", "source_phenotype", "cargo_state", "cargo_type"):
        points += POINTS[field] * (getattr(candidate, field) == getattr(finding, field))
    for field in LIST_FIELDS:
        points += POINTS[field] * bool(set(getattr(candidate, field)) & set(getattr(finding, field)))
    if candidate.cancer_type == finding.cancer_type != "":
        points += POINTS["cancer_type"]
    elif candidate.cancer_type:
        lineages = [
            set(scorer.parser.vocabulary.lineage("cancer_type", each.cancer_type)) for each in (candidate, finding)
        ]
        points += BROADER_TUMOUR * bool((lineages[0] & lineages[1]) - {"cancer", ""})
    if set(one.carried.keys) & set(other.carried.keys):
        points += POINTS["cargo_name"]
    elif {name.seed for name in one.cargo if name.seed} & {name.seed for name in other.cargo}:
        points += SEED_FAMILY
    return points


def test_the_index_counts_what_the_definition_counts(scorer: Scorer, corpus: tuple[Finding, ...]) -> None:
    readings = [scorer.parser.parse(raw) for raw in Candidates(scorer.features, seed=2).draw(60)]
    readings += [finding.reading for finding in corpus[::20]]
    columns = columns_of(readings)
    base = scorer.evidence
    found = base.likeness.of(columns)
    by_id = sorted(base.evidence, key=lambda one: one.finding_id)
    findings = [scorer.parser.parse(one.candidate, require_cargo_name=False) for one in by_id]
    expected = np.array([[plainly(one, other, scorer) for other in findings] for one in readings])
    assert (found == expected).all()
    assert (found <= np.array(max_points(columns))[:, None]).all()


def test_the_points_of_fields_sum_to_those_of_the_whole(scorer: Scorer) -> None:
    for raw in Candidates(scorer.features, seed=4).draw(50):
        reading = scorer.parser.parse(raw)
        by_field = scorer.evidence.likeness.by_field(reading)
        assert (sum(by_field.values()) == scorer.evidence.likeness.of(reading.columns)[0]).all()


def test_the_nearest_are_ordered_by_likeness_and_then_by_id(scorer: Scorer) -> None:
    for raw in Candidates(scorer.features, seed=6).draw(50):
        nearest = scorer.nearest(scorer.parser.parse(raw))
        ranked = [(-one.likeness, one.evidence.finding_id) for one in nearest]
        assert ranked == sorted(ranked)
