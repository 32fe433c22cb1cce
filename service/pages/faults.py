"""What is wrong with a field, in the words of the form: programs know fields by their names, people by their titles."""

from __future__ import annotations

import re

from models.errors import Fault
from models.texts import short
from service.pages.candidate_form import TITLES
from service.pages.wording import words

_SAYS = {
    "unknown_parameter": "is not a field of a candidate",
    "unknown_field": "is not a field of a candidate",
}
_OWN_TERMS = re.compile(r"\b(?:[a-z]+(?:_[a-z0-9]+)+|[a-z]*rna)\b")


def told(fault: Fault) -> str:
    """The remedy of a fault without names that only programs use; what was typed is quoted as it was."""
    quoted = repr(short(fault.given)) if isinstance(fault.given, str) else ""
    if fault.code == "unknown_term" and fault.field in TITLES:
        near = " or ".join(map(words, fault.nearest[:3]))
        choice = f"did you mean {near}?" if near else "choose one of those that are known"
        return f"{quoted} is not known as {TITLES[fault.field].lower()}; {choice}"
    if fault.code in _SAYS and fault.field:
        return f"{short(fault.field)!r} {_SAYS[fault.code]}"
    before, found, after = fault.remedy.partition(quoted) if quoted else ("", "", fault.remedy)
    return _in_words(before) + found + _in_words(after)


def _in_words(text: str) -> str:
    return _OWN_TERMS.sub(lambda match: _in_form(match[0]), text)


def _in_form(term: str) -> str:
    return TITLES[term].lower() if term in TITLES else words(term)
