"""Which findings are looked for: read from an address, written into one, and shown as a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from marshmallow import Schema, ValidationError, missing

from models.candidates.parser import CandidateParser
from models.errors import FieldError
from service.findings.rows import CORPUS, LAB
from service.findings.search import FILTERS
from service.pages.forms.fields import CANDIDATE_TITLES as TITLES
from service.pages.forms.fields import FormField, Options, faults_of
from training.data.findings import EFFECTS
from training.report.formatting import humanize

ORIGINS = ((CORPUS, "shipped with Exoscore"), (LAB, "added here"))
RETRACTED = (("true", "retracted"),)
HELD_OUT = (("false", "learned from"), ("true", "for blind tests"))
_HINTS = {
    "source_phenotype": "By any of its names",
    "cargo_name": "Under any name: miR21 finds miR-21-5p",
    "cancer_type": "And every kind of it",
    "paper": "PMID, DOI, PMCID or its key",
    "q": "All of them",
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
    """The query string of filters, some of them changed (or taken out where empty); it has no cursor but a new one."""
    kept = {name: text for name, text in given.items() if name != "cursor"} | changed
    return urlencode({name: text for name, text in kept.items() if text})


def make_fields(
    reader: CandidateParser, given: Mapping[str, str], faults: Sequence[FieldError] = ()
) -> tuple[FormField, ...]:
    """The fields of the form, each with what was given and its faults."""
    vocabulary = reader.vocabulary

    def terms(name: str) -> Options:
        return tuple((term, humanize(term)) for term in vocabulary.names(name))

    def field(name: str, title: str, empty_label: str = "", options: Options = ()) -> FormField:
        value = given.get(name, "")
        if empty_label and value and value not in dict(options):
            value = (vocabulary.lookup(name, value).name if name in TITLES else None) or value
            options = options if value in dict(options) else ((value, value), *options)
        return FormField(
            name=name,
            title=title,
            value=value,
            hint=_HINTS.get(name, ""),
            is_select=bool(empty_label),
            empty_label=empty_label,
            options=options,
            faults=faults_of(name, faults),
        )

    return (
        field("source_cell", TITLES["source_cell"], "any", terms("source_cell")),
        field("source_phenotype", TITLES["source_phenotype"], "", terms("source_phenotype")),
        field("cargo_type", TITLES["cargo_type"], "any", terms("cargo_type")),
        field("cargo_name", TITLES["cargo_name"]),
        field("cargo_state", TITLES["cargo_state"], "any", terms("cargo_state")),
        field("cancer_type", TITLES["cancer_type"], "", terms("cancer_type")),
        field("effect", "Effect", "either", tuple((effect, effect) for effect in EFFECTS)),
        field("q", "Words of the title"),
        field("paper", "Paper"),
        field("origin", "Origin", "either", ORIGINS),
        field("held_out", "Use", "either", HELD_OUT),
        field("retracted", "State", "active", RETRACTED),
    )
