"""What a kiosk measures of itself, as Prometheus reads it. No label holds a name, an id or a word of a customer's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.turn import Reply
from walkiosk.kiosk.wording import replies
from walkiosk.modality.text import LANGUAGES
from walkiosk.store import Store, tables
from walkiosk.store.customers import now_ms
from walkiosk.store.sale_book import UNFINISHED
from walkiosk.store.shipping import line_of
from walkiosk.web.traffic import Traffic

if TYPE_CHECKING:
    from walkiosk.kiosk import Kiosk

STEPS = ("hear", "understand", "look_up", "decide", "word", "first_sound")
SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)
PARTS = ("hearing", "understanding", "wording", "speaking", "espeak-ng", "ear")
OTHER = "other"  # the label of whatever is on none of the lists
ENDINGS = ("captured", "released", "refunded")


disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each one, which nobody reads


class Metrics(Observer):
    """One kiosk's figures; counters begin with the process, what is read from the books does not."""

    def __init__(self, store: Callable[[], Store], traffic: Traffic, model_bytes: int = 0) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "walkiosk_turns", "Replies shown, by their situation and language.", ("event", "language"),
            registry=self.registry,
        )  # fmt: skip
        self.steps = Histogram(
            "walkiosk_step_seconds", "Time of each step of a turn; first_sound from the reply to its first sound.",
            ("step",), buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.answers = Histogram(
            "walkiosk_answer_seconds", "Time of all steps of a turn up to the words of its reply.", buckets=SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.restarts = Counter(
            "walkiosk_restarts", "Parts that the watchdog began to build anew.", ("part",), registry=self.registry
        )
        self._gauge("open_sockets", "Pages that are open.", lambda: traffic.sockets)
        self._gauge("waiting_turns", "Turns that nobody has begun to answer.", lambda: traffic.waiting)
        self._gauge("model_bytes", "Size of the weights that are loaded.", lambda: model_bytes)
        self._events = frozenset(replies()["en"])
        self._step = {step: self.steps.labels(step) for step in STEPS}
        for part in PARTS:
            self.restarts.labels(part)
        self.registry.register(Books(store))
        ProcessCollector(registry=self.registry)

    @classmethod
    def of(cls, kiosk: Kiosk, traffic: Traffic) -> Metrics:
        """Of a kiosk with what it serves now and later."""
        folder = kiosk.model.folder if kiosk.model else None
        files = [file for ending in ("onnx", "bin") for file in folder.glob(f"*.{ending}")] if folder else []
        size = sum(file.stat().st_size for file in files)
        return cls(lambda: kiosk.shop.store, traffic, size)

    def _gauge(self, name: str, told: str, value: Callable[[], float]) -> None:
        Gauge(f"walkiosk_{name}", told, registry=self.registry).set_function(value)

    def replied(self, reply: Reply) -> None:
        event = reply.event if reply.event in self._events else OTHER
        self.turns.labels(event, reply.language if reply.language in LANGUAGES else OTHER).inc()
        for step, milliseconds in reply.milliseconds.items():
            if step in self._step:
                self._step[step].observe(milliseconds / 1000)
        if reply.milliseconds:
            self.answers.observe(sum(reply.milliseconds.values()) / 1000)

    def sounded(self, seconds: float) -> None:
        self._step["first_sound"].observe(seconds)

    def restarted(self, part: str) -> None:
        self.restarts.labels(part if part in PARTS else OTHER).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class Books(Collector):
    """What the shop's books say of all sales there ever were; read when it is asked for."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked of the books before somebody wants to know."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Sales by their ending, sales without one, and money by currency."""
        sale = tables.sale
        totals = (func.count(), func.sum(sale.c.captured_cents), func.sum(sale.c.refunded_cents))
        wanted = select(sale.c.state, sale.c.currency, *totals).group_by(sale.c.state, sale.c.currency)
        try:
            with self._store().engine.connect() as connection:
                rows = connection.execute(wanted).all()
        except SQLAlchemyError:
            return ()  # /healthz says so; the other figures are told all the same
        endings = dict.fromkeys(ENDINGS, 0)
        money: dict[tuple[str, str], int] = {}
        open_sales = 0
        for state, currency, count, taken, back in rows:
            open_sales += count if state in UNFINISHED else 0
            if state in endings:
                endings[state] += count
            for kind, cents in (("taken", taken), ("refunded", back)):
                money[currency, kind] = money.get((currency, kind), 0) + int(cents)
        sales = GaugeMetricFamily("walkiosk_sales", "Sales in the books, by their ending.", labels=("ending",))
        for ending, count in endings.items():
            sales.add_metric((ending,), count)
        cents_ = GaugeMetricFamily("walkiosk_money_cents", "Money in the books.", labels=("currency", "kind"))
        for labels, cents in money.items():
            cents_.add_metric(labels, cents)
        waiting = GaugeMetricFamily("walkiosk_unfinished_sales", "Sales without an end yet.", value=open_sales)
        return (sales, cents_, waiting, *self._line())

    def _line(self) -> Iterator[Metric]:
        """How the line to headquarters is, where there is one."""
        store = self._store()
        if not store.settings.kiosk:
            return
        line = line_of(store.engine)
        oldest = max(0.0, (now_ms() - line.waiting.oldest_ms) / 1000) if line.waiting.oldest_ms is not None else 0.0
        told: dict[str, tuple[str, float]] = {
            "events_waiting": ("Events that headquarters has not confirmed.", line.waiting.events),
            "oldest_event_seconds": ("Age of the oldest of them.", oldest),
            "headquarters_reached_timestamp_seconds": ("When it answered last, to the minute.", line.reached_ms or 0),
        }
        for name, (meaning, value) in told.items():
            yield GaugeMetricFamily(f"walkiosk_{name}", meaning, value=value / 1000 if "timestamp" in name else value)
