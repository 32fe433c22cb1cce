"""Templates to markup, with or without an application around. Whatever comes from outside is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from service.pages.template_filters import accession, fault_message, observed
from training.report.templating import make_environment

HERE = Path(__file__).parent


@cache
def _environment() -> Environment:
    environment = make_environment("service.pages")
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.filters.update(accession=accession, fault_message=fault_message, observed=observed)
    return environment


def render(template: str, **context: object) -> Markup:
    """The markup of one template. Raises UndefinedError where it names what the context lacks."""
    return Markup(_environment().get_template(template).render(context))  # noqa: S704
