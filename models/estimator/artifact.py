"""The model bundle: a zip of `model.skops`, `tables.json`, `evidence.json`, `manifest.json` and `signature`.

Nothing is loaded before it is verified. `tables.json` has all that a score is made of; the scikit-learn pipeline in
`model.skops`, which the scores can be checked against, is only loaded when it is asked for. Bundles of protocol 1 had all but the
evidence in `model.skops`.

How the format changes: raise PROTOCOL when a reader of the old number could no longer understand a bundle, keep the old
reader under its number, and keep a small old bundle in the tests. A member or manifest key that old readers may ignore
needs no new number.
"""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
import numpy as np

from models.archives import check_members, reading_archive
from models.errors import ArtifactError
from models.estimator.applicability import Count, Support
from models.estimator.conformal import MondrianClassifier
from models.estimator.linear_model import FittedModel, calibrated
from models.estimator.posterior import LaplacePosterior
from models.evidence.evidence import Evidence

PROTOCOL = 3
# The types a bundle may hold beyond those that skops trusts by itself. It is empty, and is to stay so.
TRUSTED: list[str] = []
_MEMBERS = ("model.skops", "tables.json", "evidence.json")
# The first had all tables in model.skops, the second no groups of findings within which sets hold.
SIGNED_MEMBERS = {1: ("model.skops", "evidence.json"), 2: _MEMBERS, 3: _MEMBERS}
UNSIGNED_MEMBERS = ("manifest.json", "signature")
MEMBERS = (*SIGNED_MEMBERS[PROTOCOL], *UNSIGNED_MEMBERS)
MAX_MEMBER_BYTES = 64 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Protocol(TypedDict):
    protocol: int


class _Manifest(_Protocol):
    """What a manifest must have to be read; what it tells of the training is not looked at here."""

    model: Annotated[str, msgspec.Meta(pattern=r"\Aexo-[0-9a-f]{12}\Z")]
    created: datetime
    members: dict[str, str]
    fingerprints: dict[str, str]
    trained_on: dict[str, int]


class _Band(TypedDict):
    names: list[str]
    covariance: list[list[float]]
    prior_variance: float


class _Tables(TypedDict):
    weights: dict[str, float]
    baseline: float
    slope: float
    band: _Band
    significance: float
    scores: dict[str, list[list[float]]]
    groups: NotRequired[dict[str, list[tuple[str, ...]]]]
    support: dict[str, dict[str, tuple[int, int]]]
    papers: list[str]


