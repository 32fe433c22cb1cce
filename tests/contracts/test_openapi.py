"""The document of the API is true: requests that schemathesis makes from it are answered as it says.

Of every operation: no answer is a 5xx; statuses, content types, headers and bodies are those documented; what the document
forbids is refused, and what it allows is refused for its meaning only; no method is there that is not documented; and what
needs a key is closed without one. The same along the links from answers to operations.

`make test-all` asks each operation more than `make test` does, and as often as `CONTRACT_EXAMPLES` says where that is set.
"""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi.checks import UseAfterFree
from werkzeug.serving import WSGIRequestHandler, make_server

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.api.openapi_links import LINKS
from service.auth.keys import SCOPES
from service.web.current import installation_of
from tests.servers import PostgreSQL

# How often each operation is asked in each of its phases, by `make test` and by `make test-all`.
BRIEFLY, AT_LENGTH = 1, 20
# A shape that the document allows may mean nothing here: a word of no vocabulary, a moment that is past, a model not kept.
OF_MEANING = ["404", "409", "410", "412", "422"]
# What marshmallow, and the reader of candidates and of findings, say of a shape that is wrong.
OF_SHAPE = {"invalid", "wrong_type", "too_long", "too_many", "unknown_field"}
LONGEST = 1500
CONFIGURATION: dict[str, Any] = {
    "seed": 1,
    "continue-on-failure": True,
    "suppress-health-check": ["all"],
    "cache": {"enabled": False},
    "generation": {"deterministic": True, "database": "none", "no-shrink": True},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "401", "403", *OF_MEANING]},
        # An address may be too long for any server, and a finding that was changed since is not judged.
        "negative_data_rejection": {
            "expected-statuses": [
                "400",
                "401",
                "403",
                "404",
                "405",
                "406",
                "409",
                "412",
                "415",
                "422",
                "428",
                "429",
            ]
        },
        # RFC 6585 made 428 for a request that should have been conditional, and was not.
        "missing_required_header": {"expected-statuses": ["401", "403", "422", "428"]},
    },
}


class Quiet(WSGIRequestHandler):
    """Answers without a line of its own; the service logs."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *arguments: Any) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Flask:
    return installation(Settings(var=tmp_path_factory.mktemp("openapi"), rate_limit=0), produced)


def installation(settings: Settings, produced: Bundle) -> Flask:
    """One with a model, the corpus, and a job that nobody does."""
    app = create_app(settings)
    opened = installation_of(app)
    opened.registry.save(produced, "tests")
    opened.registry.promote(produced.id, "tests")
    opened.jobs.submit("training", {}, "tests")
    return app


@pytest.fixture
def examples(thoroughly: bool) -> int:
    """How often each operation is asked."""
    return int(os.environ.get("CONTRACT_EXAMPLES", AT_LENGTH if thoroughly else BRIEFLY))


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """Where it listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def untrue(address: str, examples: int, key: str = "") -> tuple[str, Counter[str]]:
    """What of the document is not so, told with the requests that show it; and how often each operation was asked."""
    # What is at the edges of the shapes is asked once, by who may do everything.
    sent = {"headers": {"Authorization": f"Bearer {key}"}} if key else {"phases": {"coverage": {"enabled": False}}}
    generation = CONFIGURATION["generation"] | {"max-examples": examples}
    config = SchemathesisConfig.from_dict(CONFIGURATION | sent | {"generation": generation})
    document = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)

    @document.hook
    def filter_case(context: object, case: schemathesis.Case) -> bool:
        """Whoever revokes the key that opens all sees nothing more of what it opens."""
        revoked = (case.path_parameters or {}).get("key_id")
        return revoked is None or str(revoked) not in key.split("_")

    @document.hook
    def filter_failure(context: object, failure: Failure, case: schemathesis.Case, response: Response) -> bool:
        """What a body forbids is in order where the query says that bad candidates may be among the good ones. Of a batch that
        was removed only the files are gone."""
        partial = case.operation.label == "POST /v1/scores" and (case.query or {}).get("partial") not in (None, False)
        batch = case.operation.path.startswith("/v1/batches/")
        kinds = [AcceptedNegativeData] * partial + [UseAfterFree] * batch
        return not isinstance(failure, tuple(kinds))

    told: dict[tuple[str, ...], str] = {}
    asked = Counter[str]()
    for event in from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            asked.update(node.value.operation.label for node in event.recorder.cases.values())
            for failure, sample in [*failures(event.recorder), *refused_shapes(event.recorder)]:
                told.setdefault((event.recorder.label, failure[:200]), f"{failure[:LONGEST]}\n{sample[:LONGEST]}")
        elif isinstance(event, events.NonFatalError):
            told[event.label, str(event.value)] = ""
        elif isinstance(event, events.FatalError):
            raise event.exception
    return "\n\n".join(f"{' '.join(of)}: {sample}" for of, sample in told.items()), asked


