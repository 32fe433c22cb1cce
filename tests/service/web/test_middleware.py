"""Every answer says what a browser may do with it; no cache keeps what the holder of a key was told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import Settings, create_app
from service.web.current import installation_of
from service.web.middleware import CONTENT_SECURITY_POLICY, SECURITY_HEADERS, content_security_policy

PAGES = Path(__file__).parent.parent.parent.parent / "service" / "pages"


def test_the_policy_allows_nothing_but_what_this_service_sends_itself() -> None:
    directives = dict(directive.split(" ", 1) for directive in content_security_policy().split("; "))
    assert directives.pop("default-src") == "'none'"
    assert set(directives.values()) <= {"'self'", "'none'"}
    assert directives["frame-ancestors"] == "'none'"
    assert (
        dict(d.split(" ", 1) for d in content_security_policy(img_src="'self' data:").split("; "))["img-src"]
        == "'self' data:"
    )


def test_a_defect_and_a_body_too_large_bear_the_headers(tmp_path: Path) -> None:
    service = create_app(Settings(var=tmp_path))

    @service.get("/defect")
    def defect() -> str:
        raise RuntimeError("a secret of the inside")

    client = service.test_client()
    large = client.post("/v1/scores", data=b" " * (17 * 1024 * 1024), content_type="application/json")
    for answer, status in ((client.get("/defect"), 500), (large, 413)):
        assert answer.status_code == status
        for name, value in SECURITY_HEADERS:
            assert answer.headers.getlist(name) == [value]
        assert answer.headers.getlist(CONTENT_SECURITY_POLICY) == [content_security_policy()]
        assert answer.get_json()["request_id"] == answer.headers["X-Request-ID"]


def test_only_the_page_of_the_api_may_style_its_elements_and_no_page_may_run_what_it_did_not_bring(
    client: FlaskClient,
) -> None:
    found = client.get("/docs").headers.getlist(CONTENT_SECURITY_POLICY)
    assert found == [content_security_policy(style_src="'self' 'unsafe-inline'", img_src="'self' data:")]
    assert "script-src 'self';" in found[0]
    report = client.get("/v1/reports?source_phenotype=M2&cargo_type=whole_vesicle&format=html")
    assert (report.status_code, report.headers[CONTENT_SECURITY_POLICY]) == (200, content_security_policy())


@pytest.mark.parametrize(
    "template", sorted((PAGES / "templates").rglob("*.html")), ids=lambda path: str(path.relative_to(PAGES))
)
def test_no_page_holds_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text("utf-8")
    assert re.findall(r"\son\w+=|javascript:|<iframe|<object|<embed", text) == []
    # Data that no browser runs are no scripts, as long as nothing gets out of them.
    data = re.findall(r'<script type="application/ld\+json">{{ \w+\|tojson }}</script>', text)
    scripts = re.findall(r"<script[^>]*>", text)
    assert len([tag for tag in scripts if "src=" not in tag]) == len(data)


def test_answers_to_the_holder_of_a_key_are_not_kept_and_others_keep_their_caching(app: Flask) -> None:
    client = app.test_client()
    key = installation_of(app).keys.create("anna", ["score"], "tests")
    for given in (f"Bearer {key}", "Bearer nonsense", "Basic eDp5"):
        answer = client.get("/v1/vocabulary", headers={"Authorization": given})
        assert answer.headers.getlist("Cache-Control") == ["no-store"]
    report = "/v1/reports?source_phenotype=M2&cargo_type=whole_vesicle"
    assert client.get(report).headers.getlist("Cache-Control") == ["no-cache"]
