"""Templates to markup, with or without an application around. Whatever comes from outside is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.pages import faults, wording

HERE = Path(__file__).parent
_FILTERS = (
    wording.percent,
    wording.signed,
    wording.plain,
    wording.words,
    wording.observed,
    wording.accession,
    wording.counted,
    wording.short,
    faults.told,
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.filters.update({each.__name__: each for each in _FILTERS})
    return environment


def render(template: str, **context: object) -> Markup:
    """The markup of one template. Raises UndefinedError where it names what the context lacks."""
    return _environment().get_template(template).make_module(context).__html__()
