"""The model card: what a model is for, what it was made of, how good it is and where it is not, from its manifest alone.

After Mitchell et al. 2019, "Model cards for model reporting" (doi:10.1145/3287560.3287596), the DOME recommendations for
machine learning in biology (doi:10.1038/s41592-021-01205-4) and the OECD principles for the validation of (Q)SAR models
(doi:10.1787/9789264085442-en). Every figure is one of the manifest; the sentences are in templates/card_sections.md.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.evaluation.bootstrap import MIN_PAPERS
from training.fit import INNER_FOLDS, PENALTY
from training.report.evaluation_charts import best_baselines
from training.report.templating import TEMPLATES

NOT_RUN = "Not run for this model; `exoscore train --report` runs it."
_WEAKEST = 3
_FROM_MANIFEST = (
    "model",
    "created",
    "seconds",
    "code",
    "seed",
    "fingerprints",
    "libraries",
    "trained_on",
    "composition",
)


@dataclass(frozen=True)
class Section:
    """One framework of the card: its title, the DOI of its source, and the text of each of its items, in order."""

    title: str
    doi: str
    items: dict[str, str]


def card(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The card of a model as one document, ready for JSON; `figures` are the metrics of the manifest."""
    return {
        **{name: manifest[name] for name in _FROM_MANIFEST},
        "sections": [asdict(section) for section in sections(manifest)],
        "figures": manifest["metrics"],
    }


def sections(manifest: Mapping[str, Any]) -> list[Section]:
    """The three frameworks, filled in."""
    text = TEMPLATES.get_template("card_sections.md").render(
        manifest=manifest,
        weakest_slices=_weakest_slices(manifest["metrics"]["slices"]),
        best_baseline=best_baselines(manifest["metrics"], 1)[0],
        inner_folds=INNER_FOLDS,
        penalty=PENALTY,
        not_run=NOT_RUN,
    )
    parsed = []
    for section in f"\n{text}".split("\n# ")[1:]:
        heading, *items = section.split("\n## ")
        title, doi = heading.split(" | ")
        named = (item.split("\n", 1) for item in items)
        parsed.append(Section(title, doi.strip(), {name: " ".join(body.split()) for name, body in named}))
    return parsed


def _weakest_slices(slices: Mapping[str, Any]) -> list[tuple[float, str]]:
    """The slices with enough papers where probabilities are furthest off: the Brier score and the name of each."""
    scored = [
        (part["figures"]["brier"]["mean"], f"{field} {part['value']}")
        for field, parts in slices.items()
        for part in parts
        if part["papers"] >= MIN_PAPERS and part["figures"]["brier"]
    ]
    return sorted(scored, key=lambda scored: (-scored[0], scored[1]))[:_WEAKEST]
