"""flask-smorest as Exoscore uses it: problems for errors, strict bodies and queries, OpenAPI 3.1."""

from __future__ import annotations

import http
import json
from collections.abc import Callable
from typing import Any

import flask_smorest
from apispec import APISpec, BasePlugin
from flask import Flask, Request, Response
from flask.typing import ResponseReturnValue
from flask_smorest.utils import prepare_response
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from service import links, problems
from service.addresses import Id, ModelId
from service.schemas.exact import READABLE
from service.schemas.finding import FindingChangeSchema, FindingChangesSchema
from service.schemas.problem import ProblemSchema
from service.scoring.documents import json_schemas
from service.scoring.parsing import parse_json
from service.services import services_of

SECURITY = "key"
SECURITY_HELP = (
    "A key of `exoscore keys create` or `POST /v1/keys`. Each operation names the scope that the key must have; where "
    "no key is listed as an alternative, the operation is open to anyone."
)
_AS_THE_SCHEMA_SAYS: dict[str, str | None] = {"json": None, "query": None}


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
                "description": "Scores therapeutic exosome candidates as tumour-suppressing or tumour-promoting, says how "
                "sure it is, and shows why. For research use only.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
        },
    }


# What marshmallow judges and apispec cannot tell of it.
FINDING_CHANGE = {"oneOf": [{"required": ["changes"]}, {"required": ["retracted"]}]}


class Parser(FlaskParser):
    """Reads JSON bodies and queries strictly: an unknown field or parameter is an error, never dropped."""

    DEFAULT_UNKNOWN_BY_LOCATION = _AS_THE_SCHEMA_SAYS

    def load_json(self, req: Request, schema: Any) -> Any:
        """The JSON body of `req`. Raises UnsupportedMediaType and BadRequest saying what would be right."""
        if getattr(schema, "body_optional", False) and not req.get_data(cache=True):
            return {}
        if not req.is_json:
            given = req.content_type or "none"
            raise UnsupportedMediaType(f"send the body as application/json, not {given}")
        try:
            return parse_json(req.get_data(cache=True))
        except ValueError as error:
            raise BadRequest(str(error)) from error


# flask-smorest has no types, so what its classes are is not known.
class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose endpoints parse by `Parser`. It documents what their code says without words: the name of each operation
    (that of its function), the scope that it needs, the answers that any of its kind gives, and where its answers lead."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._prepare_doc_cbks += [_document_access, _document_answers, links.document]

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *given: Any, **named: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, *given, **named)
        for method in named["methods"]:
            told = self._docs[endpoint][method.lower()]
            told |= {"operation": obj.__name__, "unlimited": getattr(obj, "unlimited", False)}


def _document_access(operation: dict[str, Any], info: dict[str, Any], *, app: Flask, **_: object) -> dict[str, Any]:
    """The name of one operation, and the scope that it needs."""
    operation["operationId"] = info["operation"]
    scope, needs_key = info.get("scope", ("", False))
    if not scope:
        return operation | {"security": []}
    optional = not (needs_key or services_of(app).settings.require_key)
    says = (
        f"Open to anyone; where keys are required, to those with the scope `{scope}`."
        if optional
        else f"Scope: `{scope}`."
    )
    info["docstring"]["description"] = "\n\n".join(filter(None, [info["docstring"].get("description"), says]))
    return operation | {"security": [{SECURITY: [scope]}, *([{}] if optional else [])]}


def _document_answers(operation: dict[str, Any], info: dict[str, Any], *, method: str, **_: object) -> dict[str, Any]:
    """The errors that operations answer with because they have a scope, a body, or a limit."""
    usual = dict(problems.OF_ANY_LIMITED if not info["unlimited"] else {})
    if "scope" in info:
        usual |= problems.OF_ANY_SCOPE
        usual |= problems.OF_ANY_CHANGE if method != "get" and info["scope"][1] else {}
    if "requestBody" in operation | info.get("manual_doc", {}):
        usual |= problems.OF_ANY_BODY
    return operation | {"responses": usual | operation["responses"]}


Decorate = Callable[[Any], Any]


class PlainBlueprint(Blueprint):
    """A blueprint whose endpoints parse and answer by themselves: its decorators document them, and stay out of their way."""

    def arguments(self, *given: Any, **named: Any) -> Decorate:
        """Documents what an endpoint takes."""
        return _documenting(super().arguments(*given, **named))

    def response(self, *given: Any, **named: Any) -> Decorate:
        """Documents what an endpoint answers."""
        return _documenting(super().response(*given, **named))

    def alt_response(self, *given: Any, **named: Any) -> Decorate:
        """Documents what an endpoint answers besides."""
        return _documenting(super().alt_response(*given, **named))


def _documenting(decorate: Decorate) -> Decorate:
    """A decorator of flask-smorest that leaves its documentation on the endpoint, and nothing around it."""

    def document(endpoint: Any) -> Any:
        endpoint._apidoc = decorate(endpoint)._apidoc
        return endpoint

    return document


class Docstrings(BasePlugin):
    """Describes each shape by the docstring of its schema."""

    def schema_helper(self, name: str, definition: dict[Any, Any], **named: Any) -> dict[Any, Any] | None:
        """What is added to a shape."""
        schema = named.get("schema")
        if schema is None:
            return None
        says = vars(schema if isinstance(schema, type) else type(schema)).get("__doc__")
        return {"description": " ".join(says.split())} if says else None


# Without types, as above.
class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest, answering and documenting every error as an RFC 9457 problem."""

    ERROR_SCHEMA = ProblemSchema
    # An operation names each status that it answers with; a default would make any other true as well.
    DEFAULT_ERROR_RESPONSE_NAME = None
    spec: APISpec

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """The problem document of an HTTP error."""
        return problems.of_http_error(error)

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            response: dict[str, object] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, problems.CONTENT_TYPE)
            self.spec.components.response(status.name, response, lazy=True)

    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(extra_plugins=[Docstrings()], **options)
        for converter in (Id, ModelId):
            self.register_converter(converter, lambda _: {"type": "string", "minLength": 1, "pattern": READABLE})
        for name, schema in json_schemas().items():
            self.spec.components.schema(name, schema)
        self.spec.components.schema("FindingChanges", {"minProperties": 1}, schema=FindingChangesSchema)
        self.spec.components.schema("FindingChange", FINDING_CHANGE, schema=FindingChangeSchema)
        scheme = {"type": "http", "scheme": "bearer", "description": SECURITY_HELP}
        self.spec.components.security_scheme(SECURITY, scheme)

    def _openapi_json(self) -> Response:
        return Response(json.dumps(self.spec.to_dict(), indent=1), mimetype="application/json")
