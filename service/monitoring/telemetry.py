"""Spans for a collector of OpenTelemetry: one of each request, one of each job.

They are made where the extra `exoscore[telemetry]` is installed and OTEL_EXPORTER_OTLP_ENDPOINT (or that for traces alone) names
a collector; all others of OpenTelemetry's variables hold too. Otherwise only the ids of a trace are made, for the log.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import structlog

from service.trace_context import TraceContext

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVICE_NAME = "exoscore"
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Span:
    """A piece of work: its place in a trace and, where spans are collected, what OpenTelemetry knows of it until it ends."""

    context: TraceContext
    recorded: Any = None

    def end(self, name: str, attributes: Mapping[str, str | int], failed: bool) -> None:
        """Hands the span over to be collected; what it was is known only now."""
        if self.recorded is None:
            return
        from opentelemetry.trace import StatusCode

        self.recorded.update_name(name)
        self.recorded.set_attributes(attributes)
        if failed:
            self.recorded.set_status(StatusCode.ERROR)
        self.recorded.end()
        self.recorded = None


class Telemetry:
    """The spans of one process, sent in the background by a thread that the first of them starts: so after any fork."""

    def __init__(self) -> None:
        self.is_on = _is_wanted()
        self._starting = threading.Lock()

    def begin(self, parent: TraceContext | None, is_request: bool) -> Span:
        """A span that has begun; of a new trace without a parent."""
        if not self.is_on:
            return Span(TraceContext.begin(parent))
        from opentelemetry import trace

        kind = trace.SpanKind.SERVER if is_request else trace.SpanKind.CONSUMER
        with self._starting:
            tracer = self._provider.get_tracer(SERVICE_NAME)
        recorded = tracer.start_span(SERVICE_NAME, _context_of(parent), kind)
        span = recorded.get_span_context()
        ids = trace.format_trace_id(span.trace_id), trace.format_span_id(span.span_id)
        return Span(TraceContext(*ids, span.trace_flags.sampled, parent.state if parent else ""), recorded)

    @cached_property
    def _provider(self) -> Any:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        named = Resource({"service.name": SERVICE_NAME}).merge(OTELResourceDetector().detect())
        provider = TracerProvider(resource=Resource.create().merge(named))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return provider

    def close(self) -> None:
        """Sends what was not sent yet."""
        if "_provider" in vars(self):
            self._provider.shutdown()


def _is_wanted() -> bool:
    """Whether spans are to be collected, and can be."""
    if not any(map(os.environ.get, ENDPOINTS)) or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter  # noqa: F401
    except ImportError:
        _log.warning("no spans are sent: install exoscore[telemetry], or unset the variables of OpenTelemetry")
        return False
    return True


def _context_of(parent: TraceContext | None) -> Any:
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

    if parent is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if parent.is_sampled else TraceFlags.DEFAULT)
    ids, state = (int(parent.trace_id, 16), int(parent.span_id, 16)), TraceState.from_header([parent.state])
    return trace.set_span_in_context(NonRecordingSpan(SpanContext(*ids, True, flags, state)), Context())
