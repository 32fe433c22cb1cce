"""What to do next for a better model: contradictions to settle, findings to read again, experiments to make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.estimator.features import Features
from training.advice.experiments import Experiment, next_experiments
from training.advice.label_errors import LabelErrors, find_label_errors
from training.classifier import fit_model
from training.data.conflicts import Conflict, find_conflicts
from training.data.findings import Finding
from training.evaluation.cross_validation import DEFAULT_PLAN, EvaluationPlan, grouped_splits
from training.evaluation.out_of_fold import cross_val_predict
from training.fit import canonical_order
from training.serialization import to_document


@dataclass(frozen=True)
class Advice:
    """Conflicts between papers, the label quality of every finding, and the experiments that would teach most."""

    findings: int
    papers: int
    conflicts: list[Conflict]
    label_errors: LabelErrors
    experiments: list[Experiment]

    def as_dict(self, top: int) -> dict[str, object]:
        """All of it ready for JSON, at most `top` of each list."""
        return {
            "findings": self.findings,
            "papers": self.papers,
            "conflicts": {"found": len(self.conflicts), "top": to_document(self.conflicts[:top])},
            "doubts": {
                "suspected": self.label_errors.suspected,
                "estimated_errors": self.label_errors.estimated_errors,
                "thresholds": dict(self.label_errors.thresholds),
                "top": to_document(self.label_errors.findings[:top]),
            },
            "experiments": to_document(self.experiments[:top]),
        }


def advise(
    findings: Sequence[Finding],
    features: Features,
    experiments: int = 10,
    plan: EvaluationPlan = DEFAULT_PLAN,
    progress: Callable[[int], None] = lambda done: None,
) -> Advice:
    """The advice that these findings give, with so many experiments. `progress` is called with the repeats done.

    Raises ValueError where the findings cannot be learned from.
    """
    ordered = canonical_order(findings)
    model = fit_model(ordered, features, plan.seed)
    splits = grouped_splits(ordered, plan)
    predictions = cross_val_predict(
        ordered, features, splits, with_contributions=True, jobs=plan.jobs, progress=progress
    )
    return Advice(
        findings=len(ordered),
        papers=len(set(predictions.papers)),
        conflicts=find_conflicts(ordered),
        label_errors=find_label_errors(predictions),
        experiments=next_experiments(model, features, experiments),
    )
