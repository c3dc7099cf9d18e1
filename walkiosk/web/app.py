"""The web application of one kiosk: the page, the shop's pictures, and the socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from walkiosk.kiosk import Kiosk
from walkiosk.modality import audio
from walkiosk.web import callbacks, shelf, vitals, works
from walkiosk.web.kiosk_api import Conversation
from walkiosk.web.limits import address_of
from walkiosk.web.media import NamedMedia
from walkiosk.web.origin import is_ours
from walkiosk.web.page import TRY_LATER
from walkiosk.web.throttle import Throttle
from walkiosk.web.turns import Turns
from walkiosk.web.vitals import Vitals

STATIC = Path(__file__).parent / "static"
TURNS_AT_ONCE = 4  # the model has two cores; more threads would only make everyone wait
# Nothing is loaded from elsewhere, whatever a shop's texts contain.
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; connect-src 'self'; frame-ancestors 'self'"


def is_from_our_page(socket: WebSocket) -> bool:
    """Whether the page that opened the socket came from this server; programs without an Origin may talk too."""
    origin = socket.headers.get("origin")
    return origin is None or is_ours(origin, socket.headers.get("host"))


def page_router(kiosk: Kiosk) -> APIRouter:
    """The page, the tune that it plays, and the pictures and clips that the shop's files name."""
    router, media = APIRouter(), NamedMedia(kiosk.store_folder)

    @router.get("/")
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    @router.get("/jingle.wav")
    def jingle() -> Response:  # in a thread: the tune is composed when it is first asked for
        samples = kiosk.jingle
        if samples is None:
            raise HTTPException(404, "this shop plays no jingle")
        return Response(audio.wav(samples), media_type="audio/wav")

    @router.get("/store/{path:path}")
    async def store_file(path: str) -> FileResponse:
        file = media.file(path)
        if file is None:
            raise HTTPException(404, "the shop names no such picture or clip")
        return FileResponse(file)

    return router


def create_app(
    kiosk: Kiosk,
    turns_at_once: int = TURNS_AT_ONCE,
    shown: Vitals | None = None,
    upkeep: AbstractAsyncContextManager[None] | None = None,
) -> FastAPI:
    """The application for one open kiosk; `turns_at_once` bounds the threads that answer customers.

    `shown` is what it tells of itself, `upkeep` is entered while it is served.
    """
    shown = shown or Vitals.of(kiosk)
    limits, traffic = shown.traffic.limits, shown.traffic
    turns = Turns(limits, turns_at_once)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with upkeep or nullcontext():
            yield
        turns.close()  # a sale that is under way is finished first

    app = FastAPI(title=kiosk.name, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(page_router(kiosk))
    app.include_router(vitals.router(kiosk, shown))
    app.include_router(callbacks.router(lambda: kiosk.shop.store.sales))
    app.include_router(shelf.router(lambda: kiosk.shop.store))
    app.include_router(works.router(kiosk.store_folder))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.middleware("http")
    async def guard(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await following(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-cache")  # an updated kiosk must not show yesterday's page
        return response

    @app.websocket("/kiosk")
    async def talk(socket: WebSocket) -> None:
        if not is_from_our_page(socket):
            await socket.close(code=1008, reason="this kiosk's own page only")
            return
        if not await traffic.admits(address_of(socket.client)):
            await socket.close(code=TRY_LATER, reason="too many sockets")
            return
        conversation = Conversation(socket, kiosk, turns, traffic)
        with traffic.of(conversation):
            await conversation.run()

    app.add_middleware(Throttle, limits=limits)
    return app
