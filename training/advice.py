"""What to do next for a better model: contradictions to settle, findings to read again, experiments to make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.features import Features
from training.conflicts import Conflict, conflicts
from training.doubts import Doubts, doubts
from training.evaluation import REPEATS, grouped_splits
from training.findings import Finding
from training.fit import canonical_order, fit
from training.left_out import leave_out
from training.next_experiments import Experiment, next_experiments


@dataclass(frozen=True)
class Advice:
    """Conflicts between papers, the doubts of every finding, and the experiments that would teach most."""

    findings: int
    papers: int
    conflicts: list[Conflict]
    doubts: Doubts
    experiments: list[Experiment]

    def as_dict(self, top: int) -> dict[str, object]:
        """All of it ready for JSON, at most `top` of each list."""
        return {
            "findings": self.findings,
            "papers": self.papers,
            "conflicts": {"found": len(self.conflicts), "top": [one.as_dict() for one in self.conflicts[:top]]},
            "doubts": {
                "suspected": self.doubts.suspected,
                "estimated_errors": self.doubts.estimated_errors,
                "thresholds": dict(self.doubts.thresholds),
                "top": [one.as_dict() for one in self.doubts.findings[:top]],
            },
            "experiments": [one.as_dict() for one in self.experiments[:top]],
        }


def advise(
    findings: Sequence[Finding],
    features: Features,
    seed: int = 0,
    experiments: int = 10,
    repeats: int = REPEATS,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> Advice:
    """The advice that these findings give. `progress` is called with the repeats done.

    Raises ValueError where the findings cannot be learned from.
    """
    ordered = canonical_order(findings)
    model = fit(ordered, features, seed)
    splits = grouped_splits(ordered, seed, repeats)
    left_out = leave_out(ordered, features, splits, explained=True, jobs=jobs, progress=progress)
    return Advice(
        findings=len(ordered),
        papers=len({finding.paper for finding in ordered}),
        conflicts=conflicts(ordered),
        doubts=doubts(left_out),
        experiments=next_experiments(model, features, experiments),
    )
