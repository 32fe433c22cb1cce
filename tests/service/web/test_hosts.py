"""By which names the service may be called: its own, those that are set, and never one that only points here."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service import Settings, create_app
from service.errors import SettingsError
from service.web.hosts import allowed_names


def status(tmp_path: Path, called: str, header: str = "Host", /, **settings: object) -> int:
    app = create_app(Settings(var=tmp_path, **settings))  # type: ignore[arg-type]
    return app.test_client().get("/healthz", headers={header: called}).status_code


@pytest.mark.parametrize(
    ("settings", "host", "expected"),
    [
        ({}, "evil.example", 400),
        ({}, "192.168.1.4", 400),
        ({}, "localhost:8000", 200),
        ({}, "[::1]:8000", 200),
        ({"host": "192.168.1.4"}, "192.168.1.4:8000", 200),
        ({"host": "192.168.1.4"}, "lab.example", 400),
        ({"host": "0.0.0.0"}, "lab.example", 200),
        ({"host": "0.0.0.0", "allowed_hosts": "lab.example"}, "LAB.example.:8000", 200),
        ({"host": "0.0.0.0", "allowed_hosts": "lab.example"}, "evil.example", 400),
        ({"allowed_hosts": "lab.example"}, "127.0.0.1", 200),
        ({"allowed_hosts": "*"}, "evil.example", 200),
        ({"allowed_hosts": "*"}, "evil.example, lab", 400),
        ({"trusted_proxies": 1}, "lab.example", 200),
        ({"trusted_proxies": 1, "allowed_hosts": "lab.example"}, "evil.example", 400),
    ],
)
def test_a_host_is_allowed_by_what_is_set(
    tmp_path: Path, settings: dict[str, object], host: str, expected: int
) -> None:
    assert status(tmp_path, host, **settings) == expected


def test_what_a_trusted_proxy_forwards_is_judged_too(tmp_path: Path) -> None:
    settings = {"trusted_proxies": 1, "allowed_hosts": "lab.example"}
    assert status(tmp_path, "evil.example", "X-Forwarded-Host", **settings) == 400
    assert status(tmp_path, "http://[", "X-Forwarded-Host", **settings) == 400
    assert status(tmp_path, "lab.example", "X-Forwarded-Host", **settings) == 200


@pytest.mark.parametrize(
    "text", ["http://lab.example", "lab.example:8000", "lab example", "lab/path", "a,b c", "[::1]:80"]
)
def test_a_name_that_is_none_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="EXOSCORE_ALLOWED_HOSTS"):
        Settings.read({"EXOSCORE_ALLOWED_HOSTS": text})


def test_names_are_read_as_people_write_them() -> None:
    read = Settings.read({"EXOSCORE_ALLOWED_HOSTS": " Lab.example. , [fd00::1],10.0.0.1,"})
    assert allowed_names(read) == {"lab.example", "fd00::1", "10.0.0.1"}
    assert Settings.read(read.environment) == read


@given(host=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40))
def test_no_host_brings_a_request_down(app: Flask, host: str) -> None:
    answer = app.test_client().get("/healthz", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == (200 if host.lower().rstrip(".") in ("localhost", "127.0.0.1") else 400)
