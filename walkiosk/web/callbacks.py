"""Where Stripe calls back: signed events, of which only the name of the payment is taken.

At Stripe, an endpoint for `payment_intent.amount_capturable_updated`, `payment_intent.payment_failed` and
`payment_intent.canceled` is pointed at `/callbacks/stripe`; its signing secret is WALKIOSK_STRIPE_WEBHOOK_SECRET. Other
events do no harm. Without the secret, or with a wrong signature, the answer is 400 and says nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from walkiosk.store.callbacks import told
from walkiosk.store.payment import PaymentMisconfigured, ProviderUnreachable
from walkiosk.store.sale import Sales
from walkiosk.store.stripe_line import KEY

SECRET = "WALKIOSK_STRIPE_WEBHOOK_SECRET"
TOLERANCE_SECONDS = 300  # how old a signature may be
LONGEST = 256 * 1024  # bytes of an event
AT_ONCE = 2  # callbacks that are looked into; customers have threads of their own


def router(sales: Callable[[], Sales]) -> APIRouter:
    """The callbacks of the till that `sales` gives when one comes."""
    routes = APIRouter()
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="callback")

    @routes.post("/callbacks/stripe")
    async def stripe_calls(request: Request) -> Response:
        body = await _body(request)
        signature = request.headers.get("stripe-signature")
        if body is None or signature is None or not is_signed(body, signature, os.environ.get(SECRET, "")):
            return Response(status_code=400)
        key, reference = named(body)
        if key is not None:
            try:
                await asyncio.get_running_loop().run_in_executor(pool, lambda: told(sales(), key, reference))
            except ProviderUnreachable:
                return Response(status_code=503)  # Stripe tells it again later
        return Response(status_code=204)

    return routes


async def _body(request: Request) -> bytes | None:
    """The body as it came, byte for byte, as it was signed; None when it is too long or breaks off."""
    body = bytearray()
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST:
                return None
        return bytes(body)
    return None


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether an event was signed with this secret within the last minutes."""
    if not secret:
        return False
    if find_spec("stripe") is None:
        raise PaymentMisconfigured(f"{SECRET} is set, and Stripe's library is missing: pip install 'walkiosk[stripe]'")
    import stripe

    try:
        stripe.Webhook.construct_event(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError, TypeError, AttributeError):  # not even an event
        return False
    return True


def named(body: bytes) -> tuple[str | None, str | None]:
    """The key of ours that an event names, and the intent that it belongs to; None for what is not there."""
    thing = json.loads(body)
    for name in ("data", "object"):
        thing = thing.get(name) if isinstance(thing, dict) else None
    if not isinstance(thing, dict):
        return None, None
    metadata = thing.get("metadata")
    key = metadata.get(KEY) if isinstance(metadata, dict) else None
    places = (thing.get("id"), thing.get("payment_intent"))  # an intent's own event, or that of its charge
    reference = next((place for place in places if isinstance(place, str) and place.startswith("pi_")), None)
    return (key if isinstance(key, str) else None), reference
