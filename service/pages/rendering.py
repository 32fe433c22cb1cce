"""Templates to markup, with or without an application around. Whatever comes from outside is escaped."""

from pathlib import Path

from flask import has_request_context, request
from markupsafe import Markup

from service.pages.template_filters import accession, fault_message, observed
from training.report.templating import make_environment

HERE = Path(__file__).parent


_ENVIRONMENT = make_environment("service.pages")
_ENVIRONMENT.policies["json.dumps_kwargs"] = {"sort_keys": False}
_ENVIRONMENT.filters.update(accession=accession, fault_message=fault_message, observed=observed)


def help_page(page: str = "") -> str:
    """Where the service has a page of its documentation, by its path there; empty outside of a request, as in a file."""
    return f"{request.script_root}/help/{page}" if has_request_context() else ""


_ENVIRONMENT.globals["help_page"] = help_page


def render(template: str, **context: object) -> Markup:
    """The markup of one template. Raises UndefinedError where it names what the context lacks."""
    # The environment escapes whatever is put into a template.
    return Markup(_ENVIRONMENT.get_template(template).render(context))  # noqa: S704
