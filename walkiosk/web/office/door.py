"""The office's door: every request passes here, and only who is logged in gets further.

Pages talk over a web socket once they are open, so each of its messages is let in like a request: a login that was
ended ends there too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from walkiosk.office.desk import Office
from walkiosk.store.accounts import Account, Accounts
from walkiosk.web.origin import is_ours

# NiceGUI's pages bring their first state and their templates as inline script; nothing comes from elsewhere, and
# nothing goes there.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
OPEN_TO_ALL = ("/login", "/healthz")
OUR_FILES = "/office/"  # style sheet and script: nothing of the shop
READING = ("GET", "HEAD")
ACT = '42["event"'  # how a socket tells what somebody did; a page left alone answers its pings all the same


def cookie_name(connection: HTTPConnection) -> str:
    """Where the browser keeps a login: over https it is bound to this host."""
    return "__Host-office" if is_secure(connection) else "office"


def is_secure(connection: HTTPConnection) -> bool:
    """Whether nobody in between can read what is sent."""
    return connection.scope["scheme"] in ("https", "wss")


def form_token(secret: str) -> str:
    """What a form of ours carries, so that nobody else's is taken for it; `secret` is the login's token."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_from_our_page(headers: Headers) -> bool:
    """Whether the browser says that a page of ours sent it; every browser does so for what changes anything."""
    origin = headers.get("origin")
    return origin is not None and is_ours(origin, headers.get("host"))


class Door:
    """Lets in who is logged in; `scope["state"]` carries the office, the account and its token further."""

    def __init__(self, app: ASGIApp, office: Callable[[], Office]) -> None:
        self.app = app
        self.office = office

    @property
    def accounts(self) -> Accounts:
        """Whom to ask."""
        return self.office().store.accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request or a socket on, or answers it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        account, token = await self._who(connection)
        scope.setdefault("state", {}).update(office=self.office(), account=account, token=token)
        path = scope["path"]
        guarded = _with_headers(send)
        answer: Response | None = None
        if scope["method"] not in READING and not is_from_our_page(connection.headers):
            answer = PlainTextResponse("This came from elsewhere.", 403)
        elif path.startswith("/_nicegui_ws"):
            answer = PlainTextResponse("By web socket only.", 405)  # there each message is let in by itself
        elif account is None and path not in OPEN_TO_ALL and not path.startswith(OUR_FILES):
            answer = _to_login(scope)
        gone = False

        async def heard() -> Message:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "http.disconnect"
            return message

        try:
            await (answer or self.app)(scope, heard, guarded)
        except RuntimeError:
            if not gone:  # else the browser left before its answer, as browsers do
                raise

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        account, token = await self._who(connection)
        if account is None or not is_from_our_page(connection.headers):
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
            return
        scope.setdefault("state", {}).update(office=self.office(), account=account, token=token)
        ended = False

        async def let_in() -> Message:
            nonlocal ended
            message = await receive()
            if message["type"] == "websocket.receive" and not ended:
                used = (message.get("text") or "").startswith(ACT)
                ended = await asyncio.to_thread(self.accounts.who, token, used) != account
                if ended:
                    await send({"type": "websocket.close", "code": 1008, "reason": "the login has ended"})
            return {"type": "websocket.disconnect", "code": 1008} if ended else message

        async def let_out(message: Message) -> None:
            if not ended:
                await send(message)

        await self.app(scope, let_in, let_out)

    async def _who(self, connection: HTTPConnection) -> tuple[Account | None, str]:
        token = connection.cookies.get(cookie_name(connection), "")
        return (await asyncio.to_thread(self.accounts.who, token) if token else None), token


def _to_login(scope: Scope) -> Response:
    wants_page = scope["method"] in READING and "text/html" in Headers(scope=scope).get("accept", "")
    if not wants_page:
        return PlainTextResponse("Log in first.", 401)
    asked = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
    return RedirectResponse("/login" if asked == "/" else f"/login?next={quote(asked, safe='')}", 303)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = POLICY
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"  # with none at all, browsers hide where a form came from
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sent
