"""The form of a design: what was typed, or what a design begins with, and every error at its field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from models.designs.request import DEFAULT_LIMIT, DEFAULT_TESTS, KNOWN, Constraints, DesignRequest
from models.errors import FieldError
from models.estimator.conformal import LABELS
from models.scorer import Scorer
from service.pages.forms import candidate
from service.pages.forms.fields import CANDIDATE_TITLES, FormField, make_field, titles_of
from service.scoring.design_query import EXCLUDED, SOURCE, DesignQuery
from training.report.formatting import humanize

TITLES = titles_of("design")
STATES = {
    "native": "native: as the cells secrete it",
    "enriched": "enriched: the cells are made to express it",
    "loaded": "loaded: put into the vesicles from outside",
    "depleted": "depleted: lowered or removed",
}
# How many candidates a page shows.
MAX_SHOWN = 100
# What somebody can have loaded, or find in vesicles, before anything is chosen.
_PROPOSED = {"cargo_state": ("native", "enriched", "loaded")}
# Of which sources laboratories mostly have the cells, by the short names that addresses have.
_CELLS = {
    "M0": "M0 macrophage",
    "M1": "M1 macrophage",
    "M2": "M2 macrophage",
    "MSC": "mesenchymal stem cell",
    "BM-MSC": "bone marrow MSC",
    "AD-MSC": "adipose MSC",
    "UC-MSC": "umbilical cord MSC",
    "NK": "natural killer cell",
    "DC": "dendritic cell",
    "T cell": "T cell",
    "HEK293": "HEK293",
    "milk": "milk",
}
_GOALS = ((LABELS[0], "suppress the tumour"), (LABELS[1], "promote the tumour"))
_NUMBERS = ("min_papers", "max_per_family", "max_per_source", "test_first")
_FLAGS = (("inside_domain", "false"), ("exclude_published", "true"), ("validated_targets", "true"))
# What a person is to do where a program would be told which field to send.
_SAYS = {
    (SOURCE, "missing"): "Choose at least one cell, list others, or choose all known cells",
    ("cargo_type", "missing"): "Choose at least one cargo type",
    ("limit", "invalid"): f"Give a whole number from 1 to {MAX_SHOWN}",
    ("", "missing"): "There is nothing to choose from yet. Choose several cells, cargos or states, or all known ones",
}
EXAMPLE = DesignRequest(
    vary={"source_cell": ["M1", "MSC"], "cargo_name": KNOWN, "cargo_state": [*_PROPOSED["cargo_state"]]},
    fixed={"cargo_type": "mirna", "cancer_type": "glioblastoma"},
)
EXAMPLE_TITLE = "For glioblastoma, from M1 macrophages and mesenchymal stem cells: which microRNA?"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tick: the parameter and the value that it sends, what it is called, and whether it is ticked."""

    name: str
    value: str
    title: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class DesignForm:
    """The fields in the order of the page. `further` are parameters that have no field, kept until they are unticked.

    `constrained`: what is folded away has to be seen.
    """

    goal: FormField
    cancer_type: FormField
    cells: tuple[Choice, ...]
    known_cells: tuple[Choice, ...]
    sources: FormField
    cargo_types: tuple[Choice, ...]
    cargo_names: FormField
    states: tuple[Choice, ...]
    limit: FormField
    numbers: tuple[FormField, ...]
    flags: tuple[Choice, ...]
    excluded: FormField
    further: tuple[Choice, ...]
    constrained: bool
    faults: tuple[FieldError, ...]


def make_form(scorer: Scorer, query: DesignQuery, faults: Iterable[FieldError] = ()) -> DesignForm:
    """The form that holds what a query has; without any parameter, what a design begins with."""
    values = query.values if query.pairs else _PROPOSED
    faults = tuple(map(_of_page, faults))
    used: dict[str, set[str]] = {}

    def first(name: str, default: object = "") -> str:
        value, *_ = [*values.get(name, ()), str(default)]
        used.setdefault(name, set()).add(value)
        return value

    def choice(name: str, value: str, title: str) -> Choice:
        used.setdefault(name, set()).add(value)
        return Choice(name, value, title, value in values.get(name, ()))

    def lines(name: str) -> FormField:
        rest = [value for value in values.get(name, ()) if value not in used.get(name, ()) and value != KNOWN]
        used.setdefault(name, set()).update((*rest, KNOWN))
        return make_field("design", name, "\n".join(rest), faults)

    def number(name: str, default: int) -> FormField:
        return make_field("design", name, first(name, default), faults)

    vocabulary, defaults = scorer.features.vocabulary, Constraints()
    cells = tuple(choice(SOURCE, value, title) for value, title in _CELLS.items())
    known_cells = (
        choice(SOURCE, KNOWN, TITLES["known_sources"]),
        choice("source_phenotype", KNOWN, TITLES["source_phenotype"]),
    )
    cargo_types = tuple(choice("cargo_type", name, humanize(name)) for name in vocabulary.names("cargo_type"))
    states = tuple(choice("cargo_state", name, title) for name, title in STATES.items())
    numbers = tuple(number(name, getattr(defaults, name, DEFAULT_TESTS)) for name in _NUMBERS)
    flags = tuple(
        choice(name, value, TITLES[name])
        for name, value in _FLAGS
        if name != "validated_targets" or scorer.targets.version or name in values
    )
    goal = first("goal", LABELS[0])
    goals = _GOALS if goal in LABELS else ((goal, goal), *_GOALS)
    form = DesignForm(
        goal=make_field("design", "goal", goal, faults, is_select=True, options=goals),
        cancer_type=_cancer_type(scorer, first("cancer_type"), faults),
        cells=cells,
        known_cells=known_cells,
        sources=lines(SOURCE),
        cargo_types=cargo_types,
        cargo_names=lines("cargo_name"),
        states=states,
        limit=number("limit", DEFAULT_LIMIT),
        numbers=numbers,
        flags=flags,
        excluded=lines(EXCLUDED),
        further=(),
        constrained=bool(
            {*_NUMBERS, *(name for name, _ in _FLAGS), EXCLUDED} & {*values, *(fault.field for fault in faults)}
        ),
        faults=faults,
    )
    further = [
        Choice(name, value, f"{CANDIDATE_TITLES.get(name, humanize(name))}: {humanize(value)}", True)
        for name, texts in values.items()
        for value in dict.fromkeys(texts)
        if value not in used.get(name, ()) and (name in CANDIDATE_TITLES or name == "model")
    ]
    return replace(form, further=tuple(further))


def _cancer_type(scorer: Scorer, text: str, faults: Sequence[FieldError]) -> FormField:
    """The same field as that of a candidate, which is read while it is typed."""
    field = candidate.understood_field(scorer.parser, {"cancer_type": text}, "cancer_type")
    own = make_field("design", "cancer_type", text, faults)
    return replace(field, title=own.title, hint=own.hint, faults=own.faults)


def _of_page(fault: FieldError) -> FieldError:
    """An error at the field of the form that has its value."""
    name = fault.field.rpartition(".")[2]
    name = {"source_cell": SOURCE, "source_phenotype": SOURCE, "vary": "", "constraints": ""}.get(name, name)
    code = "" if fault.code == "unknown_parameter" else fault.code
    return replace(fault, field=name, code=code, says=_SAYS.get((name, code), fault.says))
