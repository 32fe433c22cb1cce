"""Texts that a spreadsheet would run as formulas: a table that is written marks them by an apostrophe, and one that is read loses
the mark, so that nothing changes on the way through.

A formula begins a cell. Where the separator of a country is `;`, spreadsheets take what follows one for a cell of its own, and
what follows a line end within quotes as well, so texts are marked there too.
"""

import re

# https://owasp.org/www-community/attacks/CSV_Injection, and the full-width forms of the same signs.
_SIGNS = "=+@\t\uff1d\uff0b\uff0d\uff20\\-"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# What may be a formula and what may be marked, for those that look at whole columns: patterns of RE2.
FORMULA = rf"^'*[{_SIGNS}\r\n]|[;\r\n]'*[{_SIGNS}]"
NUMBER = f"^{_NUMBER}$"
MARKED = rf"^'+[{_SIGNS}\r\n]|[;\r\n]'+[{_SIGNS}]"

_IS_NUMBER = rf"(?!{_NUMBER}(?:[;\r\n]|\Z))"
_formula = re.compile(rf"\A{_IS_NUMBER}(?='*[{_SIGNS}\r\n])|(?<=[;\r\n]){_IS_NUMBER}(?='*[{_SIGNS}])")
_mark = re.compile(rf"\A'(?='*[{_SIGNS}\r\n])|(?<=[;\r\n])'(?='*[{_SIGNS}])")


def mark_formulas(text: str) -> str:
    """A text as it is written into a table. Numbers stay as they are."""
    return _formula.sub("'", text)


def unmark_formulas(text: str) -> str:
    """A text as it was before it was written into a table."""
    return _mark.sub("", text) if "'" in text else text
