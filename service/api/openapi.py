"""flask-smorest as Exoscore uses it: problems for errors, strict bodies and queries, OpenAPI 3.1."""

import inspect
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec import APISpec, BasePlugin
from flask import Flask, Request, Response
from flask_smorest.utils import prepare_response
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from service import problems
from service.api import code_samples, openapi_links
from service.schemas.fields import READABLE
from service.schemas.finding import FindingChangeSchema, FindingChangesSchema
from service.schemas.problem import ProblemSchema
from service.scoring.design_documents import Designs
from service.scoring.documents import json_schemas
from service.scoring.parsing import parse_json
from service.web.access import policy_of, require
from service.web.current import installation_of
from service.web.deprecation import deprecations_of
from service.web.url_converters import AnyIdConverter, ModelIdConverter

SECURITY = "key"
SECURITY_HELP = (
    "A key from `exoscore keys create` or `POST /v1/keys`. Each operation names the scope that the key needs. Operations "
    "that also list no key are open to anyone."
)
# What becomes of unknown fields.
_AS_THE_SCHEMA_SAYS: dict[str, str | None] = {"json": None, "query": None}
# What marshmallow judges and apispec cannot tell of it.
FINDING_CHANGE = {"oneOf": [{"required": ["changes"]}, {"required": ["retracted"]}]}


def configuration() -> dict[str, object]:
    """The configuration of flask-smorest."""
    return {
        "API_TITLE": "Exoscore",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {
                "description": "Predicts whether therapeutic exosomes suppress or promote a tumour, with the uncertainty and "
                "the evidence. For research use only.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
        },
    }


class Parser(FlaskParser):
    """Reads JSON bodies and queries strictly: an unknown field or parameter is an error, never dropped."""

    DEFAULT_UNKNOWN_BY_LOCATION = _AS_THE_SCHEMA_SAYS

    def load_json(self, req: Request, schema: Any) -> Any:
        """The JSON body of `req`. Raises UnsupportedMediaType and BadRequest saying what would be right."""
        if getattr(schema, "body_optional", False) and not req.get_data(cache=True):
            return {}
        if not req.is_json:
            raise UnsupportedMediaType(
                f"Send the body as application/json, not {req.content_type or 'without a type'}."
            )
        try:
            return parse_json(req.get_data(cache=True))
        except ValueError as error:
            raise BadRequest(str(error)) from error


