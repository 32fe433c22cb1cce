"""The parts that scores are made of as pieces of JSON, each encoded once and then remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Any, NamedTuple

import msgspec

from models.candidate import FIELDS, Note, Read, Reads
from models.cargo import Cargo
from models.domain import Part
from models.evidence import Known, Mechanism
from models.memo import Memo
from models.scorer import Scorer
from models.targets import Targets

_OBSERVED = ("post_transcriptional_targets", "other_targets", "pathways", "processes")
_COMMA = b","

encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


class Grounds(NamedTuple):
    """What one part of the domain says: its reasons, and its support in three pieces, between which those of others stand."""

    never: bytes
    rarely: bytes
    support: bytes
    state: bytes
    together: bytes


class Fragments:
    """The pieces of the answers of one scorer. Those that can follow one another begin with a comma."""

    def __init__(self, scorer: Scorer) -> None:
        # An id is hardly met again, so it is not remembered.
        self.fields = Reads(
            *(
                partial(_field, one.name) if one.name == "id" else Memo(partial(_field, one.name)).__getitem__
                for one in FIELDS
            )
        )
        self.notes = Memo(_notes)
        self.call = Memo(call_member)
        self.grounds = Memo(_grounds)
        self.known = Memo(_known)
        self.observed = Memo(_observed)
        self.validated = Memo(partial(_validated, scorer.targets))
        self.versions = _member("versions", {name: text for name, text in asdict(scorer.versions).items() if text})


def _field(name: str, read: Read) -> bytes:
    return _COMMA + _member(name, read.value) if read.value else b""


def _notes(read: Read) -> bytes:
    return _listed(map(_note, read.notes))


def call_member(call: tuple[str, str]) -> bytes:
    """A label with the reason of an undetermined one, as members of a document."""
    label, because = call
    return encode({"label": label, "undetermined_because": because} if because else {"label": label})[1:-1]


def _note(note: Note) -> dict[str, object]:
    found: dict[str, object] = {"field": note.field, "given": note.given, "used": note.used, "how": note.how}
    if note.identifier:
        found["identifier"] = note.identifier
    if note.alternatives:
        found["alternatives"] = note.alternatives
    return found


def _grounds(part: Part) -> Grounds:
    members = {
        name: b',"%b":{"findings":%d,"papers":%d}' % (name.encode(), count.findings, count.papers)
        for name, count in part.told.support.items()
    }
    state, stratum, together = (members.pop(name, b"") for name in ("cargo_state", "stratum", "combination"))
    return Grounds(
        _listed(part.told.never), _listed(part.told.rarely), b"".join(members.values()), state, stratum + together
    )


def _known(of: tuple[Known, bool | None]) -> bytes:
    known, agrees = of
    found: dict[str, object] = {"says": known.says}
    if agrees is not None:
        found["agrees"] = agrees
    found["anywhere"] = asdict(known.anywhere)
    if known.in_this_cancer is not None:
        found["in_this_cancer"] = asdict(known.in_this_cancer)
    return _member("known", found | {"findings": known.findings})


def _observed(mechanism: Mechanism) -> bytes:
    found = {
        name: [{"name": value, "findings": ids} for value, ids in getattr(mechanism, name).items()]
        for name in _OBSERVED
    }
    return encode(found)[1:-1]


def _validated(targets: Targets, cargo: Cargo) -> bytes:
    return _member("validated_targets", targets.of(cargo.names))


def _member(name: str, value: object) -> bytes:
    return encode({name: value})[1:-1]


def _listed(each: Iterable[object]) -> bytes:
    return b"".join(_COMMA + encode(one) for one in each)
