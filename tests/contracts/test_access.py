"""Claims over every route and method that there is, those added later too.

Each names the scope that it needs, or is in the list of open ones. One with a scope is closed to whoever has no key (where
keys are required: to anyone), to a key that is not good, and to every other scope; and the document of the API says so.
Every answer bears the headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service import Settings, create_app
from service.api.openapi import SECURITY
from service.auth.keys import SCOPES, Keys
from service.db.tables import Key, now
from service.web.access import OPEN_SCOPES, EndpointPolicy, check_policies, policy_of
from service.web.current import installation_of
from service.web.middleware import CONTENT_SECURITY_POLICY, SECURITY_HEADERS

# What anyone may read, keys required or not: probes, the page and document of the API, the manual, the vocabulary, and the page
# that takes a key and says whether candidates of the visit are counted.
OPEN = {
    "/key",
    "/key/counting",
    "/key/forget",
    "/docs",
    "/help/",
    "/help/<path:path>",
    "/openapi.json",
    "/static/<path:filename>",
    "/v1/vocabulary",
    "/healthz",
    "/readyz",
    "/v2/health/live",
    "/v2/health/ready",
}
FOREIGN_FORM = "urn:exoscore:problem:foreign-form"
AUTOMATIC = {"HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Route:
    """One method of one route."""

    method: str
    rule: str
    view: Callable[..., Any]

    @property
    def policy(self) -> EndpointPolicy:
        """What it asks of a request."""
        return policy_of(self.view)

    @property
    def scope(self) -> str | None:
        """The scope that it names."""
        return self.policy.scope

    @property
    def address(self) -> str:
        """An address that it answers at."""
        return re.sub(r"<[^>]+>", "none", self.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes(app: Flask) -> Iterator[Route]:
    """Every method of every route of an application."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - AUTOMATIC):
            yield Route(method, rule.rule, view)


def closed(app: Flask) -> list[Route]:
    """The routes that name a scope."""
    return [route for route in routes(app) if route.scope]


