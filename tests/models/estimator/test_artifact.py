"""A bundle comes back as it was, and one that was touched, cut, signed by another or loaded with foreign types is refused."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ArtifactError
from models.estimator import artifact
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.scorer import Scorer
from training.data.findings import Finding

KEY = b"a key of this test"


@pytest.fixture(scope="module")
def content(produced: Bundle) -> bytes:
    return artifact.dump(produced, KEY)


def rewritten(content: bytes, key: bytes = KEY, **members: bytes) -> bytes:
    """The bundle with some members replaced and everything signed anew by `key`, as a thief of the key could."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    found |= members
    manifest = json.loads(found["manifest.json"])
    manifest["members"]["model.skops"] = hashlib.sha256(found["model.skops"]).hexdigest()
    found["manifest.json"] = json.dumps(manifest).encode()
    found["signature"] = hmac.new(key, found["manifest.json"], hashlib.sha256).hexdigest().encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, member in found.items():
            archive.writestr(name, member)
    return out.getvalue()


def signed(content: bytes, **members: bytes) -> bytes:
    """The bundle with some members replaced, whatever they hold, under right digests and a right signature."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(found["manifest.json"])
    found |= members
    if "manifest.json" not in members:
        manifest["members"] = {name: hashlib.sha256(found[name]).hexdigest() for name in manifest["members"]}
        found["manifest.json"] = json.dumps(manifest).encode()
    found["signature"] = hmac.new(KEY, found["manifest.json"], hashlib.sha256).hexdigest().encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, member in found.items():
            archive.writestr(name, member)
    return out.getvalue()


def test_a_loaded_bundle_scores_every_finding_to_the_same_bits(
    content: bytes, scorer: Scorer, features: Features, corpus: tuple[Finding, ...]
) -> None:
    again = Scorer(artifact.load(content, KEY), features)
    for finding in corpus:
        assert again.score_reading(finding.reading) == scorer.score_reading(finding.reading), finding.finding_id


def test_it_holds_no_type_that_skops_would_not_trust_by_itself(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert skops.io.get_untrusted_types(data=archive.read("model.skops")) == []
    assert artifact.TRUSTED == []


def test_another_key_is_refused(content: bytes) -> None:
    with pytest.raises(ArtifactError, match="signature"):
        artifact.load(content, b"another key")


def test_a_member_that_says_it_is_encrypted_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        flags = SMALL.index(b"PK\1\2") + 8
        assert archive.infolist()[0].flag_bits & 1 == 0
    encrypted = bytearray(SMALL)
    encrypted[flags] |= 1
    with pytest.raises(ArtifactError, match="not a model bundle"):
        artifact.read_members(bytes(encrypted))


@given(st.data())
def test_no_flipped_byte_passes_unnoticed(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(SMALL) - 1))
    flipped = bytearray(SMALL)
    flipped[position] ^= 1 << data.draw(st.integers(0, 7))
    try:
        members = artifact.read_members(bytes(flipped))
    except ArtifactError:
        return
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        # A flip in what zip itself ignores (times, flags) changes no member; in any other byte it is caught above.
        assert members == {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("member", [*artifact.MEMBERS])
def test_a_member_that_was_changed_is_refused_by_name(content: bytes, member: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    found[member] = found[member][:-1] + bytes([found[member][-1] ^ 1])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, changed in found.items():
            archive.writestr(name, changed)
    expected = member if member in artifact.SIGNED_MEMBERS[artifact.PROTOCOL] else "signature"
    with pytest.raises(ArtifactError, match=expected):
        artifact.load(out.getvalue(), KEY)


def test_foreign_types_are_refused_even_when_well_signed(content: bytes) -> None:
    for hostile, why in ((os.system, r"not allowed: .*system"), (Scorer.load, "cannot be read")):
        dumped = skops.io.dumps({"pipeline": hostile})
        loaded = artifact.load(rewritten(content, **{"model.skops": dumped}), KEY)
        with pytest.raises(ArtifactError, match=why):
            _ = loaded.model.pipeline


def test_a_bundle_of_a_later_protocol_is_refused(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json")) | {"protocol": artifact.PROTOCOL + 1}
    with pytest.raises(ArtifactError, match="protocol"):
        artifact.load(rewritten(content, **{"manifest.json": json.dumps(manifest).encode()}), KEY)


MALFORMED = [b"", b"null", b"5", b"{}", b"[]", b"[[]]", b'{"a": null}', b"\xff", b"[" * 100_000, b"1e999"]


@pytest.mark.parametrize("member", ["manifest.json", "tables.json", "evidence.json"])
@pytest.mark.parametrize("malformed", MALFORMED, ids=range(len(MALFORMED)))
def test_a_signed_member_that_is_malformed_is_refused_in_words(content: bytes, member: str, malformed: bytes) -> None:
    with pytest.raises(ArtifactError):
        artifact.load(signed(content, **{member: malformed}), KEY)


@given(st.data())
def test_no_value_of_a_signed_member_but_its_own_ends_otherwise_than_refused(
    content: bytes, data: st.DataObject
) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = data.draw(st.sampled_from(["manifest.json", "tables.json"]))
        document = json.loads(archive.read(member))
    name = data.draw(st.sampled_from(sorted(document)))
    values = (
        st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({}) | st.just([[1.0]])
    )
    changed = data.draw(
        st.just({key: value for key, value in document.items() if key != name})
        | st.builds(lambda value: document | {name: value}, values)
    )
    with suppress(ArtifactError):
        artifact.load(signed(content, **{member: json.dumps(changed).encode()}), KEY)


def test_tables_that_do_not_fit_each_other_are_refused(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tables = json.loads(archive.read("tables.json"))
    for changed in (
        {"band": tables["band"] | {"names": tables["band"]["names"][1:]}},
        {"band": tables["band"] | {"covariance": [[1.0], [1.0, 2.0]]}},
        {"scores": tables["scores"] | {"promoting": [[]]}},
        {"scores": {"suppressing": [[1.0]]}},
    ):
        with pytest.raises(ArtifactError):
            artifact.load(signed(content, **{"tables.json": json.dumps(tables | changed).encode()}), KEY)


def test_a_member_that_unpacks_to_more_than_a_model_has_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in artifact.MEMBERS:
            archive.writestr(name, b"0" * (artifact.MAX_MEMBER_BYTES + 1 if name == "evidence.json" else 1))
    assert len(out.getvalue()) < 100_000
    with pytest.raises(ArtifactError, match=r"evidence\.json is larger than 67,108,864 bytes"):
        artifact.read_members(out.getvalue())


def test_a_bundle_of_protocol_1_is_still_read_and_kept_in_the_new_one_without_change() -> None:
    old = artifact.load(Path(__file__).with_name("protocol_1.exoscore").read_bytes(), KEY)
    assert old.manifest["protocol"] == 1
    again = artifact.load(artifact.dump(old, KEY), KEY)
    assert again.manifest["protocol"] == artifact.PROTOCOL
    features = [dict.fromkeys(list(old.model.weights)[:count], 0.7) for count in range(6)]
    for one in features:
        assert again.model.log_odds(one) == old.model.log_odds(one)
        assert again.model.interval(one, 0.3) == old.model.interval(one, 0.3)
    of_pipeline = old.model.slope * old.model.pipeline.decision_function(features)
    assert of_pipeline == pytest.approx([old.model.log_odds(one).total for one in features])
    assert (again.model.evidence, again.model.papers) == (old.model.evidence, old.model.papers)
    assert again.model.support.counts == old.model.support.counts
    assert again.model.sets.predict_set(0.1) == old.model.sets.predict_set(0.1)


@pytest.mark.parametrize("missing", artifact.MEMBERS)
def test_a_bundle_without_one_of_its_members_is_refused(content: bytes, missing: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as cut:
        for name in archive.namelist():
            if name != missing:
                cut.writestr(name, archive.read(name))
    with pytest.raises(ArtifactError, match=r"this one"):
        artifact.load(out.getvalue(), KEY)


@pytest.mark.parametrize("junk", [b"", b"PK", b"not a bundle at all", b"\x00" * 100])
def test_what_is_no_bundle_is_refused(junk: bytes) -> None:
    with pytest.raises(ArtifactError, match="not a model bundle"):
        artifact.load(junk, KEY)


def test_members_that_do_not_belong_are_refused(content: bytes) -> None:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("extra.pkl", b"")
    with pytest.raises(ArtifactError, match=r"extra\.pkl"):
        artifact.load(out.getvalue(), KEY)


def test_a_model_of_another_vocabulary_is_refused(produced: Bundle, features: Features) -> None:
    manifest = {**produced.manifest, "fingerprints": {"data": "x", "vocabulary": "another"}}
    with pytest.raises(ArtifactError, match="Train it again"):
        Scorer(Bundle(produced.model, manifest), features)


def test_the_manifest_says_what_the_model_is_and_how_it_did(produced: Bundle, corpus: tuple[Finding, ...]) -> None:
    manifest = produced.manifest
    papers = len({finding.paper for finding in corpus})
    assert manifest["trained_on"] == {"findings": len(corpus), "papers": papers, "lab_findings": 0}
    assert set(manifest["libraries"]) >= {"python", "numpy", "scikit-learn", "scipy", "skops"}
    assert manifest["metrics"]["figures"]["model"]["auroc"]["mean"] > 0.9


def _small() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in artifact.MEMBERS:
            archive.writestr(name, name * 3)
    return out.getvalue()


SMALL = _small()
