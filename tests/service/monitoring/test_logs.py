"""The log tells what happened, one event a line, and never what was sent."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask

from service import Settings, create_app
from service.monitoring.logs import configure, is_json
from service.web.access import require
from service.web.current import installation_of

CANDIDATE = {
    "id": "secret-candidate-7",
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "miR-secret-5p",
    "cancer_type": "a tumour nobody may know of",
}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Puts the log of the process back."""
    root = logging.getLogger()
    level = root.level
    yield
    structlog.reset_defaults()
    root.handlers = [handler for handler in root.handlers if handler.get_name() != "exoscore"]
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The events that were logged; each line of standard error is one."""
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


@pytest.fixture
def service(own_var: Path, capsys: pytest.CaptureFixture[str]) -> Flask:
    """An application that logs, and fails at one address by quoting what was sent."""
    settings = Settings(var=own_var, log_format="json")
    configure(settings)
    service = create_app(settings)

    @service.post("/defect/<word>")
    @require(None)
    def defect(word: str) -> str:
        try:
            raise KeyError(word)
        except KeyError as error:
            raise RuntimeError(f"{word} in {CANDIDATE}") from error

    return service


def test_a_request_is_one_line_with_all_that_operators_ask_for(
    service: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    key = installation_of(service).keys.create("anna", ["score"], "tests")
    answer = service.test_client().post(
        "/v1/scores", json={"candidates": [CANDIDATE]}, headers={"Authorization": f"Bearer {key}"}
    )
    (line,) = lines(capsys)
    assert list(line)[:3] == ["time", "level", "event"]
    assert datetime.fromisoformat(line.pop("time")).tzinfo == UTC
    assert line.pop("duration_ms") > 0
    assert f"-{line.pop('trace_id')}-{line.pop('span_id')}-" in answer.headers["traceparent"]
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": answer.headers["X-Request-ID"],
        "route": "/v1/scores",
        "method": "POST",
        "status": 200,
        "key_id": key.split("_")[1],
    }


def test_nothing_that_was_sent_is_in_the_log(service: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    client = service.test_client()
    secret = installation_of(service).keys.create("anna", ["score"], "tests")
    key = {"Authorization": f"Bearer {secret}"}
    client.post("/v1/scores", json={"candidates": [CANDIDATE, {}]}, headers=key)
    client.post("/v1/scores?include=secret", data=json.dumps(CANDIDATE)[:-3], content_type="application/json")
    client.get("/v1/reports", query_string={**CANDIDATE, "format": "html"}, headers=key)
    client.get("/v1/jobs/secret-job", headers=key)
    client.get("/secret-address?word=secret", headers={"Authorization": "Bearer secret", "Cookie": "secret"})
    client.post("/defect/secret-word", json=CANDIDATE, headers={**key, "X-Request-ID": "secret word"})
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 7
    assert "secret" not in captured.err + captured.out
    assert "nobody may know" not in captured.err
    assert secret.split("_", 2)[2] not in captured.err


def test_a_defect_tells_where_it_is_and_what_caused_it(service: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    answer = service.test_client().post("/defect/word")
    defect, request = lines(capsys)
    assert (defect["level"], defect["event"]) == ("error", "defect")
    assert (defect["error"], defect["cause"]) == ("builtins.RuntimeError", "builtins.KeyError")
    assert re.search(r"test_logs\.py:\d+ defect$", defect["frames"][-1])
    assert defect["request_id"] == request["request_id"] == answer.get_json()["request_id"]
    assert defect["route"] == "/defect/<word>"
    assert request["status"] == 500


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("build-7_a.B", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("a b", False),
        ("a\u00e9", False),
        ("{}", False),
    ],
)
def test_an_id_that_came_with_a_request_is_kept_where_it_is_sane(
    service: Flask, capsys: pytest.CaptureFixture[str], given: str, taken: bool
) -> None:
    answer = service.test_client().get("/nothing", headers={"X-Request-ID": given})
    ids = {answer.headers["X-Request-ID"], answer.get_json()["request_id"], lines(capsys)[0]["request_id"]}
    assert len(ids) == 1
    assert (ids == {given}) == taken
    assert taken or re.fullmatch(r"[0-9a-f]{16}", ids.pop())


def test_probes_that_are_well_are_told_at_the_level_debug_only(
    own_var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for level, told in (("info", []), ("debug", ["/healthz", "/readyz", "/metrics"])):
        settings = Settings(var=own_var, log_format="json", log_level=level)
        configure(settings)
        client = create_app(settings).test_client()
        for address in ("/healthz", "/readyz", "/metrics"):
            assert client.get(address).status_code == 200
        assert [line["route"] for line in lines(capsys)] == told


@pytest.mark.parametrize(("level", "told"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_is_a_threshold(level: str, told: int, capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json", log_level=level))
    log = structlog.get_logger("test")
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)("event")
    assert len(lines(capsys)) == told


def test_text_is_for_people_and_json_for_all_else_unless_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert is_json(Settings())
    assert is_json(Settings(log_format="json"))
    assert not is_json(Settings(log_format="text"))
    configure(Settings(log_format="text"))
    structlog.get_logger("test").info("it happened", model="exo-1")
    assert re.search(r"\[info +\] it happened +model=exo-1", capsys.readouterr().err)


def test_what_other_libraries_warn_of_has_the_same_form_and_their_chatter_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(Settings(log_format="json"))
    other = logging.getLogger("another.library")
    other.info("chatter")
    other.warning("it is %s", "slow")
    (line,) = lines(capsys)
    assert (line["level"], line["event"]) == ("warning", "it is slow")


def test_values_of_any_kind_and_any_text_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json"))
    structlog.get_logger("test").info("event", path=Path("a"), text="\udcff \u00e9\n", number=float("nan"))
    (line,) = lines(capsys)
    assert line["path"] == "a"


def test_what_is_logged_outside_of_a_request_names_none(service: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    service.test_client().get("/healthz")
    structlog.get_logger("test").info("event")
    (line,) = lines(capsys)
    assert line.keys() == {"time", "level", "event"}
