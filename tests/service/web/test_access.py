"""A request is judged before anything of it is read: who sent it, how large it may be, and whether they may."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient

from service import Settings, create_app
from service.auth.exposure import check_exposure, is_loopback, local_address
from service.cli import main
from service.errors import ExposureError
from service.installation import Installation
from service.web.access import MAX_BODY_BYTES, check_policies, current_actor, require
from service.web.current import installation_of

GOOD = {"source_phenotype": "M2", "cargo_type": "whole_vesicle"}


@require("curate")
def show_actor() -> Response:
    return jsonify(current_actor())


@require("admin", allow_uploads=True)
def count_bytes() -> Response:
    return jsonify(len(request.get_data()))


@pytest.fixture
def service(tmp_path: Path) -> Flask:
    service = create_app(Settings(var=tmp_path, batch_mebibytes=17))
    service.add_url_rule("/trial", view_func=show_actor)
    service.add_url_rule("/trial", view_func=count_bytes, methods=["POST"])
    return service


def bearer(service: Flask, *scopes: str) -> dict[str, str]:
    key = installation_of(service).keys.create("anna", scopes, "tests")
    return {"Authorization": f"Bearer {key}"}


def test_a_body_is_not_read_for_whoever_may_not_send_it(service: Flask) -> None:
    class Unread:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    sent = {"wsgi.input": Unread(), "CONTENT_LENGTH": "1000000", "CONTENT_TYPE": "application/json"}
    answer = service.test_client().post("/v1/findings", environ_overrides=sent)
    assert answer.status_code == 401


def test_methods_of_one_route_need_each_their_own_scope(service: Flask) -> None:
    client = service.test_client()
    curator, admin = bearer(service, "curate"), bearer(service, "admin")
    assert client.get("/trial", headers=curator).get_json().endswith("(anna)")
    assert client.post("/trial", headers=curator).status_code == 403
    assert client.get("/trial", headers=admin).status_code == 403
    assert client.post("/trial", headers=admin).status_code == 200


def test_an_endpoint_of_uploads_takes_larger_bodies_than_the_rest_and_the_problem_tells_the_right_size(
    service: Flask,
) -> None:
    client, admin = service.test_client(), bearer(service, "admin")
    assert client.post("/trial", headers=admin, data=b"x" * (MAX_BODY_BYTES + 1)).get_json() == MAX_BODY_BYTES + 1
    answer = client.post("/trial", headers=admin, data=b"x" * (17 * 1024**2 + 1))
    assert (answer.status_code, "17 MiB" in answer.get_json()["detail"]) == (413, True)
    answer = client.post("/v1/scores", data=b" " * (MAX_BODY_BYTES + 1), content_type="application/json")
    assert (answer.status_code, "16 MiB" in answer.get_json()["detail"]) == (413, True)


def test_a_view_without_a_policy_is_refused_at_the_start_and_never_answers(service: Flask) -> None:
    def unmarked() -> str:
        return "open to anyone"

    service.add_url_rule("/unmarked", view_func=unmarked)
    with pytest.raises(TypeError, match=r"unmarked.* has no policy"):
        check_policies(service)
    service.testing = False
    answer = service.test_client().get("/unmarked")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")


def test_a_policy_names_a_scope_that_there_is() -> None:
    with pytest.raises(ValueError, match="no scope 'curat'"):
        require("curat")


@pytest.mark.parametrize(
    "header", ["Basic eDp5", "Bearer", "Bearer  ", "exo_0123456789_x", "bearer exo_x", "Bearer \xff"]
)
def test_a_malformed_header_is_refused_even_where_anyone_may(service: Flask, header: str) -> None:
    answer = service.test_client().get("/v1/findings", headers={"Authorization": header})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_the_word_bearer_is_read_in_any_case(service: Flask) -> None:
    value = bearer(service, "admin")["Authorization"]
    client = service.test_client()
    for kind in ("bearer", "BEARER"):
        assert client.get("/v1/keys", headers={"Authorization": value.replace("Bearer", kind)}).status_code == 200


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "10.0.0.2"), (2, "10.0.0.1")])
def test_only_as_many_proxies_as_are_trusted_say_whom_a_request_is_from(
    tmp_path: Path, proxies: int, seen: str
) -> None:
    service = create_app(Settings(var=tmp_path, trusted_proxies=proxies))
    service.add_url_rule("/address", "address", require(None)(lambda: str(request.remote_addr)))
    answer = service.test_client().get("/address", headers={"X-Forwarded-For": "10.0.0.1, 10.0.0.2"})
    assert answer.get_data(as_text=True) == seen


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("lab.example", False),
    ],
)
def test_a_service_that_others_reach_needs_keys_or_the_word_that_it_is_meant(
    tmp_path: Path, host: str, alone: bool
) -> None:
    assert is_loopback(host) == alone
    installation = Installation.open(Settings(var=tmp_path, host=host))
    keys = installation.keys

    def refused(**changed: object) -> str:
        try:
            check_exposure(Settings(var=tmp_path, host=host, **changed), keys)  # type: ignore[arg-type]
        except ExposureError as error:
            return str(error)
        return ""

    assert bool(refused()) != alone
    assert bool(refused(require_key=True)) != alone
    assert "exoscore keys create" in refused(require_key=True) or alone
    assert not refused(allow_open=True)
    keys.revoke(keys.get(keys.create("anna", ["score"], "tests")).key_id, "tests", "lost")
    assert bool(refused(require_key=True)) != alone
    keys.create("ben", ["score"], "tests")
    assert not refused(require_key=True)
    assert bool(refused()) != alone
    installation.close()


def test_this_machine_reaches_every_address_by_the_loopback() -> None:
    assert [local_address(host) for host in ("0.0.0.0", "::", "10.0.0.1", "lab")] == [
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "lab",
    ]


@pytest.fixture
def run(tmp_path: Path) -> CliRunner:
    return CliRunner(env={"EXOSCORE_VAR": str(tmp_path), "EXOSCORE_PORT": "1"})


def test_serve_refuses_and_prints_commands_that_can_be_run_as_they_are(run: CliRunner) -> None:
    refused = run.invoke(main, ["serve", "--host", "0.0.0.0"])
    assert refused.exit_code == 2
    make_key = next(line for line in refused.stderr.splitlines() if "keys create" in line).split()
    serve = next(line for line in refused.stderr.splitlines() if "--require-key" in line).split()
    assert run.invoke(main, serve[1:]).exit_code == 2
    assert run.invoke(main, make_key[1:]).exit_code == 0
    settings = Settings.read({}, {"host": "0.0.0.0", "require_key": serve[-1], "var": run.env["EXOSCORE_VAR"]})
    installation = Installation.open(settings)
    check_exposure(settings, installation.keys)
    installation.close()


def scored(client: FlaskClient, **headers: str) -> int:
    return client.post("/v1/scores", json={"candidates": [GOOD]}, headers=headers).status_code


def test_where_keys_are_required_scoring_needs_one(own_var: Path) -> None:
    service = create_app(Settings(var=own_var, require_key=True))
    client = service.test_client()
    assert scored(client) == 401
    assert scored(client, **bearer(service, "score")) == 200
    assert scored(client, **bearer(service, "train")) == 403
