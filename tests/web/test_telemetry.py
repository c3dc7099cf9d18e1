"""Spans of a turn: which there are, whose children they are, and that nothing anybody said is in them."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.kiosk.script import Script
from tests.web.customer import Customer
from walkiosk.kiosk import Kiosk
from walkiosk.kiosk.observing import Observer, Observers
from walkiosk.kiosk.turn import Reply
from walkiosk.web import telemetry
from walkiosk.web.app import create_app


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(kept: InMemorySpanExporter) -> Iterator[telemetry.Spans]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    made = telemetry.Spans(provider)
    yield made
    made.close()


def family(kept: InMemorySpanExporter) -> dict[str, list[str]]:
    """The names of the spans by those of their parents, "" for none; in the order in which they ended."""
    found = kept.get_finished_spans()
    names = {span.context.span_id: span.name for span in found if span.context}
    children: dict[str, list[str]] = {}
    for span in found:
        children.setdefault(names[span.parent.span_id] if span.parent else "", []).append(span.name)
    return children


def test_a_turn_has_its_steps(film_kiosk: Kiosk, spans: telemetry.Spans, kept: InMemorySpanExporter) -> None:
    film_kiosk.observer = spans
    with TestClient(create_app(film_kiosk)) as client, client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        customer.send("text", text="spinning top")
        customer.all_sound()
    children = family(kept)
    assert children[""] == ["turn"]
    assert sorted(children["turn"]) == sorted(["hear", "understand", "look_up", "decide", "word", "speak"])
    (turn,) = [span for span in kept.get_finished_spans() if span.name == "turn"]
    assert dict(turn.attributes or {}) == {"event": "found_product", "language": "en"}
    trace_ids = {span.context.trace_id for span in kept.get_finished_spans() if span.context}
    assert len(trace_ids) == 1


def test_nothing_that_was_said_is_in_a_span(
    film_kiosk: Kiosk, script: Script, spans: telemetry.Spans, kept: InMemorySpanExporter
) -> None:
    def broken(text: str, language: str | None) -> None:
        raise ValueError(text)

    film_kiosk.observer = spans
    script.understand = broken  # type: ignore[assignment,method-assign]
    film_kiosk.take(script.skills())
    with TestClient(create_app(film_kiosk)) as client, client.websocket_connect("/kiosk") as socket:
        customer = Customer(socket)
        customer.send("text", text="my secret PIN is 4711")
        assert customer.until("problem")["detail"] == "ValueError"
    found = kept.get_finished_spans()
    (failed,) = [span for span in found if span.name == "understand"]
    assert failed.status.description == "ValueError" and not failed.events
    assert not any(word in _everything(span) for span in found for word in ("secret", "4711"))


def _everything(span: ReadableSpan) -> str:
    return span.to_json()


def test_steps_of_nobodys_turn_make_no_spans(spans: telemetry.Spans, kept: InMemorySpanExporter) -> None:
    with spans.step("hear"):
        pass
    assert kept.get_finished_spans() == ()


def test_several_look_on_at_once(spans: telemetry.Spans, kept: InMemorySpanExporter) -> None:
    class Noting(Observer):
        def __init__(self) -> None:
            self.told: list[object] = []

        def replied(self, reply: Reply) -> None:
            self.told.append(reply.event)

        def sounded(self, seconds: float) -> None:
            self.told.append(seconds)

        def restarted(self, part: str) -> None:
            self.told.append(part)

    noting = Noting()
    both = Observers(noting, spans)
    with both.turn(), both.step("hear"):
        both.replied(Reply("greeting", "", "en"))
    both.sounded(0.5)
    both.restarted("ear")
    assert noting.told == ["greeting", 0.5, "ear"] and family(kept) == {"turn": ["hear"], "": ["turn"]}


def test_spans_are_made_only_when_somebody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert not telemetry.is_wanted(False) and telemetry.is_wanted(True)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert telemetry.is_wanted(False)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *rest: object) -> object:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return original(name, *rest)  # type: ignore[arg-type]

    original = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(telemetry.NoTelemetry, match=r"pip install 'walkiosk\[telemetry\]'"):
        telemetry.exporting()