def failures(recorder: ScenarioRecorder) -> Iterator[tuple[str, str]]:
    """What the checks of schemathesis found, and the requests that show it."""
    for check in chain.from_iterable(recorder.checks.values()):
        if check.failure_info:
            yield str(check.failure_info.failure), check.failure_info.code_sample


def refused_shapes(recorder: ScenarioRecorder) -> Iterator[tuple[str, str]]:
    """Requests of a documented shape whose problem speaks of the shape."""
    for name, node in recorder.cases.items():
        interaction, meta = recorder.interactions.get(name), node.value.meta
        response = interaction and interaction.response
        if not (response and response.status_code == 422 and meta and meta.generation.mode.is_positive):
            continue
        # A long answer is kept in part.
        if wrong := OF_SHAPE.intersection(re.findall(r'"code": ?"(\w+)"', response.text)):
            yield f"refuses a documented shape as {', '.join(sorted(wrong))}", node.value.as_curl_command()


def operations(app: Flask) -> dict[str, dict[str, Any]]:
    """The documented operations, by method and path."""
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "operationId" in operation
    }


def test_every_operation_answers_the_holder_of_a_key_as_documented(app: Flask, address: str, examples: int) -> None:
    told, asked = untrue(address, examples, installation_of(app).keys.create("tests", SCOPES, "tests"))
    assert not told, told
    assert set(operations(app)) <= set(asked)


def test_every_operation_answers_whoever_has_no_key_as_documented(app: Flask, address: str, examples: int) -> None:
    told, asked = untrue(address, examples)
    assert not told, told
    assert set(operations(app)) <= set(asked)


def test_every_operation_has_a_name_of_its_own(app: Flask) -> None:
    names = [operation["operationId"] for operation in operations(app).values()]
    assert sorted(set(names)) == sorted(names)


def test_links_lead_from_documented_answers_to_parameters_that_there_are(app: Flask) -> None:
    named = {operation["operationId"]: (label, operation) for label, operation in operations(app).items()}
    for link in LINKS:
        source, (label, target) = named[link.source][1], named[link.target]
        assert link.target in source["responses"][str(link.status)]["links"]
        own = {parameter["name"] for parameter in target.get("parameters", [])}
        assert all(name in own or f"{{{name}}}" in label for name in link.parameters), link


@pytest.mark.parametrize("letter", ["\0", "\ud800"], ids=["NUL", "half of a pair"])
def test_what_no_database_keeps_is_refused_before_it(
    postgresql: PostgreSQL, tmp_path: Path, produced: Bundle, letter: str
) -> None:
    app = installation(Settings(var=tmp_path, database_url=postgresql.database(), rate_limit=0), produced)
    client, key = app.test_client(), installation_of(app).keys.create("tests", SCOPES, "tests")
    shapes = client.get("/openapi.json").get_json()["components"]["schemas"]
    answers = {}
    for label, operation in operations(app).items():
        method, path = label.split()
        headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
        named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
        told = quote(f"a{letter}b", errors="surrogatepass")
        addresses = [re.sub(r"{\w+}", "none", path) + f"?{name}={told}" for name in named]
        for address in [*addresses, re.sub(r"{\w+}", told, path)]:
            answers[label, address] = client.open(
                address, method=method, json={}, headers=headers, buffered=True
            ).status_code
        body = operation.get("requestBody", {"content": {}})["content"].get("application/json")
        for name in (body and shapes[body["schema"]["$ref"].rpartition("/")[2]]["properties"]) or ():
            sent = {name: f"a{letter}b"}
            answered = client.open(
                re.sub(r"{\w+}", "none", path), method=method, json=sent, headers=headers, buffered=True
            )
            answers[label, name] = answered.status_code
    installation_of(app).close()
    assert {asked: status for asked, status in answers.items() if status >= 500} == {}
