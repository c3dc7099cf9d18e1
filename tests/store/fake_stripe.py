"""A small Stripe over HTTP, with its idempotency keys and signed events. It loses what it is told to lose."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .stripe_account import Account, Error, Json

KEY, SECRET = "sk_test_walkiosk", "whsec_walkiosk"
BEFORE, AFTER, LATE = "before", "after", "late"  # an answer lost on the way there, on the way back, or too late
KEPT = "500 kept"  # done, answered with 500, and so again under the same key
ENDIVE = "2026-09-30"  # since when `payment_method_types` is refused
Answer = tuple[int, Json]


class FakeStripe(Account):
    """The account; `url` is where it is served while the `with` block lasts, `calls` what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.released = threading.Event()  # of answers that are late
        self._faults: list[tuple[str, str, int]] = []
        self._kept: dict[str, tuple[str, Answer]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FakeStripe":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, fault: str, call: str = "", skip: int = 0) -> None:
        """The next `call` (any, when empty) after so many others gets a fault: one of those above, or a status."""
        self._faults.append((fault, call, skip))

    def mend(self) -> None:
        """No more faults."""
        self._faults.clear()

    def keys(self) -> set[str]:
        """The idempotency keys that it remembers."""
        return set(self._kept)

    def forget_keys(self) -> None:
        """A day passes: idempotency keys are good for something else."""
        self._kept.clear()

    def answer(self, method: str, target: str, body: str, headers: Any) -> Answer | None:
        """The answer to a request, or None for a line that is cut."""
        address = urlsplit(target)
        name, act, thing = self.route(method, address.path.removeprefix("/v1/").split("/"))
        fault = self._fault(name)
        if fault == BEFORE:
            return None
        if fault and fault.isdigit():
            return int(fault), Error(int(fault), "rate_limit" if fault == "429" else "down").body
        values = dict(parse_qsl(body or address.query))
        key = headers.get("Idempotency-Key") if method == "POST" else None
        with self._lock:
            given = self._once(key, target + body, lambda: _checked(act, thing, values, headers), fault == KEPT)
        if fault == LATE:
            self.released.wait()
        return None if fault in (AFTER, LATE) else given

    def _once(self, key: str | None, request: str, act: Callable[[], Json], kept: bool) -> Answer:
        asked, before = self._kept.get(key or "", (request, None))
        if asked != request:
            message = f"Keys for idempotent requests can only be used with the same parameters: {key!r}"
            return 400, Error(400, "", message, kind="idempotency_error").body
        if before is not None:
            return before
        answer, began = _done(act)
        if kept:
            answer = 500, Error(500, "down").body
        if key and began:
            self._kept[key] = request, answer
        return answer

    def _fault(self, name: str) -> str | None:
        with self._lock:
            self.calls.append(name)
            for place, (fault, call, skip) in enumerate(self._faults):
                if call in ("", name):
                    if skip == 0:
                        del self._faults[place]
                        return fault
                    self._faults[place] = (fault, call, skip - 1)
            return None


def _checked(act: Callable[[str, Json], Json], thing: str, values: Json, headers: Any) -> Json:
    if headers.get("Authorization") != f"Bearer {KEY}":
        raise Error(401, "", "Invalid API Key provided")
    if headers.get("Stripe-Version", "") >= ENDIVE and any("payment_method_types" in name for name in values):
        raise Error(400, "payment_method_types_no_longer_supported")
    return act(thing, values)


def _done(act: Callable[[], Json]) -> tuple[Answer, bool]:
    """The answer to a call, and whether it had begun, so that it is kept under its key."""
    try:
        return (200, json.loads(json.dumps(act()))), True
    except Error as error:
        return (error.status, error.body), error.began


def signed(event: Json, secret: str = SECRET, age_seconds: int = 0) -> tuple[bytes, str]:
    """An event as it is sent: its body, and its Stripe-Signature."""
    body, at = json.dumps(event).encode(), int(time.time()) - age_seconds
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={mark}"


def _handler(stripe: FakeStripe) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            given = stripe.answer(self.command, self.path, body, self.headers)
            if given is None:
                self.close_connection = True
                return
            data = json.dumps(given[1]).encode()
            self.send_response(given[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    return Handler
