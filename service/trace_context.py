"""The trace that a piece of work is part of, by the W3C Trace Context: read from a request, named in its log lines and answer,
and carried on by the jobs that it starts."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from structlog.contextvars import get_contextvars

VERSION, SAMPLED = "00", 1
MAX_MEMBERS = 32
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KEY = r"[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}"
_MEMBER = re.compile(rf"({_KEY})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """One span of a trace, its ids in hexadecimal digits; `state` is what tracers sent along, as tracestate has it."""

    trace_id: str
    span_id: str
    is_sampled: bool = False
    state: str = ""

    @classmethod
    def read(cls, traceparent: str, tracestate: str = "") -> TraceContext | None:
        """The span that a traceparent names; None where there is none, or it is malformed. A malformed tracestate is left out."""
        read = _TRACEPARENT.fullmatch(traceparent)
        # Later versions may have more fields, this one has not.
        if read is None or (read[1] == VERSION and read[5]):
            return None
        return cls(read[2], read[3], bool(int(read[4], 16) & SAMPLED), read_state(tracestate))

    @classmethod
    def begin(cls, parent: TraceContext | None = None) -> TraceContext:
        """A new span: of the trace of its parent or, without one, of a new trace."""
        if parent is None:
            ids = os.urandom(24).hex()
            return cls(ids[:32], ids[32:])
        return cls(parent.trace_id, os.urandom(8).hex(), parent.is_sampled, parent.state)

    @property
    def traceparent(self) -> str:
        """The span as a header names it."""
        return f"{VERSION}-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"

    @property
    def log_members(self) -> dict[str, str]:
        """What each log line of the work has, by which `traceparent_of_work` finds it too."""
        return {
            "trace_id": self.trace_id,
            "span_id": self.span_id,
            **({"trace_flags": "01"} if self.is_sampled else {}),
        }


def read_state(tracestate: str) -> str:
    """A tracestate without what is superfluous; empty where it is malformed."""
    members = [member for part in tracestate.split(",") if (member := part.strip(" \t"))]
    read = [_MEMBER.fullmatch(member) for member in members]
    keys = {each[1] for each in read if each}
    return ",".join(members) if len(keys) == len(members) <= MAX_MEMBERS else ""


def traceparent_of_work() -> str:
    """The traceparent of the span that this process works at now; empty where it works at none."""
    bound = get_contextvars()
    if "trace_id" not in bound:
        return ""
    return TraceContext(bound["trace_id"], bound["span_id"], "trace_flags" in bound).traceparent
