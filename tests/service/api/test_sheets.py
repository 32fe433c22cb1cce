"""The card and the datasheet of a model are JSON, Markdown or a page, as the Accept header or the parameter says, and a datasheet
describes the findings of that model, whatever is stored now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.cli import main
from service.installation import Installation

KINDS = ("card", "datasheet")


@pytest.fixture
def smaller(produced: Bundle) -> Bundle:
    """A model of 100 findings of the shipped ones, of which 10 are a laboratory's unpublished ones; of an earlier version."""
    evidence = produced.model.evidence[:100]
    lab = (replace(each, paper=f"lab:{n}", citation={}, kept_as="lab") for n, each in enumerate(evidence[:10]))
    manifest = {name: part for name, part in produced.manifest.items() if name != "lab"}
    return Bundle(replace(produced.model, evidence=(*lab, *evidence[10:])), {**manifest, "model": "exo-000000000003"})


@pytest.fixture
def installation(tmp_path: Path, produced: Bundle, smaller: Bundle) -> Iterator[Installation]:
    installation = Installation.open(Settings(var=tmp_path / "var", rate_limit=0))
    for bundle in (produced, smaller):
        installation.registry.save(bundle, "tests")
    installation.registry.promote(produced.id, "tests")
    yield installation
    installation.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_is_json_unless_markdown_or_a_page_is_asked_for(
    client: FlaskClient, produced: Bundle, kind: str
) -> None:
    address = f"/v1/models/{produced.id}/{kind}"
    document = client.get(address).get_json()
    assert document["model"] == produced.id
    for form, media_type, begin in (("markdown", "text/markdown", "# "), ("html", "text/html", "<!doctype html>")):
        for response in (client.get(address, headers={"Accept": media_type}), client.get(f"{address}?format={form}")):
            assert response.mimetype == media_type
            assert response.headers["Vary"] == "Accept"
            assert response.text.startswith(begin)
            assert produced.id in response.text
    assert client.get(address, headers={"Accept": "application/pdf"}).status_code == 406
    assert client.get(f"{address}?format=pdf").status_code == 422


def test_a_datasheet_describes_what_its_model_learned_from(installation: Installation, smaller: Bundle) -> None:
    client = create_app(installation.settings).test_client()
    document = client.get(f"/v1/models/{smaller.id}/datasheet").get_json()
    assert (document["findings"], document["lab"]["findings"]) == (100, 10)
    card = client.get(f"/v1/models/{smaller.id}/card").get_json()
    assert card["lab"] == document["lab"]
    page = client.get(f"/models/{smaller.id}").text
    for kind in KINDS:
        assert f'href="/models/{smaller.id}/{kind}"' in page
        shown = client.get(f"/models/{smaller.id}/{kind}")
        assert shown.status_code == 200
        assert "10 of " in shown.text
        file = client.get(f"/models/{smaller.id}/{kind}.md")
        assert file.text == client.get(f"/v1/models/{smaller.id}/{kind}?format=markdown").text
        assert f'filename="{smaller.id}-{kind}.md"' in file.headers["Content-Disposition"]


def test_a_retired_model_is_still_described(installation: Installation, smaller: Bundle) -> None:
    installation.registry.retire(smaller.id, "tests", "old")
    client = create_app(installation.settings).test_client()
    assert client.get(f"/v1/models/{smaller.id}/datasheet").get_json()["findings"] == 100


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_line_prints_what_the_api_sends(installation: Installation, smaller: Bundle, kind: str) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["models", kind, *words, "--var", str(installation.settings.var)])
        assert done.exit_code == 0, done.output
        return done.stdout

    client = create_app(installation.settings).test_client()
    address = f"/v1/models/{smaller.id}/{kind}"
    assert run(smaller.id) == client.get(f"{address}?format=markdown").text
    assert json.loads(run(smaller.id, "--json"))["model"] == smaller.id
    assert str(installation.registry.current_id()) in run()
