"""Filters of the templates of pages, beside those that reports share: terms of the domain, and faults in the words of a form."""

import math
import re
from collections.abc import Mapping
from typing import Any

from models.candidates.text_fields import truncate
from models.errors import FieldError
from service.pages.forms.fields import CANDIDATE_TITLES
from training.report.formatting import MINUS, humanize, pluralize

_ONTOLOGIES = ("CHEBI", "CL", "DOID", "GO", "NCBITaxon", "SO", "UBERON")
_REGISTRIES = {
    "mirbase.mature": "https://mirbase.org/mature/{}",
    "mirbase": "https://mirbase.org/hairpin/{}",
    "HGNC": "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:{}",
    "cellosaurus": "https://www.cellosaurus.org/{}",
}
_SMALLEST_CHANCE = 1e-6
_NO_FIELD = ("unknown_parameter", "unknown_field")
_OWN_TERMS = re.compile(r"\b(?:[a-z]+(?:_[a-z0-9]+)+|[a-z]*rna)\b")


def observed(name: str) -> str:
    """Something that findings saw; a target that was lowered has a minus sign."""
    return f"{name[:-1]}{MINUS}" if name.endswith("-") else humanize(name)


def describe_reporting(completeness: Mapping[str, Any]) -> str:
    """How much of the items that studies are to report a finding states, from its document."""
    if not completeness["recorded"]:
        return "reporting not recorded"
    return f"states {completeness['stated']} of {completeness['of']} reporting items"


def describe_groups(tally: Mapping[str, Any]) -> str:
    """How many research groups the papers of a tally are of, as far as their last authors are stored."""
    papers = tally["suppressing_papers"] + tally["promoting_papers"]
    unknown = tally["papers_without_author"]
    if not papers:
        return ""
    if unknown == papers:
        return "How many research groups they are of is unknown: no last author is stored."
    rest = f"; unknown for {pluralize(unknown, 'paper')}, of which no last author is stored" if unknown else ""
    return f"By their last authors, the papers are of {pluralize(tally['groups'], 'research group')}{rest}."


def log_odds(chance: float) -> float:
    """The log-odds of a probability, large where it is 0 or 1."""
    chance = min(max(chance, _SMALLEST_CHANCE), 1.0 - _SMALLEST_CHANCE)
    return math.log(chance / (1.0 - chance))


def identifier_link(identifier: str) -> str:
    """Where an identifier can be looked up; empty where no public page of its registry is known."""
    prefix, _, number = identifier.partition(":")
    if prefix in _ONTOLOGIES:
        return f"https://purl.obolibrary.org/obo/{prefix}_{number}"
    return _REGISTRIES[prefix].format(number) if prefix in _REGISTRIES else ""


def after_label(summary: str) -> str:
    """A summary without the prediction that it begins with, for where that stands above it."""
    rest = summary.partition(": ")[2]
    return rest[:1].upper() + rest[1:]


def accession(identifier: str) -> str:
    """An identifier as its registry writes it, without the name of the registry where the number implies it."""
    return identifier.removeprefix("mirbase.mature:").removeprefix("circbase:")


def fault_message(fault: FieldError) -> str:
    """The remedy of a fault without names that only programs use; what was typed is quoted as it was."""
    quoted = repr(truncate(fault.given)) if isinstance(fault.given, str) else ""
    if fault.code == "unknown_term" and fault.field in CANDIDATE_TITLES:
        near = " or ".join(map(humanize, fault.nearest[:3]))
        choice = f"Did you mean {near}?" if near else "Choose one of the listed terms."
        return f"{quoted} is not a known {CANDIDATE_TITLES[fault.field].lower()}. {choice}"
    if fault.code in _NO_FIELD and fault.field:
        return f"{truncate(fault.field)!r} is not a field of a candidate"
    before, typed, after = fault.remedy.partition(quoted) if quoted else ("", "", fault.remedy)
    return _with_titles(before) + typed + _with_titles(after)


def _with_titles(text: str) -> str:
    return _OWN_TERMS.sub(lambda match: CANDIDATE_TITLES.get(match[0], "").lower() or humanize(match[0]), text)
