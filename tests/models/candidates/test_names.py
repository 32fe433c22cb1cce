"""A name by itself is understood in the same way at every place that offers it, as the cargo of a candidate is."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from models.errors import CandidateError
from models.scorer import Scorer
from service.cli import main

NAMES = ["miR-21*", "MIR21", "HCC", "ERK", "M2 macrophage", "blorb", "siKRAS", "Taxol", "x" * 300]


@pytest.mark.parametrize("cargo_type", ["", "mirna", "drug", "Protein"])
def test_api_command_line_and_python_understand_a_name_alike(
    client: FlaskClient, scorer: Scorer, cargo_type: str
) -> None:
    of_python = json.loads(json.dumps([scorer.read_name(name, cargo_type).as_dict() for name in NAMES]))
    words = ["knowledge", "name", *NAMES, "--cargo-type", cargo_type, "--json"]
    assert json.loads(CliRunner().invoke(main, words).stdout) == of_python
    over_http = [client.get("/v1/names", query_string={"q": name, "cargo_type": cargo_type}) for name in NAMES]
    assert [answer.get_json() for answer in over_http] == of_python


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_name_is_read_as_that_of_a_candidate_is(scorer: Scorer, name: str) -> None:
    (note, *_) = (
        note
        for note in scorer.parser.parse({"cargo_type": "mirna", "source_phenotype": "M2", "cargo_name": name}).notes
        if note.field == "cargo_name"
    )
    cargo = scorer.read_name(name, "mirna").cargo
    assert (cargo.name, cargo.how, cargo.identifier) == (note.used, note.how, note.identifier)


def test_an_unknown_cargo_type_is_refused_everywhere(client: FlaskClient, scorer: Scorer) -> None:
    with pytest.raises(CandidateError, match="cargo_type"):
        scorer.read_name("p53", "colour")
    problem = client.get("/v1/names?q=p53&cargo_type=colour")
    assert (problem.status_code, problem.get_json()["errors"][0]["parameter"]) == (422, "cargo_type")
    done = CliRunner().invoke(main, ["knowledge", "name", "p53", "--cargo-type", "colour"])
    assert done.exit_code == 1
    assert "cargo_type" in done.stderr


def test_the_command_line_lists_the_vocabulary_of_the_api(client: FlaskClient) -> None:
    for field in ("", "source_phenotype"):
        done = CliRunner().invoke(main, ["vocabulary", *filter(None, [field]), "--json"])
        assert (
            json.loads(done.stdout) == client.get("/v1/vocabulary", query_string=field and {"field": field}).get_json()
        )
    assert "CL:0000235" in CliRunner().invoke(main, ["vocabulary", "source_cell"]).stdout
    assert CliRunner().invoke(main, ["vocabulary", "colour"]).exit_code == 2
