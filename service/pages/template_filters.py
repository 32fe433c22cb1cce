"""Filters of the templates of pages, beside those that reports share: terms of the domain, and faults in the words of a form."""

import re

from models.candidates.text_fields import truncate
from models.errors import FieldError
from service.pages.forms.fields import CANDIDATE_TITLES
from training.report.formatting import MINUS, humanize

_NO_FIELD = ("unknown_parameter", "unknown_field")
_OWN_TERMS = re.compile(r"\b(?:[a-z]+(?:_[a-z0-9]+)+|[a-z]*rna)\b")


def observed(name: str) -> str:
    """Something that findings saw; a target that was lowered has a minus sign."""
    return f"{name[:-1]}{MINUS}" if name.endswith("-") else humanize(name)


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
