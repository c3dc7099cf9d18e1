"""`walkiosk serve`: one process that serves customers, the operator beside them, and tells how it is."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer
import uvicorn

from walkiosk import logs
from walkiosk.kiosk.guarding import watch_over
from walkiosk.kiosk.observing import Observer, Observers
from walkiosk.kiosk.watchdog import Bounds
from walkiosk.store.shipping import Courier, shipper_of
from walkiosk.web import line, telemetry
from walkiosk.web.app import create_app
from walkiosk.web.limits import Limits
from walkiosk.web.office.command import beside
from walkiosk.web.upkeep import upkeep
from walkiosk.web.vitals import Network, Vitals

if TYPE_CHECKING:
    from walkiosk.kiosk import Kiosk

FASTEST_WORDING, FASTEST_SPEAKING = Bounds().word, Bounds().speak


@dataclass(frozen=True)
class Serving:
    """Where and how; `patience_seconds` is how long hearing or understanding may take, `inspectors` are networks."""

    host: str
    port: int
    office_host: str
    office_port: int
    weights: Path | None = None
    log_level: logs.Level = "warning"
    access_log: bool = False
    telemetry: bool = False
    inspectors: tuple[Network, ...] = ()
    patience_seconds: float = Bounds().hear
    limits: Limits = field(default_factory=Limits)


def bounds(patience_seconds: float) -> Bounds:
    """How long each part may take, by how long hearing and understanding may."""
    word, speak = min(FASTEST_WORDING, patience_seconds), min(FASTEST_SPEAKING, patience_seconds)
    return Bounds(patience_seconds, patience_seconds, word, speak)


def run(kiosk: Kiosk, how: Serving) -> None:
    """Serves until somebody ends it; raises `NoTelemetry`, `HeadquartersMisconfigured`."""
    spans = telemetry.Spans(telemetry.exporting()) if telemetry.is_wanted(how.telemetry) else None
    logs.set_up(how.log_level, access=how.access_log)
    vitals = prepare(kiosk, how.patience_seconds, how.inspectors, spans, how.limits)
    typer.echo(f"{kiosk.name}: http://{how.host}:{how.port}", err=True)
    typer.echo(f"voices: {', '.join(f'{code} {voice}' for code, voice in kiosk.voices.items())}", err=True)
    with ExitStack() as stack:
        if spans is not None:
            stack.enter_context(closing(spans))
        stack.enter_context(beside(kiosk, how.office_host, how.office_port, how.weights))
        shipper = shipper_of(kiosk.shop.store)
        courier = Courier(shipper) if shipper else None
        app = create_app(kiosk, shown=vitals, upkeep=upkeep(vitals.health, lambda: kiosk.shop.store, courier))
        uvicorn.run(app, host=how.host, port=how.port, log_config=None, **line.options(how.limits))
    kiosk.journal.close()


def prepare(
    kiosk: Kiosk,
    patience_seconds: float,
    inspectors: tuple[Network, ...] = (),
    spans: Observer | None = None,
    limits: Limits | None = None,
) -> Vitals:
    """Brings sales to their end that were under way when the kiosk stopped, and puts it under watch."""
    kiosk.shop.store.sales.reconcile()
    kiosk.keep_conversations()
    watch_over(kiosk, bounds(patience_seconds))
    vitals = Vitals.of(kiosk, inspectors, limits)
    kiosk.observer = Observers(vitals.metrics, spans) if spans is not None else vitals.metrics
    return vitals
