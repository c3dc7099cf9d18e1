"""The office's own application: the door, the login, the pages. It has nothing of the kiosk's page in it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from nicegui import app as pages
from nicegui import ui

from walkiosk.office.desk import Office
from walkiosk.web.office import goods, login, orders, reports
from walkiosk.web.office.door import Door

STATIC = Path(__file__).parent / "static"
PAGES = (
    "morning",
    "forecasts",
    "reorder",
    "orders",
    "remarks",
    "reports",
    "accounts",
    "sales",
    "sale",
    "customers",
    "goods",
    "item",
    "offers",
    "graph",
    "entity",
    "history",
    "settings",
    "health",
)


def create_app(office: Office) -> FastAPI:
    """The application of one office; once a process, because NiceGUI keeps its pages by the process."""
    app = FastAPI(title="office", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = office
    app.add_middleware(Door, office=lambda: app.state.office)
    app.mount("/office", StaticFiles(directory=STATIC), name="office")
    app.include_router(login.router)
    app.include_router(orders.files)
    app.include_router(reports.files)
    app.include_router(goods.files)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    for name in PAGES:
        import_module(f"walkiosk.web.office.{name}")
    pages.config.socket_io_js_transports = ["websocket"]  # the door lets messages in one by one there
    ui.run_with(
        app,
        title="office",
        favicon=STATIC / "icon.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=10,
        show_welcome_message=False,
    )
    return app
