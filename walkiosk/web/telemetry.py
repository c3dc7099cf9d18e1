"""Spans of each step of a turn for OpenTelemetry: turn → hear, understand, look_up, decide, word, speak.

Nothing that a customer said or was told goes into a span, nor what an error said: only which steps there were, how long
they took, the reply's situation and its language. The exporter's address and headers are OpenTelemetry's own settings
(OTEL_EXPORTER_OTLP_ENDPOINT and its like).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.turn import Reply

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class NoTelemetry(ImportError):
    """Spans are wanted and their library is not installed."""


def is_wanted(flag: bool) -> bool:
    """Whether somebody asked for spans: by the flag, or by telling where they go."""
    return flag or bool(os.environ.get(ENDPOINT) or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))


def exporting() -> TracerProvider:
    """A provider that sends spans over HTTP in batches, in a thread of its own; raises `NoTelemetry`."""
    from importlib.metadata import version

    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise NoTelemetry("spans want their library: pip install 'walkiosk[telemetry]'") from None

    about = {"service.name": "walkiosk", "service.version": version("walkiosk")}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class Spans(Observer):
    """Makes the spans; a step outside a turn, as of passers-by whom nobody answers, makes none."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace

        self._provider = provider
        self._trace = trace
        self._tracer = provider.get_tracer("walkiosk")

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._span("turn"):
            yield

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if not self._trace.get_current_span().get_span_context().is_valid:
            yield
            return
        with self._span(name):
            yield

    def replied(self, reply: Reply) -> None:
        self._trace.get_current_span().set_attributes({"event": reply.event, "language": reply.language})

    def close(self) -> None:
        """Sends what is still waiting to be sent."""
        self._provider.shutdown()

    @contextmanager
    def _span(self, name: str) -> Iterator[None]:
        # What an error says may quote a customer: OpenTelemetry would write it down, and its traceback.
        quiet = {"record_exception": False, "set_status_on_exception": False}
        with self._tracer.start_as_current_span(name, **quiet) as span:  # type: ignore[arg-type]
            try:
                yield
            except Exception as error:
                span.set_status(self._trace.StatusCode.ERROR, type(error).__name__)
                raise
