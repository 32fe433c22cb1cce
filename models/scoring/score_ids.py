"""The id of a score: its model, its prediction and the candidate as it was typed, so that it can be had again where nothing was
stored. It holds no secret, but it tells the candidate to whoever has it.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zlib import crc32

import msgspec

from models.candidates.candidate import stated
from models.errors import ChangedScoreError, UnknownScoreError
from models.rounding import round_probability

_CHECK_BYTES = 4
_encode = msgspec.json.Encoder().encode


class ScoreId(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What an id says: the candidate, and what the model said of it."""

    model: Annotated[str, msgspec.Meta(pattern=r"\Aexo-[0-9a-f]{12}\Z")]
    label: Literal["suppressing", "promoting", "undetermined"]
    probability_suppressing: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    candidate: dict[str, Any]

    @classmethod
    def parse(cls, text: str) -> ScoreId:
        """What the id `text` says. Raises UnknownScoreError unless it is one, whole and unchanged."""
        try:
            content = b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            check, content = content[:_CHECK_BYTES], content[_CHECK_BYTES:]
            said = _decode(content)
            # One score has one id: what only reads the same is none.
            if crc32(content) == int.from_bytes(check) and _text(_encode(said)) == text:
                return said
        except (ValueError, RecursionError):
            pass
        raise UnknownScoreError(text)

    def check(self, model: str, label: str, probability_suppressing: float) -> None:
        """Raises ChangedScoreError unless what is said of the candidate now is what the id says."""
        probability = round_probability(probability_suppressing)
        if (model, label, probability) != (self.model, self.label, self.probability_suppressing):
            then, now = (f"{self.label} ({self.probability_suppressing:.4f})", f"{label} ({probability:.4f})")
            raise ChangedScoreError(self.model, then, now)


_decode = msgspec.json.Decoder(ScoreId).decode


def make_score_id(model: str, label: str, probability_suppressing: float, given: Mapping[str, object]) -> str:
    """The id of the score of a candidate `given` so."""
    return _text(_encode((model, label, round_probability(probability_suppressing), stated(given))))


def _text(content: bytes) -> str:
    return urlsafe_b64encode(crc32(content).to_bytes(_CHECK_BYTES) + content).rstrip(b"=").decode()
