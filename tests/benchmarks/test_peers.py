"""Peers are asked about the very candidates that the project is, each in the form that it takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.bodies import FIELDS, OF_PEERS, REPEATED, as_rows, written
from benchmarks.candidates import Candidates
from benchmarks.load import taken
from benchmarks.peers.registry import BODIES, ENVIRONMENTS, PEERS, VERSIONS_OF, Peer
from models.candidates.candidate import FIELD_BY_NAME
from models.estimator.features import Features
from training.data.findings import CORPUS

LISTED = {"polarisation", "engineering", "recipient_cell"}


def test_peers_get_every_field_but_the_id_as_text(features: Features) -> None:
    assert {*FIELDS, "id"} == set(FIELD_BY_NAME)
    drawn = Candidates(features, 1).draw(300)
    rows = as_rows(drawn)
    for one, row in zip(drawn, rows, strict=True):
        for name in FIELDS:
            given = one.get(name, "")
            assert row[name] == (given if isinstance(given, str) else ";".join(given))
    assert any(";" in row[name] for row in rows for name in LISTED)


def test_what_peers_are_fitted_on_has_their_fields() -> None:
    head = CORPUS.read_text("utf-8").partition("\n")[0].split("\t")
    assert {*FIELDS, "effect"} <= set(head)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_can_be_built_started_and_asked(peer: Peer, tmp_path: Path) -> None:
    assert peer.environment in ENVIRONMENTS
    assert VERSIONS_OF[peer.environment]
    command = peer.command(tmp_path, 4321)
    assert command[0].startswith(str(tmp_path / "venv" / peer.environment))
    assert peer.environ(tmp_path, 4321)["PIPELINE"].startswith(str(tmp_path))
    assert "4321" in " ".join([*command, *peer.environ(tmp_path, 4321).values()])
    assert peer.body in BODIES


def test_bodies_hold_the_same_candidates_in_every_form_and_none_twice(tmp_path: Path) -> None:
    pools = written(tmp_path, singles=30, thousands=50)
    lines = {
        (form, size): bodies.path.read_text("utf-8").splitlines()
        for form, pool in pools.items()
        for size, bodies in pool.of_size.items()
    }
    scores = {size: [json.loads(line)["candidates"] for line in lines["scores", size]] for size in (1, 1_000, 10_000)}
    assert [len(scores[size]) for size in (1, 1_000, 10_000)] == [30, 40, 1]
    assert [{len(body) for body in scores[size]} for size in (1, 1_000, 10_000)] == [{1}, {1_000}, {10_000}]
    assert len({json.dumps(one) for bodies in scores.values() for body in bodies for one in body}) == 50_030
    for place in (0, 3):
        rows = as_rows(scores[1_000][place])
        assert json.loads(lines["records", 1_000][place])["candidates"] == rows
        assert json.loads(lines["frame_records", 1_000][place])["dataframe_records"] == rows
        columns = {one["name"]: one["data"] for one in json.loads(lines["columns", 1_000][place])["inputs"]}
        assert columns == {name: [row[name] for row in rows] for name in FIELDS}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.jsonl")}
    assert written(tmp_path, singles=30, thousands=50) == pools
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.jsonl")} == before
    assert all(len(lines["records", size]) <= OF_PEERS[size] for size in OF_PEERS)
    assert all(bodies.count <= REPEATED[size] for size, bodies in pools["scores"].repeated().of_size.items())


def test_what_a_load_may_have_taken_is_counted_whole() -> None:
    assert taken(requests=10, connections=4) == 15
