"""The knowledge in use: one place loads it, a table imported or removed is in use at once, and no running scorer is lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from models.candidates.parser import CandidateParser
from models.errors import KnowledgeError, KnowledgeMismatchError
from models.estimator.artifact import Bundle
from models.knowledge.sources import SOURCES, TARGET_SOURCE
from service import Settings, create_app, open_scorer
from service.registry.model_registry import POLL_SECONDS, ModelRegistry
from service.registry.reference_tables import ReferenceTables
from tests.service.conftest import registry_of
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.importers import ImportedTable, import_table
from training.pipeline import train_model

LNCTARD = (
    "DiseaseName\tRegulator\tRegulatorType\tinfluencedFunction\tPubMedID\n"
    "Glioma\tHOTAIR\tlncRNA\tcell growth(-)\t90000001\n"
)
MIRTARBASE = "mirna\tgene\tn_pmid\nhsa-miR-21-5p\tPTEN\t12\nhsa-miR-21-5p\tPDCD4\t30\n"
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


@pytest.fixture
def table(tmp_path: Path, reader: CandidateParser, corpus: tuple[Finding, ...]):
    def call(source: str, text: str) -> ImportedTable:
        path = tmp_path / f"{source}.txt"
        path.write_text(text, encoding="utf-8")
        return import_table(source, path, reader, corpus)

    return call


@pytest.fixture
def var(tmp_path: Path, produced: Bundle) -> Path:
    """A `var` folder of its own, with the model."""
    registry = registry_of(tmp_path / "var")
    registry.save(produced, "tests")
    registry.promote(produced.id, "tests", reason="to test")
    return tmp_path / "var"


def test_a_table_is_in_use_once_it_is_kept_and_no_longer_once_it_is_removed(tmp_path: Path, table) -> None:
    knowledge = ReferenceTables(tmp_path)
    shipped = knowledge.features
    assert knowledge.features is shipped, "loaded once"
    knowledge.keep(table("lnctard", LNCTARD))
    assert knowledge.features.roles.stems("lncrna") == ("HOTAIR",)
    assert knowledge.features.fingerprint != shipped.fingerprint
    assert (knowledge.remove(SOURCES["lnctard"]), knowledge.remove(SOURCES["lnctard"])) == (True, False)
    assert knowledge.features.fingerprint == shipped.fingerprint
    assert list(knowledge.folder.iterdir()) == []


def test_the_account_is_kept_beside_the_table_and_believed_only_of_that_table(tmp_path: Path, table) -> None:
    knowledge = ReferenceTables(tmp_path)
    path = knowledge.keep(table("lnctard", LNCTARD))
    account = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert (account["file"], account["rows_read"], len(account["sha256"])) == ("lnctard.txt", 1, 64)
    (listed,) = (one for one in knowledge.sources() if one["source"] == "lnctard")
    assert (listed["in_use"], listed["rows"], listed["votes"]) == ("imported", 1, 1)
    assert (listed["sha256"], listed["imported"]) == (account["sha256"], account["imported"])
    path.write_bytes(path.read_bytes().replace(b"HOTAIR", b"MALAT1"))
    (listed,) = (one for one in knowledge.sources() if one["source"] == "lnctard")
    assert listed["sha256"] == "unknown"


def test_every_source_is_listed_with_what_is_shipped_of_it(tmp_path: Path) -> None:
    listed = {one["source"]: one for one in ReferenceTables(tmp_path).sources()}
    assert list(listed) == list(SOURCES)
    assert listed[TARGET_SOURCE.key]["in_use"] == "nothing"
    assert {listed[key]["in_use"] for key in listed if key != TARGET_SOURCE.key} == {"shipped"}
    assert all(listed[key]["rows"] > 100 for key in listed if key != TARGET_SOURCE.key)
    assert listed["hmdd"]["shared_votes"] == listed["mircancer"]["shared_votes"] > 0


def test_a_model_of_other_roles_is_refused_by_name_and_what_it_learned_with_is_told(
    var: Path, produced: Bundle, table
) -> None:
    registry = registry_of(var)
    running = registry.scorer()
    registry.knowledge.keep(table("lnctard", LNCTARD))
    assert registry.scorer() is running, "who runs already goes on"
    assert registry_of(var).must_train()
    with pytest.raises(
        KnowledgeMismatchError, match=r"shipped role tables; imported role tables lnctard .* is in use now"
    ) as refused:
        registry_of(var).scorer()
    assert (refused.value.model_id, refused.value.papers) == (produced.id, produced.model.papers)
    registry.knowledge.remove(SOURCES["lnctard"])
    assert not registry_of(var).must_train()
    assert registry_of(var).scorer().bundle.id == produced.id


def test_a_running_server_takes_up_a_model_that_was_trained_with_imported_tables(
    var: Path, corpus: tuple[Finding, ...], table
) -> None:
    client = create_app(Settings(var=var)).test_client()
    assert client.get("/readyz").status_code == 200
    elsewhere = registry_of(var)
    elsewhere.knowledge.keep(table("lnctard", LNCTARD))
    assert client.get("/readyz").status_code == 200
    bundle = trained(corpus, elsewhere)
    elsewhere.save(bundle, "tests")
    elsewhere.promote(bundle.id, "tests", reason="to test")
    time.sleep(POLL_SECONDS)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["model"]) == (200, bundle.id)


def trained(corpus: tuple[Finding, ...], registry: ModelRegistry) -> Bundle:
    """A model of few findings."""
    return train_model(corpus[:60], registry.features, EvaluationPlan(jobs=1))[0]


def test_validated_targets_are_in_the_answer_of_every_door_and_change_no_score(
    var: Path, client: FlaskClient, table
) -> None:
    before = client.post("/v1/scores", json={"candidates": [MIR21]}).get_json()["scores"][0]
    assert before["mechanism"]["validated_targets"] == []
    assert "targets" not in before["versions"]
    registry = registry_of(var)
    registry.knowledge.keep(table("mirtarbase", MIRTARBASE))
    assert not registry.must_train()
    server = create_app(Settings(var=var)).test_client()
    after = server.post("/v1/scores", json={"candidates": [MIR21]}).get_json()["scores"][0]
    assert all(server.get(f"{path}?{urlencode(MIR21)}").status_code == 200 for path in ("/", "/v1/reports"))
    assert after["mechanism"]["validated_targets"] == [
        {"target": "PDCD4", "papers": 30, "source": "miRTarBase"},
        {"target": "PTEN", "papers": 12, "source": "miRTarBase"},
    ]
    assert len(after["versions"].pop("targets")) == 16
    after["mechanism"]["validated_targets"] = []
    assert after == before
    scorer = open_scorer(var)
    assert [one.target for one in scorer.score(MIR21).validated_targets] == ["PDCD4", "PTEN"]


def test_a_damaged_table_stops_the_start_and_is_told_by_the_api(var: Path) -> None:
    (var / "knowledge").mkdir()
    (var / "knowledge" / "hmdd.tsv").write_text("damaged", encoding="utf-8")
    with pytest.raises(KnowledgeError):
        registry_of(var).scorer()
    client = create_app(Settings(var=var)).test_client()
    answer = client.post("/v1/scores", json={"candidates": [MIR21]})
    assert (answer.status_code, answer.get_json()["type"]) == (503, "urn:exoscore:problem:unusable-knowledge")
    assert client.get("/readyz").status_code == 503
