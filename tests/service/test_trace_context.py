"""A trace is read as strictly as the W3C Trace Context says, and what is malformed begins a new one."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.trace_context import TraceContext, read_state

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"
HEX = "0123456789abcdef"


@pytest.mark.parametrize(
    ("traceparent", "is_sampled"),
    [
        (GOOD, True),
        (GOOD[:-2] + "00", False),
        # Bits that this version does not know are left out.
        (GOOD[:-2] + "02", False),
        (GOOD[:-2] + "ff", True),
        # What later versions add is not read.
        (f"cc{GOOD[2:]}", True),
        (f"cc{GOOD[2:]}-what-the-future-will-be-like", True),
    ],
)
def test_a_traceparent_is_read_and_its_span_continued(traceparent: str, is_sampled: bool) -> None:
    read = TraceContext.read(traceparent)
    assert read == TraceContext(TRACE, SPAN, is_sampled)
    child = TraceContext.begin(read)
    assert (child.trace_id, child.is_sampled) == (TRACE, is_sampled)
    assert child.span_id != SPAN
    assert TraceContext.read(child.traceparent) == child


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        GOOD.upper(),
        f" {GOOD}",
        f"{GOOD}\n",
        f"{GOOD},{GOOD}",
        f"{GOOD}-more",
        f"{GOOD}-",
        f"ff{GOOD[2:]}",
        f"cc{GOOD[2:]}.more",
        GOOD[:-1],
        GOOD.replace(TRACE, "0" * 32),
        GOOD.replace(SPAN, "0" * 16),
        GOOD.replace("-", "_"),
        GOOD.replace("4bf9", "4bfg"),
        "00-٤bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
def test_a_malformed_traceparent_is_none(traceparent: str) -> None:
    assert TraceContext.read(traceparent, "a=1") is None


@given(st.text(max_size=80) | st.text(HEX + "-", min_size=50, max_size=60) | st.from_regex(r"\A[0-9a-f-]{55}\Z"))
@example(GOOD)
def test_whatever_is_read_is_a_traceparent_and_is_written_as_one(traceparent: str) -> None:
    read = TraceContext.read(traceparent)
    if read:
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", read.traceparent)
        assert read.traceparent[2:52] == traceparent[2:52]


def test_every_new_trace_is_another() -> None:
    begun = [TraceContext.begin() for _ in range(1000)]
    assert len({one.trace_id for one in begun}) == len({one.span_id for one in begun}) == 1000
    assert all(TraceContext.read(one.traceparent) == one for one in begun)


@pytest.mark.parametrize(
    ("tracestate", "read"),
    [
        ("", ""),
        ("rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"),
        ("rojo=1 , \t,congo=t61rcWkgMzE,", "rojo=1,congo=t61rcWkgMzE"),
        ("a@b=1,0a@b=1", "a@b=1,0a@b=1"),
        (",".join(f"a{number}=1" for number in range(32)), ",".join(f"a{number}=1" for number in range(32))),
        (",".join(f"a{number}=1" for number in range(33)), ""),
        ("a=1,a=2", ""),
        ("A=1", ""),
        ("0a=1", ""),
        ("a=1=2", ""),
        ("a", ""),
        ("a=\u00e9", ""),
        (f"{'a' * 257}=1", ""),
        (f"a={'1' * 257}", ""),
        (f"{'a' * 256}={'1' * 256}", f"{'a' * 256}={'1' * 256}"),
    ],
)
def test_a_tracestate_is_read_whole_or_left_out(tracestate: str, read: str) -> None:
    assert read_state(tracestate) == read
    context = TraceContext.read(GOOD, tracestate)
    assert context
    assert (context.trace_id, context.state) == (TRACE, read)
