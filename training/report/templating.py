"""The templates of a report: HTML and SVG escape whatever they are given, Markdown by the filter `plain`."""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def plain(text: object) -> str:
    """Text whose characters mean nothing to Markdown or HTML, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


TEMPLATES = Environment(
    loader=PackageLoader("training.report"),
    autoescape=select_autoescape(("html", "svg")),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
TEMPLATES.filters["plain"] = plain
