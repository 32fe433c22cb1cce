"""Templates: HTML and SVG escape whatever they are given, Markdown by the filter `markdown`."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from models.scoring.summary import retraction_remark
from training.report import formatting

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")
_FILTERS = (
    formatting.brief_estimate,
    formatting.describe_cargo,
    formatting.describe_source,
    formatting.estimate,
    formatting.humanize,
    formatting.learned_from,
    formatting.percent,
    formatting.pluralize,
    retraction_remark,
    formatting.shorten,
    formatting.signed,
    formatting.tick,
)


def markdown(text: object) -> str:
    """Text whose characters mean nothing to Markdown or HTML, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def make_environment(package: str) -> Environment:
    """The templates of a package, with the filters that reports and pages share."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(("html", "svg")),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update({each.__name__: each for each in (*_FILTERS, markdown)})
    return environment


TEMPLATES = make_environment("training.report")
