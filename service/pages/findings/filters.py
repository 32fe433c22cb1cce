"""Which findings are looked for: read from an address, written into one, and shown as a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from marshmallow import Schema, ValidationError, missing

from models.candidate import Reader
from models.errors import Fault
from service.pages.candidate_form import TITLES
from service.pages.forms import Input, Options
from service.pages.wording import words
from service.store.finding_rows import CORPUS, LAB
from service.store.finding_search import FILTERS
from training.data.findings import EFFECTS

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


def read(schema: Schema, given: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """What the API's `schema` makes of what was given, and what is wrong with the rest."""
    try:
        return schema.load(given), []
    except ValidationError as error:
        found = {name: one.load_default for name, one in schema.fields.items() if one.load_default is not missing}
        faults = [
            Fault(name, "invalid", str(text) if name in FILTERS else f"{name[:80]!r}: {text}", given.get(name))
            for name, texts in error.messages_dict.items()
            for text in texts
        ]
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return found | valid, faults


def write(given: Mapping[str, str], **changed: str) -> str:
    """The query string of filters, some of them changed (or taken out where empty); it has no cursor but a new one."""
    kept = {name: text for name, text in given.items() if name != "cursor"} | changed
    return urlencode({name: text for name, text in kept.items() if text})


def inputs(reader: Reader, given: Mapping[str, str], faults: Sequence[Fault] = ()) -> tuple[Input, ...]:
    """The fields of the form, each with what was given and its faults."""
    vocabulary = reader.vocabulary

    def terms(name: str) -> Options:
        return tuple((term, words(term)) for term in vocabulary.names(name))

    def one(name: str, title: str, unchosen: str = "", options: Options = ()) -> Input:
        value = given.get(name, "")
        if unchosen and value and value not in dict(options):
            value = (vocabulary.look_up(name, value).name if name in TITLES else None) or value
            options = options if value in dict(options) else ((value, value), *options)
        own = tuple(fault for fault in faults if fault.field == name)
        return Input(
            name=name,
            title=title,
            value=value,
            hint=_HINTS.get(name, ""),
            chosen=bool(unchosen),
            unchosen=unchosen,
            options=options,
            faults=own,
        )

    return (
        one("source_cell", TITLES["source_cell"], "any", terms("source_cell")),
        one("source_phenotype", TITLES["source_phenotype"], "", terms("source_phenotype")),
        one("cargo_type", TITLES["cargo_type"], "any", terms("cargo_type")),
        one("cargo_name", TITLES["cargo_name"]),
        one("cargo_state", TITLES["cargo_state"], "any", terms("cargo_state")),
        one("cancer_type", TITLES["cancer_type"], "", terms("cancer_type")),
        one("effect", "Effect", "either", tuple((effect, effect) for effect in EFFECTS)),
        one("q", "Words of the title"),
        one("paper", "Paper"),
        one("origin", "Origin", "either", ORIGINS),
        one("held_out", "Use", "either", HELD_OUT),
        one("retracted", "State", "active", RETRACTED),
    )