@pytest.fixture(scope="module", params=[False, True], ids=["open", "keys required"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application of its own, with no model, so that nothing it is asked for takes long."""
    var = tmp_path_factory.mktemp("var")
    return create_app(Settings(var=var, require_key=request.param, rate_limit=0))


@pytest.fixture(scope="module")
def keys(service: Flask) -> Keys:
    return installation_of(service).keys


def ask(service: Flask, route: Route, key: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return service.test_client().open(route.address, method=route.method, headers=headers)


def is_foreign(response: TestResponse) -> bool:
    """Whether a form of the pages was refused for want of its token, and not for want of a key."""
    return response.is_json and response.get_json().get("type") == FOREIGN_FORM


def detail_of(response: TestResponse) -> str:
    """What an error says, as a problem or as the Open Inference Protocol writes errors."""
    document = response.get_json()
    return str(document["error"] if response.mimetype == "application/json" else document["detail"])


def others(service: Flask, answer: int, key: Callable[[Route], str] = lambda route: "") -> list[str]:
    """The closed routes that do not answer with the status `answer`, and an error, to a key."""
    found = []
    for route in closed(service):
        response = ask(service, route, key(route))
        if response.status_code != answer or not detail_of(response):
            found.append(f"{route}: {response.status}")
    return found


def test_every_route_names_a_scope_or_is_listed_as_open(service: Flask) -> None:
    assert {route.rule for route in routes(service) if route.scope is None} == OPEN
    assert {route.scope for route in closed(service)} <= set(SCOPES)


def test_every_view_has_a_policy_and_only_probes_are_exempt_from_the_rate_limit(service: Flask) -> None:
    check_policies(service)
    exempt = {route.rule for route in routes(service) if route.policy.exempt_from_rate_limit}
    assert exempt == {"/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"}


def test_only_what_takes_files_takes_large_bodies(service: Flask) -> None:
    assert {str(route) for route in routes(service) if route.policy.allow_uploads} == {
        "POST /v1/batches",
        "POST /batch",
    }


def test_what_writes_needs_a_key_always(service: Flask) -> None:
    # To score a file, by one model or by two, and to take away what was sent for that, is to score.
    harmless = {
        "/v1/scores",
        "/v2/models/<model_name>/infer",
        "/v2/models/<model_name>/versions/<model_version>/infer",
        "/v1/batches",
        "/v1/batches/<batch_id>",
        "/v1/designs",
        "/v1/models/<model:model_id>/difference",
        "/models/<model_id>/difference",
        "/design",
        "/design/jobs",
        "/batch",
        "/batch/files/<draft_id>",
        "/batch/<batch_id>/cancel",
        "/batch/<batch_id>/again",
        "/batch/<batch_id>/remove",
    }
    writing = [route for route in closed(service) if route.method != "GET" and route.rule not in harmless]
    assert writing
    assert [str(route) for route in writing if route.scope in OPEN_SCOPES or not route.policy.needs_key] == []


def test_without_a_key_what_is_closed_says_so(service: Flask) -> None:
    required = installation_of(service).settings.require_key
    for route in closed(service):
        response = ask(service, route)
        refused = (response.status_code, response.headers.get("WWW-Authenticate")) == (401, 'Bearer realm="exoscore"')
        assert refused == (required or route.policy.needs_key), route
        assert not refused or "Ask whoever runs this server" in detail_of(response)


def test_a_revoked_an_expired_and_a_made_up_key_open_nothing(service: Flask, keys: Keys) -> None:
    revoked, expired = (keys.create(name, SCOPES, "tests") for name in ("revoked", "expired"))
    keys.revoke(keys.get(revoked).key_id, "tests", "lost")
    with installation_of(service).database.write() as session:
        session.get_one(Key, keys.get(expired).key_id).expires = now() - timedelta(seconds=1)
    unknown = expired[:-4] + "AAAA"
    for key, says in (
        (revoked, "revoked"),
        (expired, "expired"),
        (unknown, "does not know the key"),
        ("no key", "copied completely"),
    ):
        assert others(service, 401, lambda route, key=key: key) == []
        assert says in detail_of(ask(service, closed(service)[0], key))


def test_every_other_scope_together_does_not_open_a_closed_route(service: Flask, keys: Keys) -> None:
    without = {
        missing: keys.create(f"all but {missing}", [scope for scope in SCOPES if scope != missing], "tests")
        for missing in SCOPES
    }
    always = [route for route in closed(service) if route.policy.needs_key]
    for route in closed(service) if installation_of(service).settings.require_key else always:
        response = ask(service, route, without[str(route.scope)])
        assert response.status_code == 403, route
        assert f"with the scope {route.scope}" in detail_of(response)


def test_the_scope_alone_opens_a_route(service: Flask, keys: Keys) -> None:
    only = {scope: keys.create(f"only {scope}", [scope], "tests") for scope in SCOPES}
    refused = []
    for route in closed(service):
        response = ask(service, route, only[str(route.scope)])
        # A form of the pages that lacks its token is told so once its key was found good.
        if response.status_code in (401, 403, 405) and not is_foreign(response):
            refused.append(str(route))
    assert refused == []


def test_where_keys_are_not_required_any_good_key_may_do_what_anyone_may(tmp_path: Path) -> None:
    service = create_app(Settings(var=tmp_path))
    key = installation_of(service).keys.create("curator", ["curate"], "tests")
    for route in closed(service):
        if not route.policy.needs_key:
            response = ask(service, route, key)
            assert response.status_code not in (401, 403) or is_foreign(response), route


def test_the_document_names_the_scope_of_every_operation(service: Flask) -> None:
    document = service.test_client().get("/openapi.json").get_json()
    assert document["components"]["securitySchemes"][SECURITY]["scheme"] == "bearer"
    required = installation_of(service).settings.require_key
    told = {
        (path, method.upper()): operation["security"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "responses" in operation
    }
    named = {}
    for route in routes(service):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule)
        if (path, route.method) in told:
            alternatives = [] if required or not route.scope or route.policy.needs_key else [{}]
            named[path, route.method] = [{SECURITY: [route.scope]}, *alternatives] if route.scope else []
    assert told == named
    for (path, method), security in told.items():
        answers = document["paths"][path][method.lower()]["responses"]
        assert not security or {"401", "403", "429"} <= set(answers), (path, method)


def test_every_answer_bears_the_headers(service: Flask, keys: Keys) -> None:
    key = keys.create("anna", SCOPES, "tests")
    seen = set()
    for route in [*routes(service), Route("GET", "/nothing", print), Route("PUT", "/healthz", print)]:
        for given in ("", key):
            response = ask(service, route, given)
            seen.add(response.status_code // 100)
            for name, value in SECURITY_HEADERS:
                assert response.headers.getlist(name) == [value], (route, name)
            (policy,) = response.headers.getlist(CONTENT_SECURITY_POLICY)
            assert re.match(r"default-src 'none'; script-src 'self'( 'sha256-[\w+/]{43}=')*;", policy), route
            assert "frame-ancestors 'none'" in policy
            assert re.fullmatch(r"[0-9a-f]{16}", response.headers["X-Request-ID"])
            if given:
                assert response.headers.getlist("Cache-Control") == ["no-store"], route
            response.close()
    assert seen == {2, 3, 4, 5}