# flask-smorest has no types, so what its classes are is not known.
class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose endpoints parse by `Parser`. Beside what their decorators say, it documents what their code says already:
    the name of each operation (that of its function), its policy, the errors that any of its kind gives, its links and its
    examples."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A private member: flask-smorest's own features document operations by it, and there is no public way.
        self._prepare_doc_cbks += [
            self._document_policy,
            self._document_deprecation,
            openapi_links.document,
            code_samples.document,
        ]

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        """Registers an endpoint under the name of its function; one that names a resource may not find it."""
        documented = self.doc(operationId=view_func.__name__)(view_func)
        if "<" in rule:
            documented = self.raises(HTTPStatus.NOT_FOUND)(documented)
        super().add_url_rule(rule, endpoint, documented, *args, **kwargs)

    def arguments(self, schema: type[Schema], *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        """Parses a body, a query or headers by one instance of `schema`, which otherwise every request would make anew."""
        decorator: Callable[[Any], Any] = super().arguments(schema(), *args, **kwargs)
        return decorator

    def raises(self, *statuses: int) -> Callable[[Any], Any]:
        """Documents the statuses without a schema of their own that an endpoint answers with beside those of any of its kind."""

        def document(view: Any) -> Any:
            for status in statuses:
                view = self.alt_response(
                    status, response=HTTPStatus(status).name, success=status < HTTPStatus.BAD_REQUEST
                )(view)
            return view

        return document

    def _document_policy(
        self, operation: dict[str, Any], info: dict[str, Any], *, app: Flask, method: str, **_: object
    ) -> dict[str, Any]:
        """The operation with the scope that it needs, and the errors that it answers with for its scope, body or rate limit."""
        if summary := info["docstring"].get("summary"):
            info["docstring"]["summary"] = summary.removesuffix(".")
        policy = policy_of(app.view_functions[f"{self.name}.{info['manual_doc']['operationId']}"])
        responses = problems.OF_ANY | ({} if policy.exempt_from_rate_limit else problems.OF_ANY_LIMITED)
        security: list[dict[str, list[str]]] = []
        if policy.scope is not None:
            optional = not (policy.needs_key or installation_of(app).settings.require_key)
            note = f"Scope: `{policy.scope}`."
            if optional:
                note = f"Open to anyone, unless this server requires a key; then scope: `{policy.scope}`."
            described = info["docstring"].get("description")
            info["docstring"]["description"] = f"{described}\n\n{note}" if described else note
            security = [{SECURITY: [policy.scope]}, *([{}] if optional else [])]
            responses |= problems.OF_ANY_SCOPE
            if method != "get" and policy.needs_key:
                responses |= problems.OF_ANY_CHANGE
        if "requestBody" in operation | info["manual_doc"]:
            responses |= problems.OF_ANY_BODY
        return operation | {"security": security, "responses": responses | operation["responses"]}

    def _document_deprecation(
        self, operation: dict[str, Any], info: dict[str, Any], *, app: Flask, **_: object
    ) -> dict[str, Any]:
        """The operation, marked where all of it is deprecated."""
        deprecation = deprecations_of(app.view_functions[f"{self.name}.{info['manual_doc']['operationId']}"]).get("")
        if deprecation is None:
            return operation
        described = info["docstring"].get("description")
        info["docstring"]["description"] = "\n\n".join(filter(None, (str(deprecation), described)))
        return operation | {"deprecated": True}


class PlainBlueprint(Blueprint):
    """A blueprint whose endpoints parse and answer by themselves: the decorators document them, and are not called."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        """Registers the undecorated endpoint."""
        documented = self.doc(operationId=view_func.__name__)(view_func)
        plain = inspect.unwrap(view_func)
        # A private attribute, where flask-smorest's decorators leave the documentation.
        plain._apidoc = documented._apidoc
        flask_smorest.Blueprint.add_url_rule(self, rule, endpoint, plain, *args, **kwargs)


class Docstrings(BasePlugin):
    """Describes each shape by the docstring of its schema."""

    def schema_helper(self, name: str, definition: dict[Any, Any], **kwargs: Any) -> dict[Any, Any] | None:
        """What is added to a shape."""
        schema = kwargs.get("schema")
        if schema is None:
            return None
        docstring = vars(schema if isinstance(schema, type) else type(schema)).get("__doc__")
        return {"description": " ".join(docstring.split())} if docstring else None


# Without types, as above.
class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest, documenting every error as an RFC 9457 problem."""

    ERROR_SCHEMA = ProblemSchema
    # An operation names each status that it answers with; a default would make any other true as well.
    DEFAULT_ERROR_RESPONSE_NAME = None
    spec: APISpec

    def init_app(self, app: Flask, **_: object) -> None:
        """Adds to the document of `app` what no operation brings along."""
        super().init_app(app, spec_kwargs={"extra_plugins": [Docstrings()]})
        for converter in (AnyIdConverter, ModelIdConverter):
            self.register_converter(converter, lambda _: {"type": "string", "minLength": 1, "pattern": READABLE})
        components = self.spec.components
        for name, schema in json_schemas(Designs).items():
            components.schema(name, schema)
        components.schema("FindingChanges", {"minProperties": 1}, schema=FindingChangesSchema)
        components.schema("FindingChange", FINDING_CHANGE, schema=FindingChangeSchema)
        components.security_scheme(SECURITY, {"type": "http", "scheme": "bearer", "description": SECURITY_HELP})

    def _register_responses(self) -> None:
        # Overridden, since the content type of errors can be set only together with that of all other responses.
        for status in HTTPStatus:
            response: dict[str, object] = {"description": status.phrase}
            if status >= HTTPStatus.BAD_REQUEST:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, problems.CONTENT_TYPE)
            self.spec.components.response(status.name, response, lazy=True)

    @require(None)
    def _openapi_json(self) -> Response:
        # Overridden to give it its policy.
        response: Response = super()._openapi_json()
        return response
