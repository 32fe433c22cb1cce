"""Templates to markup, with or without an application around. Whatever comes from outside is escaped."""

from pathlib import Path

from flask import has_request_context, request
from markupsafe import Markup

from models.candidates.wording import describe_setting
from service.pages.template_filters import (
    accession,
    after_label,
    describe_groups,
    describe_reporting,
    fault_message,
    identifier_link,
    log_odds,
    observed,
)
from training.report.templating import make_environment

HERE = Path(__file__).parent


_ENVIRONMENT = make_environment("service.pages")
_ENVIRONMENT.policies["json.dumps_kwargs"] = {"sort_keys": False}
_ENVIRONMENT.filters.update(
    {
        each.__name__: each
        for each in (
            accession,
            after_label,
            describe_groups,
            describe_reporting,
            describe_setting,
            fault_message,
            identifier_link,
            log_odds,
            observed,
        )
    }
)


def help_page(page: str = "") -> str:
    """Where the service has a page of its documentation, by its path there; empty outside of a request, as in a file."""
    return f"{request.script_root}/help/{page}" if has_request_context() else ""


_ENVIRONMENT.globals["help_page"] = help_page


def render(template: str, **context: object) -> Markup:
    """The markup of one template. Raises UndefinedError where it names what the context lacks."""
    # The environment escapes whatever is put into a template.
    return Markup(_ENVIRONMENT.get_template(template).render(context))  # noqa: S704
