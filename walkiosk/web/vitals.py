"""What a kiosk tells of itself over HTTP: `/healthz` and `/metrics`, the details to this machine only."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from walkiosk.web.health import Health, checks_of
from walkiosk.web.limits import Limits
from walkiosk.web.metrics import Metrics
from walkiosk.web.traffic import Traffic

if TYPE_CHECKING:
    from walkiosk.kiosk import Kiosk

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
THIS_MACHINE: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True)
class Vitals:
    """Health and figures of one kiosk; `inspectors` are the networks that are told the details."""

    health: Health
    metrics: Metrics
    traffic: Traffic
    inspectors: tuple[Network, ...] = field(default=THIS_MACHINE)

    @classmethod
    def of(cls, kiosk: Kiosk, inspectors: Iterable[Network] = (), limits: Limits | None = None) -> Vitals:
        """A kiosk's, told to this machine and to these networks; its traffic is held to `limits`."""
        traffic = Traffic(limits)
        health = Health(checks_of(kiosk, lambda: traffic.waiting))
        return cls(health, Metrics.of(kiosk, traffic), traffic, (*THIS_MACHINE, *inspectors))

    def may_inspect(self, request: Request) -> bool:
        """Whether who asks is told the details."""
        try:
            address = ipaddress.ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)  # as a socket for both kinds of address writes it
        return any((mapped or address) in network for network in self.inspectors)


def router(kiosk: Kiosk, vitals: Vitals) -> APIRouter:
    """`/healthz` tells everybody the status, 503 when nothing can be sold; `/metrics` is there for inspectors only."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def health(request: Request, response: Response) -> dict[str, Any]:
        report = await asyncio.to_thread(vitals.health.look)
        response.status_code = 503 if report.status == "failing" else 200
        response.headers["Cache-Control"] = "no-store"
        if not vitals.may_inspect(request):
            return {"status": report.status}
        voices = await asyncio.to_thread(lambda: kiosk.voices)
        return {**report.as_json(), "shop": kiosk.name, "voices": voices}

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not vitals.may_inspect(request):
            raise HTTPException(404)
        figures = await asyncio.to_thread(vitals.metrics.text)
        return Response(figures, headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST})

    return routes
