"""A bundle that was tampered with, or is of another version or installation, in a running service, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from models.estimator import artifact
from models.estimator.artifact import Bundle
from service.db.tables import ModelRow, Promotion, now
from service.installation import Installation
from tests.journeys.lab import Lab

OTHER = "exo-0123456789ab"
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def tampered(bundle: Bundle, key: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """One bit of the model itself is another."""
    content = bytearray(artifact.dump(bundle, key))
    content[len(content) // 2] ^= 1
    return bytes(content)


def of_another_version(bundle: Bundle, key: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Well made and well signed, in a later format."""
    with monkeypatch.context() as patched:
        patched.setattr(artifact, "PROTOCOL", artifact.PROTOCOL + 1)
        return artifact.dump(bundle, key)


def of_another_installation(bundle: Bundle, key: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Well made, and signed with another key."""
    return artifact.dump(bundle, b"another")


Makes = Callable[[Bundle, bytes, pytest.MonkeyPatch], bytes]
BAD: dict[Makes, str] = {
    tampered: "digest differs",
    of_another_version: f"protocol {artifact.PROTOCOL + 1}",
    of_another_installation: "signature",
}


def put_in(opened: Installation, bundle: Bundle, content: bytes, digest: str) -> None:
    """Puts bytes into the store as only somebody with the rights to the database can."""
    with opened.database.write() as session:
        session.execute(update(ModelRow).where(ModelRow.model_id == bundle.id).values(bundle=content, digest=digest))


def point_to(opened: Installation, model_id: str) -> None:
    """Moves the pointer past every check."""
    with opened.database.write() as session:
        last = session.scalar(select(func.max(Promotion.sequence))) or 0
        session.add(
            Promotion(
                sequence=last + 1,
                model_id=model_id,
                back_to=last,
                kind="promotion",
                gate={},
                reason="",
                author="an intruder",
                at=now(),
            )
        )


def test_it_is_named_and_the_old_model_goes_on_serving(
    lab: Lab, produced: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = lab.open()
    before = lab.ask("POST", "/v1/scores", json={"candidates": [MIR21]}).content
    for number, (make, reason) in enumerate(BAD.items()):
        bad = Bundle(produced.model, {**produced.manifest, "model": f"{OTHER[:-1]}{number}"})
        opened.registry.save(bad, "tests")
        with opened.database.read() as session:
            digest = session.scalar(select(ModelRow.digest).where(ModelRow.model_id == bad.id)) or ""
        content = make(bad, opened.key, monkeypatch)
        put_in(opened, bad, content, digest if make is tampered else hashlib.sha256(content).hexdigest())

        body = {"force": True, "reason": "to see"}
        refused = lab.ask("POST", f"/v1/models/{bad.id}/promote", json=body)
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:exoscore:problem:unusable-model")
        assert reason in refused.json()["detail"]
        pinned = lab.ask("POST", f"/v1/scores?model={bad.id}", json={"candidates": [MIR21]})
        assert (pinned.status_code, reason in pinned.json()["detail"]) == (503, True)
        assert opened.registry.read_current_id() == produced.id

        point_to(opened, bad.id)
        # Either worker may answer.
        lab.wait_until(
            lambda: all(lab.client.get("/readyz").json()["checks"]["refused"]["state"] == "warn" for _ in range(8))
        )
        for _ in range(8):
            assert lab.ask("POST", "/v1/scores", json={"candidates": [MIR21]}).content == before
        ready = lab.client.get("/readyz")
        told = ready.json()["checks"]["refused"]
        assert (ready.status_code, told["state"]) == (200, "warn")
        assert bad.id in told["says"]
        assert reason in told["says"]
        assert "exoscore_models_refused 1.0" in lab.ask("GET", "/metrics").text
        mended = lab.ask("POST", f"/v1/models/{produced.id}/promote", json=body)
        assert (mended.status_code, mended.json()["current"]) == (200, produced.id)
        lab.wait_for_model(produced.id)
    opened.close()
