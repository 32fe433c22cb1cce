"""Which findings are looked for: read from an address, written into one, and shown as a form."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from marshmallow import Schema, ValidationError, missing

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.cargo import FUNCTIONS
from models.candidates.parser import CandidateParser
from models.errors import FieldError
from service.findings.rows import CORPUS, LAB
from service.findings.search import FILTERS
from service.pages.forms.fields import FormField, Options, make_field, titles_of
from training.data.findings import EFFECTS
from training.report.formatting import humanize

_OPTIONS: Mapping[str, Options] = {
    "effect": tuple((effect, effect) for effect in EFFECTS),
    "function": tuple((function, humanize(function)) for function in FUNCTIONS),
    "origin": ((CORPUS, "shipped with Exoscore"), (LAB, "added here")),
    "held_out": (("false", "training"), ("true", "blind tests")),
    "retracted": (("true", "retracted"),),
}
# What choosing nothing is called, of the fields that are chosen from lists.
_EMPTY_LABELS = {
    **dict.fromkeys(("source_cell", "cargo_type", "cargo_state", "function", "effect", "origin", "held_out"), "any"),
    "retracted": "active",
}
ORDER_TITLES = {
    "newest": "newest paper",
    "oldest": "oldest paper",
    "author": "first author",
    "title": "title",
    "journal": "journal",
    "cancer_type": "cancer type",
    "effect": "effect",
    "added": "last added",
}


def read(schema: Schema, given: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    """What the API's `schema` makes of what was given, and what is wrong with the rest."""
    try:
        return schema.load(given), []
    except ValidationError as error:
        defaults = {
            name: field.load_default for name, field in schema.fields.items() if field.load_default is not missing
        }
        faults = [
            FieldError(name, "invalid", str(text) if name in FILTERS else f"{name[:80]!r}: {text}", given.get(name))
            for name, texts in error.messages_dict.items()
            for text in texts
        ]
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return defaults | valid, faults


def write(given: Mapping[str, str], **changed: str) -> str:
    """The query string of filters, some of them changed (or taken out where empty)."""
    filters = {name: text for name, text in given.items() if name != "cursor"} | changed
    return urlencode({name: text for name, text in filters.items() if text})


def make_fields(
    reader: CandidateParser,
    given: Mapping[str, str],
    faults: Sequence[FieldError] = (),
    facets: Mapping[str, Mapping[Any, int]] | None = None,
) -> tuple[FormField, ...]:
    """The fields of the form, each with what was given and its faults; where `facets` counts the findings of each value, a
    choice shows how many it would leave, and those that would leave none are left out."""
    vocabulary = reader.vocabulary
    counts = {
        name: {str(value).lower() if isinstance(value, bool) else value: count for value, count in facet.items()}
        for name, facet in (facets or {}).items()
    }

    def field(name: str) -> FormField:
        value, options, empty_label = given.get(name, ""), _OPTIONS.get(name, ()), _EMPTY_LABELS.get(name, "")
        if name in FIELD_BY_NAME and FIELD_BY_NAME[name].controlled:
            options = tuple((term, humanize(term)) for term in vocabulary.names(name))
        if empty_label and value and value not in dict(options):
            value = (vocabulary.lookup(name, value).name if name in FIELD_BY_NAME else None) or value
            options = options if value in dict(options) else ((value, value), *options)
        is_select = bool(empty_label)
        if is_select and name in counts:
            left = counts[name]
            options = tuple(
                (term, f"{title} ({left.get(term, 0)})") for term, title in options if left.get(term) or term == value
            )
        return make_field("filter", name, value, faults, is_select=is_select, empty_label=empty_label, options=options)

    return tuple(map(field, titles_of("filter")))