_Evidence = Annotated[tuple[Evidence, ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class Bundle:
    """A model as it is kept: the fitted model and its manifest."""

    model: FittedModel
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The model's id, derived from what it learned."""
        return str(self.manifest["model"])


def content_id(model: FittedModel, fingerprints: Mapping[str, str]) -> str:
    """An id of what the model says: equal inputs and seed give the equal id, on any machine that computes alike."""
    digest = hashlib.sha256(json.dumps(fingerprints, sort_keys=True).encode())
    digest.update(repr((model.baseline, sorted(model.weights.items()))).encode())
    for scores in model.sets.scores.values():
        digest.update(np.ascontiguousarray(scores).tobytes())
    return f"exo-{digest.hexdigest()[:12]}"


def dump(bundle: Bundle, key: bytes) -> bytes:
    """The bundle as bytes, every member's SHA-256 in the manifest and the manifest signed by HMAC-SHA256 with `key`."""
    import skops.io

    model = bundle.model
    tables = {
        "weights": model.weights,
        "baseline": model.baseline,
        "slope": model.slope,
        "band": {name: getattr(model.band, name) for name in ("names", "covariance", "prior_variance")},
        "significance": model.sets.significance,
        "scores": model.sets.scores,
        "groups": model.sets.groups,
        "support": {
            field: {value: [count.findings, count.papers] for value, count in of_field.items()}
            for field, of_field in model.support.counts.items()
        },
        "papers": sorted(model.papers),
    }
    contents = {
        "model.skops": skops.io.dumps({"pipeline": model.pipeline}),
        "tables.json": msgspec.json.encode(tables, enc_hook=np.ndarray.tolist),
        "evidence.json": msgspec.json.encode(model.evidence),
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    signed = json.dumps(
        {**bundle.manifest, "protocol": PROTOCOL, "members": digests}, indent=1, sort_keys=True
    ).encode()
    contents["manifest.json"] = signed
    contents["signature"] = hmac.new(key, signed, hashlib.sha256).hexdigest().encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in contents.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), member, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def load(content: bytes, key: bytes) -> Bundle:
    """The bundle in `content`. Raises ArtifactError, saying why, unless every byte is what `key` signed, and a model."""
    members = read_members(content)
    signed = members["manifest.json"]
    expected = hmac.new(key, signed, hashlib.sha256).hexdigest().encode()
    if not hmac.compare_digest(expected, members["signature"]):
        raise ArtifactError(
            "The signature of manifest.json does not match: the file was changed, or signed with another key"
        )
    try:
        return _read(members, signed)
    # A signature says who made a bundle, not that it holds what a bundle has to.
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"The bundle is signed, but the model in it cannot be read: {error}") from error


def _read(members: Mapping[str, bytes], signed: bytes) -> Bundle:
    protocol = msgspec.json.decode(signed, type=_Protocol)["protocol"]
    if protocol not in SIGNED_MEMBERS:
        readable = " and ".join(map(str, SIGNED_MEMBERS))
        raise ArtifactError(f"The bundle has protocol {protocol}; this version reads {readable}")
    expected_members = (*SIGNED_MEMBERS[protocol], *UNSIGNED_MEMBERS)
    if sorted(members) != sorted(expected_members):
        raise ArtifactError(
            f"A bundle of protocol {protocol} holds {_listed(expected_members)}; this one {_listed(members)}"
        )
    digests = msgspec.json.decode(signed, type=_Manifest)["members"]
    for name in SIGNED_MEMBERS[protocol]:
        if hashlib.sha256(members[name]).hexdigest() != digests.get(name):
            raise ArtifactError(f"{name} is not the file that the manifest was written for: its digest differs")
    evidence = msgspec.json.decode(members["evidence.json"], type=_Evidence)
    skops_member = members["model.skops"]
    tables: Mapping[str, Any]
    if protocol == 1:
        # All of it was in model.skops, the weights in the pipeline.
        tables = dict(_state(skops_member))
        weights, baseline = calibrated(tables["pipeline"], tables["slope"])
        tables |= {"weights": weights, "baseline": baseline}
    else:
        tables = msgspec.json.decode(members["tables.json"], type=_Tables)
    return Bundle(_model(tables, evidence, skops_member), json.loads(signed))


def _state(content: bytes) -> Mapping[str, Any]:
    import skops.io

    try:
        untrusted = set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED)
        if not untrusted:
            state: Mapping[str, Any] = skops.io.loads(content, trusted=TRUSTED)
            return state
    except Exception as error:  # whatever skops makes of a hostile file, it is no model
        raise ArtifactError(f"model.skops cannot be read: {error}") from error
    raise ArtifactError(f"model.skops holds types that are not allowed: {', '.join(sorted(untrusted))}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def read_members(content: bytes) -> dict[str, bytes]:
    """The members of a bundle by name, before any of them is checked. Raises ArtifactError where `content` is no bundle."""
    unreadable = reading_archive(lambda reason: ArtifactError(f"This is not a model bundle: {reason}"))
    with unreadable, zipfile.ZipFile(io.BytesIO(content)) as archive:
        check_members(archive, MAX_MEMBER_BYTES)
        names = archive.namelist()
        if not set(UNSIGNED_MEMBERS) <= set(names) <= set(MEMBERS):
            raise ArtifactError(f"A bundle holds {_listed(MEMBERS)}; this one holds {_listed(names)}")
        return {name: archive.read(name) for name in names}


def _model(tables: Mapping[str, Any], evidence: tuple[Evidence, ...], skops_member: bytes) -> FittedModel:
    support = Support(
        {
            field: {value: Count(*counts) for value, counts in of_field.items()}
            for field, of_field in tables["support"].items()
        }
    )
    scores = {label: np.asarray(values, dtype=np.float64) for label, values in tables["scores"].items()}
    groups = tables.get("groups", {})
    band = tables["band"]
    covariance = np.asarray(band["covariance"], dtype=np.float64)
    if covariance.shape != (len(band["names"]) + 1,) * 2 or any(
        not values.size or len(groups.get(label, ())) not in (0, values.shape[-1]) for label, values in scores.items()
    ):
        raise ArtifactError("The tables of the model do not fit together")
    return FittedModel(
        weights=tables["weights"],
        baseline=tables["baseline"],
        slope=tables["slope"],
        band=LaplacePosterior(band["names"], covariance, band["prior_variance"]),
        sets=MondrianClassifier(scores["suppressing"], scores["promoting"], groups, tables["significance"]),
        support=support,
        papers=frozenset(tables["papers"]),
        evidence=evidence,
        pipeline_loader=lambda: _state(skops_member)["pipeline"],
    )
